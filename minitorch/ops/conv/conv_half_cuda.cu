// SPDX-License-Identifier: MIT
// Convolutions of float16 on tensor cores.
#include "minitorch/ops/conv/conv_mma_cuda.h"

namespace minitorch::MT_DEVICE::conv {

template void mma_forward(const Conv2dShape& s, const Half* x, const Half* w, const float* bias, Half* y);
template void mma_backward_data(const Conv2dShape& s, const Half* dy, const Half* w, Half* dx);
template void mma_backward_weights(const Conv2dShape& s, const Half* x, const Half* dy, Half* dw);

}  // namespace minitorch::MT_DEVICE::conv
