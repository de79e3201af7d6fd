// SPDX-License-Identifier: MIT
#include <atomic>
#include <cmath>

#include "minitorch/core/parallel.h"
#include "minitorch/optim/scaler_kernels.h"

namespace minitorch::cpu {

void unscale_gradients(const GradientBlock* blocks, int count, ScalerState* state) {
  const float inverse = 1 / state->scale;
  std::atomic<bool> overflow{false};
  for (int k = 0; k < count; ++k)
    parallel_for(blocks[k].n, 8192, [&](int64_t begin, int64_t end) {
      float zero = 0;  // stays so while all numbers are finite
      for (int64_t i = begin; i < end; ++i) {
        zero += blocks[k].g[i] * 0.0f;
        blocks[k].g[i] *= inverse;
      }
      if (!(zero == 0)) overflow = true;
    });
  if (overflow) state->overflow = 1;
}

void update_scale(ScalerState* state, ScalerRule rule) { *state = rule.next(*state); }

}  // namespace minitorch::cpu
