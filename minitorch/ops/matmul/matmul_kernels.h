// SPDX-License-Identifier: MIT
// The kernels of matmul and linear, the same for every device.
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// What is done to a sum before it is stored: relu(sum + bias[column] (+ c)).
struct MatmulFinish {
  const float* bias = nullptr;
  bool accumulate = false, relu = false;
};

// clang-format off
MT_EVERY_DEVICE(
  /// c[n] = a[n] b[n], or c[n] += a[n] b[n]; a (N, rows, inner), b (N, inner, cols), c (N, rows, cols).
  /// Any strides: 0 along the batch repeats one matrix, exchanged strides transpose one. With inner = 0 the
  /// product is zero. The elements of c must not overlap each other, nor a or b.
  void matmul(View<const float, 3> a, View<const float, 3> b, View<float, 3> c, bool accumulate);

  /// y = x w^T + bias, then max(y, 0) where relu is set; x (rows, in), w (out, in), bias (out) or null,
  /// y (rows, out). Any strides.
  void linear(View<const float, 2> x, View<const float, 2> w, const float* bias, bool relu, View<float, 2> y);

  /// c[n] = finish(a[n] b[n]) for float16 or bfloat16, all three of one type, or for float32 rounded to TF32: on tensor
  /// cores, with sums in float32. Shapes as in matmul. Where there are none, operands are widened to float32.
  void matmul_mixed(AnyView a, AnyView b, AnyView c, MatmulFinish finish);
)
// clang-format on

}  // namespace minitorch
