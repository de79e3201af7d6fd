// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/pad/pad_mode.h"

namespace minitorch {

/// How an axis of y maps to the axis of x, `n` long, that lies in it from position `before` on.
struct PadAxis {
  int64_t before, n;
};

/// The position in x that position i of y shows, or -1 for the constant border.
MT_HD int64_t pad_source(PaddingMode mode, PadAxis axis, int64_t i) {
  const int64_t at = i - axis.before, last = axis.n - 1;
  if (at >= 0 && at <= last) return at;
  switch (mode) {
    case PaddingMode::kReflect: return at < 0 ? -at : 2 * last - at;
    case PaddingMode::kReplicate: return at < 0 ? 0 : last;
    case PaddingMode::kCircular: return at < 0 ? at + axis.n : at - axis.n;
    default: return -1;
  }
}

/// The place of x in y for each axis.
struct PadPlan {
  PaddingMode mode;
  PadAxis axes[AnyView::kMaxDims];
};

MT_EVERY_DEVICE(
    /// y[i, j, ...] = x[source(i), source(j), ...], or `value` where a source is -1. x and y are contiguous,
    /// of one element type, with equal numbers of axes.
    void pad(AnyView x, AnyView y, PadPlan plan, double value);)

}  // namespace minitorch
