// SPDX-License-Identifier: MIT
// Products of bfloat16 matrices on tensor cores.
#include "minitorch/ops/matmul/matmul_mma_cuda.h"

namespace minitorch::MT_DEVICE::gemm {

template void multiply_matrices(const View<const BFloat16, 3>& a, const View<const BFloat16, 3>& b,
                                const View<BFloat16, 3>& c, const Finish& finish);

}  // namespace minitorch::MT_DEVICE::gemm
