// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/dropout/dropout_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// y[i] = x[i] scaled or 0. A thread owns four items, one Philox block: ten rounds give its four words. Loads
// and stores are vectors of four when the pointers allow. 8 bytes an item moved, about 25 instructions:
// memory-bound.
__global__ void dropout_items(const float* x, float* y, int64_t n, DropoutRule rule, bool vectors) {
  for (int64_t block = first_item(); block * 4 < n; block += item_step()) {
    const Philox4 words = philox_block(rule.key_now(), static_cast<uint64_t>(block));
    const int64_t at = block * 4;
    if (vectors && at + 4 <= n) {
      const float4 v = *reinterpret_cast<const float4*>(x + at);
      const auto part = [&](float value, int k) {
        return (words.word[k] >> 8) < rule.threshold ? 0.0f : value * rule.scale;
      };
      *reinterpret_cast<float4*>(y + at) =
          make_float4(part(v.x, 0), part(v.y, 1), part(v.z, 2), part(v.w, 3));
    } else {
      for (int k = 0; k < 4 && at + k < n; ++k)
        y[at + k] = (words.word[k] >> 8) < rule.threshold ? 0.0f : x[at + k] * rule.scale;
    }
  }
}

// y[c, i] = x[c, i] scaled or 0, alike for all i. A warp owns a row and draws its word once; its lanes take
// neighbours. 8 bytes and one operation an item: memory-bound.
__global__ void dropout_whole_rows(const float* x, float* y, int64_t rows, int64_t n, DropoutRule rule) {
  const int lane = threadIdx.x % 32;
  for (int64_t c = first_item() / 32; c < rows; c += item_step() / 32) {
    const float factor = rule.factor(philox_word(rule.key_now(), static_cast<uint64_t>(c)));
    for (int64_t i = c * n + lane; i < (c + 1) * n; i += 32) y[i] = factor == 0 ? 0.0f : x[i] * factor;
  }
}

}  // namespace

void dropout(View<const float, 1> x, View<float, 1> y, DropoutRule rule) {
  const int64_t n = y.size[0];
  if (n == 0) return;
  const bool vectors =
      (reinterpret_cast<uintptr_t>(x.data) | reinterpret_cast<uintptr_t>(y.data)) % sizeof(float4) == 0;
  check(launch(dropout_items, blocks_for((n + 3) / 4), kElementwiseBlock, 0, current_stream(), x.data, y.data,
               n, rule, vectors),
        "dropout");
}

void dropout_rows(View<const float, 2> x, View<float, 2> y, DropoutRule rule) {
  if (y.numel() == 0) return;
  check(launch(dropout_whole_rows, blocks_for(y.size[0] * 32), kElementwiseBlock, 0, current_stream(), x.data,
               y.data, y.size[0], y.size[1], rule),
        "dropout2d");
}

}  // namespace minitorch::MT_DEVICE
