// SPDX-License-Identifier: MIT
// Convolutions of bfloat16 on tensor cores.
#include "minitorch/ops/conv/conv_mma_cuda.h"

namespace minitorch::MT_DEVICE::conv {

template void mma_forward(const Conv2dShape& s, const BFloat16* x, const BFloat16* w, const float* bias,
                          BFloat16* y);
template void mma_backward_data(const Conv2dShape& s, const BFloat16* dy, const BFloat16* w, BFloat16* dx);
template void mma_backward_weights(const Conv2dShape& s, const BFloat16* x, const BFloat16* dy, BFloat16* dw);

}  // namespace minitorch::MT_DEVICE::conv
