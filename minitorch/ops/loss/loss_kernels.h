// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

#define MT_LOSS_OPS(X) X(SquaredError) X(AbsoluteError) X(SmoothL1) X(Huber) X(Bce) X(BceLogits)

enum class LossOp {
#define MT_NAME(name) name,
  MT_LOSS_OPS(MT_NAME)
#undef MT_NAME
};

/// What a profile calls the kernel.
constexpr const char* kernel_name(LossOp op) {
#define MT_NAME(name) #name,
  constexpr const char* names[] = {MT_LOSS_OPS(MT_NAME)};
#undef MT_NAME
  return names[static_cast<int>(op)];
}

/// What cross-entropy needs beside the logits (N, C, inner).
struct Labels {
  View<const int64_t, 2> target;  // (N, inner), strides free
  const float* weight;            // (C), or null: all 1
  const float* weight_sum;        // of all classes, where it matters (smoothing); a number on the device
  float smoothing;
  int64_t ignore_index;

  MT_HD float sum_of_weights(int64_t classes) const {
    return weight_sum ? *weight_sum : static_cast<float>(classes);
  }
};

MT_EVERY_DEVICE(
    /// y = loss(x, t), element by element, `a` being the loss's parameter; float32 of equal sizes, any
    /// strides.
    void pointwise_loss(LossOp op, float a, AnyView x, AnyView t, AnyView y);
    /// dx = slope(x, t) dy.
    void pointwise_loss_backward(LossOp op, float a, AnyView x, AnyView t, AnyView dy, AnyView dx);

    /// The loss of each item, and what it counts in the mean (w[t], 0 where ignored). All contiguous. What
    /// the backward pass needs goes to exps = e^(x - max), (N, C, inner), unless its data is null, and totals
    /// = their sums, (N, inner).
    /// @throws IndexError on the CPU for a target that is no class; elsewhere its loss is NaN
    void cross_entropy(View<const float, 3> x, Labels labels, View<float, 2> loss, View<float, 2> counts,
                       View<float, 3> exps, View<float, 2> totals);
    /// dx from what the forward pass left, dloss (N, inner) of any strides.
    void cross_entropy_backward(View<const float, 3> exps, View<const float, 2> totals, Labels labels,
                                View<const float, 2> dloss, View<float, 3> dx);)

}  // namespace minitorch
