// SPDX-License-Identifier: MIT
// A vector times a matrix. Each number of the matrix is used once, so there is nothing to keep in registers
// or to pack: the time is that of reading the matrix, and the kernel's task is to read it in the order it
// lies.
#pragma once
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::gemm {

/// c[j * c_step] = finish(sum over k of a[k * a_step] * b(k, j)) for j < cols, over all threads.
/// False, with nothing done, where neither the rows nor the columns of b are contiguous.
bool multiply_vector(int64_t cols, int64_t depth, const float* a, int64_t a_step, Matrix b, float* c,
                     int64_t c_step, const Finish& finish);

}  // namespace minitorch::gemm
