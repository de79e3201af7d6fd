// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

MT_EVERY_DEVICE(
    /// The first k of the n elements of each row in ascending or descending order, and where they stood. x
    /// (rows, n), values and indices (rows, k), all contiguous; x and values float32 or int64; n below 2^32 -
    /// 1, k at least 1.
    void sort_rows(AnyView x, bool descending, AnyView values, View<int64_t, 2> indices);)

}  // namespace minitorch
