// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

MT_EVERY_DEVICE(
  /// y[i, j] = x[rows[i], j]. x (n, c), rows (m), y (m, c), contiguous, of one element type.
  void take_rows(AnyView x, View<const int64_t, 1> rows, AnyView y);
  /// x[rows[i], j] = y[i, j], or += when accumulate (float32 and int64 alone); repeats are added in order.
  void put_rows(AnyView x, View<const int64_t, 1> rows, AnyView y, bool accumulate);
)

}  // namespace minitorch
