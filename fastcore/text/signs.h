// SPDX-License-Identifier: MIT
// The signs of a text in UTF-8, one by one, and what kind they are: as Python's regular expressions see them.
#pragma once
#include <cstdint>
#include <string>

namespace fastcore {

/// A code point and how many bytes it takes. A byte that begins none counts as U+FFFD.
struct Sign {
  char32_t code;
  std::size_t bytes;
};
/// The sign that begins at a byte. `at` lies within the text.
Sign sign_at(const std::string& text, std::size_t at);
/// U+0000 to U+10FFFF as UTF-8.
std::string to_utf8(char32_t code);

/// White space, line feeds and wide spaces included.
bool is_space(char32_t code);
/// Letters, digits and the underscore; an accent that combines with the letter before it is neither. As
/// Python up to U+06FF and nearly so beyond.
bool is_word(char32_t code);
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
/// The small letter of a Latin capital as Europe and Vietnam write it (up to U+01A4, U+01AF, the pairs up to
/// U+024E, U+1E00 to U+1EFE), of a Greek (up to U+03AB, each sigma as within a word) or Cyrillic one (U+0400
/// to U+052E); everything else stays, as does the dotted capital i.
char32_t lower(char32_t code);
/// The capital that lower makes this small letter of, and that of a sigma at a word's end; everything else
/// stays.
char32_t upper(char32_t code);

}  // namespace fastcore
