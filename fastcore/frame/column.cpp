// SPDX-License-Identifier: MIT
#include "fastcore/frame/column.h"

#include <numeric>

namespace fastcore::detail {
using minitorch::DtypeError;
using minitorch::ShapeError;

int64_t rows_of(const ColumnData& data) {
  switch (data.type) {
    case ColumnType::integer: return static_cast<int64_t>(data.integers.size());
    case ColumnType::number: return static_cast<int64_t>(data.numbers.size());
    case ColumnType::boolean: return static_cast<int64_t>(data.booleans.size());
    default: return static_cast<int64_t>(data.codes.size());
  }
}

double number_at(const ColumnData& data, int64_t row) {
  return with_numbers(data, "Series", [&](const auto& values) { return static_cast<double>(values[row]); });
}

bool missing_at(const ColumnData& data, int64_t row) {
  if (data.type == ColumnType::number) return std::isnan(data.numbers[row]);
  return data.type == ColumnType::text && data.codes[row] < 0;
}

Cell cell_at(const ColumnData& data, int64_t row) {
  switch (data.type) {
    case ColumnType::integer: return data.integers[row];
    case ColumnType::number: return data.numbers[row];
    case ColumnType::boolean: return data.booleans[row] != 0;
    default: return data.codes[row] < 0 ? Cell() : Cell((*data.words)[data.codes[row]]);
  }
}

void throw_text(const char* where, const ColumnData& data) {
  std::string shown =
      data.words && !data.words->empty() ? " (such as " + repr_text(data.words->front()) + ")" : "";
  throw DtypeError(
      std::string("[") + where + "] the column holds texts" + shown + ", not numbers",
      "its categories as numbers: df[\"name\"].cat_codes(); as columns of 0 and 1: get_dummies(df)");
}

void check_rows(const char* where, int64_t a, int64_t b) {
  if (a != b)
    throw ShapeError(std::string("[") + where + "] columns of " + std::to_string(a) + " and " +
                     std::to_string(b) + " rows do not match");
}

int32_t WordList::operator()(std::string_view word) {
  if (const auto at = places_.find(word); at != places_.end()) return at->second;
  const auto code = static_cast<int32_t>(words_->size());
  words_->emplace_back(word);
  places_.emplace(words_->back(), code);
  return code;
}

ColumnData column_of(const std::vector<Cell>& cells) {
  bool text = false, boolean = true, integer = true, any = false;
  for (const Cell& cell : cells) {
    if (cell.is_missing()) boolean = integer = false;
    else any = true;
    text = text || cell.is_text();
    boolean = boolean && cell.is_boolean();
    integer = integer && cell.is_integer();
  }
  ColumnData data;
  if (text) {
    WordList words;
    data.type = ColumnType::text;
    for (const Cell& cell : cells) data.codes.push_back(cell.is_missing() ? -1 : words(cell.text()));
    data.words = words.words();
  } else if (boolean && any) {
    data.type = ColumnType::boolean;
    for (const Cell& cell : cells) data.booleans.push_back(cell.number() != 0);
  } else if (integer && any) {
    data.type = ColumnType::integer;
    for (const Cell& cell : cells) data.integers.push_back(cell.integer());
  } else {
    for (const Cell& cell : cells) data.numbers.push_back(cell.number());
  }
  return data;
}

ColumnData take(const ColumnData& from, const std::vector<int64_t>& rows) {
  const int64_t n = rows_of(from);
  bool gaps = false;
  for (const int64_t row : rows) {
    gaps = gaps || row == -1;
    if (row < -1 || row >= n)
      throw minitorch::IndexError("[take] row " + std::to_string(row) + ": the column has " +
                                  std::to_string(n) + " rows");
  }
  ColumnData to{.type = from.type, .words = from.words, .categorical = from.categorical};
  const auto pick = [&](const auto& values, auto& out, auto absent) {
    out.reserve(rows.size());
    for (const int64_t row : rows)
      out.push_back(row < 0 ? absent : static_cast<decltype(absent)>(values[static_cast<std::size_t>(row)]));
  };
  if (from.type == ColumnType::text) {
    pick(from.codes, to.codes, int32_t{-1});
  } else if (from.type == ColumnType::number) {
    pick(from.numbers, to.numbers, kNaN);
  } else if (gaps) {  // whole numbers and truths have no missing value
    to.type = ColumnType::number;
    with_numbers(from, "take", [&](const auto& values) { pick(values, to.numbers, kNaN); });
  } else if (from.type == ColumnType::integer) {
    pick(from.integers, to.integers, int64_t{0});
  } else {
    pick(from.booleans, to.booleans, uint8_t{0});
  }
  return to;
}

Series row_numbers(int64_t n) {
  std::vector<int64_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return Series(std::move(rows));
}

}  // namespace fastcore::detail
