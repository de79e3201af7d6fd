// SPDX-License-Identifier: MIT
// Embedding: rows of a table looked up by number.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// No row of an embedding is padding.
inline constexpr int64_t kNoPadding = INT64_MIN;

/// The rows of `weight` that `index` names: y[..., :] = weight[index[...], :].
/// weight (rows, d), index of any shape, y index.shape + (d). Gradient of weight: dense, dy added to the rows
/// in order of index, the same for any number of threads and on every device; the row `padding_idx` (from the
/// end when negative) gets none.
/// @throws IndexError naming the first index outside the table,
///   DtypeError unless weight is floating and index whole,
///   ShapeError unless weight is a matrix
Tensor embedding(const Tensor& weight, const Tensor& index, int64_t padding_idx = kNoPadding);

}  // namespace minitorch
