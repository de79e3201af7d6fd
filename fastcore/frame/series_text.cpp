// SPDX-License-Identifier: MIT
// Mapping, texts and categories.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

#include "fastcore/basics/columns.h"
#include "fastcore/frame/column.h"

namespace fastcore {
using minitorch::DtypeError;
using minitorch::ValueError;

Series Series::map(const std::function<double(double)>& f) const {
  std::vector<double> values = numbers();
  for (double& value : values)
    if (!std::isnan(value)) value = f(value);
  return Series(std::move(values), name_).with_index_pointer(index_);
}

Series Series::map(const std::function<Cell(const std::string&)>& f) const {
  if (!is_text())
    throw DtypeError("[map] the function takes a text, the column holds " + dtype(),
                     "take the number: map([](double x) { ... })");
  std::vector<Cell> of_word;  // each different text once
  for (const std::string& word : *data().words) of_word.push_back(f(word));
  std::vector<Cell> mapped;
  for (const int32_t code : data().codes) mapped.push_back(code < 0 ? Cell() : of_word[code]);
  return Series(mapped, name_).with_index_pointer(index_);
}

namespace {
Series looked_up(const Series& x, const Dict<Cell, Cell>& table, bool keep) {
  const Factors factors = factorize(x, false);
  std::vector<Cell> of_value, mapped;
  for (const Cell& value : factors.values.cells()) {
    const Cell* found = table.find(value);
    of_value.push_back(found ? *found : keep ? value : Cell());
  }
  const Cell* missing = table.find(Cell());
  for (const int32_t code : factors.codes)
    mapped.push_back(code >= 0 ? of_value[code] : missing ? *missing : Cell());
  return Series(mapped, x.name()).with_index_pointer(x.index_pointer());
}
}  // namespace

Series Series::map(const Dict<Cell, Cell>& table) const { return looked_up(*this, table, false); }
Series Series::replace(const Dict<Cell, Cell>& table) const { return looked_up(*this, table, true); }

Series Series::isin(const std::vector<Cell>& values) const {
  Dict<Cell, Cell> table;
  const bool truths = detail::holds_truths(data());
  for (const Cell& value : values)
    table[truths && value.is_boolean() ? Cell(value.number() != 0 ? "True" : "False") : value] = true;
  const Factors factors = factorize(*this, false);
  std::vector<bool> of_value, mask;
  for (const Cell& value : factors.values.cells()) of_value.push_back(table.contains(value));
  for (const int32_t code : factors.codes) mask.push_back(code < 0 ? table.contains(Cell()) : of_value[code]);
  return Series(mask, name_).with_index_pointer(index_);
}

Series Series::between(double low, double high) const { return (*this >= low) & (*this <= high); }
Series Series::clip(double low, double high) const {
  if (type() == ColumnType::integer) {
    std::vector<int64_t> values = data().integers;
    bool whole = true;
    for (int64_t& value : values) {
      const auto x = static_cast<double>(value), bounded = std::min(std::max(x, low), high);
      if (bounded == x) continue;  // as it is: beyond 2^53 a double is not
      whole = whole && bounded == std::trunc(bounded) && std::fabs(bounded) < 0x1p63;
      if (whole) value = static_cast<int64_t>(bounded);
    }
    if (whole) return Series(std::move(values), name_).with_index_pointer(index_);
  }
  return map([=](double x) { return std::min(std::max(x, low), high); });
}

namespace {
double parse_number(const std::string& text) {
  double value = 0;
  const char *begin = text.data(), *end = begin + text.size();
  while (begin < end && *begin == ' ') ++begin;
  while (end > begin && end[-1] == ' ') --end;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end)
    throw ValueError(
        "[astype] " + repr_text(text) + " is not a number",
        "map it first, or replace it by a missing value: replace({{" + repr_text(text) + ", {}}})");
  return value;
}
}  // namespace

Series Series::astype(ColumnType wanted) const {
  if (wanted == type()) return *this;
  std::vector<Cell> changed;
  for (const Cell& cell : cells()) {
    if (wanted == ColumnType::text) {
      changed.push_back(cell.is_missing() ? Cell() : Cell(cell.text()));
      continue;
    }
    const double x = cell.is_text() ? parse_number(cell.text()) : cell.number();
    if (std::isnan(x) && wanted != ColumnType::number)
      throw ValueError("[astype] a missing value cannot become " +
                           std::string(wanted == ColumnType::integer ? "a whole number" : "a truth"),
                       "fill it first: fillna(0)");
    if (wanted == ColumnType::boolean) changed.push_back(x != 0);
    else if (wanted == ColumnType::number) changed.push_back(x);
    else if (std::fabs(x) < 9.2e18) changed.push_back(cell.is_integer() ? cell.integer() : int64_t(x));
    else throw ValueError("[astype] " + repr_number(x) + " is beyond whole numbers of 64 bits");
  }
  if (wanted == ColumnType::text && !changed.empty()) {
    ColumnData texts = detail::column_of(changed);
    if (texts.type != ColumnType::text) {  // nothing but missing values
      texts = {.type = ColumnType::text,
               .codes = std::vector<int32_t>(changed.size(), -1),
               .words = std::make_shared<Words>()};
    }
    return Series(std::move(texts), name_).with_index_pointer(index_);
  }
  return Series(changed, name_).with_index_pointer(index_);
}

Series Series::shift(int64_t rows) const {
  std::vector<int64_t> from(static_cast<std::size_t>(size()), -1);
  for (int64_t row = 0; row < size(); ++row)
    if (row - rows >= 0 && row - rows < size()) from[static_cast<std::size_t>(row)] = row - rows;
  return take(from).with_index_pointer(index_);
}

