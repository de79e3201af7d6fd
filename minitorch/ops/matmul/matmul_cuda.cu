// SPDX-License-Identifier: MIT
// Products of float32 matrices by tiles; the tile's kernel is in gemm_float_cuda.h.
#include "minitorch/ops/matmul/gemm_launch_cuda.h"
#include "minitorch/ops/matmul/matmul_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

using gemm::Finish;
using gemm::MatrixOperand;
using gemm::MatrixResult;

// c[n] = a[n] b[n] for matrices of 2^31 elements and more. A thread owns one element of c and reads a row of
// a and a column of b: 2 inner operations for 8 inner bytes, so memory is the limit by far.
__global__ void matmul_naive(View<const float, 3> a, View<const float, 3> b, View<float, 3> c,
                             Finish finish) {
  for (int64_t i = first_item(); i < c.numel(); i += item_step()) {
    const int64_t col = i % c.size[2], row = i / c.size[2] % c.size[1], n = i / (c.size[1] * c.size[2]);
    float sum = 0.f;
    for (int64_t k = 0; k < a.size[2]; ++k) sum += a(n, row, k) * b(n, k, col);
    c(n, row, col) = finish(sum, static_cast<int>(row), static_cast<int>(col), &c(n, row, col));
  }
}

// A batch of products of ordinary matrices.
struct Matrices {
  MatrixOperand<float> left, right;
  MatrixResult<float> out;
  int64_t left_step, right_step, out_step;  // from one product of the batch to the next

  __device__ MatrixOperand<float> a(int n) const { return moved(left, n * left_step); }
  __device__ MatrixOperand<float> b(int n) const { return moved(right, n * right_step); }
  __device__ MatrixResult<float> result(int n) const { return moved(out, n * out_step); }

 private:
  template <class M>
  __device__ static M moved(M m, int64_t by) {
    m.data += by;
    return m;
  }
};

// Offsets inside one matrix, and numbers of blocks, must fit 31 bits.
template <class T>
bool is_huge(const View<T, 3>& v) {
  return (v.size[1] - 1) * v.stride[1] + (v.size[2] - 1) * v.stride[2] >= int64_t{1} << 31 ||
         v.size[0] * v.size[1] / 32 * v.size[2] >= int64_t{1} << 31;
}
bool is_aligned(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

// Rows of `axis`, depth along the other one.
MatrixOperand<float> operand(const View<const float, 3>& v, int axis) {
  const int other = 3 - axis;
  return {v.data,
          static_cast<int>(v.size[axis]),
          static_cast<int>(v.size[other]),
          static_cast<int>(v.stride[axis]),
          static_cast<int>(v.stride[other]),
          v.stride[axis] == 1 && v.size[axis] % 4 == 0 && v.stride[other] % 4 == 0 && v.stride[0] % 4 == 0 &&
              is_aligned(v.data)};
}

void product(const View<const float, 3>& a, const View<const float, 3>& b, const View<float, 3>& c,
             const Finish& finish, const char* op) {
  if (c.numel() == 0) return;
  if (is_huge(a) || is_huge(b) || is_huge(c))
    return check(
        launch(matmul_naive, blocks_for(c.numel()), kElementwiseBlock, 0, current_stream(), a, b, c, finish),
        op);
  const Matrices m{operand(a, 1),
                   operand(b, 2),
                   {c.data, static_cast<int>(c.stride[1]), static_cast<int>(c.stride[2]),
                    c.stride[2] == 1 && c.stride[1] % 4 == 0 && c.stride[0] % 4 == 0 && is_aligned(c.data)},
                   a.stride[0],
                   b.stride[0],
                   c.stride[0]};
  const int rows = static_cast<int>(c.size[1]), cols = static_cast<int>(c.size[2]),
            deep = static_cast<int>(a.size[2]), batch = static_cast<int>(c.size[0]);
  const bool a_deep = a.stride[1] != 1 || a.stride[2] == 1, b_deep = b.stride[2] != 1 || b.stride[1] == 1;
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
