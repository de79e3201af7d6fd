// SPDX-License-Identifier: MIT
// The axes that a reduction drops, shared by the files of this folder.
#pragma once
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

struct Axes {
  Shape kept;         // x's shape with size 1 at each reduced axis
  Shape dropped;      // x's shape without the reduced axes
  int64_t count = 1;  // elements that each output is made of

  /// y of shape `kept`, as the caller wants it.
  Tensor result(const Tensor& y, bool keepdim) const { return keepdim ? y : reshape(y, dropped); }
  /// dy of either shape, ready to be broadcast to x's.
  Tensor spread(const Tensor& dy) const { return reshape(dy, kept); }
};

/// An empty list means all axes. @throws IndexError, ShapeError
Axes split_axes(const char* op, const Tensor& x, const Shape& axes);

/// @throws DtypeError unless x is of a float type
void check_floating(const char* op, const Tensor& x);

}  // namespace minitorch
