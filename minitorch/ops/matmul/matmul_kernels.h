// SPDX-License-Identifier: MIT
// The kernels of matmul and linear, the same for every device.
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

// clang-format off
MT_EVERY_DEVICE(
  /// c[n] = a[n] b[n], or c[n] += a[n] b[n]; a (N, rows, inner), b (N, inner, cols), c (N, rows, cols).
  /// Any strides: 0 along the batch repeats one matrix, exchanged strides transpose one. With inner = 0 the
  /// product is zero. The elements of c must not overlap each other, nor a or b.
  void matmul(View<const float, 3> a, View<const float, 3> b, View<float, 3> c, bool accumulate);

  /// y = x w^T + bias, then max(y, 0) where relu is set; x (rows, in), w (out, in), bias (out) or null,
  /// y (rows, out). Any strides.
  void linear(View<const float, 2> x, View<const float, 2> w, const float* bias, bool relu, View<float, 2> y);
)
// clang-format on

}  // namespace minitorch
