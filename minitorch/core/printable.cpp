// SPDX-License-Identifier: MIT
#include "minitorch/core/printable.h"

#include <algorithm>

#include "minitorch/core/errors.h"

namespace minitorch {

std::string printable(const std::string& text, std::size_t longest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t end = std::min(text.size(), longest);
  while (end > 0 && end < text.size() && (byte(end) & 0xc0) == 0x80) --end;  // not within a letter
  std::string out;
  for (std::size_t i = 0; i < end; ++i) {
    const auto c = byte(i);
    // U+0080 to U+009f, which are c2 80 to c2 9f in UTF-8, are control characters too.
    const bool second = i > 0 && byte(i - 1) == 0xc2 && c >= 0x80 && c < 0xa0;
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || second) out += format("\\x%02x", c);
    else out += text[i];
  }
  if (end < text.size()) out += format("... and %zu bytes more", text.size() - end);
  return out;
}

}  // namespace minitorch
