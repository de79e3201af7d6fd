// SPDX-License-Identifier: MIT
// Text for the terminal: lines of at most 76 columns, each marked as quoted.
#pragma once
#include <string>

#include "fastcore/basics/range.h"

/// "> It is a truth ...": broken at spaces, line breaks of the text kept.
inline std::string quoted(const std::string& text) {
  std::string lines;
  for (const std::string& paragraph : fastcore::splitlines(text)) {
    std::string line;
    for (const std::string& word : fastcore::split(paragraph)) {
      if (line.size() + 1 + word.size() > 76) lines += ">" + line + "\n", line.clear();
      line += " " + word;
    }
    if (!line.empty()) lines += ">" + line + "\n";
  }
  return lines;
}
