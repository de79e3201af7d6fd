// SPDX-License-Identifier: MIT
// Missing values, statistics of whole tables.
#include <algorithm>

#include "fastcore/frame/column.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {

DataFrame DataFrame::each(const std::function<Series(const Series&)>& f) const {
  DataFrame changed = *this;
  for (Series& c : changed.columns_) c = f(c).reset_index();
  return changed;
}

DataFrame DataFrame::isna() const {
  return each([](const Series& c) { return c.isna(); });
}

DataFrame DataFrame::fillna(const Cell& value, FillOptions options) {
  const DataFrame filled = each([&](const Series& c) {
    // A number does not go among texts; pandas would mix them.
    return c.is_text() == value.is_text() || c.is_text() ? c.fillna(value) : c;
  });
  if (options.inplace) *this = filled;
  return filled;
}
DataFrame DataFrame::fillna(const Record& values, FillOptions options) {
  const DataFrame filled = each([&](const Series& c) {
    const Cell* value = values.find(c.name());
    return value ? c.fillna(*value) : c;
  });
  if (options.inplace) *this = filled;
  return filled;
}

DataFrame DataFrame::dropna(const std::vector<std::string>& columns) const {
  std::vector<bool> whole(static_cast<std::size_t>(rows_), true);
  for (const std::string& name : or_all(columns)) {
    const Series c = (*this)[name];
    for (int64_t row = 0; row < rows_; ++row)
      if (c.is_missing(row)) whole[static_cast<std::size_t>(row)] = false;
  }
  return (*this)[Series(whole)];
}

Series DataFrame::reduced(const std::function<Cell(const Series&)>& f, bool numbers_only) const {
  std::vector<Cell> values;
  Words names;
  for (const Series& c : columns_) {
    if (numbers_only && c.is_text()) continue;
    values.push_back(f(c));
    names.push_back(c.name());
  }
  return Series(values).with_index(Series(names));
}

Series DataFrame::sum() const {
  return reduced([](const Series& c) { return detail::sum_of(c.data()); });
}
Series DataFrame::mean() const {
  return reduced([](const Series& c) { return c.mean(); });
}
Series DataFrame::median() const {
  return reduced([](const Series& c) { return c.median(); });
}
Series DataFrame::std() const {
  return reduced([](const Series& c) { return c.std(); });
}
Series DataFrame::min() const {
  return reduced([](const Series& c) { return c.min(); });
}
Series DataFrame::max() const {
  return reduced([](const Series& c) { return c.max(); });
}
Series DataFrame::count() const {
  return reduced([](const Series& c) { return c.count(); }, false);
}
Series DataFrame::nunique() const {
  return reduced([](const Series& c) { return c.nunique(); }, false);
}

namespace {
// Columns of different lengths as a table whose shorter columns end in missing values.
DataFrame padded(const std::vector<Series>& columns) {
  int64_t rows = 0;
  for (const Series& c : columns) rows = std::max(rows, c.size());
  DataFrame frame;
  for (const Series& c : columns) {
    std::vector<int64_t> places;
    for (int64_t row = 0; row < rows; ++row) places.push_back(row < c.size() ? row : -1);
    frame.set(c.name(), c.take(places).reset_index());
  }
  return frame;
}
}  // namespace

DataFrame DataFrame::mode() const {
  std::vector<Series> modes;
  for (const Series& c : columns_) modes.push_back(c.mode());
  return padded(modes);
}

DataFrame DataFrame::describe(DescribeOptions options) const {
  bool numbers = false;
  for (const Series& c : columns_) numbers = numbers || c.is_numeric();
  DataFrame described;
  for (const Series& c : columns_)
    if (options.texts ? c.is_text() : c.is_numeric() || !numbers) described.set(c.name(), c.describe());
  return described;
}

DataFrame DataFrame::corr() const {
  const DataFrame numbers = select_dtypes({ColumnType::integer, ColumnType::number});
  DataFrame result;
  for (const Series& a : numbers.columns_) {
    std::vector<double> row;
    for (const Series& b : numbers.columns_) row.push_back(a.corr(b));
    result.set(a.name(), Series(row));
  }
  return result.with_index(Series(numbers.columns()));
}

}  // namespace fastcore
