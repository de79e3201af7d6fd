// SPDX-License-Identifier: MIT
// The kernels of two-dimensional convolution, the same for every device.
#pragma once
#include <cstdint>

#include "minitorch/core/dtype.h"
#include "minitorch/core/macros.h"

namespace minitorch {

/// Everything that defines a convolution of x (n, ci, h, w) with weights (co, ci / groups, kh, kw):
///
///     y[n, o, p, q] = bias[o] + sum over i, a, b of
///                     w[o, i, a, b] * x[n, g * ci / groups + i, p * stride_h - top + a * dilation_h, ...]
///
/// where x is zero outside its borders and g = o / (co / groups) is the group of o. The padding may differ
/// from side to side, as TensorFlow's "same" padding does. `groups` divides ci and co.
struct Conv2dShape {
  int64_t n, ci, h, w;
  int64_t co, kh, kw;
  int64_t stride_h = 1, stride_w = 1;
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;

  MT_HD static int64_t outputs(int64_t size, int64_t kernel, int64_t stride, int64_t dilation) {
    const int64_t reach = dilation * (kernel - 1) + 1;
    return size < reach ? 0 : (size - reach) / stride + 1;
  }
  MT_HD int64_t out_h() const { return outputs(h + top + bottom, kh, stride_h, dilation_h); }
  MT_HD int64_t out_w() const { return outputs(w + left + right, kw, stride_w, dilation_w); }
};

// clang-format off
// All tensors are contiguous: x and dx (n, ci, h, w), w and dw (co, ci / groups, kh, kw), bias (co) or null,
// y and dy (n, co, out_h, out_w). Results are overwritten.
MT_EVERY_DEVICE(
  /// y = x * w + bias.
  void conv2d_forward(const Conv2dShape& shape, const float* x, const float* w, const float* bias, float* y);
  /// dx[n, i, r, s] = sum of w[o, i, a, b] * dy[n, o, p, q] over all that read x[n, i, r, s].
  void conv2d_backward_data(const Conv2dShape& shape, const float* dy, const float* w, float* dx);
  /// dw[o, i, a, b] = sum over n, p, q of dy[n, o, p, q] * the x that w[o, i, a, b] met there.
  void conv2d_backward_weights(const Conv2dShape& shape, const float* x, const float* dy, float* dw);

  /// The same for tensors that are all float16 or all bfloat16, or float32 to be rounded to TF32: on tensor cores, with
  /// sums in float32. Where there are none, and for depthwise filters, they are widened to float32.
  void conv2d_mixed_forward(const Conv2dShape& shape, Dtype dtype, const void* x, const void* w, const float* bias,
                            void* y);
  void conv2d_mixed_backward_data(const Conv2dShape& shape, Dtype dtype, const void* dy, const void* w, void* dx);
  void conv2d_mixed_backward_weights(const Conv2dShape& shape, Dtype dtype, const void* x, const void* dy, void* dw);
)
// clang-format on

}  // namespace minitorch
