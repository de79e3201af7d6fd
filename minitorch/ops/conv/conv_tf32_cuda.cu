// SPDX-License-Identifier: MIT
// Convolutions of float32, rounded to TF32, on tensor cores.
#include "minitorch/ops/conv/conv_mma_cuda.h"

namespace minitorch::MT_DEVICE::conv {

template void mma_forward(const Conv2dShape& s, const float* x, const float* w, const float* bias, float* y);
template void mma_backward_data(const Conv2dShape& s, const float* dy, const float* w, float* dx);
template void mma_backward_weights(const Conv2dShape& s, const float* x, const float* dy, float* dw);

}  // namespace minitorch::MT_DEVICE::conv
