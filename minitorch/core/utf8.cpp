// SPDX-License-Identifier: MIT
#include "minitorch/core/utf8.h"

#include <cstdint>
#include <cstring>

namespace minitorch {
namespace {

// Bytes of the code at the start of a text that is not empty; 0 where there is none.
std::size_t code_length(std::string_view x) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(x[i]); };
  const auto c = byte(0);
  if (c < 0x80) return 1;
  const std::size_t length = c >= 0xc2 && c < 0xe0   ? 2
                             : c >= 0xe0 && c < 0xf0 ? 3
                             : c >= 0xf0 && c < 0xf5 ? 4
                                                     : 0;
  if (!length || length > x.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(k) & 0xc0) != 0x80) return 0;
  const auto next = byte(1);
  const bool odd = (c == 0xe0 && next < 0xa0) || (c == 0xed && next >= 0xa0) || (c == 0xf0 && next < 0x90) ||
                   (c == 0xf4 && next >= 0x90);  // longer than needed, a surrogate, or beyond Unicode
  return odd ? 0 : length;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    uint64_t eight;
    if (i + 8 <= text.size() &&
        (std::memcpy(&eight, text.data() + i, 8), (eight & 0x8080808080808080u) == 0)) {
      i += 8;
      continue;
    }
    const std::size_t length = code_length(text.substr(i));
    if (!length) return false;
    i += length;
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = code_length(text.substr(i));
    if (length) out += text.substr(i, length);
    else out += "\xef\xbf\xbd";
    i += length ? length : 1;
  }
  return out;
}

}  // namespace minitorch
