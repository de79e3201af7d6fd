// SPDX-License-Identifier: MIT
#include "fastcore/frame/column.h"

#include <algorithm>
#include <numeric>

#include "fastcore/frame/reshape.h"

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

bool holds_truths(const ColumnData& data) {
  return data.type == ColumnType::text && data.words && !data.words->empty() &&
         std::all_of(data.words->begin(), data.words->end(),
                     [](const std::string& word) { return word == "True" || word == "False"; });
}

Factors observed(Factors factors) {
  std::vector<int32_t> number(static_cast<std::size_t>(factors.values.size()), -1);
  for (const int32_t code : factors.codes)
    if (code >= 0) number[static_cast<std::size_t>(code)] = 0;
  std::vector<int64_t> there;
  for (std::size_t value = 0; value < number.size(); ++value) {
    if (number[value] < 0) continue;
    number[value] = static_cast<int32_t>(there.size());
    there.push_back(static_cast<int64_t>(value));
  }
  if (there.size() == number.size()) return factors;
  for (int32_t& code : factors.codes)
    if (code >= 0) code = number[static_cast<std::size_t>(code)];
  factors.values = factors.values.take(there).reset_index();
  return factors;
}

Cell sum_of(const ColumnData& data) {
  if (data.type == ColumnType::number) {
    double sum = 0;
    for (const double x : data.numbers)
      if (!std::isnan(x)) sum += x;
    return sum;
  }
  return with_numbers(data, "sum", [](const auto& values) {
    uint64_t sum = 0;
    for (const auto x : values) sum += static_cast<uint64_t>(x);
    return Cell(static_cast<int64_t>(sum));
  });
}

bool same_labels(const Labels& a, const Labels& b, int64_t n) {
  if (a == b) return true;
  if (!a || !b) {
    const ColumnData& data = (a ? a : b)->data();
    if (data.type == ColumnType::text) return n == 0;
    for (int64_t row = 0; row < n; ++row)
      if (data.type == ColumnType::integer ? data.integers[row] != row
                                           : number_at(data, row) != static_cast<double>(row))
        return false;
    return true;
  }
  const ColumnData &x = a->data(), &y = b->data();
  if (x.type == ColumnType::integer && y.type == ColumnType::integer) return x.integers == y.integers;
  if (x.type == ColumnType::text && x.words == y.words && x.codes == y.codes) return true;
  for (int64_t row = 0; row < n; ++row)
    if (!(cell_at(x, row) == cell_at(y, row))) return false;
  return true;
}

std::vector<int64_t> rows_by_label(const char* what, const Labels& from, const Labels& to, int64_t n) {
  const auto refuse = [&](const Cell& label, const std::string& why) {
    throw minitorch::ValueError(
        std::string("[") + what + "] the rows are labelled differently: " + label.repr() + why,
        "reset_index() on both, when the order is what counts");
  };
  const Series labels = from ? *from : row_numbers(n), wanted = to ? *to : row_numbers(n);
  if (n > 0 && labels.is_text() != wanted.is_text()) refuse(wanted[0], " is on one side only");
  const Factors factors = factorize(concat({labels, wanted}), false);
  const auto code = [&](int64_t row) {
    const int32_t found = factors.codes[static_cast<std::size_t>(row)];
    return static_cast<std::size_t>(found < 0 ? factors.values.size() : found);  // missing: behind the others
  };
  std::vector<int64_t> place(static_cast<std::size_t>(factors.values.size()) + 1, -1), rows;
  for (int64_t row = 0; row < n; ++row) {
    if (place[code(row)] >= 0) refuse(labels[row], " comes more than once");
    place[code(row)] = row;
  }
  for (int64_t row = 0; row < n; ++row) {
    int64_t& found = place[code(n + row)];
    if (found == -1) refuse(wanted[row], " is on one side only");
    if (found == -2) refuse(wanted[row], " comes more than once");
    rows.push_back(std::exchange(found, -2));
  }
  return rows;
}

Series by_label(const char* what, const Series& column, const Labels& to) {
  if (!column.has_index() || same_labels(column.index_pointer(), to, column.size())) return column;
  return column.take(rows_by_label(what, column.index_pointer(), to, column.size())).with_index_pointer(to);
}

std::optional<std::pair<Series, Series>> by_label(const char* what, const Series& a, const Series& b) {
  if (same_labels(a.index_pointer(), b.index_pointer(), a.size())) return std::nullopt;
  const Series sorted = a.sort_index();
  return std::pair(sorted, b.take(rows_by_label(what, b.index_pointer(), sorted.index_pointer(), b.size()))
                               .with_index_pointer(sorted.index_pointer()));
}

int64_t at_most(int64_t n, int64_t rows) {
  return n < 0 ? std::max<int64_t>(0, rows + std::max(n, -rows)) : std::min(n, rows);
}

Series row_numbers(int64_t n) {
  std::vector<int64_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return Series(std::move(rows));
}

}  // namespace fastcore::detail
