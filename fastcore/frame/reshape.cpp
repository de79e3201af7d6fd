// SPDX-License-Identifier: MIT
#include "fastcore/frame/reshape.h"

#include <algorithm>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/column.h"
#include "fastcore/frame/group.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

// Both tables' keys as numbers of one list, row by row. As in pandas a missing key is one like others, and
// agrees with another missing one.
std::pair<std::vector<int32_t>, std::vector<int32_t>> common_keys(const DataFrame& left,
                                                                  const DataFrame& right,
                                                                  const std::vector<std::string>& on) {
  const auto rows = static_cast<std::size_t>(left.rows() + right.rows());
  std::vector<int32_t> keys(rows, 0);
  for (const std::string& name : on) {
    const Factors next = factorize(concat({left[name], right[name]}), false);
    const auto width = static_cast<double>(next.values.size() + 1);
    std::vector<double> pairs(rows);
    for (std::size_t row = 0; row < rows; ++row) pairs[row] = keys[row] * width + next.codes[row] + 1;
    keys = factorize(Series(pairs), false).codes;
  }
  const auto middle = keys.begin() + static_cast<std::ptrdiff_t>(left.rows());
  return {{keys.begin(), middle}, {middle, keys.end()}};
}

struct Pairs {
  std::vector<int64_t> left, right;  // -1: no partner
};

Pairs match(const std::vector<int32_t>& left, const std::vector<int32_t>& right, bool keep_left,
            bool keep_right) {
  int32_t most = -1;
  for (const auto* side : {&left, &right})
    for (const int32_t key : *side) most = std::max(most, key);
  std::vector<std::vector<int64_t>> partners(static_cast<std::size_t>(most + 1));
  for (std::size_t row = 0; row < right.size(); ++row)
    partners[static_cast<std::size_t>(right[row])].push_back(static_cast<int64_t>(row));
  std::vector<char> used(right.size());
  Pairs pairs;
  for (std::size_t row = 0; row < left.size(); ++row) {
    const auto& found = partners[static_cast<std::size_t>(left[row])];
    for (const int64_t other : found) {
      pairs.left.push_back(static_cast<int64_t>(row));
      pairs.right.push_back(other);
      used[static_cast<std::size_t>(other)] = true;
    }
    if (found.empty() && keep_left) {
      pairs.left.push_back(static_cast<int64_t>(row));
      pairs.right.push_back(-1);
    }
  }
  for (std::size_t row = 0; keep_right && row < right.size(); ++row)
    if (!used[row]) {
      pairs.left.push_back(-1);
      pairs.right.push_back(static_cast<int64_t>(row));
    }
  return pairs;
}

// The pairs in the order of the table whose rows stay: the right one's for "right", else the left one's.
Pairs match(const std::vector<int32_t>& left, const std::vector<int32_t>& right, const std::string& how) {
  if (how != "right") return match(left, right, how != "inner", how == "outer");
  Pairs pairs = match(right, left, true, false);
  std::swap(pairs.left, pairs.right);
  return pairs;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Adds a column, as DataFrame::set, which would replace one of its name.
void add_column(DataFrame& table, const std::string& name, const Series& column, const std::string& where,
                const std::string& hint) {
  if (table.has(name))
    throw ValueError("[" + where + "] there would be two columns " + repr_text(name), hint);
  table.set(name, column);
}

}  // namespace

DataFrame merge(const DataFrame& left, const DataFrame& right, const MergeOptions& options) {
  const std::string& how = options.how;
  if (how != "inner" && how != "left" && how != "right" && how != "outer")
    throw ValueError("[merge] how = '" + how + "'", "there are inner, left, right and outer");
  std::vector<std::string> on = options.on;
  if (on.empty())
    for (const std::string& name : left.columns())
      if (right.has(name)) on.push_back(name);
  if (on.empty())
    throw ValueError("[merge] the tables have no column in common",
                     "rename one: right.rename({{\"id\", \"movie\"}}), and name it: {.on = {\"movie\"}}");
  for (const std::string& name : on)
    if (left[name].is_text() != right[name].is_text() && !left.empty() && !right.empty())
      throw ValueError("[merge] the key " + repr_text(name) + " is " + left[name].dtype() +
                           " in the left table and " + right[name].dtype() + " in the right one",
                       "make both alike: df[" + repr_text(name) + "] = df[" + repr_text(name) +
                           "].astype(ColumnType::text)");
  const auto [left_keys, right_keys] = common_keys(left, right, on);
  const Pairs pairs = match(left_keys, right_keys, how);
  std::vector<int64_t> either;  // rows of both tables one below the other: keys come from where they are
  for (std::size_t i = 0; i < pairs.left.size(); ++i)
    either.push_back(pairs.left[i] >= 0 ? pairs.left[i] : left.rows() + pairs.right[i]);
  DataFrame merged;
  const auto add = [&](const std::string& name, const Series& column) {
    add_column(merged, name, column, "merge", "name them apart: {.suffixes = {\"_left\", \"_right\"}}");
  };
  for (const Series& c : left.series()) {
    if (contains(on, c.name())) add(c.name(), concat({c, right[c.name()]}).take(either).reset_index());
    else
      add(right.has(c.name()) ? c.name() + options.suffixes[0] : c.name(), c.take(pairs.left).reset_index());
  }
  for (const Series& c : right.series())
    if (!contains(on, c.name()))
      add(left.has(c.name()) ? c.name() + options.suffixes[1] : c.name(), c.take(pairs.right).reset_index());
  return how == "outer" ? merged.sort_values(on).reset_index(true) : merged;
}

