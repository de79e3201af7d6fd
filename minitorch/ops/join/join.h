// SPDX-License-Identifier: MIT
// Joining tensors into one, and taking one apart. The parts of a tensor are views: nothing is copied.
#pragma once
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// The tensors one behind the other along an axis they have. Types are promoted; as in PyTorch, an empty
/// vector (0) joins anything. Gradients: the parts of dy.
/// @throws ValueError for no tensors, ShapeError when sizes differ on another axis, DeviceError
Tensor cat(const std::vector<Tensor>& tensors, int64_t axis = 0);
/// The tensors, all of one shape, side by side along a new axis. Gradients: dy at each index of that axis.
/// @throws ValueError for no tensors, ShapeError unless all shapes agree, DeviceError
Tensor stack(const std::vector<Tensor>& tensors, int64_t axis = 0);

/// Views of x, `size` long along an axis; the last may be shorter. @throws ValueError when size is below 1
std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t axis = 0);
/// Views of x of the given sizes along an axis. @throws ShapeError unless they add up to the axis
std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes, int64_t axis = 0);
/// At most `count` views of equal size along an axis, the last possibly shorter: size ceil(n / count).
/// @throws ValueError when count is below 1
std::vector<Tensor> chunk(const Tensor& x, int64_t count, int64_t axis = 0);
/// A view for every index of an axis, without that axis.
std::vector<Tensor> unbind(const Tensor& x, int64_t axis = 0);

}  // namespace minitorch
