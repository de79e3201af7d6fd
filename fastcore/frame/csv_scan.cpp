// SPDX-License-Identifier: MIT
#include "fastcore/frame/csv_scan.h"

#include <cstring>

#include "minitorch/core/errors.h"

namespace fastcore::detail {

namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 30;
// Every field that is written takes a byte. Short lines are filled up, and may make of a small file a table
// that no memory holds: up to so many fields they may, and beyond that to eight times the file's bytes.
constexpr std::size_t kMostFields = std::size_t{1} << 24;

// Which of eight bytes are equal to one value: its bit 7 is set there (and maybe in bytes behind the first).
uint64_t equal_bytes(uint64_t bytes, uint64_t repeated) {
  const uint64_t x = bytes ^ repeated;
  return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// Where the next separator or end of a line stands, eight bytes at a time.
class FieldEnd {
 public:
  explicit FieldEnd(char separator)
      : separator_(separator), repeated_(0x0101010101010101u * static_cast<unsigned char>(separator)) {}
  std::size_t after(std::string_view text, std::size_t at) const {
    for (; at + 8 <= text.size(); at += 8) {
      uint64_t bytes;
      std::memcpy(&bytes, text.data() + at, 8);
      const uint64_t found = equal_bytes(bytes, repeated_) | equal_bytes(bytes, 0x0a0a0a0a0a0a0a0au) |
                             equal_bytes(bytes, 0x0d0d0d0d0d0d0d0du);
      if (found) return at + static_cast<std::size_t>(__builtin_ctzll(found)) / 8;
    }
    while (at < text.size() && text[at] != separator_ && text[at] != '\n' && text[at] != '\r') ++at;
    return at;
  }

 private:
  char separator_;
  uint64_t repeated_;
};

}  // namespace

CsvScan::CsvScan(std::string_view text, std::size_t start, std::string name, char separator, int64_t max_rows,
                 bool skip_space)
    : text_(text),
      name_(std::move(name)),
      separator_(separator),
      skip_space_(skip_space && separator != ' ') {
  std::size_t at = start;
  if (at == 0 && text.substr(0, 3) == "\xef\xbb\xbf") at = 3;  // a byte-order mark
  while (at < text_.size() && rows() < max_rows) {
    // A line of nothing, of spaces and tabs, or the LF of CR LF.
    if (const std::size_t end = behind_blanks(at); end == text_.size() || is_line_end(text_[end]))
      at = end + (end < text_.size());
    else at = scan_line(at);
  }
  if (columns_ < 0) columns_ = 0;
}

// Where spaces and tabs that begin a line end, unless the separator is one of them and comes.
std::size_t CsvScan::behind_blanks(std::size_t at) const {
  while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t') && text_[at] != separator_) ++at;
  return at;
}

// One line from `at`. Returns where its end was found.
std::size_t CsvScan::scan_line(std::size_t at) {
  const std::size_t line = at, first = fields_.size();
  const char* text = text_.data();
  const std::size_t size = text_.size();
  const FieldEnd end_of_field(separator_);
  starts_.push_back(line);
  for (;;) {
    while (skip_space_ && at < size && text[at] == ' ') ++at;
    if (at < size && text[at] == '"') {
      at = scan_quoted(at, line);
    } else {
      const std::size_t begin = at;
      at = end_of_field.after(text_, at);
      add(line, begin, at, 0);
    }
    if (at >= size || text[at] != separator_) break;
    ++at;
  }
  const auto found = static_cast<int64_t>(fields_.size() - first);
  if (columns_ < 0) columns_ = found;
  if (found > columns_)
    refuse(
        starts_.back() + fields_[first + static_cast<std::size_t>(columns_)].begin,
        "the line has " + std::to_string(found) + " fields, the first line has " + std::to_string(columns_),
        "quote a field that holds the separator, or give another one: {.separator = ';'}");
  if (fields_.size() + static_cast<std::size_t>(columns_) > kMostFields + 8 * size)
    refuse(line,
           "short lines would make a table of " + std::to_string(rows()) + " and more rows by " +
               std::to_string(columns_) + " columns, nearly all of it missing, out of " +
               std::to_string(size) + " bytes",
           "look at the first line, which says how many columns there are: {.skiprows = 1} leaves it out");
  fields_.resize(first + static_cast<std::size_t>(columns_), Field{0, 0});
  return at;
}

// A quoted field that begins at `at`. Returns what follows its closing quote.
std::size_t CsvScan::scan_quoted(std::size_t at, std::size_t line) {
  const std::size_t open = at++;
  uint32_t doubled = 0;
  for (;;) {
    const void* quote = at < text_.size() ? std::memchr(text_.data() + at, '"', text_.size() - at) : nullptr;
    if (!quote)
      refuse(open, "the quote that opens here is never closed",
             "end the field with a quote; a quote inside it is written twice");
    at = static_cast<std::size_t>(static_cast<const char*>(quote) - text_.data());
    if (at + 1 >= text_.size() || text_[at + 1] != '"') break;
    doubled = kDoubled;
    at += 2;
  }
  add(line, open + 1, at, doubled);
  ++at;
  if (at < text_.size() && text_[at] != separator_ && text_[at] != '\n' && text_[at] != '\r')
    refuse(at, "text follows a closing quote", "a quote inside a quoted field is written twice: \"\"");
  return at;
}

void CsvScan::add(std::size_t line, std::size_t begin, std::size_t end, uint32_t flag) {
  if (end - line >= kLongestLine) refuse(line, "the line is longer than 1 GiB", "is this a CSV file?");
  fields_.push_back({static_cast<uint32_t>(begin - line), static_cast<uint32_t>(end - begin) | flag});
}

std::string CsvScan::place_of(std::size_t byte) const {
  std::size_t line = 1, start = 0;
  for (std::size_t i = 0; i < byte; ++i) {
    const bool ends =
        text_[i] == '\n' || (text_[i] == '\r' && (i + 1 >= text_.size() || text_[i + 1] != '\n'));
    if (!ends) continue;
    ++line;
    start = i + 1;
  }
  return name_ + ", line " + std::to_string(line) + ", column " + std::to_string(byte - start + 1);
}

std::string CsvScan::place(int64_t row, int64_t column) const {
  const Field f = fields_[static_cast<std::size_t>(row * columns_ + column)];
  return place_of(starts_[static_cast<std::size_t>(row)] + f.begin);
}

void CsvScan::refuse(std::size_t byte, const std::string& what, const std::string& hint) const {
  throw minitorch::FileError("[read_csv] " + place_of(byte) + ": " + what, hint);
}

std::string undoubled(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"') ++i;
  }
  return text;
}

}  // namespace fastcore::detail