Series Series::cumsum() const {
  if (type() == ColumnType::integer || type() == ColumnType::boolean) {
    std::vector<int64_t> sums = data().integers;
    if (type() == ColumnType::boolean) sums.assign(data().booleans.begin(), data().booleans.end());
    uint64_t sum = 0;  // whole numbers wrap around, as numpy's
    for (int64_t& x : sums) x = static_cast<int64_t>(sum += static_cast<uint64_t>(x));
    return Series(std::move(sums), name_).with_index_pointer(index_);
  }
  double sum = 0;
  return map([&](double x) { return sum += x; });
}

TextMethods Series::str() const {
  if (!is_text())
    throw DtypeError("[str] the column '" + name_ + "' holds " + dtype() + ", not texts",
                     "make texts of it: astype(ColumnType::text)");
  return TextMethods(*this);
}

Series Series::set_categories(const std::vector<std::string>& categories) const {
  Dict<std::string, int32_t> place;
  for (std::size_t i = 0; i < categories.size(); ++i) {
    if (place.contains(categories[i]))
      throw ValueError("[set_categories] " + repr_text(categories[i]) + " is given twice");
    place[categories[i]] = static_cast<int32_t>(i);
  }
  const Series texts = astype(ColumnType::text);
  std::vector<int32_t> number;
  for (const std::string& word : *texts.data().words) {
    const int32_t* at = place.find(word);
    number.push_back(at ? *at : -1);
  }
  ColumnData out{.type = ColumnType::text, .words = std::make_shared<Words>(categories), .categorical = true};
  for (const int32_t code : texts.data().codes) out.codes.push_back(code < 0 ? -1 : number[code]);
  return Series(std::move(out), name_).with_index_pointer(index_);
}

Series Series::cat_codes() const {
  const Factors factors = factorize(*this);
  return Series(std::vector<int64_t>(factors.codes.begin(), factors.codes.end()), name_)
      .with_index_pointer(index_);
}
Words Series::categories() const { return factorize(*this).values.texts(); }

Series TextMethods::each(const std::function<Cell(const std::string&)>& f) const { return texts_.map(f); }
Series TextMethods::mask(const std::function<bool(const std::string&)>& f) const {
  std::vector<bool> of_word, mask;
  for (const std::string& word : *texts_.data().words) of_word.push_back(f(word));
  for (const int32_t code : texts_.data().codes) mask.push_back(code >= 0 && of_word[code]);
  return Series(mask, texts_.name()).with_index_pointer(texts_.index_pointer());
}

namespace {
std::string sliced(const std::string& text, int64_t begin, int64_t end) {
  const int64_t n = int64_t{text_width(text)};
  if (begin < 0) begin = std::max<int64_t>(0, begin + n);
  if (end < 0) end += n;
  if (begin >= std::min(end, n)) return "";
  const std::size_t from = byte_of_column(text, static_cast<std::size_t>(begin));
  return text.substr(from, byte_of_column(text, static_cast<std::size_t>(std::min(end, n))) - from);
}
}  // namespace

Series TextMethods::operator[](int64_t place) const {
  return each([=](const std::string& text) {
    const int64_t n = int64_t{text_width(text)}, at = place < 0 ? place + n : place;
    return at < 0 || at >= n ? Cell() : Cell(sliced(text, at, at + 1));
  });
}
Series TextMethods::slice(int64_t begin, int64_t end) const {
  return each([=](const std::string& text) { return Cell(sliced(text, begin, end)); });
}
Series TextMethods::lower() const {
  return each([](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return Cell(text);
  });
}
Series TextMethods::upper() const {
  return each([](std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return Cell(text);
  });
}
Series TextMethods::strip() const {
  return each([](const std::string& text) {
    const char* blank = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(blank);
    return Cell(begin == std::string::npos ? ""
                                           : text.substr(begin, text.find_last_not_of(blank) + 1 - begin));
  });
}
Series TextMethods::len() const {
  return each([](const std::string& text) { return Cell(int64_t{text_width(text)}); });
}
Series TextMethods::contains(const std::string& part) const {
  return mask([&](const std::string& text) { return text.find(part) != std::string::npos; });
}
Series TextMethods::startswith(const std::string& part) const {
  return mask([&](const std::string& text) { return text.compare(0, part.size(), part) == 0; });
}
Series TextMethods::endswith(const std::string& part) const {
  return mask([&](const std::string& text) {
    return text.size() >= part.size() && text.compare(text.size() - part.size(), part.size(), part) == 0;
  });
}
Series TextMethods::replace(const std::string& part, const std::string& by) const {
  if (part.empty()) throw ValueError("[str.replace] the text to replace is empty");
  return each([&](std::string text) {
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += by.size())
      text.replace(at, part.size(), by);
    return Cell(text);
  });
}

Series TextMethods::Parts::operator[](int64_t part) const {
  if (separator_.empty()) throw ValueError("[str.split] the separator is empty");
  const std::string& separator = separator_;
  return texts_.map([&](const std::string& text) {
    std::size_t begin = 0;
    for (int64_t i = 0; i < part; ++i) {
      begin = text.find(separator, begin);
      if (begin == std::string::npos) return Cell();
      begin += separator.size();
    }
    const std::size_t end = text.find(separator, begin);
    return Cell(text.substr(begin, end == std::string::npos ? end : end - begin));
  });
}

}  // namespace fastcore
