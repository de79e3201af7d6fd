// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

namespace minitorch {

/// A size for height and width; a single number serves both.
struct Size2 {
  int64_t h, w;
  Size2(int64_t both) : h(both), w(both) {}
  Size2(int64_t height, int64_t width) : h(height), w(width) {}
};

}  // namespace minitorch
