// SPDX-License-Identifier: MIT
// The windows of a sliding kernel laid out as columns (im2col), and back.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// How a window slides; each entry is {vertical, horizontal}.
struct UnfoldOptions {
  Shape kernel;
  Shape dilation = {1, 1};
  Shape padding = {0, 0};
  Shape stride = {1, 1};
};

/// Column l = (oy, ox) of the result holds the window at that place:
/// y[n, (c kh + i) kw + j, oy ow + ox] = x[n, c, oy stride + i dilation - padding, ox ...], 0 in the padding.
/// x (N, C, H, W), y (N, C kh kw, oh ow) with oh = floor((H + 2 padding - dilation (kh - 1) - 1) / stride)
/// + 1. So a convolution is weight.reshape(out, C kh kw) times y. Gradient: fold(dy).
/// @throws ShapeError for other than four axes or a window larger than the padded picture, ValueError for
/// options out of range
Tensor unfold(const Tensor& x, const UnfoldOptions& options);

/// Windows added up where they lie in a picture of size {H, W}: x (N, C kh kw, oh ow), y (N, C, H, W).
/// Gradient: unfold(dy). @throws ShapeError unless x is what unfold of such a picture gives, ValueError for
/// options out of range
Tensor fold(const Tensor& x, const Shape& size, const UnfoldOptions& options);

}  // namespace minitorch
