// SPDX-License-Identifier: MIT
// What the files of this folder share.
#pragma once
#include "minitorch/ops/loss/loss.h"

namespace minitorch {

/// The mean or the sum of all losses, or the losses themselves.
Tensor reduce_losses(const Tensor& losses, Reduction reduction);

}  // namespace minitorch
