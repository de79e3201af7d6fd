// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/pixel_shuffle/pixel_shuffle_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// large[p, h r + i, w r + j] = small[p r^2 + i r + j, h, w], or back. A thread owns an element of the large
// picture; a warp reads r runs of neighbours and writes one. 8 bytes an element, each moved once,
// for the four divisions of its place: memory-bound.
template <bool kBack, class Large, class Small>
__global__ void shuffle(Large large, Small small, int64_t r) {
  const int64_t height = large.size[1], width = large.size[2], total = large.size[0] * height * width;
  for (int64_t k = first_item(); k < total; k += item_step()) {
    const int64_t x = k % width, y = k / width % height, p = k / width / height;
    auto& other = small((p * r + y % r) * r + x % r, y / r, x / r);
    if constexpr (kBack) other = large.data[k];
    else large.data[k] = other;
  }
}

}  // namespace

void pixel_shuffle(View<const float, 3> small, View<float, 3> large, int64_t r) {
  if (large.numel() == 0) return;
  check(launch(shuffle<false, View<float, 3>, View<const float, 3>>, blocks_for(large.numel()),
               kElementwiseBlock, 0, current_stream(), large, small, r),
        "pixel_shuffle");
}
void pixel_unshuffle(View<const float, 3> large, View<float, 3> small, int64_t r) {
  if (large.numel() == 0) return;
  check(launch(shuffle<true, View<const float, 3>, View<float, 3>>, blocks_for(large.numel()),
               kElementwiseBlock, 0, current_stream(), large, small, r),
        "pixel_unshuffle");
}

}  // namespace minitorch::MT_DEVICE
