// SPDX-License-Identifier: MIT
#include "fastcore/frame/group.h"

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/column.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

using Reduce = Cell (*)(const Series&);
const Dict<std::string, Reduce>& reductions() {
  static const Dict<std::string, Reduce> all{
      {"sum", [](const Series& x) { return detail::sum_of(x.data()); }},
      {"mean", [](const Series& x) { return Cell(x.mean()); }},
      {"median", [](const Series& x) { return Cell(x.median()); }},
      {"std", [](const Series& x) { return Cell(x.std()); }},
      {"min", [](const Series& x) { return x.min(); }},
      {"max", [](const Series& x) { return x.max(); }},
      {"first",
       [](const Series& x) {
         for (int64_t row = 0; row < x.size(); ++row)
           if (!x.is_missing(row)) return x[row];
         return Cell();
       }},
      {"count", [](const Series& x) { return Cell(x.count()); }},
      {"size", [](const Series& x) { return Cell(x.size()); }},
      {"nunique", [](const Series& x) { return Cell(x.nunique()); }}};
  return all;
}

Reduce reduction(const std::string& name) {
  if (const Reduce* found = reductions().find(name)) return *found;
  L<std::string> names;
  for (const auto& [known, f] : reductions()) names.append(known);
  throw ValueError("[groupby] there is no function '" + name + "'", "there are " + join(names, ", "));
}

std::vector<std::vector<int64_t>> rows_of_groups(const Factors& groups) {
  std::vector<std::vector<int64_t>> rows(static_cast<std::size_t>(groups.values.size()));
  for (std::size_t row = 0; row < groups.codes.size(); ++row)
    if (groups.codes[row] >= 0)
      rows[static_cast<std::size_t>(groups.codes[row])].push_back(static_cast<int64_t>(row));
  return rows;
}

}  // namespace

std::vector<Cell> SeriesGroupBy::per_group(const std::function<Cell(const Series&)>& f) const {
  std::vector<Cell> results;
  for (const auto& rows : rows_of_groups(groups_))
    results.push_back(f(Series(detail::take(values_.data(), rows), values_.name())));
  return results;
}

Series SeriesGroupBy::agg(const std::function<Cell(const Series&)>& f) const {
  return Series(per_group(f), values_.name()).with_index(groups_.values);
}
Series SeriesGroupBy::transform(const std::function<Cell(const Series&)>& f) const {
  const std::vector<Cell> results = per_group(f);
  std::vector<Cell> all;
  for (const int32_t code : groups_.codes) all.push_back(code < 0 ? Cell() : results[code]);
  return Series(all, values_.name()).with_index_pointer(values_.index_pointer());
}
Series SeriesGroupBy::transform(const std::string& f) const {
  return transform(std::function<Cell(const Series&)>(reduction(f)));
}
Series SeriesGroupBy::agg(const std::string& f) const {
  return agg(std::function<Cell(const Series&)>(reduction(f)));
}
Series SeriesGroupBy::sum() const { return agg("sum"); }
Series SeriesGroupBy::mean() const { return agg("mean"); }
Series SeriesGroupBy::median() const { return agg("median"); }
Series SeriesGroupBy::std() const { return agg("std"); }
Series SeriesGroupBy::min() const { return agg("min"); }
Series SeriesGroupBy::max() const { return agg("max"); }
Series SeriesGroupBy::first() const { return agg("first"); }
Series SeriesGroupBy::count() const { return agg("count"); }
Series SeriesGroupBy::size() const { return agg("size"); }
Series SeriesGroupBy::nunique() const { return agg("nunique"); }

GroupBy::GroupBy(DataFrame frame, std::vector<std::string> keys)
    : frame_(std::move(frame)), keys_(std::move(keys)) {
  if (keys_.empty()) throw ValueError("[groupby] no column to group by");
  const DataFrame& table = frame_;
  Factors groups = detail::observed(factorize(table[keys_[0]]));
  for (std::size_t k = 1; k < keys_.size(); ++k) {  // a pair of numbers is a number: first * count + second
    const Factors next = factorize(table[keys_[k]]);
    std::vector<double> pairs;
    for (std::size_t row = 0; row < next.codes.size(); ++row)
      pairs.push_back(groups.codes[row] < 0 || next.codes[row] < 0
                          ? kNaN
                          : static_cast<double>(groups.codes[row]) * static_cast<double>(next.values.size()) +
                                next.codes[row]);
    groups = factorize(Series(pairs));
  }
  firsts_.assign(static_cast<std::size_t>(groups.values.size()), -1);
  for (std::size_t row = groups.codes.size(); row-- > 0;)
    if (groups.codes[row] >= 0)
      firsts_[static_cast<std::size_t>(groups.codes[row])] = static_cast<int64_t>(row);
  if (keys_.size() > 1) {
    Words labels;
    for (const int64_t row : firsts_) {
      std::string label;
      for (const std::string& key : keys_) label += (label.empty() ? "" : ", ") + table[key][row].text();
      labels.push_back(label);
    }
    std::string name;
    for (const std::string& key : keys_) name += (name.empty() ? "" : ", ") + key;
    groups.values = Series(labels, name);
  }
  groups_ = std::move(groups);
}

SeriesGroupBy GroupBy::operator[](const std::string& column) const {
  const Series values = frame_[column];
  values.data();
  return SeriesGroupBy(values, groups_);
}

Series GroupBy::size() const { return SeriesGroupBy(frame_[keys_[0]].rename(""), groups_).size(); }

DataFrame GroupBy::keyed(std::vector<Series> columns) const {
  std::vector<Series> all;
  if (keys_.size() > 1)
    for (const std::string& key : keys_) all.push_back(frame_[key].take(firsts_).reset_index());
  for (const Series& column : columns) all.push_back(column.reset_index());
  DataFrame result(std::move(all));
  return keys_.size() > 1 ? result : result.with_index(groups_.values);
}

DataFrame GroupBy::all(const std::string& f) const {
  std::vector<Series> columns;
  for (const Series& c : frame_.series()) {
    bool key = false;
    for (const std::string& k : keys_) key = key || k == c.name();
    if (!key && (!c.is_text() || f == "count")) columns.push_back((*this)[c.name()].agg(f));
  }
  return keyed(std::move(columns));
}
DataFrame GroupBy::sum() const { return all("sum"); }
DataFrame GroupBy::mean() const { return all("mean"); }
DataFrame GroupBy::median() const { return all("median"); }
DataFrame GroupBy::min() const { return all("min"); }
DataFrame GroupBy::max() const { return all("max"); }
DataFrame GroupBy::count() const { return all("count"); }

DataFrame GroupBy::agg(const std::vector<std::pair<std::string, std::string>>& columns) const {
  std::vector<Series> results;
  for (const auto& [column, f] : columns) {
    Series result = (*this)[column].agg(f);
    for (const Series& before : results)
      if (before.name() == column) result = result.rename(column + "_" + f);
    results.push_back(std::move(result));
  }
  return keyed(std::move(results));
}

std::vector<std::pair<Record, DataFrame>> GroupBy::groups() const {
  std::vector<std::pair<Record, DataFrame>> result;
  for (const auto& rows : rows_of_groups(groups_)) {
    Record key;
    for (const std::string& k : keys_) key[k] = frame_[k][rows[0]];
    result.emplace_back(std::move(key), frame_.take(rows));
  }
  return result;
}

GroupBy DataFrame::groupby(const std::vector<std::string>& columns) const { return GroupBy(*this, columns); }

}  // namespace fastcore
