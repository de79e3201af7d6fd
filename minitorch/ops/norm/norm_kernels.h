// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

/// x (n, c, hw), contiguous.
struct ChannelShape {
  int64_t n, c, hw;
};
/// y = min(max(z, low), high); the gradient passes strictly inside. `on` false: no clamp.
struct ClampRange {
  bool on;
  float low, high;
};
/// The statistics that a net keeps for evaluation. Each moves to keep * itself + a share of the batch's own;
/// the variance's share makes it unbiased. Null: not kept.
struct RunningStats {
  float *mean, *var;
  float keep, mean_share, var_share;

  MT_HD void move(int64_t channel, float new_mean, float new_var) const {
    if (mean) mean[channel] = keep * mean[channel] + mean_share * new_mean;
    if (var) var[channel] = keep * var[channel] + var_share * new_var;
  }
};

// clang-format off
MT_EVERY_DEVICE(
  /// mean and rstd = 1 / sqrt(biased variance + eps) per channel, then y = clamp((x - mean) rstd weight + bias); the
  /// running statistics move on. weight and bias may be null: 1 and 0.
  void batch_norm_train(ChannelShape s, const float* x, const float* weight, const float* bias, float eps, ClampRange clamp,
                        RunningStats running, float* y, float* mean, float* rstd);
  /// y = clamp(x scale + shift), per channel.
  void batch_norm_infer(ChannelShape s, const float* x, const float* scale, const float* shift, ClampRange clamp, float* y);
  /// Gradients of batch_norm_train. The clamp's mask is worked out again from x, so y is not needed.
  /// With through_statistics false, mean and rstd are constants: the gradient of batch_norm_infer.
  /// dx may be null.
  void batch_norm_backward(ChannelShape s, const float* x, const float* dy, const float* weight, const float* bias,
                           const float* mean, const float* rstd, ClampRange clamp, bool through_statistics, float* dx,
                           float* dweight, float* dbias);
  /// Each row normalised on its own: x (rows, cols); weight and bias (cols) may be null; mean and rstd (rows).
  void layer_norm_forward(int64_t rows, int64_t cols, const float* x, const float* weight, const float* bias, float eps, float* y,
                          float* mean, float* rstd);
  /// dx, and dweight and dbias (cols) unless null.
  void layer_norm_backward(int64_t rows, int64_t cols, const float* x, const float* dy, const float* weight, const float* mean,
                           const float* rstd, float* dx, float* dweight, float* dbias);
)
// clang-format on

}  // namespace minitorch
