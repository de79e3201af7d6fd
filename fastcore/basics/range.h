// SPDX-License-Identifier: MIT
// Lists of numbers and of pieces of text.
#pragma once
#include <string>

#include "fastcore/basics/l.h"

namespace fastcore {

/// [begin, end) in steps, as Python's range.
L<int64_t> range(int64_t begin, int64_t end, int64_t step = 1);
L<int64_t> range(int64_t end);
/// 0, 1, ... up to the length of x.
template <class X>
L<int64_t> range_of(const X& x) {
  return range(static_cast<int64_t>(x.size()));
}

/// The parts of a text between separators; without one, its words.
L<std::string> split(const std::string& text, const std::string& separator = "");
/// The lines of a text, without their ends.
L<std::string> splitlines(const std::string& text);

}  // namespace fastcore
