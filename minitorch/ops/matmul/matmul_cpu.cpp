// SPDX-License-Identifier: MIT
// matmul and linear on the CPU: choose between one row or column (matvec.h), dot products (dots.h) and blocks
// (gemm.h), and decide what the threads share: whole products of a batch, or one product.
#include "minitorch/ops/matmul/dots.h"
#include "minitorch/ops/matmul/gemm.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/ops/matmul/matvec.h"

namespace minitorch::cpu {
namespace {

using gemm::Finish, gemm::Matrix;

// The last columns of C where they are too few for a vector, and a tile would be nearly empty: 0 where they
// had better stay with the others.
int64_t columns_apart(int64_t rows, int64_t cols, int64_t depth, Matrix a) {
  constexpr int64_t kLanes = simd::kLanes, kEnd = 8;  // a dot product ends with the work of so many steps
  const int64_t last = cols % kLanes;
  if (rows <= 4 || cols <= kLanes || last == 0) return 0;
  const bool pays = a.row == 1 ? 4 * last <= kLanes : 3 * last * (depth / kLanes + kEnd) < 2 * depth;
  return pays && (a.row == 1 || a.col == 1) ? last : 0;
}

// Those columns: rows of the transposed product where A is in memory by columns, dot products where by rows.
void multiply_columns(int64_t rows, int64_t cols, int64_t depth, Matrix a, Matrix b, float* c, int64_t row,
                      int64_t col, Finish finish) {
  if (a.row == 1) {
    std::swap(finish.row_bias, finish.col_bias);
    return gemm::multiply(cols, rows, depth, gemm::PackA{{b.data, b.col, b.row}},
                          gemm::PackB{{a.data, a.col, a.row}}, gemm::StoreAnywhere{c, col, row}, finish);
  }
  if (b.row == 1) return gemm::multiply_by_dots(rows, cols, depth, a, b, c, row, col, finish);
  Scratch along(cols * depth);
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t j = 0; j < cols; ++j) along[j * depth + k] = *b.at(k, j);
  gemm::multiply_by_dots(rows, cols, depth, a, {along.data(), 1, depth}, c, row, col, finish);
}

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
  constexpr int64_t kFewRows = 8;
  if (rows <= kFewRows && a.col == 1 && b.row == 1 && depth >= 128)
    return gemm::multiply_by_dots(rows, cols, depth, a, b, c, row, col, finish);
  if (const int64_t apart = columns_apart(rows, cols, depth, a)) {
    Finish rest = finish;
    cols -= apart;
    if (rest.col_bias) rest.col_bias += cols;
    multiply_columns(rows, apart, depth, a, {b.at(0, cols), b.row, b.col}, c + cols * col, row, col, rest);
  }
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
