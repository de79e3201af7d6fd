// SPDX-License-Identifier: MIT
// Copies: of elements, into another type, onto another device.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// A contiguous copy. Gradient: the same.
Tensor clone(const Tensor& x);
/// x itself when its elements already lie in row-major order, otherwise a copy that does.
Tensor contiguous(const Tensor& x);
/// Converts the elements; x itself when it already has the type. Gradient: converted back.
Tensor to(const Tensor& x, Dtype dtype);
/// Moves to another device; x itself when it is there already. Gradient: moved back.
Tensor to(const Tensor& x, Device device);
/// Writes the elements of `from`, broadcast to x's shape and converted to its type, into x.
/// Gradient for `from`: summed back to its shape. @throws ShapeError, DeviceError, GradError
Tensor copy_(const Tensor& x, const Tensor& from);
/// `from`, or a copy of it, outside the graph, where writing x element by element would overwrite elements of
/// `from` that are still to be read: where both lie in one storage and overlap otherwise than exactly.
Tensor apart_from(const Tensor& x, const Tensor& from);
/// The same for writing x in any order: a copy when both lie in one storage at all.
Tensor unshared_with(const Tensor& x, const Tensor& from);
/// Sets every element.
Tensor fill_(const Tensor& x, double value);

}  // namespace minitorch
