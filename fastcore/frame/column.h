// SPDX-License-Identifier: MIT
// What the files of this folder share: how columns are built and walked.
#pragma once
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fastcore/frame/series.h"

namespace fastcore::detail {

/// The rows of a column.
int64_t rows_of(const ColumnData& data);
/// Value i as a number, NaN where missing. @throws DtypeError for texts
double number_at(const ColumnData& data, int64_t row);
bool missing_at(const ColumnData& data, int64_t row);
Cell cell_at(const ColumnData& data, int64_t row);

/// Calls f(values) with the list that holds a numeric or boolean column. @throws DtypeError for texts
template <class F>
auto with_numbers(const ColumnData& data, const char* where, F&& f);
[[noreturn]] void throw_text(const char* where, const ColumnData& data);
/// @throws ShapeError unless both have as many rows
void check_rows(const char* where, int64_t a, int64_t b);

/// Texts as numbers of a list of different words.
class WordList {
 public:
  WordList() : words_(std::make_shared<Words>()) {}
  int32_t operator()(std::string_view word);
  std::shared_ptr<const Words> words() const { return words_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::shared_ptr<Words> words_;
  std::unordered_map<std::string, int32_t, Hash, std::equal_to<>> places_;
};

/// A column of the narrowest type that holds all cells.
ColumnData column_of(const std::vector<Cell>& cells);
/// The rows at these places; -1 gives a missing value. @throws IndexError
ColumnData take(const ColumnData& from, const std::vector<int64_t>& rows);
/// The rows [0, n) as a column of numbers 0, 1, ...
Series row_numbers(int64_t n);

template <class F>
auto with_numbers(const ColumnData& data, const char* where, F&& f) {
  switch (data.type) {
    case ColumnType::integer: return f(data.integers);
    case ColumnType::number: return f(data.numbers);
    case ColumnType::boolean: return f(data.booleans);
    default: throw_text(where, data);
  }
}

}  // namespace fastcore::detail
