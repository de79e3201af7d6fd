// SPDX-License-Identifier: MIT
// Elements in another order or repeated: flip, roll, repeat, triangles, grids of coordinates.
#pragma once
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Reversed along the given axes (a copy). Gradient: dy reversed back. @throws IndexError, ShapeError for an
/// axis twice
Tensor flip(const Tensor& x, const Shape& axes);
/// Shifted along axes; what leaves at one end comes in at the other: y[i + shift] = x[i]. Without axes, x is
/// shifted as if flat. Gradient: dy shifted back. @throws ShapeError unless there is a shift for each axis
Tensor roll(const Tensor& x, const std::vector<int64_t>& shifts, const Shape& axes = {});
/// x tiled: axis i repeated repeats[i] times; more repeats than axes add axes in front. Gradient: summed over
/// the tiles.
/// @throws ShapeError for fewer repeats than axes, ValueError for a negative one
Tensor repeat(const Tensor& x, const Shape& repeats);
/// Each slice along an axis `count` times in a row: 0 0 1 1 2 2. Gradient: summed over the repeats.
Tensor repeat_interleave(const Tensor& x, int64_t count, int64_t axis = 0);
/// Slice i counts[i] times in a row. counts (x.size(axis)), int64. Waits for the device.
Tensor repeat_interleave(const Tensor& x, const Tensor& counts, int64_t axis = 0);

/// The matrix, or matrices over the last two axes, with 0 above (tril) or below (triu) a diagonal; diagonal 1
/// is the one above the main one. Gradient: the same of dy. @throws ShapeError for fewer than two axes
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);

/// Axis `from` moved to place `to`, the others in their order (a view). Gradient: moved back.
Tensor movedim(const Tensor& x, int64_t from, int64_t to);
/// Coordinates of a grid spanned by vectors: result k has shape (n0, n1, ...) and equals vector k along axis
/// k (PyTorch's indexing='ij'), as a view. @throws ShapeError unless all are vectors, ValueError for none
std::vector<Tensor> meshgrid(const std::vector<Tensor>& vectors);
/// y[i, j] = a[i] b[j]. Gradients: dy b, dy^T a. @throws ShapeError unless both are vectors
Tensor outer(const Tensor& a, const Tensor& b);

}  // namespace minitorch
