// SPDX-License-Identifier: MIT
// Products of float32 matrices, rounded to TF32, on tensor cores.
#include "minitorch/ops/matmul/matmul_mma_cuda.h"

namespace minitorch::MT_DEVICE::gemm {

template void multiply_matrices(const View<const float, 3>& a, const View<const float, 3>& b,
                                const View<float, 3>& c, const Finish& finish);

}  // namespace minitorch::MT_DEVICE::gemm
