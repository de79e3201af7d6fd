// SPDX-License-Identifier: MIT
// Ops that turn many elements into fewer.
//
// Axes may be negative; an empty list means all of them. The result lacks the reduced axes, or has them with
// size 1 when `keepdim`: x (2, 3, 4), axes {1} gives (2, 4) or (2, 1, 4). Half types are computed in float32
// and rounded back. All throw IndexError for an axis out of range and ShapeError for one named twice.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Sum; 0 of no elements. Whole numbers and booleans give int64. Gradient: dy, repeated.
Tensor sum(const Tensor& x, const Shape& axes = {}, bool keepdim = false);
/// Arithmetic mean; NaN of no elements. Gradient: dy / count, repeated. @throws DtypeError for whole numbers
Tensor mean(const Tensor& x, const Shape& axes = {}, bool keepdim = false);
/// Product; 1 of no elements. Whole numbers give int64. Gradient: dy times the product of the other elements.
Tensor prod(const Tensor& x, const Shape& axes = {}, bool keepdim = false);

/// The sum of squared differences from the mean is divided by count - correction.
struct VarOptions {
  int64_t correction = 1;
  bool keepdim = false;
};
/// Variance; on the CPU right for elements, too, whose squares are no floats; NaN of one element with
/// correction 1. Gradient: 2 (x - mean) dy / (count - correction).
/// @throws DtypeError for whole numbers
Tensor var(const Tensor& x, const Shape& axes = {}, VarOptions options = {});
/// Standard deviation, the square root of var; x.std() is the same, while a function `std` would hide the
/// namespace. Gradient: (x - mean) dy / (y (count - correction)), 0 where y is 0.
/// @throws DtypeError for whole numbers
Tensor stddev(const Tensor& x, const Shape& axes = {}, VarOptions options = {});

/// (sum |x|^p)^(1/p); for p = HUGE_VAL the largest |x|, for p = 0 how many are not 0. Gradient for p = 2: x
/// dy / y, 0 where y is 0; for p = 1: sign(x) dy; for infinity: sign(x) dy, shared by equal elements; for p =
/// 0: 0.
/// @throws ValueError for a p below 0, DtypeError for whole numbers
Tensor norm(const Tensor& x, double p = 2, const Shape& axes = {}, bool keepdim = false);
/// log(sum e^x), without overflow. Gradient: e^(x - y) dy, the softmax.
Tensor logsumexp(const Tensor& x, const Shape& axes, bool keepdim = false);

/// The largest element; NaN when there is one. Gradient: dy, shared by equal elements.
/// @throws ValueError when there are no elements to choose from
Tensor amax(const Tensor& x, const Shape& axes = {}, bool keepdim = false);
/// The smallest element; otherwise as amax.
Tensor amin(const Tensor& x, const Shape& axes = {}, bool keepdim = false);

/// What an op along one axis chose, and where it stood: values[i] = x[indices[i]] along the axis.
struct ValuesIndices {
  Tensor values;
  Tensor indices;  ///< int64
};
/// amax of all elements.
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
/// The largest element along an axis and its first position; NaN counts as largest. Gradient: dy at that
/// position.
/// @throws ValueError when the axis has size 0
ValuesIndices max(const Tensor& x, int64_t axis, bool keepdim = false);
/// The smallest element along an axis and its first position; NaN counts as smallest. Gradient: dy at that
/// position.
/// @throws ValueError when the axis has size 0
ValuesIndices min(const Tensor& x, int64_t axis, bool keepdim = false);

/// First position of the largest element: of x in row-major order, or along an axis. int64.
/// @throws ValueError when there are no elements to choose from
Tensor argmax(const Tensor& x);
Tensor argmax(const Tensor& x, int64_t axis, bool keepdim = false);
/// First position of the smallest element, as argmax.
Tensor argmin(const Tensor& x);
Tensor argmin(const Tensor& x, int64_t axis, bool keepdim = false);

/// Whether some element is not 0; false of no elements. Boolean. Its counterpart all(x) is declared in
/// tensor/indexing.h.
Tensor any(const Tensor& x, const Shape& axes = {}, bool keepdim = false);

/// Running sum along an axis: y[i] = x[0] + ... + x[i], of x's shape. Whole numbers give int64.
/// Gradient: the running sum of dy from the end.
Tensor cumsum(const Tensor& x, int64_t axis);

}  // namespace minitorch
