// SPDX-License-Identifier: MIT
#include "fastcore/basics/repr.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fastcore {
namespace {

// Shortest digits come as d.ddde±xx; Python writes them plainly when the exponent is in [-4, 16).
template <class Float>
std::string shortest(Float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  *end = 0;
  char* mark = std::strchr(buffer, 'e');
  const int exponent = std::atoi(mark + 1);
  if (exponent < -4 || exponent >= 16) return buffer;
  std::string sign = buffer[0] == '-' ? "-" : "", digits;
  for (char* at = buffer; at < mark; ++at)
    if (*at >= '0' && *at <= '9') digits += *at;
  if (exponent < 0) return sign + "0." + std::string(-exponent - 1, '0') + digits;
  const std::size_t whole = exponent + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

std::string repr_number(double value) { return shortest(value); }
std::string repr_number(float value) { return shortest(value); }

std::string repr_text(std::string_view text) {
  const bool single = text.find('\'') != text.npos, twice = text.find('"') != text.npos;
  const char quote = single && !twice ? '"' : '\'';
  std::string out(1, quote);
  for (unsigned char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\r') out += "\\r";
    else if (c == '\\' || c == static_cast<unsigned char>(quote)) (out += '\\') += static_cast<char>(c);
    else if (c < 32 || c == 127) {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02x", c);
      out += code;
    } else out += static_cast<char>(c);
  }
  return out + quote;
}

void print_line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace fastcore
