// SPDX-License-Identifier: MIT
// Products of float16 matrices on tensor cores.
#include "minitorch/ops/matmul/matmul_mma_cuda.h"

namespace minitorch::MT_DEVICE::gemm {

template void multiply_matrices(const View<const Half, 3>& a, const View<const Half, 3>& b,
                                const View<Half, 3>& c, const Finish& finish);

}  // namespace minitorch::MT_DEVICE::gemm
