// SPDX-License-Identifier: MIT
// Cell: one value of a table. Missing, a truth, a whole number, a number, or a text.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "fastcore/basics/dict.h"

namespace fastcore {

/// What the values of a column are. Printed as pandas names them: int64, float64, bool, object, category.
enum class ColumnType { integer, number, boolean, text };

/// Not a number: the missing value among numbers.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// One value of a table: a number, a text, a truth or nothing.
class Cell {
 public:
  Cell() = default;
  template <class T>
  requires std::is_arithmetic_v<T> Cell(T value) {
    if constexpr (std::is_same_v<T, bool>) set(Kind::boolean, value, value);
    else if constexpr (std::is_integral_v<T>) set(Kind::integer, static_cast<int64_t>(value), 0);
    else set(Kind::number, 0, static_cast<double>(value));
  }
  Cell(std::string text) : kind_(Kind::text), text_(std::move(text)) {}
  Cell(std::string_view text) : Cell(std::string(text)) {}
  Cell(const char* text) : Cell(std::string(text)) {}

  /// Nothing, or a number that is none (NaN).
  bool is_missing() const;
  bool is_text() const { return kind_ == Kind::text; }
  bool is_integer() const { return kind_ == Kind::integer; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  /// As a number: true is 1, missing is NaN. @throws DtypeError for a text
  double number() const;
  /// As a whole number. @throws DtypeError for a text, a fraction or nothing
  int64_t integer() const;
  /// The text itself, or the value as it prints.
  std::string text() const;

  /// Missing equals missing, 1 equals 1.0.
  friend bool operator==(const Cell& a, const Cell& b);
  /// Missing first, then numbers, then texts.
  friend bool operator<(const Cell& a, const Cell& b);

  std::string str() const { return text(); }
  std::string repr() const;

 private:
  enum class Kind : uint8_t { missing, boolean, integer, number, text };
  void set(Kind kind, int64_t whole, double number) {
    kind_ = kind;
    whole_ = whole;
    number_ = number;
  }
  Kind kind_ = Kind::missing;
  int64_t whole_ = 0;  // of a boolean too
  double number_ = 0;
  std::string text_;
};

/// A row of a table, or one value for each column: {"Age": 24.0, "Embarked": 'S'}.
using Record = Dict<std::string, Cell>;

#if !defined(DOXYGEN)
// Compiled once, in cell.cpp.
extern template Dict<Cell, Cell>::Dict(std::initializer_list<std::pair<Cell, Cell>>);
extern template Cell& Dict<Cell, Cell>::operator[](const Cell&);
extern template Dict<std::string, Cell>::Dict(std::initializer_list<std::pair<std::string, Cell>>);
extern template Cell& Dict<std::string, Cell>::operator[](const std::string&);
#endif

}  // namespace fastcore
