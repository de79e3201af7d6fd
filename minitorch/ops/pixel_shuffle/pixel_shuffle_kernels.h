// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

MT_EVERY_DEVICE(
    /// large[p, h r + i, w r + j] = small[p r^2 + i r + j, h, w]; small (planes r^2, H, W) and large (planes,
    /// H r, W r), contiguous.
    void pixel_shuffle(View<const float, 3> small, View<float, 3> large, int64_t r);
    /// The other way round.
    void pixel_unshuffle(View<const float, 3> large, View<float, 3> small, int64_t r);)

}  // namespace minitorch
