// SPDX-License-Identifier: MIT
// Division by a number that stays the same for a whole kernel: a multiplication and a shift instead of the
// twenty instructions of a GPU's division. Granlund and Montgomery, "Division by invariant integers using
// multiplication" (1994). Light enough for kernel files.
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

/// n / divisor and n % divisor for 0 <= n < 2^31.
struct FastDivide {
  uint32_t divisor = 1, multiplier = 1, shift = 0;

  FastDivide() = default;
  explicit FastDivide(int64_t d) : divisor(static_cast<uint32_t>(d)) {
    while ((uint64_t{1} << shift) < divisor) ++shift;
    multiplier =
        static_cast<uint32_t>((uint64_t{1} << 32) * ((uint64_t{1} << shift) - divisor) / divisor + 1);
  }

  MT_HD int quotient(int n) const {
    const auto u = static_cast<uint32_t>(n);
    return static_cast<int>(((static_cast<uint64_t>(multiplier) * u >> 32) + u) >> shift);
  }
  /// The quotient; what is left of n is put into `rest`.
  MT_HD int divide(int n, int& rest) const {
    const int q = quotient(n);
    rest = n - q * static_cast<int>(divisor);
    return q;
  }
};

}  // namespace minitorch
