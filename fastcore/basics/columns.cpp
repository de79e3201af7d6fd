// SPDX-License-Identifier: MIT
#include "fastcore/basics/columns.h"

#include <algorithm>
#include <sstream>

namespace fastcore {

static bool begins_character(char c) { return (c & 0xC0) != 0x80; }

int text_width(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), begins_character));
}

std::size_t byte_of_column(const std::string& text, std::size_t n) {
  std::size_t at = 0;
  for (; at < text.size() && n > 0; --n) do
      ++at;
    while (at < text.size() && !begins_character(text[at]));
  return at;
}

static std::string spaces(int n) { return std::string(static_cast<std::size_t>(std::max(0, n)), ' '); }

std::string pad_left(const std::string& text, int width) { return spaces(width - text_width(text)) + text; }
std::string pad_right(const std::string& text, int width) { return text + spaces(width - text_width(text)); }

std::string shortened(const std::string& text, int width) {
  if (text_width(text) <= width) return text;
  return text.substr(0, byte_of_column(text, static_cast<std::size_t>(std::max(0, width - 3)))) + "...";
}

std::string wrapped(const std::string& text, int width, int indent) {
  std::string out;
  int used = 0;  // columns of the line so far
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const int more = text_width(word);
    if (used == 0 || used + 1 + more > width) {
      out += (out.empty() ? "" : "\n" + spaces(indent)) + word;
      used = more;
    } else {
      out += " " + word;
      used += 1 + more;
    }
  }
  return out;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], text_width(row[c]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += pad_right(row[c], widths[c] + 2);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace fastcore
