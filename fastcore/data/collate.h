// SPDX-License-Identifier: MIT
// From the samples of a batch to one sample whose values are the batch.
#pragma once
#include "fastcore/data/transform.h"

namespace fastcore {

/// Member by member: TensorImage, TensorMask, Points and Tensor are stacked, (n, ...); Category becomes int64
/// (n), Numbers float32 (n) or (n, k).
/// @throws ShapeError naming the member and the two shapes that differ; ValueError for values of other types,
/// for samples of unequal length and for none
Sample collate(const std::vector<Sample>& samples);

}  // namespace fastcore
