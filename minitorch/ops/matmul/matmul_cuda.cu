// SPDX-License-Identifier: MIT
// Products of float32 matrices by tiles; the tile's kernel is in gemm_float_cuda.h.
#include "minitorch/ops/matmul/gemm_launch_cuda.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/ops/matmul/matrices_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

// c[n] = a[n] b[n] for matrices of 2^31 elements and more. A thread owns one element of c and reads a row of
// a and a column of b: 2 inner operations for 8 inner bytes, so memory is the limit by far.
__global__ void matmul_naive(View<const float, 3> a, View<const float, 3> b, View<float, 3> c,
                             gemm::Finish finish) {
  for (int64_t i = first_item(); i < c.numel(); i += item_step()) {
    const int64_t col = i % c.size[2], row = i / c.size[2] % c.size[1], n = i / (c.size[1] * c.size[2]);
    float sum = 0.f;
    for (int64_t k = 0; k < a.size[2]; ++k) sum += a(n, row, k) * b(n, k, col);
    c(n, row, col) = finish(sum, static_cast<int>(row), static_cast<int>(col), &c(n, row, col));
  }
}

void product(const View<const float, 3>& a, const View<const float, 3>& b, const View<float, 3>& c,
             const gemm::Finish& finish, const char* op) {
  if (c.numel() == 0) return;
  if (!gemm::fits_31_bits(a) || !gemm::fits_31_bits(b) || !gemm::fits_31_bits(c))
    return check(
        launch(matmul_naive, blocks_for(c.numel()), kElementwiseBlock, 0, current_stream(), a, b, c, finish),
        op);
  const auto m = gemm::matrices(a, b, c, false);
  const int rows = static_cast<int>(c.size[1]), cols = static_cast<int>(c.size[2]),
            deep = static_cast<int>(a.size[2]), batch = static_cast<int>(c.size[0]);
  const bool a_deep = gemm::lies_along(a, 2), b_deep = gemm::lies_along(b, 1);
  if (a_deep && b_deep) gemm::multiply<true, true>(m, rows, cols, deep, batch, finish, op);
  else if (a_deep) gemm::multiply<true, false>(m, rows, cols, deep, batch, finish, op);
  else if (b_deep) gemm::multiply<false, true>(m, rows, cols, deep, batch, finish, op);
  else gemm::multiply<false, false>(m, rows, cols, deep, batch, finish, op);
}

}  // namespace

void matmul(View<const float, 3> a, View<const float, 3> b, View<float, 3> c, bool accumulate) {
  product(a, b, c, {.accumulate = accumulate}, "matmul");
}

void linear(View<const float, 2> x, View<const float, 2> w, const float* bias, bool relu, View<float, 2> y) {
  product({x.data, {1, x.size[0], x.size[1]}, {0, x.stride[0], x.stride[1]}},
          {w.data, {1, w.size[1], w.size[0]}, {0, w.stride[1], w.stride[0]}},
          {y.data, {1, y.size[0], y.size[1]}, {0, y.stride[0], y.stride[1]}},
          {.col_bias = bias, .relu = relu}, "linear");
}

}  // namespace minitorch::MT_DEVICE
