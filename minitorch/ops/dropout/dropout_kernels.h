// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/device.h"
#include "minitorch/core/philox.h"
#include "minitorch/core/view.h"

namespace minitorch {

/// Which items survive: all `group` items of a group share word i of the stream of `key`.
struct DropoutRule {
  uint64_t key;
  uint32_t threshold;  // of 2^24: an item is dropped when the upper 24 bits of its word lie below
  float scale;         // of survivors
  const uint64_t* replays =
      nullptr;  // of the CUDA graph that this is recorded in: each replay has its own mask

  /// The key of the stream that counts now. For CUDA kernels.
  MT_HD uint64_t key_now() const { return replays ? key + *replays * 0x9E3779B97F4A7C15u : key; }
  MT_HD float factor(uint32_t word) const { return (word >> 8) < threshold ? 0.0f : scale; }
};

/// The rule of the next call: takes a key from the generator of manual_seed().
DropoutRule draw_dropout(double p, Device device);

MT_EVERY_DEVICE(
    /// y[i] = x[i] scaled or 0, word i for item i; x and y contiguous.
    void dropout(View<const float, 1> x, View<float, 1> y, DropoutRule rule);
    /// y[c, i] = x[c, i] scaled or 0, word c for all of row c; x and y contiguous.
    void dropout_rows(View<const float, 2> x, View<float, 2> y, DropoutRule rule);)

}  // namespace minitorch
