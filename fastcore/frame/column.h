// SPDX-License-Identifier: MIT
// What the files of this folder share: how columns are built and walked.
#pragma once
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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
/// Whether a column's texts are truths, as read_csv gives those with gaps.
bool holds_truths(const ColumnData& data);
/// Without the values that no row has: declared categories that do not occur.
Factors observed(Factors factors);
/// The sum of the values that are there: of whole numbers and truths a whole one, which wraps around as
/// numpy's. @throws DtypeError for texts
Cell sum_of(const ColumnData& data);

/// Labels of rows; none are 0, 1, ...
using Labels = std::shared_ptr<const Series>;
bool same_labels(const Labels& a, const Labels& b, int64_t n);
/// For each row labelled by `to` the one of as many rows that has its label in `from`.
/// @throws ValueError unless both are the same labels, each of them once
std::vector<int64_t> rows_by_label(const char* what, const Labels& from, const Labels& to, int64_t n);
/// `column` in the order of the labels `to`; without labels of its own it is a list, whose order counts.
/// @throws ValueError as rows_by_label
Series by_label(const char* what, const Series& column, const Labels& to);
/// Both in the order of their labels, or nothing where these agree as they are.
/// @throws ValueError as rows_by_label
std::optional<std::pair<Series, Series>> by_label(const char* what, const Series& a, const Series& b);
/// How many of `rows` rows "the first n" are, or with n < 0 "all but -n".
int64_t at_most(int64_t n, int64_t rows);
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
