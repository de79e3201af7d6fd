// SPDX-License-Identifier: MIT
#include "fastcore/frame/cell.h"

#include <cmath>

#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::DtypeError;

bool Cell::is_missing() const {
  return kind_ == Kind::missing || (kind_ == Kind::number && std::isnan(number_));
}

double Cell::number() const {
  switch (kind_) {
    case Kind::boolean:
    case Kind::integer: return static_cast<double>(whole_);
    case Kind::number: return number_;
    case Kind::missing: return kNaN;
    default:
      throw DtypeError("[Cell] " + repr() + " is a text, not a number",
                       "turn the column into numbers first: df[\"name\"].astype(ColumnType::number)");
  }
}

int64_t Cell::integer() const {
  if (kind_ == Kind::integer) return whole_;
  const double x = number();
  if (!(std::trunc(x) == x) || std::fabs(x) >= 9.2e18)
    throw DtypeError("[Cell] " + repr() + " is not a whole number");
  return static_cast<int64_t>(x);
}

std::string Cell::text() const {
  if (is_missing()) return "NaN";
  switch (kind_) {
    case Kind::boolean: return whole_ ? "True" : "False";
    case Kind::integer: return std::to_string(whole_);
    case Kind::number: return repr_number(number_);
    default: return text_;
  }
}

std::string Cell::repr() const { return is_text() ? repr_text(text()) : text(); }

bool operator==(const Cell& a, const Cell& b) {
  if (a.is_missing() || b.is_missing()) return a.is_missing() == b.is_missing();
  if (a.is_text() || b.is_text()) return a.kind_ == b.kind_ && a.text_ == b.text_;
  if (a.is_integer() && b.is_integer()) return a.whole_ == b.whole_;
  return a.number() == b.number();
}

bool operator<(const Cell& a, const Cell& b) {
  const auto rank = [](const Cell& x) { return x.is_missing() ? 0 : x.is_text() ? 2 : 1; };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (rank(a) == 0) return false;
  if (rank(a) == 2) return a.text_ < b.text_;
  if (a.is_integer() && b.is_integer()) return a.whole_ < b.whole_;
  return a.number() < b.number();
}

template Dict<Cell, Cell>::Dict(std::initializer_list<std::pair<Cell, Cell>>);
template Cell& Dict<Cell, Cell>::operator[](const Cell&);
template Dict<std::string, Cell>::Dict(std::initializer_list<std::pair<std::string, Cell>>);
template Cell& Dict<std::string, Cell>::operator[](const std::string&);

}  // namespace fastcore
