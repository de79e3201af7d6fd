// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

// x and y are contiguous, of one element type: x (outer, n, inner), y (outer, m, inner). The index (outer, m,
// inner) may have any strides: 0 along inner when whole slices are chosen.
MT_EVERY_DEVICE(
    /// y[o, j, k] = x[o, index[o, j, k], k]
    void gather(AnyView x, View<const int64_t, 3> index, AnyView y);
    /// x[o, index[o, j, k], k] = y[o, j, k] for j = 0, 1, ...
    void scatter(AnyView x, View<const int64_t, 3> index, AnyView y);
    /// x[o, index[o, j, k], k] += y[o, j, k] for j = 0, 1, ...; float32 or int64.
    void scatter_add(AnyView x, View<const int64_t, 3> index, AnyView y);)

}  // namespace minitorch
