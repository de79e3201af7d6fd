// SPDX-License-Identifier: MIT
// Elements as unsigned whole numbers in the same order, which is all that sorting needs to know of a type.
#pragma once
#include "minitorch/core/half.h"
#include "minitorch/core/macros.h"

namespace minitorch {

/// Negative floats have their order reversed by inverting their bits; -0 equals 0, and NaN is above all.
MT_HD uint32_t sort_key(float x) {
  if (x != x) return 0xffffffffu;
  const uint32_t u = detail::float_bits(x == 0 ? 0.f : x);
  return u & 0x80000000u ? ~u : u | 0x80000000u;
}
MT_HD uint64_t sort_key(int64_t x) { return static_cast<uint64_t>(x) ^ (uint64_t{1} << 63); }

}  // namespace minitorch