Series concat(const std::vector<Series>& columns) {
  if (columns.empty()) throw ValueError("[concat] nothing to join");
  bool same = true;
  for (const Series& c : columns)
    same = same && c.type() == columns[0].type() && c.is_categorical() == columns[0].is_categorical() &&
           (!c.is_categorical() || *c.data().words == *columns[0].data().words);
  ColumnData joined{.type = columns[0].type()};
  if (!same) {
    std::vector<Cell> cells;
    for (const Series& c : columns)
      for (Cell& cell : c.cells()) cells.push_back(std::move(cell));
    return Series(cells, columns[0].name());
  }
  detail::WordList words;
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  for (const Series& c : columns) {
    append(joined.integers, c.data().integers);
    append(joined.numbers, c.data().numbers);
    append(joined.booleans, c.data().booleans);
    if (!c.is_text()) continue;
    if (c.is_categorical()) {
      append(joined.codes, c.data().codes);
      continue;
    }
    std::vector<int32_t> number;
    for (const std::string& word : *c.data().words) number.push_back(words(word));
    for (const int32_t code : c.data().codes) joined.codes.push_back(code < 0 ? -1 : number[code]);
  }
  joined.categorical = columns[0].is_categorical();
  joined.words = joined.categorical ? columns[0].data().words : words.words();
  return Series(std::move(joined), columns[0].name());
}

DataFrame concat(const std::vector<DataFrame>& frames) {
  std::vector<std::string> names;
  for (const DataFrame& frame : frames)
    for (const std::string& name : frame.columns())
      if (!contains(names, name)) names.push_back(name);
  const bool no_rows =
      std::all_of(frames.begin(), frames.end(), [](const DataFrame& frame) { return frame.rows() == 0; });
  DataFrame joined;
  for (const std::string& name : names) {
    std::vector<Series> parts;
    for (const DataFrame& frame : frames) {
      const Series* part = frame.find(name);
      if (no_rows ? !part : frame.rows() == 0) continue;  // an empty part would say nothing but its type
      parts.push_back(part ? *part
                           : Series(std::vector<double>(static_cast<std::size_t>(frame.rows()), kNaN)));
    }
    joined.set(name, concat(parts));
  }
  return joined;
}

DataFrame crosstab(const Series& rows, const Series& columns) {
  return crosstab(rows, columns, rows, "size");
}

DataFrame crosstab(const Series& rows, const Series& columns, const Series& values, const std::string& f) {
  detail::check_rows("crosstab", rows.size(), columns.size());
  detail::check_rows("crosstab", rows.size(), values.size());
  const auto here = [&](const Series& x) { return detail::by_label("crosstab", x, rows.index_pointer()); };
  Factors down = factorize(rows), across = factorize(here(columns));
  for (std::size_t row = 0; row < down.codes.size(); ++row)  // with one of the two missing there is no pair
    if (down.codes[row] < 0 || across.codes[row] < 0) down.codes[row] = across.codes[row] = -1;
  down = detail::observed(std::move(down));
  across = detail::observed(std::move(across));
  const int64_t height = down.values.size(), width = across.values.size();
  std::vector<double> pairs;
  for (std::size_t row = 0; row < down.codes.size(); ++row)
    pairs.push_back(down.codes[row] < 0 ? kNaN
                                        : static_cast<double>(down.codes[row]) * static_cast<double>(width) +
                                              across.codes[row]);
  const Factors cells = factorize(Series(pairs));
  const Series results = SeriesGroupBy(here(values), cells).agg(f);
  std::vector<std::vector<Cell>> table(static_cast<std::size_t>(width));
  for (auto& column : table) column.assign(static_cast<std::size_t>(height), f == "size" ? Cell(0) : Cell());
  for (int64_t i = 0; i < results.size(); ++i) {
    const auto place = static_cast<int64_t>(cells.values[i].number());
    table[static_cast<std::size_t>(place % width)][static_cast<std::size_t>(place / width)] = results[i];
  }
  DataFrame counted;
  for (int64_t j = 0; j < width; ++j)
    counted.set(across.values[j].text(), Series(table[static_cast<std::size_t>(j)]));
  return counted.with_index(down.values);
}

DataFrame get_dummies(const DataFrame& frame, const std::vector<std::string>& columns, DummyOptions options) {
  std::vector<std::string> chosen = columns;
  if (chosen.empty())
    for (const Series& c : frame.series())
      if (c.is_text()) chosen.push_back(c.name());
  DataFrame encoded = frame.drop(chosen);
  if (encoded.columns().empty()) encoded = DataFrame();
  for (const std::string& name : chosen) {
    const Factors factors = factorize(frame[name]);
    for (int64_t value = options.drop_first ? 1 : 0; value < factors.values.size() + options.dummy_na;
         ++value) {
      const bool missing = value == factors.values.size();
      std::vector<int64_t> is;
      for (const int32_t code : factors.codes) is.push_back(code == (missing ? -1 : value));
      add_column(encoded, name + "_" + (missing ? "nan" : factors.values[value].text()),
                 Series(std::move(is)), "get_dummies", "rename the one that is there: df.rename");
    }
  }
  return frame.has_index() ? encoded.with_index(frame.index()) : encoded;
}

}  // namespace fastcore
