// SPDX-License-Identifier: MIT
// Channels turned into pixels and back.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// y[n, c, h r + i, w r + j] = x[n, c r^2 + i r + j, h, w]: x (N, C r^2, H, W), y (N, C, H r, W r).
/// Gradient: pixel_unshuffle(dy). @throws ShapeError unless x has four axes and r^2 divides the channels,
/// ValueError for r < 1
Tensor pixel_shuffle(const Tensor& x, int64_t r);
/// The inverse: x (N, C, H r, W r), y (N, C r^2, H, W). Gradient: pixel_shuffle(dy).
/// @throws ShapeError unless x has four axes and r divides height and width, ValueError for r < 1
Tensor pixel_unshuffle(const Tensor& x, int64_t r);

}  // namespace minitorch
