// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

/// A gradient to be unscaled: n numbers.
struct GradientBlock {
  float* g;
  int64_t n;
};

/// What a GradScaler keeps on the device.
struct ScalerState {
  float scale;
  float good_steps;  // since the scale changed last
  float overflow;    // 1 when a gradient of this step is infinite or not a number
};

struct ScalerRule {
  float growth, backoff, interval;

  /// The state after a step.
  MT_HD ScalerState next(ScalerState s) const {
    if (s.overflow != 0) return {s.scale * backoff, 0, 0};
    if (s.good_steps + 1 < interval) return {s.scale, s.good_steps + 1, 0};
    const float grown = s.scale * growth;
    return {grown < 3e38f ? grown : s.scale, 0, 0};
  }
};

// clang-format off
MT_EVERY_DEVICE(
  /// g /= state->scale for all blocks; state->overflow = 1 if a number is infinite or none.
  void unscale_gradients(const GradientBlock* blocks, int count, ScalerState* state);
  void update_scale(ScalerState* state, ScalerRule rule);
)
// clang-format on

}  // namespace minitorch
