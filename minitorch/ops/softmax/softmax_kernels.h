// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

MT_EVERY_DEVICE(
    /// y = softmax(x) along the middle axis, or its logarithm. Both (outer, n, inner), contiguous.
    void softmax(bool logarithm, View<const float, 3> x, View<float, 3> y);
    /// dx from the forward result y and dy, all (outer, n, inner), contiguous.
    void softmax_backward(bool logarithm, View<const float, 3> y, View<const float, 3> dy,
                          View<float, 3> dx);)

}  // namespace minitorch
