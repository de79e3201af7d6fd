// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// One axis: a kernel of `size` taps slides over `in` elements to `out` places.
struct SlidingAxis {
  int64_t in, out, size, dilation, padding, stride;

  /// The element under tap k at place o; outside [0, in) it is padding.
  MT_HD int64_t element(int64_t o, int64_t k) const { return o * stride + k * dilation - padding; }
  /// Places at which tap k lies over the picture: first_place(k) to past_place(k) - 1.
  MT_HD int64_t first_place(int64_t k) const {
    const int64_t missing = padding - k * dilation;
    return missing <= 0 ? 0 : (missing + stride - 1) / stride < out ? (missing + stride - 1) / stride : out;
  }
  MT_HD int64_t past_place(int64_t k) const {
    const int64_t last = in - 1 + padding - k * dilation;
    return last < 0 ? 0 : last / stride + 1 < out ? last / stride + 1 : out;
  }
};

// pictures (planes, H, W); columns (planes kh kw, oh ow), row p kh kw + i kw + j for tap (i, j); contiguous.
MT_EVERY_DEVICE(void unfold(View<const float, 3> pictures, View<float, 2> columns, SlidingAxis rows,
                            SlidingAxis cols);
                /// Each pixel is the sum of the column elements that lie over it.
                void fold(View<const float, 2> columns, View<float, 3> pictures, SlidingAxis rows,
                          SlidingAxis cols);)

}  // namespace minitorch
