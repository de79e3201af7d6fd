// SPDX-License-Identifier: MIT
#include "fastcore/frame/csv_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "fastcore/frame/column.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/utf8.h"

namespace fastcore::detail {
using minitorch::FileError;

namespace {

std::string_view trimmed(std::string_view x) {
  while (!x.empty() && (x.front() == ' ' || x.front() == '\t')) x.remove_prefix(1);
  while (!x.empty() && (x.back() == ' ' || x.back() == '\t')) x.remove_suffix(1);
  return x;
}

bool parse_integer(std::string_view x, int64_t& value) {
  x = trimmed(x);
  if (!x.empty() && x.front() == '+') {
    x.remove_prefix(1);
    if (!x.empty() && x.front() == '-') return false;
  }
  const auto [end, error] = std::from_chars(x.data(), x.data() + x.size(), value);
  return error == std::errc() && end == x.data() + x.size();
}

// `value` is set only where all of the field is a number: what 1.#IND begins with is none.
bool parse_number(std::string_view x, double& value) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  x = trimmed(x);
  const bool negative = !x.empty() && x.front() == '-';
  if (negative || (!x.empty() && x.front() == '+')) x.remove_prefix(1);
  if (x.empty() || x.front() == '-' || x.front() == '+') return false;
  // Up to 15 digits and a point: both the digits and the power of ten are exact, so their quotient is right.
  uint64_t digits = 0;
  int count = 0, decimals = 0;
  bool point = false, plain = true;
  for (const char c : x) {
    if (c >= '0' && c <= '9') {
      digits = digits * 10 + static_cast<uint64_t>(c - '0');
      decimals += point;
      if (++count > 15) plain = false;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      plain = false;
    }
    if (!plain) break;
  }
  double parsed = 0;
  if (plain && count > 0) {
    parsed = static_cast<double>(digits) / kPowers[decimals];
  } else {
    const auto [end, error] = std::from_chars(x.data(), x.data() + x.size(), parsed);
    if (end != x.data() + x.size() || error == std::errc::invalid_argument) return false;
    if (error == std::errc::result_out_of_range) parsed = std::strtod(std::string(x).c_str(), nullptr);
    if (std::isnan(parsed)) return false;  // "nan" is a missing value, and listed as one
  }
  value = negative ? -parsed : parsed;
  return true;
}

int parse_boolean(std::string_view x) {
  if (x == "True" || x == "TRUE" || x == "true") return 1;
  return x == "False" || x == "FALSE" || x == "false" ? 0 : -1;
}

bool is_missing(std::string_view x, const CsvRules& rules) {
  return x.empty() ||
         (x.size() <= rules.longest_na && std::find(rules.na.begin(), rules.na.end(), x) != rules.na.end());
}

bool is_given(std::string_view x, const CsvRules& rules) {
  return std::find(rules.given.begin(), rules.given.end(), x) != rules.given.end();
}

// Texts to numbers of different words: open addressing, words compared only when their hashes agree.
class WordTable {
 public:
  WordTable() : words(std::make_shared<Words>()), slots_(64, Slot{0, -1}) {}

