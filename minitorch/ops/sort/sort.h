// SPDX-License-Identifier: MIT
// Putting elements in order along one axis.
//
// Elements that are equal keep their order (every sort is stable), and NaN counts as the largest, as in
// PyTorch. values[i] = x[indices[i]] along the axis. The gradient of values goes back to the elements they
// were. All throw IndexError for an axis out of range.
#pragma once
#include "minitorch/ops/reduce/reduce.h"

namespace minitorch {

/// All elements from the smallest to the largest, or the other way round. Both results have x's shape.
ValuesIndices sort(const Tensor& x, int64_t axis = -1, bool descending = false);
/// The indices of sort alone.
Tensor argsort(const Tensor& x, int64_t axis = -1, bool descending = false);
/// The k largest elements, the largest first, or the k smallest, the smallest first. Both results have size k
/// at the axis.
/// @throws ValueError unless 0 <= k <= size of the axis
ValuesIndices topk(const Tensor& x, int64_t k, int64_t axis = -1, bool largest = true);

/// The middle element of all in their order, the lower one of an even number; NaN when there is one.
/// @throws ValueError when there are no elements to choose from
Tensor median(const Tensor& x);
/// The same along an axis. @throws ValueError when the axis has size 0
ValuesIndices median(const Tensor& x, int64_t axis, bool keepdim = false);

}  // namespace minitorch
