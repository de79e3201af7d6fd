// SPDX-License-Identifier: MIT
// Text in columns of a terminal: how wide it is, padded, cut, and as a table.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace fastcore {

/// Columns a UTF-8 text takes, counting each code point as one.
int text_width(const std::string& text);
/// The byte at which column `n` begins; the text's end where it is not as wide.
std::size_t byte_of_column(const std::string& text, std::size_t n);

/// Spaces in front, up to `width` columns.
std::string pad_left(const std::string& text, int width);
/// Spaces behind, up to `width` columns.
std::string pad_right(const std::string& text, int width);
/// The first `width` columns of a text, the last three of them dots where it is wider.
std::string shortened(const std::string& text, int width);
/// The text in lines of at most `width` columns, broken at spaces; a wider word has a line of its own. In
/// front of the lines after the first stand `indent` spaces, which do not count.
std::string wrapped(const std::string& text, int width, int indent = 0);

/// The rows as lines, columns two spaces apart, each as wide as its widest cell; every line ends in a line
/// feed. The first row may be a header; rows have as many cells as it, or fewer.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace fastcore
