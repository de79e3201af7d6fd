// SPDX-License-Identifier: MIT
// Gradients kept from growing too large.
#pragma once
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch::optim {

/// Scales all gradients by max_norm / norm where their norm, taken together, is larger; parameters without a
/// gradient are passed over. norm_type HUGE_VAL is the largest absolute value. As torch.nn.utils.
/// @returns the norm before; 0 when there is no gradient. @throws ValueError unless norm_type > 0
double clip_grad_norm_(const std::vector<Tensor>& params, double max_norm, double norm_type = 2);

}  // namespace minitorch::optim
