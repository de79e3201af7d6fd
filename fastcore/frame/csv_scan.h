// SPDX-License-Identifier: MIT
// The lines and fields of a CSV text, found but not yet read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fastcore::detail {

/// Where the fields of a text lie.
class CsvScan {
 public:
  /// Scans at most `max_rows` lines from byte `start` on, where a line begins; lines of nothing but spaces
  /// and tabs are left out. Spaces that a field begins with are no part of it with `skip_space`, unless they
  /// are the separator.
  /// @throws FileError naming line and column of the whole text
  CsvScan(std::string_view text, std::size_t start, std::string name, char separator, int64_t max_rows,
          bool skip_space = false);

  int64_t rows() const { return static_cast<int64_t>(starts_.size()); }
  /// Fields of the first line; no other has more.
  int64_t columns() const { return columns_; }
  /// The bytes of a field, its outer quotes left out; empty where the line ends before.
  std::string_view raw(int64_t row, int64_t column) const {
    const Field f = fields_[static_cast<std::size_t>(row * columns_ + column)];
    return text_.substr(starts_[static_cast<std::size_t>(row)] + f.begin, f.length & ~kDoubled);
  }
  /// Whether quotes are written twice in it.
  bool has_doubled(int64_t row, int64_t column) const {
    return fields_[static_cast<std::size_t>(row * columns_ + column)].length & kDoubled;
  }
  /// "titanic.csv, line 3, column 17": where a field begins.
  std::string place(int64_t row, int64_t column) const;
  const std::string& name() const { return name_; }

 private:
  static constexpr uint32_t kDoubled = 1u << 31;
  struct Field {
    uint32_t begin, length;  // from the start of its line
  };
  std::size_t behind_blanks(std::size_t at) const;
  std::size_t scan_line(std::size_t at);
  std::size_t scan_quoted(std::size_t at, std::size_t line);
  void add(std::size_t line, std::size_t begin, std::size_t end, uint32_t flag);
  std::string place_of(std::size_t byte) const;
  [[noreturn]] void refuse(std::size_t byte, const std::string& what, const std::string& hint) const;

  std::string_view text_;
  std::string name_;
  char separator_;
  bool skip_space_;
  int64_t columns_ = -1;
  std::vector<Field> fields_;
  std::vector<std::size_t> starts_;
};

/// The field with quotes that are written twice written once.
std::string undoubled(std::string_view field);

}  // namespace fastcore::detail
