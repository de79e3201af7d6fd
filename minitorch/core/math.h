// SPDX-License-Identifier: MIT
// The scalar functions that elementwise functors call, on the host, in a CUDA thread and in the simulator.
// `simd.h` has the same names for a vector of floats; a functor calls them unqualified and gets the right
// one.
#pragma once
#include <math.h>
#include <stdint.h>

#include "minitorch/core/macros.h"

namespace minitorch::math {

MT_HD float exp(float x) { return expf(x); }
MT_HD float expm1(float x) { return expm1f(x); }
MT_HD float log(float x) { return logf(x); }
MT_HD float log1p(float x) { return log1pf(x); }
MT_HD float sqrt(float x) { return sqrtf(x); }
MT_HD float sin(float x) { return sinf(x); }
MT_HD float cos(float x) { return cosf(x); }
MT_HD float tanh(float x) { return tanhf(x); }
MT_HD float erf(float x) { return erff(x); }
MT_HD float floor(float x) { return floorf(x); }
MT_HD float round(float x) { return rintf(x); }  // ties to even, as PyTorch
MT_HD float abs(float x) { return fabsf(x); }
MT_HD float pow(float x, float y) { return powf(x, y); }
MT_HD float max(float a, float b) { return a > b || a != a ? a : b; }  // NaN wins, as in PyTorch
MT_HD float min(float a, float b) { return a < b || a != a ? a : b; }
/// Whole powers, modulo 2^64; x^-n is 1 / x^n without its fraction, 0 at x = 0.
MT_HD int64_t pow(int64_t x, int64_t n) {
  if (n < 0) return x == 1 ? 1 : x == -1 ? 1 - 2 * (n & 1) : 0;
  uint64_t y = 1, square = static_cast<uint64_t>(x);
  for (; n > 0; n >>= 1, square *= square)
    if (n & 1) y *= square;
  return static_cast<int64_t>(y);
}
MT_HD int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
MT_HD int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
/// condition ? a : b, also for vectors, where every lane chooses for itself.
MT_HD float select(bool condition, float a, float b) { return condition ? a : b; }

}  // namespace minitorch::math
