// SPDX-License-Identifier: MIT
// Ops that turn many elements into fewer. Axes may be negative; an empty list of axes means all of them.
// `keepdim` leaves the reduced axes in place with size 1.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Sum. Whole numbers and booleans give int64. Gradient: dy, repeated.
Tensor sum(const Tensor& x, const Shape& axes = {}, bool keepdim = false);
/// Mean. @throws DtypeError for whole numbers. Gradient: dy / count, repeated.
Tensor mean(const Tensor& x, const Shape& axes = {}, bool keepdim = false);

}  // namespace minitorch
