// SPDX-License-Identifier: MIT
// C = A B where both operands lie along k: each number of C is the dot product of two runs of memory. Nothing
// has to be packed, and no lane is without work. A dot product ends with adding up the lanes of a vector, so
// it pays where k is long and C is small: a few rows, or the few columns that would leave a tile of gemm.h
// nearly empty.
#pragma once
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::gemm {

/// c[i * c_row + j * c_col] = finish(sum over k of a(i, k) * b(k, j)), over all threads. a.col and b.row
/// are 1.
void multiply_by_dots(int64_t rows, int64_t cols, int64_t depth, Matrix a, Matrix b, float* c, int64_t c_row,
                      int64_t c_col, const Finish& finish);

}  // namespace minitorch::gemm
