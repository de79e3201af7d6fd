// SPDX-License-Identifier: MIT
// Pieces of the lines that --json prints.
#pragma once
#include <cmath>
#include <string>

#include "fastcore/basics/repr.h"
#include "minitorch/core/utf8.h"

namespace fastcore {

/// Text in quotes; control characters become spaces, and bytes that are not UTF-8 are replaced.
inline std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (char c : minitorch::as_utf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 32) out += ' ';
    else out += c;
  }
  return out + "\"";
}

/// A number; one that is not finite is null.
inline std::string json_number(double value) { return std::isfinite(value) ? repr_number(value) : "null"; }

}  // namespace fastcore
