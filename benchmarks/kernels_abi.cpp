// SPDX-License-Identifier: MIT
// The kernels behind a C interface, for kernels.py: it calls them with ctypes on the buffers of PyTorch's
// tensors.
#include "minitorch/core/parallel.h"
#include "minitorch/ops/matmul/matmul_kernels.h"

using namespace minitorch;

extern "C" {

void mt_set_threads(int threads) { set_num_threads(threads); }

// c (batch, m, n) = a b; a_row, a_col, b_row, b_col are strides; the batches of a and b follow each other.
void mt_matmul(int64_t batch, int64_t m, int64_t k, int64_t n, const float* a, int64_t a_row, int64_t a_col,
               const float* b, int64_t b_row, int64_t b_col, float* c) {
  cpu::matmul({a, {batch, m, k}, {m * k, a_row, a_col}}, {b, {batch, k, n}, {k * n, b_row, b_col}},
              {c, {batch, m, n}, {m * n, n, 1}}, false);
}

void mt_linear(int64_t rows, int64_t in, int64_t out, const float* x, const float* w, const float* bias,
               int relu, float* y) {
  cpu::linear({x, {rows, in}, {in, 1}}, {w, {out, in}, {in, 1}}, bias, relu != 0, {y, {rows, out}, {out, 1}});
}

}  // extern "C"