  // The word's number, or -1 where it is new: then it is to be put with add().
  int32_t find(std::string_view word) {
    hash_ = static_cast<uint32_t>(hash_of(word));
    for (place_ = hash_ & (slots_.size() - 1);; place_ = (place_ + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[place_];
      if (slot.number < 0) return -1;
      if (slot.hash == hash_ && keys_[static_cast<std::size_t>(slot.number)] == word) return slot.number;
    }
  }
  // Adds the word last looked for; `raw` must stay alive.
  int32_t add(std::string_view raw) {
    const auto number = static_cast<int32_t>(keys_.size());
    if (keys_.size() >= (std::size_t{1} << 30)) throw FileError("[read_csv] too many different texts");
    keys_.push_back(raw);
    slots_[place_] = {hash_, number};
    if (keys_.size() * 2 > slots_.size() && slots_.size() < (std::size_t{1} << 31)) grow();
    return number;
  }

  std::shared_ptr<Words> words;

 private:
  struct Slot {
    uint32_t hash;
    int32_t number;
  };
  static uint64_t hash_of(std::string_view x) {
    uint64_t hash = x.size() * 0x9e3779b97f4a7c15u;
    std::size_t i = 0;
    for (; i + 8 <= x.size(); i += 8) hash = mixed(hash, load(x.data() + i, 8));
    return mixed(hash, load(x.data() + i, x.size() - i));
  }
  static uint64_t load(const char* from, std::size_t bytes) {
    uint64_t value = 0;
    if (bytes) std::memcpy(&value, from, bytes);
    return value;
  }
  static uint64_t mixed(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 29);
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2, Slot{0, -1});
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number < 0) continue;
      std::size_t place = slot.hash & (slots_.size() - 1);
      while (slots_[place].number >= 0) place = (place + 1) & (slots_.size() - 1);
      slots_[place] = slot;
    }
  }
  std::vector<Slot> slots_;
  std::vector<std::string_view> keys_;
  uint32_t hash_ = 0;
  std::size_t place_ = 0;
};

ColumnData text_column(const CsvScan& scan, int64_t column, int64_t first_row, const CsvRules& rules) {
  WordTable table;
  bool any_doubled = false;
  std::vector<int32_t> code_of;  // of each different field: its text's number, -1 when that means missing
  ColumnData data{.type = ColumnType::text};
  data.codes.reserve(static_cast<std::size_t>(scan.rows() - first_row));
  for (int64_t row = first_row; row < scan.rows(); ++row) {
    const std::string_view raw = scan.raw(row, column);
    // Where quotes are doubled the outer ones count: a""b without them is another text.
    const bool doubled = scan.has_doubled(row, column);
    any_doubled = any_doubled || doubled;
    const std::string_view key = doubled ? std::string_view(raw.data() - 1, raw.size() + 2) : raw;
    int32_t field = table.find(key);
    if (field < 0) {
      field = table.add(key);
      if (is_missing(raw, rules)) {
        code_of.push_back(-1);
      } else {
        code_of.push_back(static_cast<int32_t>(table.words->size()));
        table.words->push_back(csv_text_at(scan, row, column, rules.latin1));
      }
    }
    data.codes.push_back(code_of[static_cast<std::size_t>(field)]);
  }
  data.words = std::move(table.words);
  if (any_doubled) {  // "a""b" and a"b are two fields, but one text
    WordList words;
    std::vector<int32_t> number;
    for (const std::string& word : *data.words) number.push_back(words(word));
    for (int32_t& code : data.codes)
      if (code >= 0) code = number[static_cast<std::size_t>(code)];
    data.words = words.words();
  }
  return data;
}

// Truths with gaps stay texts, as truths have no missing value, but with one spelling for each.
ColumnData spelled_alike(ColumnData texts) {
  std::vector<int32_t> truths;
  for (const std::string& word : *texts.words) {
    truths.push_back(parse_boolean(word));
    if (truths.back() < 0) return texts;
  }
  for (int32_t& code : texts.codes)
    if (code >= 0) code = truths[static_cast<std::size_t>(code)];
  if (!truths.empty()) texts.words = std::make_shared<Words>(Words{"False", "True"});
  return texts;
}

bool is_whole(std::string_view x) {
  x = trimmed(x);
  if (!x.empty() && (x.front() == '+' || x.front() == '-')) x.remove_prefix(1);
  return !x.empty() && x.find_first_not_of("0123456789") == x.npos;
}

// Whether all numbers of a column are whole and one does not fit 64 bits. As doubles they would be rounded,
// and two accounts become one.
bool too_long_for_numbers(const CsvScan& scan, int64_t column, int64_t first_row, const CsvRules& rules) {
  bool found = false;
  for (int64_t row = first_row; row < scan.rows(); ++row) {
    const std::string_view raw = scan.raw(row, column);
    if (is_missing(raw, rules)) continue;
    if (!is_whole(raw)) return false;
    int64_t value;
    found = found || !parse_integer(raw, value);
  }
  return found;
}

