// SPDX-License-Identifier: MIT
// Convolution (cross-correlation, as in every deep-learning library) and its transpose.
#pragma once
#include "minitorch/ops/size2.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Zeros around a picture; sides may differ, as TensorFlow's "same" padding needs.
struct Padding {
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  Padding(int64_t all = 0) : top(all), left(all), bottom(all), right(all) {}
  Padding(int64_t h, int64_t w) : top(h), left(w), bottom(h), right(w) {}
  Padding(int64_t t, int64_t l, int64_t b, int64_t r) : top(t), left(l), bottom(b), right(r) {}
};

struct ConvOptions {
  Size2 stride = 1;
  Padding padding = 0;
  Size2 dilation = 1;
  int64_t groups = 1;
};

/// y[n, o] = bias[o] + sum over i of w[o, i] correlated with x[n, i]: x (N, C, H, W), w (O, C / groups, kh,
/// kw), bias (O) or undefined, y (N, O, floor((H + pad - dilation (kh - 1) - 1) / stride) + 1, ...).
/// Gradients for x, w and bias. @throws ShapeError, ValueError
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, ConvOptions options = {});

struct Conv1dOptions {
  int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
};
/// The same along one axis: x (N, C, L), w (O, C / groups, k).
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, Conv1dOptions options = {});

struct ConvTransposeOptions {
  Size2 stride = 1;
  Size2 padding = 0;
  Size2 output_padding = 0;  ///< extra rows and columns at the bottom and right
  Size2 dilation = 1;
  int64_t groups = 1;
};
/// The gradient of conv2d with respect to its input, used as a layer: x (N, C, H, W), w (C, O / groups, kh,
/// kw), y (N, O, (H - 1) stride - 2 pad + dilation (kh - 1) + output_padding + 1, ...). Gradients for x, w
/// and bias. @throws ShapeError, ValueError
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        ConvTransposeOptions options = {});

/// The padding that makes a picture of size n give ceil(n / stride) outputs, the odd zero at the end:
/// TensorFlow's "same".
Padding same_padding(Size2 input, Size2 kernel, Size2 stride, Size2 dilation = 1);

}  // namespace minitorch
