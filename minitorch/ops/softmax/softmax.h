// SPDX-License-Identifier: MIT
// Scores into probabilities. Computed in float32 from the differences to the largest score, so that nothing
// overflows; half types are rounded back.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// y = e^x / sum e^x along an axis, of x's shape. Gradient: y (dy - sum y dy).
/// @throws DtypeError for whole numbers, IndexError for an axis out of range
Tensor softmax(const Tensor& x, int64_t axis);
/// y = x - log sum e^x along an axis, of x's shape: the logarithm of softmax, exact also where that rounds to
/// 0. Gradient: dy - e^y sum dy. @throws DtypeError for whole numbers, IndexError for an axis out of range
Tensor log_softmax(const Tensor& x, int64_t axis);

}  // namespace minitorch