[[noreturn]] void refuse(const CsvScan& scan, int64_t row, int64_t column, const CsvRules& rules,
                         const char* wanted) {
  std::string shown(scan.raw(row, column).substr(0, 40));
  if (is_missing(scan.raw(row, column), rules))
    throw FileError("[read_csv] " + scan.place(row, column) + ": " + repr_text(shown) +
                        " means a missing value, which is not " + wanted,
                    "leave the type out, or ask for numbers: ColumnType::number");
  throw FileError(
      "[read_csv] " + scan.place(row, column) + ": " + repr_text(shown) + " is not " + wanted,
      "leave the type out, or name what means a missing value: {.na_values = {" + repr_text(shown) + "}}");
}

}  // namespace

void CsvRules::add(const std::vector<std::string>& texts) {
  na.insert(na.end(), texts.begin(), texts.end());
  for (const std::string& text : na) longest_na = std::max(longest_na, text.size());
  given = texts;
  for (const std::string& text : texts)
    if (double number; parse_number(text, number)) given_numbers.push_back(number);
}

std::string csv_text_at(const CsvScan& scan, int64_t row, int64_t column, bool latin1) {
  const std::string_view raw = scan.raw(row, column);
  std::string text = scan.has_doubled(row, column) ? undoubled(raw) : std::string(raw);
  if (latin1) {
    std::string wide;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80) wide += c;
      else (wide += static_cast<char>(0xc0 | byte >> 6)) += static_cast<char>(0x80 | (byte & 0x3f));
    }
    return wide;
  }
  if (!minitorch::is_utf8(text))
    throw FileError("[read_csv] " + scan.place(row, column) + ": the field is not UTF-8",
                    "say how the file is encoded: {.encoding = \"latin-1\"}");
  return text;
}

ColumnData csv_column(const CsvScan& scan, int64_t column, int64_t first_row, const CsvRules& rules,
                      std::optional<ColumnType> type) {
  const int64_t rows = scan.rows();
  const auto count = static_cast<std::size_t>(rows - first_row);
  if (type == ColumnType::text) return text_column(scan, column, first_row, rules);
  int64_t row = first_row;
  const bool asked = !rules.given.empty();
  ColumnData data{.type = ColumnType::integer};
  if (type.value_or(ColumnType::integer) == ColumnType::integer) {
    data.integers.reserve(count);
    for (int64_t value; row < rows && parse_integer(scan.raw(row, column), value); ++row) {
      if (asked && is_given(scan.raw(row, column), rules)) break;
      data.integers.push_back(value);
    }
    if (row == rows && (count > 0 || type)) return data;
    if (type) refuse(scan, row, column, rules, "a whole number of 64 bits");
  }
  if (type.value_or(ColumnType::number) == ColumnType::number) {
    data.type = ColumnType::number;
    data.numbers.reserve(count);
    data.numbers.assign(data.integers.begin(), data.integers.end());
    data.integers.clear();
    bool long_ones = false;
    for (; row < rows; ++row) {
      double value = kNaN;
      const std::string_view raw = scan.raw(row, column);
      if (!raw.empty() && !parse_number(raw, value) && !is_missing(raw, rules)) break;
      data.numbers.push_back(value);
      long_ones = long_ones || std::abs(value) >= 0x1p63;
    }
    if (!type && long_ones && row == rows && too_long_for_numbers(scan, column, first_row, rules))
      return text_column(scan, column, first_row, rules);
    if (row == rows) {
      for (const double missing : rules.given_numbers)
        std::replace(data.numbers.begin(), data.numbers.end(), missing, kNaN);
      return data;
    }
    if (type) refuse(scan, row, column, rules, "a number");
  }
  data = {.type = ColumnType::boolean};
  for (row = first_row; row < rows; ++row) {
    const int truth = parse_boolean(scan.raw(row, column));
    if (truth < 0 || (asked && is_given(scan.raw(row, column), rules))) break;
    data.booleans.push_back(static_cast<uint8_t>(truth));
  }
  if (row == rows) return data;
  if (type) refuse(scan, row, column, rules, "True or False");
  return spelled_alike(text_column(scan, column, first_row, rules));
}

}  // namespace fastcore::detail
