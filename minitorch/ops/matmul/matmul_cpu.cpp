// SPDX-License-Identifier: MIT
// matmul and linear on the CPU: choose between one row or column (matvec.h) and blocks (gemm.h), and decide
// what the threads share: whole products of a batch, or one product.
#include "minitorch/ops/matmul/gemm.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/ops/matmul/matvec.h"

namespace minitorch::cpu {
namespace {

using gemm::Finish, gemm::Matrix;

// One product. Where the columns of C are contiguous and its rows are not, or C is one column, the transposed
// product C^T = B^T A^T is computed instead.
void product(int64_t rows, int64_t cols, int64_t depth, Matrix a, Matrix b, float* c, int64_t row,
             int64_t col, const Finish& finish) {
  if ((cols == 1 && rows > 1) || (col != 1 && row == 1 && rows > 1)) {
    Finish exchanged = finish;
    std::swap(exchanged.row_bias, exchanged.col_bias);
    return product(cols, rows, depth, {b.data, b.col, b.row}, {a.data, a.col, a.row}, c, col, row, exchanged);
  }
  if (rows == 1 && gemm::multiply_vector(cols, depth, a.data, a.col, b, c, col, finish)) return;
  if (col == 1)
    gemm::multiply(rows, cols, depth, gemm::PackA{a}, gemm::PackB{b}, gemm::StoreRows{c, row}, finish);
  else
    gemm::multiply(rows, cols, depth, gemm::PackA{a}, gemm::PackB{b}, gemm::StoreAnywhere{c, row, col},
                   finish);
}

}  // namespace

void matmul(View<const float, 3> a, View<const float, 3> b, View<float, 3> c, bool accumulate) {
  const int64_t batch = c.size[0], rows = c.size[1], cols = c.size[2], depth = a.size[2];
  if (rows == 0 || cols == 0) return;
  const auto one = [&](int64_t n) {
    product(rows, cols, depth, {a.data + n * a.stride[0], a.stride[1], a.stride[2]},
            {b.data + n * b.stride[0], b.stride[1], b.stride[2]}, c.data + n * c.stride[0], c.stride[1],
            c.stride[2], {.accumulate = accumulate});
  };
  if (batch < 4 * num_threads()) {
    for (int64_t n = 0; n < batch; ++n) one(n);
  } else {
    parallel_for(batch, 1 + 50'000 / (rows * cols * depth + 1), [&](int64_t first, int64_t last) {
      for (int64_t n = first; n < last; ++n) one(n);
    });
  }
}

void linear(View<const float, 2> x, View<const float, 2> w, const float* bias, bool relu, View<float, 2> y) {
  product(y.size[0], y.size[1], x.size[1], {x.data, x.stride[0], x.stride[1]},
          {w.data, w.stride[1], w.stride[0]}, y.data, y.stride[0], y.stride[1],
          {.relu = relu, .col_bias = bias});
}

}  // namespace minitorch::cpu
