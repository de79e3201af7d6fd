// SPDX-License-Identifier: MIT
#include "fastcore/frame/csv_scan.h"

#include <cstring>

#include "minitorch/core/errors.h"

namespace fastcore::detail {

namespace {
constexpr std::size_t kLongestLine = std::size_t{1} << 30;
}

CsvScan::CsvScan(std::string_view text, std::string name, char separator, int64_t max_rows)
    : text_(text), name_(std::move(name)), separator_(separator) {
  std::size_t at = text.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;  // a byte-order mark
  while (at < text_.size() && rows() < max_rows) {
    if (text_[at] == '\n' || text_[at] == '\r') ++at;  // an empty line, or the LF of CR LF
    else at = scan_line(at);
  }
  if (columns_ < 0) columns_ = 0;
}

// One line from `at`. Returns where its end was found.
std::size_t CsvScan::scan_line(std::size_t at) {
  const std::size_t line = at, first = fields_.size();
  const char* text = text_.data();
  const std::size_t size = text_.size();
  starts_.push_back(line);
  for (;;) {
    if (at < size && text[at] == '"') {
      at = scan_quoted(at, line);
    } else {
      const std::size_t begin = at;
      while (at < size && text[at] != separator_ && text[at] != '\n' && text[at] != '\r') ++at;
      add(line, begin, at, 0);
    }
    if (at >= size || text[at] != separator_) break;
    ++at;
  }
  const auto found = static_cast<int64_t>(fields_.size() - first);
  if (columns_ < 0) columns_ = found;
  if (found > columns_)
    refuse(starts_.back() + fields_[first + static_cast<std::size_t>(columns_)].begin,
           "the line has " + std::to_string(found) + " fields, the first line has " + std::to_string(columns_),
           "quote a field that holds the separator, or give another one: {.separator = ';'}");
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
    const bool ends = text_[i] == '\n' || (text_[i] == '\r' && (i + 1 >= text_.size() || text_[i + 1] != '\n'));
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
