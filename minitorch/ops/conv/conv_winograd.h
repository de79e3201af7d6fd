// SPDX-License-Identifier: MIT
// What the two halves of Winograd's convolution share. The idea is told in conv_winograd_cpu.cpp.
// For *_cpu.cpp files.
#pragma once
#include "minitorch/core/simd.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu::winograd {

inline constexpr int kPositions = 16;

/// Four pixels in a line to the four sums that meet the four sums of a filter.
MT_INLINE void pixel_sums(simd::Vec d0, simd::Vec d1, simd::Vec d2, simd::Vec d3, simd::Vec (&v)[4]) {
  v[0] = d0 - d2;
  v[1] = d1 + d2;
  v[2] = d2 - d1;
  v[3] = d1 - d3;
}

void backward_weights(const Conv& c, const float* x, const float* dy, float* dw);

}  // namespace minitorch::cpu::winograd
