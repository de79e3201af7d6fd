// SPDX-License-Identifier: MIT
// Normalisation: subtract a mean, divide by a standard deviation, then scale and shift. Half types are
// computed in float32 and rounded back.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// What batch_norm does after scaling: nothing, or a clamp that costs no extra pass.
enum class Activation { none, relu, relu6 };

struct BatchNormOptions {
  bool training = true;
  double momentum = 0.1;  ///< share of the new statistics in the running ones
  double eps = 1e-5;
  Activation activation = Activation::none;
};

/// y = act((x - mean) / sqrt(var + eps) weight + bias), mean and var per channel: x (N, C, ...), weight and
/// bias (C). In training they are the batch's (var biased), and running_mean and running_var (C, may be
/// undefined) move towards them, running_var by the unbiased variance; otherwise the running ones are used.
/// Gradients for x, weight and bias; in training also through mean and var.
/// @throws ShapeError for other shapes, ValueError in training with a single value per channel
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, BatchNormOptions options = {});

/// Normalises over the last axes, those of `weight` (or of `shape` when there are no weights): biased
/// variance. Gradients for x, weight and bias. @throws ShapeError when the last axes of x differ
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5);
Tensor layer_norm(const Tensor& x, const Shape& shape, double eps = 1e-5);

/// Normalises each of `groups` groups of channels of each item: x (N, C, ...), weight and bias (C) or
/// undefined.
/// @throws ShapeError unless C is a multiple of groups
Tensor group_norm(const Tensor& x, int64_t groups, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

}  // namespace minitorch
