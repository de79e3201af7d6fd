// SPDX-License-Identifier: MIT
// Ops that move no element: they give the same memory another shape. Each is a view when it can be.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// The same elements in row-major order under another shape; one size may be -1 and is worked out.
/// A view where strides allow, otherwise a copy. Gradient: reshaped back. @throws ShapeError unless counts
/// agree
Tensor reshape(const Tensor& x, const Shape& shape);
/// As reshape, but never a copy. @throws ShapeError when a copy would be needed
Tensor view(const Tensor& x, const Shape& shape);
/// Joins the axes first..last into one.
Tensor flatten(const Tensor& x, int64_t first_axis = 0, int64_t last_axis = -1);
/// Axis i of the result is axis order[i] of x. Gradient: permuted back. @throws ShapeError unless a
/// permutation
Tensor permute(const Tensor& x, const Shape& order);
/// Exchanges two axes.
Tensor transpose(const Tensor& x, int64_t a, int64_t b);
/// Exchanges the two axes of a matrix; a vector stays as it is. @throws ShapeError above two axes
Tensor t(const Tensor& x);
/// Repeats axes of size 1 without copying (stride 0); -1 keeps a size. Gradient: summed over the repeats.
Tensor expand(const Tensor& x, const Shape& shape);
/// Drops all axes of size 1, or one axis if its size is 1.
Tensor squeeze(const Tensor& x);
Tensor squeeze(const Tensor& x, int64_t axis);
/// Adds an axis of size 1 before `axis`; -1 adds it at the end.
Tensor unsqueeze(const Tensor& x, int64_t axis);
/// Drops an axis by fixing its index. Gradient: dy at that index, 0 elsewhere. @throws IndexError
Tensor select(const Tensor& x, int64_t axis, int64_t index);
/// Elements begin, begin + step, ... before end along one axis; bounds as in Python, step above 0.
Tensor slice(const Tensor& x, int64_t axis, int64_t begin, int64_t end, int64_t step = 1);

/// Sums x over the axes that broadcasting `shape` to x's shape stretched: the gradient of a broadcast.
Tensor sum_to(const Tensor& x, const Shape& shape);

}  // namespace minitorch
