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

namespace {
// From U+00C0 on, what is neither letter nor digit, first ... last, ascending: every sign up to U+06FF,
// beyond that marks that combine, and signs of all scripts.
constexpr struct {
  char32_t first, last;
} kNoWords[] = {{0xD7, 0xD7},
                {0xF7, 0xF7},
                {0x2C2, 0x2C5},
                {0x2D2, 0x2DF},
                {0x2E5, 0x2EB},
                {0x2ED, 0x2ED},
                {0x2EF, 0x36F},  // the accents that stand on any letter
                {0x375, 0x375},
                {0x378, 0x379},
                {0x37E, 0x37E},
                {0x380, 0x385},
                {0x387, 0x387},
                {0x38B, 0x38B},
                {0x38D, 0x38D},
                {0x3A2, 0x3A2},
                {0x3F6, 0x3F6},
                {0x482, 0x489},
                {0x530, 0x530},
                {0x557, 0x558},
                {0x55A, 0x55F},
                // points of Hebrew and Arabic
                {0x589, 0x5CF},
                {0x5EB, 0x5EE},
                {0x5F3, 0x61F},
                {0x64B, 0x65F},
                {0x66A, 0x66D},
                {0x670, 0x670},
                {0x6D4, 0x6D4},
                {0x6D6, 0x6E4},
                {0x6E7, 0x6ED},
                {0x6FD, 0x6FE},
                // more marks, signs and drawings
                {0x1AB0, 0x1AFF},
                {0x1DC0, 0x1DFF},
                {0x2000, 0x2BFF},
                {0x3000, 0x3004},
                {0x3008, 0x3020},
                {0xFE00, 0xFE6F},
                {0xFF00, 0xFF0F},
                {0xFF1A, 0xFF20},
                {0xFF3B, 0xFF40},
                {0xFF5B, 0xFF65},
                {0xFFFD, 0xFFFD}};
}  // namespace

bool is_word(char32_t code) {
  if (code < 0x80) return std::isalnum(static_cast<int>(code)) || code == '_';
  if (code < 0xC0)  // of Latin-1's signs the letters and digits set high, the micro sign and the fractions
    return code == 0xAA || code == 0xB2 || code == 0xB3 || code == 0xB5 || code == 0xB9 || code == 0xBA ||
           within(code, 0xBC, 0xBE);
  for (const auto& [first, last] : kNoWords)
    if (code <= last) return code < first;
  return code < 0x1F000;  // beyond stand pictures
}

namespace {
// Capitals first, first + step ... last, and how far from each its small letter stands; ascending.
struct Capitals {
  char32_t first, last, step;
  int32_t to_small;
};
constexpr Capitals kCapitals[] = {
    // Latin-1, then the rest of Europe
    {0xC0, 0xD6, 1, 32},
    {0xD8, 0xDE, 1, 32},
    {0x100, 0x12E, 2, 1},
    {0x132, 0x136, 2, 1},
    {0x139, 0x147, 2, 1},
    {0x14A, 0x176, 2, 1},
    {0x178, 0x178, 1, -121},
    {0x179, 0x17D, 2, 1},
    {0x1A0, 0x1A4, 2, 1},
    {0x1AF, 0x1AF, 1, 1},
    {0x1CD, 0x1DB, 2, 1},
    {0x1DE, 0x1EE, 2, 1},
    {0x1F8, 0x21E, 2, 1},
    {0x222, 0x232, 2, 1},
    {0x246, 0x24E, 2, 1},
    // Greek
    {0x386, 0x386, 1, 38},
    {0x388, 0x38A, 1, 37},
    {0x38C, 0x38C, 1, 64},
    {0x38E, 0x38F, 1, 63},
    {0x391, 0x3A1, 1, 32},
    {0x3A3, 0x3AB, 1, 32},
    // Cyrillic
    {0x400, 0x40F, 1, 80},
    {0x410, 0x42F, 1, 32},
    {0x460, 0x480, 2, 1},
    {0x48A, 0x4BE, 2, 1},
    {0x4C0, 0x4C0, 1, 15},
    {0x4C1, 0x4CD, 2, 1},
    {0x4D0, 0x52E, 2, 1},
    // more of Latin, with a capital sharp s and Vietnamese
    {0x1E00, 0x1E94, 2, 1},
    {0x1E9E, 0x1E9E, 1, -7615},
    {0x1EA0, 0x1EFE, 2, 1},
};
}  // namespace

char32_t lower(char32_t code) {
  if (code < 0x80) return within(code, 'A', 'Z') ? code + 32 : code;
  for (const Capitals& c : kCapitals) {
    if (code < c.first) break;
    if (code <= c.last) return (code - c.first) % c.step ? code : code + static_cast<char32_t>(c.to_small);
  }
  return code;
}

char32_t upper(char32_t code) {
  if (code < 0x80) return within(code, 'a', 'z') ? code - 32 : code;
  if (code == 0x3C2) return 0x3A3;
  for (const Capitals& c : kCapitals) {
    const char32_t capital = code - static_cast<char32_t>(c.to_small);
    if (within(capital, c.first, c.last) && (capital - c.first) % c.step == 0) return capital;
  }
  return code;
}

}  // namespace fastcore
