// SPDX-License-Identifier: MIT
// Element types of binary functions: what operands are promoted to, computed in and given back as.
#pragma once
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/binary/binary_kernels.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"

namespace minitorch {

// Kernels know float32 and int64; smaller types are widened, half types computed in float32.
inline Dtype compute_type(BinaryOp op, Dtype promoted) {
  if (is_floating(promoted) || op == BinaryOp::Div) return kFloat32;
  return kInt64;
}
// uint8 and bool arithmetic keeps the type only between equals; comparisons give bool.
inline Dtype result_type(BinaryOp op, Dtype promoted) {
  if (is_comparison(op)) return kBool;
  if (is_floating(promoted)) return promoted;
  return op == BinaryOp::Div ? kFloat32 : promoted;
}

// What a and b are promoted to: one without axes gives way to one with axes unless it is of a higher kind.
inline Dtype common_type(const Tensor& a, const Tensor& b) {
  const Dtype promoted = promote(a.dtype(), b.dtype());
  if (a.dtype() == b.dtype() || (a.dims() == 0) == (b.dims() == 0)) return promoted;
  const Dtype many = a.dims() ? a.dtype() : b.dtype(), one = a.dims() ? b.dtype() : a.dtype();
  return fits_kind(one, many) ? many : promoted;
}
inline Dtype common_type(const Tensor& a, Scalar number) {
  if (is_floating(a.dtype())) return a.dtype();
  return !number.whole ? kFloat32 : a.dtype() == kBool ? kInt64 : a.dtype();
}

// x as a kernel reads it, outside the graph.
inline Tensor operand(const Tensor& x, Dtype type, const Shape& shape) {
  return x.dtype() == type && x.shape() == shape ? x : expand(to(x.detach(), type), shape);
}

}  // namespace minitorch
