// SPDX-License-Identifier: MIT
#include "fastcore/text/signs.h"

#include <cctype>

namespace fastcore {

static bool within(char32_t code, char32_t first, char32_t last) { return code >= first && code <= last; }

Sign sign_at(const std::string& text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (bytes == 1 || at + bytes > text.size()) return {0xFFFD, 1};
  char32_t code = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0) != 0x80) return {0xFFFD, 1};
    code = code << 6 | (next & 0x3F);
  }
  return {code, bytes};
}

std::string to_utf8(char32_t code) {
  if (code < 0x80) return {static_cast<char>(code)};
  std::string behind;
  char32_t room = 0x40, mark = 0x80;  // what the first byte can hold, and what it begins with
  for (; code >= room; code >>= 6) {
    behind.insert(behind.begin(), static_cast<char>(0x80 | (code & 0x3F)));
    room = room == 0x40 ? 0x20 : room >> 1;
    mark = mark >> 1 | 0x80;
  }
  return static_cast<char>(mark | code) + behind;
}

bool is_space(char32_t code) {
  return within(code, 9, 13) || within(code, 0x1C, 0x20) || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         within(code, 0x2000, 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

bool is_word(char32_t code) {
  if (code < 0x80) return std::isalnum(static_cast<int>(code)) || code == '_';
  if (code < 0xC0)  // of Latin-1's signs the letters and digits set high, the micro sign and the fractions
    return code == 0xAA || code == 0xB2 || code == 0xB3 || code == 0xB5 || code == 0xB9 || code == 0xBA ||
           within(code, 0xBC, 0xBE);
  return code != 0xD7 && code != 0xF7 && !within(code, 0x2000, 0x2BFF) && !within(code, 0x3000, 0x3020) &&
         code != 0xFFFD && code < 0x1F000;  // beyond stand pictures
}

char32_t lower(char32_t code) {
  if (within(code, 'A', 'Z')) return code + 32;
  if (within(code, 0xC0, 0xDE) && code != 0xD7) return code + 32;  // Latin-1
  const bool even_is_capital = within(code, 0x100, 0x137) || within(code, 0x14A, 0x177);
  const bool odd_is_capital = within(code, 0x139, 0x148) || within(code, 0x179, 0x17E);
  if (even_is_capital && code != 0x130) return code | 1;  // Latin of middle Europe; not the dotted capital i
  if (odd_is_capital) return code + (code & 1);
  if (code == 0x178) return 0xFF;
  if (within(code, 0x391, 0x3A9) && code != 0x3A2) return code + 32;  // Greek
  if (within(code, 0x410, 0x42F)) return code + 32;                   // Cyrillic
  if (within(code, 0x400, 0x40F)) return code + 80;
  return code;
}

}  // namespace fastcore
