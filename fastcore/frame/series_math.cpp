// SPDX-License-Identifier: MIT
// Arithmetic, comparisons and truths, value by value.
#include <algorithm>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/column.h"

namespace fastcore {
using detail::by_label;
using detail::check_rows;
using minitorch::DtypeError;
using minitorch::ValueError;

namespace {

// Labels are kept from the side that has them.
Series labelled(ColumnData data, const Series& a, const Series& b) {
  const std::string name = a.name() == b.name() || b.name().empty() ? a.name() : "";
  return Series(std::move(data), name)
      .with_index_pointer(a.has_index() ? a.index_pointer() : b.index_pointer());
}

// A single value as a column, so that every operation is written once.
Series repeated(const Cell& cell, int64_t n) {
  if (cell.is_missing()) return Series(std::vector<double>(static_cast<std::size_t>(n), kNaN));
  if (cell.is_text())
    return Series(ColumnData{.type = ColumnType::text,
                             .codes = std::vector<int32_t>(static_cast<std::size_t>(n), 0),
                             .words = std::make_shared<Words>(Words{cell.text()})});
  if (cell.is_integer()) return Series(std::vector<int64_t>(static_cast<std::size_t>(n), cell.integer()));
  if (cell.is_boolean())
    return Series(
        ColumnData{.type = ColumnType::boolean,
                   .booleans = std::vector<uint8_t>(static_cast<std::size_t>(n), cell.number() != 0)});
  return Series(std::vector<double>(static_cast<std::size_t>(n), cell.number()));
}

// A single value beside a column: with its labels, and of its categories.
Series beside(const Series& x, const Cell& cell) {
  if (!x.is_text() || !(x.is_categorical() || cell.is_missing()) || !(cell.is_text() || cell.is_missing()))
    return repeated(cell, x.size()).with_index_pointer(x.index_pointer());
  const Words& words = *x.data().words;
  const auto at = std::find(words.begin(), words.end(), cell.is_missing() ? "" : cell.text());
  const auto code = cell.is_missing() || at == words.end() ? -1 : static_cast<int32_t>(at - words.begin());
  ColumnData data{.type = ColumnType::text, .words = x.data().words, .categorical = x.is_categorical()};
  data.codes.assign(static_cast<std::size_t>(x.size()), code);
  return Series(std::move(data)).with_index_pointer(x.index_pointer());
}

// A category comes before another in the declared order, which a text that is none has no place in.
void check_category(const char* what, const Series& x, const Cell& cell) {
  if (!x.is_categorical() || !cell.is_text()) return;
  const Words categories = x.categories();
  if (std::find(categories.begin(), categories.end(), cell.text()) == categories.end())
    throw ValueError(std::string("[") + what + "] " + cell.repr() + " is not among the categories",
                     "there are " + join(L<std::string>(categories), ", "));
}

// @throws DtypeError unless the values of both have an order among each other
void check_order(const char* what, const Series& a, const Series& b) {
  if (a.is_text() != b.is_text())
    throw DtypeError(
        std::string("[") + what + "] texts and numbers have no order among each other",
        "make numbers of the texts first: df[\"name\"].astype(ColumnType::number); read_csv takes "
        "what is no number in a column as missing by {.na_values = {...}}");
  if (a.is_text() && (a.is_categorical() || b.is_categorical()) &&
      !(a.is_categorical() && b.is_categorical() && *a.data().words == *b.data().words))
    throw DtypeError(std::string("[") + what + "] the columns have not the same categories",
                     "declare them for both: set_categories");
}

bool whole(const Series& x) { return x.type() == ColumnType::integer || x.type() == ColumnType::boolean; }

std::vector<int64_t> integers(const Series& x) {
  const ColumnData& data = x.data();
  if (data.type == ColumnType::integer) return data.integers;
  return {data.booleans.begin(), data.booleans.end()};
}

// Whole numbers wrap around instead of overflowing, as numpy's do.
template <class F>
Series arithmetic(const char* what, const Series& a, const Series& b, bool keep_whole, F f) {
  check_rows(what, a.size(), b.size());
  if (const auto both = by_label(what, a, b))
    return arithmetic(what, both->first, both->second, keep_whole, f);
  if (keep_whole && whole(a) && whole(b)) {
    std::vector<int64_t> x = integers(a);
    const std::vector<int64_t> y = integers(b);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<int64_t>(f(static_cast<uint64_t>(x[i]), static_cast<uint64_t>(y[i])));
    return labelled({.type = ColumnType::integer, .integers = std::move(x)}, a, b);
  }
  std::vector<double> x = a.numbers();
  const std::vector<double> y = b.numbers();
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = f(x[i], y[i]);
  return labelled({.type = ColumnType::number, .numbers = std::move(x)}, a, b);
}

// A column of truths in those words.
Series in_words(const Series& x) {
  ColumnData data{.type = ColumnType::text, .words = std::make_shared<Words>(Words{"False", "True"})};
  data.codes.assign(x.data().booleans.begin(), x.data().booleans.end());
  return Series(std::move(data), x.name()).with_index_pointer(x.index_pointer());
}

template <class F>
Series compared(const char* what, const Series& a, const Series& b, bool if_missing, bool orders, F f) {
  check_rows(what, a.size(), b.size());
  if (orders) check_order(what, a, b);
  if (const auto both = by_label(what, a, b))
    return compared(what, both->first, both->second, if_missing, orders, f);
  const ColumnData &x = a.data(), &y = b.data();
  if (detail::holds_truths(x) && b.type() == ColumnType::boolean)
    return compared(what, a, in_words(b), if_missing, orders, f);
  if (detail::holds_truths(y) && a.type() == ColumnType::boolean)
    return compared(what, in_words(a), b, if_missing, orders, f);
  ColumnData out{.type = ColumnType::boolean};
  const int64_t n = a.size();
  out.booleans.resize(static_cast<std::size_t>(n));
  if (a.is_text() && b.is_text()) {
    const bool by_code =
        a.is_categorical() && b.is_categorical() && (x.words == y.words || *x.words == *y.words);
    for (int64_t i = 0; i < n; ++i) {
      const int32_t p = x.codes[i], q = y.codes[i];
      out.booleans[i] = p < 0 || q < 0 ? if_missing
                        : by_code      ? f(p, q)
                                       : f((*x.words)[p].compare((*y.words)[q]), 0);
    }
  } else if (a.is_text() || b.is_text()) {
    std::fill(out.booleans.begin(), out.booleans.end(), if_missing);  // a text equals no number
  } else if (whole(a) && whole(b)) {  // beyond 2^53 neighbours are one and the same double
    const std::vector<int64_t> p = integers(a), q = integers(b);
    for (int64_t i = 0; i < n; ++i) out.booleans[i] = f(p[i], q[i]);
  } else {
    const std::vector<double> p = a.numbers(), q = b.numbers();
    for (int64_t i = 0; i < n; ++i)
      out.booleans[i] = std::isnan(p[i]) || std::isnan(q[i]) ? if_missing : f(p[i], q[i]);
  }
  return labelled(std::move(out), a, b);
}

const std::vector<uint8_t>& truths(const char* what, const Series& x) {
  if (x.type() != ColumnType::boolean)
    throw DtypeError(std::string("[") + what + "] a column of " + x.dtype() + " is no mask",
                     "a comparison makes one: (df[\"Age\"] > 30) & (df[\"Sex\"] == \"male\")");
  return x.data().booleans;
}

template <class F>
Series function(const Series& x, F f) {
  std::vector<double> values = x.numbers();
  for (double& value : values) value = f(value);
  return Series(std::move(values), x.name()).with_index_pointer(x.index_pointer());
}

}  // namespace

#define FASTCORE_ARITHMETIC(op, whole)                                                    \
  Series operator op(const Series& a, const Series& b) {                                  \
    return arithmetic("Series " #op, a, b, whole, [](auto x, auto y) { return x op y; }); \
  }                                                                                       \
  Series operator op(const Series& a, const Cell& b) { return a op beside(a, b); }        \
  Series operator op(const Cell& a, const Series& b) { return (beside(b, a) op b).rename(b.name()); }
FASTCORE_ARITHMETIC(+, true)
FASTCORE_ARITHMETIC(-, true)
FASTCORE_ARITHMETIC(*, true)
FASTCORE_ARITHMETIC(/, false)
#undef FASTCORE_ARITHMETIC

Series operator-(const Series& a) { return Cell(0) - a; }

#define FASTCORE_COMPARISON(op, if_missing, orders)                                                  \
  Series operator op(const Series& a, const Series& b) {                                             \
    return compared("Series " #op, a, b, if_missing, orders, [](auto x, auto y) { return x op y; }); \
  }                                                                                                  \
  Series operator op(const Series& a, const Cell& b) {                                               \
    if (orders) check_category("Series " #op, a, b);                                                 \
    return a op beside(a, b);                                                                        \
  }
FASTCORE_COMPARISON(==, false, false)
FASTCORE_COMPARISON(!=, true, false)
FASTCORE_COMPARISON(<, false, true)
FASTCORE_COMPARISON(<=, false, true)
FASTCORE_COMPARISON(>, false, true)
FASTCORE_COMPARISON(>=, false, true)
#undef FASTCORE_COMPARISON

Series operator&(const Series& a, const Series& b) {
  check_rows("Series &", a.size(), b.size());
  if (const auto both = by_label("Series &", a, b)) return both->first & both->second;
  ColumnData out{.type = ColumnType::boolean, .booleans = truths("Series &", a)};
  const auto& other = truths("Series &", b);
  for (std::size_t i = 0; i < other.size(); ++i) out.booleans[i] &= other[i];
  return labelled(std::move(out), a, b);
}
Series operator|(const Series& a, const Series& b) {
  check_rows("Series |", a.size(), b.size());
  if (const auto both = by_label("Series |", a, b)) return both->first | both->second;
  ColumnData out{.type = ColumnType::boolean, .booleans = truths("Series |", a)};
  const auto& other = truths("Series |", b);
  for (std::size_t i = 0; i < other.size(); ++i) out.booleans[i] |= other[i];
  return labelled(std::move(out), a, b);
}
Series operator~(const Series& a) {
  ColumnData out{.type = ColumnType::boolean, .booleans = truths("Series ~", a)};
  for (uint8_t& x : out.booleans) x = !x;
  return Series(std::move(out), a.name()).with_index_pointer(a.index_pointer());
}

Series log(const Series& x) {
  return function(x, [](double v) { return std::log(v); });
}
Series log1p(const Series& x) {
  return function(x, [](double v) { return std::log1p(v); });
}
Series exp(const Series& x) {
  return function(x, [](double v) { return std::exp(v); });
}
Series sqrt(const Series& x) {
  return function(x, [](double v) { return std::sqrt(v); });
}
Series abs(const Series& x) {
  if (!whole(x)) return function(x, [](double v) { return std::fabs(v); });
  std::vector<int64_t> values = integers(x);  // as in numpy, the least whole number has no positive and stays
  for (int64_t& value : values)
    if (value < 0) value = static_cast<int64_t>(-static_cast<uint64_t>(value));
  return Series(std::move(values), x.name()).with_index_pointer(x.index_pointer());
}
namespace {
// To a multiple of `step`, halves to the even one; beyond the range it wraps around.
int64_t rounded(int64_t x, int64_t step) {
  int64_t times = x / step;
  const int64_t rest = std::abs(x % step), other = step - rest;
  if (rest > other || (rest == other && times % 2 != 0)) times += x < 0 ? -1 : 1;
  return static_cast<int64_t>(static_cast<uint64_t>(times) * static_cast<uint64_t>(step));
}
}  // namespace

Series round(const Series& x, int decimals) {
  if (whole(x) && decimals >= 0) return x;
  if (x.type() == ColumnType::integer) {
    int64_t step = 1;
    for (int i = 0; i < std::min(-decimals, 18); ++i) step *= 10;
    std::vector<int64_t> values = x.data().integers;
    for (int64_t& value : values) value = decimals < -18 ? 0 : rounded(value, step);
    return Series(std::move(values), x.name()).with_index_pointer(x.index_pointer());
  }
  const double scale = std::pow(10, decimals);
  return function(x, [=](double v) { return std::nearbyint(v * scale) / scale; });
}

Series where(const Series& condition, const Series& a, const Series& b) {
  check_rows("where", condition.size(), a.size());
  check_rows("where", condition.size(), b.size());
  const auto& mask = truths("where", condition);
  const Series then = by_label("where", a, condition.index_pointer());
  std::vector<Cell> cells = by_label("where", b, condition.index_pointer()).cells();
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i]) cells[i] = then[static_cast<int64_t>(i)];
  return Series(cells, a.name()).with_index_pointer(condition.index_pointer());
}

std::vector<int64_t> where(const Series& condition) {
  const auto& mask = truths("where", condition);
  std::vector<int64_t> rows;
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i]) rows.push_back(static_cast<int64_t>(i));
  return rows;
}

}  // namespace fastcore
