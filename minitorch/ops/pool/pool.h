// SPDX-License-Identifier: MIT
// Pooling: each output summarises a window of its plane. Planes are the last two axes: (N, C, H, W) or (C, H,
// W).
#pragma once
#include "minitorch/ops/size2.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

struct PoolOptions {
  Size2 stride = 0;               ///< 0: the size of the window
  Size2 padding = 0;              ///< at most half the window
  bool ceil_mode = false;         ///< also windows that stick out on the right, if they start inside
  bool count_include_pad = true;  ///< avg_pool2d: padding counts as zeros
};

/// The largest of each window; padding counts as minus infinity. Output size floor((n + 2 p - k) / s) + 1.
/// Gradient: to the first largest element. @throws ShapeError, ValueError
Tensor max_pool2d(const Tensor& x, Size2 kernel, PoolOptions options = {});
/// The mean of each window. Gradient: spread evenly. @throws ShapeError, ValueError
Tensor avg_pool2d(const Tensor& x, Size2 kernel, PoolOptions options = {});
/// Means over windows chosen so that the output has the given size: rows floor(i n / out) to ceil((i + 1) n /
/// out).
Tensor adaptive_avg_pool2d(const Tensor& x, Size2 output);
/// Largest over the same windows.
Tensor adaptive_max_pool2d(const Tensor& x, Size2 output);

// The same along the last axis alone: (N, C, L) or (C, L).
Tensor max_pool1d(const Tensor& x, int64_t kernel, int64_t stride = 0, int64_t padding = 0,
                  bool ceil_mode = false);
Tensor avg_pool1d(const Tensor& x, int64_t kernel, int64_t stride = 0, int64_t padding = 0,
                  bool ceil_mode = false);
Tensor adaptive_avg_pool1d(const Tensor& x, int64_t output);
Tensor adaptive_max_pool1d(const Tensor& x, int64_t output);

}  // namespace minitorch
