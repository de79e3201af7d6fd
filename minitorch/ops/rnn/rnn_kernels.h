// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

// clang-format off
MT_EVERY_DEVICE(
  /// One step's gates: `gates` (n, 4h) holds the sums for i, f, g, o and becomes their activations;
  /// c = f c_before + i g and y = o tanh(c), all (n, h).
  void lstm_step(int64_t n, int64_t h, float* gates, const float* c_before, float* c, float* y);
  /// Its gradient: dy is all that reaches y, dc what reaches c from later steps and then what reaches c_before;
  /// dgates (n, 4h) is the gradient of the sums.
  void lstm_step_backward(int64_t n, int64_t h, const float* gates, const float* c_before, const float* c, const float* dy, float* dc, float* dgates);
)
// clang-format on

}  // namespace minitorch
