// SPDX-License-Identifier: MIT
// The strategies of the GPU's convolution, beside the direct one in conv_cuda.cu. For .cu files only.
#pragma once
#include "minitorch/ops/conv/conv_kernels.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

/// By tiles of a product of matrices, in true float32; tensors of less than 2^31 elements.
void conv_gemm_forward(const Conv2dShape& s, const float* x, const float* w, const float* bias, float* y);
void conv_gemm_backward_data(const Conv2dShape& s, const float* dy, const float* w, float* dx);
void conv_gemm_backward_weights(const Conv2dShape& s, const float* x, const float* dy, float* dw);

}  // namespace minitorch::MT_DEVICE
