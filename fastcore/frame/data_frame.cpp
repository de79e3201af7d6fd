// SPDX-License-Identifier: MIT
#include "fastcore/frame/data_frame.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_set>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/column.h"
#include "minitorch/core/numpy_random.h"

namespace fastcore {
using minitorch::IndexError;
using minitorch::ShapeError;
using minitorch::ValueError;

const ColumnRef& ColumnRef::operator=(const Series& column) const {
  frame_->set(name(), column);
  return *this;
}
const ColumnRef& ColumnRef::operator=(const Cell& value) const {
  frame_->set(name(), Series(std::vector<Cell>(static_cast<std::size_t>(frame_->rows()), value)));
  return *this;
}

DataFrame::DataFrame(const DataFrame&) = default;
DataFrame::DataFrame(DataFrame&&) noexcept = default;
DataFrame& DataFrame::operator=(const DataFrame&) = default;
DataFrame& DataFrame::operator=(DataFrame&&) noexcept = default;
DataFrame::~DataFrame() = default;
DataFrame::DataFrame(std::initializer_list<std::pair<std::string, Series>> columns) {
  for (const auto& [name, column] : columns) {
    if (has(name)) throw ValueError("[DataFrame] two columns are named " + repr_text(name));
    set(name, column);
  }
}
DataFrame::DataFrame(std::vector<Series> columns) {
  std::unordered_set<std::string_view> names;  // a table may have thousands of columns
  for (const Series& column : columns) {
    if (!names.insert(column.name()).second)
      throw ValueError("[DataFrame] two columns are named " + repr_text(column.name()));
    columns_.push_back(fitted(column.name(), column));
  }
}

const Series* DataFrame::find(std::string_view column) const {
  for (const Series& c : columns_)
    if (c.name() == column) return &c;
  return nullptr;
}

L<std::string> DataFrame::columns() const {
  L<std::string> names;
  for (const Series& column : columns_) names.append(column.name());
  return names;
}

Series DataFrame::dtypes() const {
  return reduced([](const Series& x) { return x.dtype(); }, false);
}
Series DataFrame::index() const { return index_ ? *index_ : detail::row_numbers(rows_); }

Series DataFrame::column_of(const std::string& name) const {
  if (const Series* found = find(name)) return with_labels(*found);
  // An undefined column: it throws when its values are asked for, and knows the names that there are.
  return Series().rename(name).with_index_pointer(std::make_shared<Series>(columns()));
}

// The column as a table keeps it. The first one says how many rows there are and what they are called.
Series DataFrame::fitted(const std::string& name, const Series& column) {
  column.data();
  if (columns_.empty()) {
    rows_ = column.size();
    index_ = column.index_pointer();
  } else if (column.size() != rows_) {
    throw ShapeError("[DataFrame] column '" + name + "' has " + std::to_string(column.size()) +
                     " rows, the table has " + std::to_string(rows_));
  }
  return detail::by_label("DataFrame", column, index_).rename(name).reset_index();
}

DataFrame& DataFrame::set(const std::string& name, const Series& column) {
  const Series bare = fitted(name, column);
  for (Series& c : columns_)
    if (c.name() == name) return c = bare, *this;
  columns_.push_back(bare);
  return *this;
}

DataFrame DataFrame::select(const std::vector<std::string>& names) const {
  DataFrame chosen;
  for (const std::string& name : names) chosen.set(name, (*this)[name]);
  chosen.rows_ = rows_;
  chosen.index_ = index_;
  return chosen;
}

std::vector<std::string> DataFrame::or_all(const std::vector<std::string>& names) const {
  return names.empty() ? columns().items() : names;
}

DataFrame DataFrame::drop(const std::vector<std::string>& columns) const {
  for (const std::string& name : columns) (*this)[name].data();
  std::vector<std::string> kept;
  for (const Series& c : columns_)
    if (std::find(columns.begin(), columns.end(), c.name()) == columns.end()) kept.push_back(c.name());
  return select(kept);
}

DataFrame DataFrame::rename(const Dict<std::string, std::string>& names) const {
  DataFrame renamed;
  for (const Series& c : columns_) {
    const std::string* found = names.find(c.name());
    const std::string& name = found ? *found : c.name();
    if (renamed.has(name))
      throw ValueError("[rename] two columns would be named " + repr_text(name),
                       "drop one of them first: df.drop({" + repr_text(name) + "})");
    renamed.set(name, c);
  }
  renamed.index_ = index_;
  return renamed;
}

DataFrame DataFrame::select_dtypes(const std::vector<ColumnType>& types) const {
  std::vector<std::string> chosen;
  for (const Series& c : columns_)
    if (std::find(types.begin(), types.end(), c.type()) != types.end()) chosen.push_back(c.name());
  return select(chosen);
}

DataFrame DataFrame::operator[](const Series& mask) const {
  detail::check_rows("DataFrame[mask]", rows_, mask.size());
  return take(where(detail::by_label("DataFrame[mask]", mask, index_)));
}

Record DataFrame::iloc(int64_t row) const {
  const int64_t at = row < 0 ? row + rows_ : row;
  if (at < 0 || at >= rows_)
    throw IndexError("[DataFrame] row " + std::to_string(row) + ": the table has " + std::to_string(rows_) +
                     " rows");
  Record record;
  for (const Series& c : columns_) record[c.name()] = c[at];
  return record;
}

Record DataFrame::loc(const Cell& wanted) const {
  for (int64_t row = 0; row < rows_; ++row)
    if (label(row) == wanted) return iloc(row);
  throw IndexError("[DataFrame] no row is labelled " + wanted.repr(),
                   "iloc takes places instead of labels; reset_index() numbers the rows anew");
}

DataFrame DataFrame::take(const std::vector<int64_t>& rows) const {
  DataFrame taken;
  for (const Series& c : columns_) taken.columns_.push_back(Series(detail::take(c.data(), rows), c.name()));
  taken.rows_ = static_cast<int64_t>(rows.size());
  taken.index_ = std::make_shared<Series>(index_ ? index_->take(rows).reset_index()
                                                 : Series(std::vector<int64_t>(rows)));
  return taken;
}

DataFrame DataFrame::head(int64_t n) const {
  std::vector<int64_t> rows(static_cast<std::size_t>(detail::at_most(n, rows_)));
  std::iota(rows.begin(), rows.end(), 0);
  return take(rows);
}
DataFrame DataFrame::tail(int64_t n) const {
  std::vector<int64_t> rows(static_cast<std::size_t>(detail::at_most(n, rows_)));
  std::iota(rows.begin(), rows.end(), rows_ - static_cast<int64_t>(rows.size()));
  return take(rows);
}

DataFrame DataFrame::sample(int64_t n) const {
  if (n < 0 || n > rows_)
    throw ValueError("[sample] " + std::to_string(n) + " rows: the table has " + std::to_string(rows_));
  std::vector<int64_t> rows = minitorch::numpy::permutation(rows_);
  rows.resize(static_cast<std::size_t>(n));
  return take(rows);
}

DataFrame DataFrame::sort_values(const std::vector<std::string>& by, bool ascending) const {
  DataFrame sorted = *this;  // the last key first: each pass keeps the order of equal values
  for (auto name = by.rbegin(); name != by.rend(); ++name)
    sorted = sorted.take(sorted.column_of(*name).argsort(ascending));
  return sorted;
}
DataFrame DataFrame::sort_index() const { return take(index().argsort()); }

DataFrame DataFrame::drop_duplicates(const std::vector<std::string>& columns) const {
  std::vector<Factors> keys;
  for (const std::string& name : or_all(columns)) keys.push_back(factorize((*this)[name], false));
  std::set<std::vector<int32_t>> seen;
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < rows_; ++row) {
    std::vector<int32_t> key;
    for (const Factors& k : keys) key.push_back(k.codes[static_cast<std::size_t>(row)]);
    if (seen.insert(std::move(key)).second) rows.push_back(row);
  }
  return take(rows);
}

DataFrame DataFrame::reset_index(bool drop) const {
  DataFrame reset = *this;
  reset.index_ = nullptr;
  if (drop || !index_) return reset;
  const std::string name = index_->name().empty() ? "index" : index_->name();
  if (has(name))
    throw ValueError("[reset_index] there is a column " + repr_text(name) + ", as the labels are called",
                     "leave the labels out: reset_index(true)");
  std::vector<Series> all{index_->rename(name)};
  all.insert(all.end(), columns_.begin(), columns_.end());
  return DataFrame(std::move(all));
}
DataFrame DataFrame::set_index(const std::string& column) const {
  return drop({column}).with_index((*this)[column]);
}
DataFrame DataFrame::with_index(const Series& index) const {
  detail::check_rows("with_index", rows_, index.size());
  DataFrame same = *this;
  same.index_ = std::make_shared<Series>(index.reset_index());
  return same;
}

}  // namespace fastcore
