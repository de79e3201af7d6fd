// SPDX-License-Identifier: MIT
// Ordinary matrices as the operands of the tiled products. For .cu files only.
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/matmul/gemm_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::gemm {

/// A batch of products of ordinary matrices of T.
template <class T>
struct Matrices {
  MatrixOperand<T> left, right;
  MatrixResult<T> out;
  int64_t left_step, right_step, out_step;  // from one product of the batch to the next

  __device__ MatrixOperand<T> a(int n) const { return moved(left, n * left_step); }
  __device__ MatrixOperand<T> b(int n) const { return moved(right, n * right_step); }
  __device__ MatrixResult<T> result(int n) const { return moved(out, n * out_step); }

 private:
  template <class M>
  __device__ static M moved(M m, int64_t by) {
    m.data += by;
    return m;
  }
};

/// Whether neighbours in memory lie along `axis` (1 or 2), or nowhere. Of both, where sizes leave it open,
/// the axis.
template <class T>
bool lies_along(const View<T, 3>& v, int axis) {
  return v.stride[axis] == 1 || v.stride[3 - axis] != 1;
}

/// Whether it can be read 16 bytes at a time along `axis`: each vector aligned, and either inside or outside.
template <class T>
bool in_vectors(const View<T, 3>& v, int axis) {
  constexpr int64_t kVector = 16 / sizeof(T);
  return v.stride[axis] == 1 && v.size[axis] % kVector == 0 && v.stride[3 - axis] % kVector == 0 &&
         v.stride[0] % kVector == 0 && reinterpret_cast<uintptr_t>(v.data) % 16 == 0;
}

/// c[n] = a[n] b[n]. `vectors_along` tells whether the operands' vectors may lie along the depth (mma) or lie
/// along the rows only (floats).
template <class T>
Matrices<T> matrices(const View<const T, 3>& a, const View<const T, 3>& b, const View<T, 3>& c,
                     bool vectors_along) {
  const auto operand = [&](const View<const T, 3>& v, int rows) {
    const bool deep = lies_along(v, 3 - rows);
    return MatrixOperand<T>{v.data,
                            static_cast<int>(v.size[rows]),
                            static_cast<int>(v.size[3 - rows]),
                            static_cast<int>(v.stride[rows]),
                            static_cast<int>(v.stride[3 - rows]),
                            deep ? vectors_along && in_vectors(v, 3 - rows) : in_vectors(v, rows)};
  };
  const bool vectors = c.stride[2] == 1 && c.stride[1] % 4 == 0 && c.stride[0] % 4 == 0 &&
                       reinterpret_cast<uintptr_t>(c.data) % (4 * sizeof(T)) == 0;
  return {operand(a, 1),
          operand(b, 2),
          {c.data, static_cast<int>(c.stride[1]), static_cast<int>(c.stride[2]), vectors},
          a.stride[0],
          b.stride[0],
          c.stride[0]};
}

}  // namespace minitorch::MT_DEVICE::gemm
