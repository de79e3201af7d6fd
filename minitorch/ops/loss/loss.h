// SPDX-License-Identifier: MIT
// How far predictions are from what they should be. Options are aggregates, given by name:
//
//     cross_entropy(logits, target, {.weight = w, .label_smoothing = 0.1})
//
// Predictions and gradients are of a float type; half types are computed in float32 and rounded back.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// What becomes of the losses of all items: their mean, their sum, or each for itself.
enum class Reduction { mean, sum, none };

struct LossOptions {
  Reduction reduction = Reduction::mean;
};

// --- differences: prediction and target have the same shape, and both receive a gradient ---
// All throw ShapeError when the shapes differ: broadcasting them is nearly always a mistake.

/// (x - t)^2. Gradient for x: 2 (x - t) dy; for t its negative.
Tensor mse_loss(const Tensor& prediction, const Tensor& target, LossOptions options = {});
/// |x - t|. Gradient for x: sign(x - t) dy; for t its negative.
Tensor l1_loss(const Tensor& prediction, const Tensor& target, LossOptions options = {});

struct SmoothL1Options {
  double beta = 1;  ///< where the parabola becomes a line; 0 gives l1_loss
  Reduction reduction = Reduction::mean;
};
/// d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, with d = x - t. Gradient for x: clamp(d / beta, -1,
/// 1) dy; for t its negative. @throws ValueError for a negative beta
Tensor smooth_l1_loss(const Tensor& prediction, const Tensor& target, SmoothL1Options options = {});

struct HuberOptions {
  double delta = 1;
  Reduction reduction = Reduction::mean;
};
/// delta times smooth_l1_loss with beta = delta. @throws ValueError unless delta > 0
Tensor huber_loss(const Tensor& prediction, const Tensor& target, HuberOptions options = {});

// --- one class of many ---

struct CrossEntropyOptions {
  Tensor weight = {};           ///< (C): what each class counts; undefined: 1
  int64_t ignore_index = -100;  ///< items with this target count nothing, and have gradient 0
  double label_smoothing = 0;   ///< the share of the target that is spread evenly over all classes
  Reduction reduction = Reduction::mean;
};
/// -w[t] log_softmax(logits)[t]; the mean is over the weights, sum w[t]: NaN, with gradient 0, when nothing
/// counts.
///
/// logits (N, C), (N, C, d1, ...) or (C); target int64 (N), (N, d1, ...) or (), class numbers, or of a float
/// type and logits' shape, probabilities. Losses without reduction have the shape of a target of class
/// numbers. Gradient for logits: (softmax - one_hot(target)) w[t] dy, without smoothing; one kernel computes
/// the loss and e^x, one the gradient.
/// @throws ShapeError;
///   IndexError on the CPU for a target that is no class (on other devices its loss is NaN);
///   ValueError unless 0 <= label_smoothing <= 1; DtypeError
Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& options = {});

struct NllOptions {
  Tensor weight = {};
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
};
/// -w[t] x[t], for x already the logarithms of probabilities; otherwise as cross_entropy. Gradient: -w[t] dy
/// at the target.
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target, const NllOptions& options = {});

// --- yes or no ---

struct BceOptions {
  Tensor weight = {};  ///< factor of each loss, broadcast to their shape
  Reduction reduction = Reduction::mean;
};
/// -(t log p + (1 - t) log(1 - p)), the logarithms no lower than -100. Target of p's shape, between 0 and 1.
/// Gradient for p: (p - t) / (p (1 - p)) dy. @throws ShapeError; ValueError on the CPU when p lies outside
/// [0, 1]
Tensor binary_cross_entropy(const Tensor& probabilities, const Tensor& target,
                            const BceOptions& options = {});

struct BceLogitsOptions {
  Tensor weight = {};      ///< factor of each loss, broadcast to their shape
  Tensor pos_weight = {};  ///< factor of the losses of "yes", broadcast to their shape
  Reduction reduction = Reduction::mean;
};
/// max(x, 0) - x t + log(1 + e^-|x|): binary_cross_entropy of sigmoid(x), without its overflows. Gradient for
/// x: (sigmoid(x) - t) dy. @throws ShapeError
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const BceLogitsOptions& options = {});

}  // namespace minitorch
