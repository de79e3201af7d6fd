// SPDX-License-Identifier: MIT
// Convolution with a filter for each channel, on a GPU. For .cu files only; see conv_depthwise_cuda.cu.
#pragma once
#include "minitorch/core/macros.h"
#include "minitorch/ops/conv/conv_kernels.h"

namespace minitorch::MT_DEVICE {

/// Whether these kernels take it: groups of one input channel, 3 x 3 or 5 x 5, stride 1 or 2, no dilation.
bool suits_depthwise(const Conv2dShape& shape);

// As conv2d_forward, conv2d_backward_data and conv2d_backward_weights of conv_kernels.h.
void depthwise_forward(const Conv2dShape& shape, const float* x, const float* w, const float* bias, float* y);
void depthwise_backward_data(const Conv2dShape& shape, const float* dy, const float* w, float* dx);
void depthwise_backward_weights(const Conv2dShape& shape, const float* x, const float* dy, float* dw);

}  // namespace minitorch::MT_DEVICE
