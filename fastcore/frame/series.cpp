// SPDX-License-Identifier: MIT
#include "fastcore/frame/series.h"

#include <algorithm>
#include <numeric>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/column.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::DtypeError;
using minitorch::IndexError;

Series::Series(ColumnData data, std::string name)
    : data_(std::make_shared<ColumnData>(std::move(data))), name_(std::move(name)) {}
Series::Series(std::initializer_list<Cell> values, std::string name)
    : Series(std::vector<Cell>(values), std::move(name)) {}
Series::Series(const std::vector<Cell>& values, std::string name)
    : Series(detail::column_of(values), std::move(name)) {}
Series::Series(std::vector<int64_t> values, std::string name)
    : Series(ColumnData{.type = ColumnType::integer, .integers = std::move(values)}, std::move(name)) {}
Series::Series(std::vector<double> values, std::string name)
    : Series(ColumnData{.type = ColumnType::number, .numbers = std::move(values)}, std::move(name)) {}
Series::Series(const std::vector<bool>& values, std::string name)
    : Series(ColumnData{.type = ColumnType::boolean, .booleans = {values.begin(), values.end()}},
             std::move(name)) {}

Series::Series(const std::vector<std::string>& values, std::string name)
    : Series(ColumnData{.type = ColumnType::text}, std::move(name)) {
  detail::WordList words;
  for (const std::string& value : values) data_->codes.push_back(words(value));
  data_->words = words.words();
}

const ColumnData& Series::data() const {
  if (data_) return *data_;
  std::string hint;
  if (index_) {  // of a column that is not there: the names of those that are
    const L<std::string> names(index_->texts());
    const std::string meant = nearest(name_, names);
    hint = meant.empty() ? "the columns are " + join(names, ", ") : "did you mean '" + meant + "'?";
  }
  throw IndexError("[DataFrame] there is no column '" + name_ + "'", hint);
}

Series Series::rename(std::string name) const {
  Series same = *this;
  same.name_ = std::move(name);
  return same;
}

std::string Series::dtype() const {
  switch (type()) {
    case ColumnType::integer: return "int64";
    case ColumnType::number: return "float64";
    case ColumnType::boolean: return "bool";
    default: return data().categorical ? "category" : "object";
  }
}

int64_t Series::size() const { return detail::rows_of(data()); }

Series Series::index() const { return index_ ? *index_ : detail::row_numbers(size()); }

Series Series::with_index(const Series& index) const {
  detail::check_rows("Series.with_index", size(), index.size());
  return with_index_pointer(std::make_shared<Series>(index.reset_index()));
}
Series Series::with_index_pointer(std::shared_ptr<const Series> index) const {
  Series same = *this;
  same.index_ = std::move(index);
  return same;
}

Cell Series::label(int64_t row) const { return index_ ? (*index_)[row] : Cell(row); }

Cell Series::operator[](int64_t row) const {
  const int64_t n = size(), at = row < 0 ? row + n : row;
  if (at < 0 || at >= n)
    throw IndexError("[Series] row " + std::to_string(row) + ": the column has " + std::to_string(n) +
                     " rows");
  return detail::cell_at(data(), at);
}

Cell Series::at(const Cell& wanted) const {
  for (int64_t row = 0; row < size(); ++row)
    if (label(row) == wanted) return (*this)[row];
  throw IndexError("[Series] no row is labelled " + wanted.repr());
}

bool Series::is_missing(int64_t row) const { return detail::missing_at(data(), row); }

void Series::set(int64_t row, const Cell& value) {
  if (row < 0 || row >= size())
    throw IndexError("[Series.set] row " + std::to_string(row) + ": the column has " +
                     std::to_string(size()) + " rows");
  std::vector<Cell> all = cells();
  all[static_cast<std::size_t>(row)] = value;
  ColumnData changed = detail::column_of(all);
  if (data().categorical && changed.type == ColumnType::text) {
    *this = Series(all, name_).set_categories(*data().words).with_index_pointer(index_);
    return;
  }
  data_ = std::make_shared<ColumnData>(std::move(changed));
}

std::vector<double> Series::numbers() const {
  return detail::with_numbers(data(), "Series.numbers", [](const auto& values) {
    return std::vector<double>(values.begin(), values.end());
  });
}

Words Series::texts() const {
  Words texts;
  texts.reserve(static_cast<std::size_t>(size()));
  for (int64_t row = 0; row < size(); ++row) texts.push_back(is_missing(row) ? "" : (*this)[row].text());
  return texts;
}

std::vector<Cell> Series::cells() const {
  std::vector<Cell> cells;
  cells.reserve(static_cast<std::size_t>(size()));
  for (int64_t row = 0; row < size(); ++row) cells.push_back(detail::cell_at(data(), row));
  return cells;
}

Series Series::take(const std::vector<int64_t>& rows) const {
  Series taken(detail::take(data(), rows), name_);
  return taken.with_index_pointer(std::make_shared<Series>(index_ ? index_->take(rows).reset_index()
                                                                  : Series(std::vector<int64_t>(rows))));
}

Series Series::operator[](const Series& mask) const {
  detail::check_rows("Series[mask]", size(), mask.size());
  return take(where(detail::by_label("Series[mask]", mask, index_)));
}

Series Series::head(int64_t n) const {
  std::vector<int64_t> rows(static_cast<std::size_t>(detail::at_most(n, size())));
  std::iota(rows.begin(), rows.end(), 0);
  return take(rows);
}
Series Series::tail(int64_t n) const {
  const int64_t count = detail::at_most(n, size());
  std::vector<int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), size() - count);
  return take(rows);
}

Series Series::reset_index() const { return with_index_pointer(nullptr); }

}  // namespace fastcore
