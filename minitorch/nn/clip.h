// SPDX-License-Identifier: MIT
// Keeping a step within bounds when a gradient explodes.
#pragma once
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch::nn {

/// Scales all gradients together so that their common length is at most max_norm, and returns the length they
/// had: one number, on their device, so that nobody waits for it.
///
///     total = (sum over all elements of |gradient|^p)^(1/p);  gradient *= min(1, max_norm / (total + 1e-6))
///
/// with p = norm_type; HUGE_VAL takes the largest |gradient|. Parameters without a gradient are passed over.
/// A total that is not finite is returned all the same: check it before the step.
/// @throws ValueError when max_norm or norm_type is not above 0
Tensor clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, double norm_type = 2);

/// Clamps every element of every gradient to [-limit, limit]. @throws ValueError when limit is not above 0
void clip_grad_value_(const std::vector<Tensor>& parameters, double limit);

}  // namespace minitorch::nn
