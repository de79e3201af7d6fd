// SPDX-License-Identifier: MIT
// Choosing and placing elements by index tensors and masks. For x(indices) and x(mask) see tensor/indexing.h.
//
// Index tensors hold whole numbers from 0. All throw IndexError naming the first index out of range and the
// size it must stay below, DtypeError for an index that is not whole or a mask that is not boolean,
// DeviceError for mixed devices. On a GPU an index out of range stops the kernel instead, and shows at the
// next synchronisation.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Along one axis, the element that `index` names: y[i][j][k] = x[i][index[i][j][k]][k] for axis 1.
/// Index may be shorter than x on the other axes; y has its shape. Gradient: dy put back, summed over
/// repeats.
/// @throws ShapeError when the axes' count differs or index is longer on another axis
Tensor gather(const Tensor& x, int64_t axis, const Tensor& index);
/// As gather, with x and index broadcast against each other on the other axes.
Tensor take_along_dim(const Tensor& x, const Tensor& index, int64_t axis);

/// x with elements replaced: y[i][index[i][j][k]][k] = src[i][j][k] for axis 1; of repeats the last stays.
/// Index may be shorter than x and src on any axis but `axis` of x. Gradients: dy with 0 where replaced;
/// gather(dy).
Tensor scatter(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src);
Tensor scatter(const Tensor& x, int64_t axis, const Tensor& index, double value);
/// x with elements added to: y[i][index[i][j][k]][k] += src[i][j][k] for axis 1. Repeats add up in order of
/// j, so that sums do not depend on threads or device. Gradients: dy; gather(dy).
Tensor scatter_add(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src);
Tensor scatter_(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src);
Tensor scatter_(const Tensor& x, int64_t axis, const Tensor& index, double value);
Tensor scatter_add_(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src);

/// Whole slices of x along one axis: y.select(axis, j) = x.select(axis, index[j]); index (m).
/// Gradient: slices of dy added back. @throws ShapeError unless index has one axis
Tensor index_select(const Tensor& x, int64_t axis, const Tensor& index);

/// Positions of the elements that are not 0, in row-major order: (count, x.dims()), int64.
/// Waits for the device: the count decides the shape.
Tensor nonzero(const Tensor& x);
/// The elements where the mask holds, in row-major order: (count). x and mask broadcast.
/// Gradient: dy put back, 0 elsewhere. Waits for the device.
Tensor masked_select(const Tensor& x, const Tensor& mask);
/// value where the mask holds, x elsewhere, in x's type. Gradient: dy with 0 where the mask holds.
/// @throws ValueError for infinity or NaN in whole numbers
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);
/// @throws ShapeError when the mask does not broadcast to x's shape
Tensor masked_fill_(const Tensor& x, const Tensor& mask, double value);

/// A row of zeros with a 1 at index: index.shape + (classes), int64. classes -1: the largest index + 1.
Tensor one_hot(const Tensor& index, int64_t classes = -1);

}  // namespace minitorch
