// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/interpolate/resample_mode.h"

namespace minitorch {

/// One axis resized from `in` to `out` elements: which inputs an output is made from, and which outputs an
/// input goes to. Positions are float32, as in PyTorch, so that both pick the same elements.
struct AxisMap {
  Resample mode;
  bool align_corners;
  int64_t in, out;
  float step;  // inputs per output

  /// `count` inputs from `first` on; linear has weights 1 - second and second, the others 1 / count each.
  struct Taps {
    int64_t first, count;
    float second;
  };
  MT_HD Taps taps(int64_t o) const {
    if (mode == Resample::kArea) {
      const int64_t first = o * in / out;
      return {first, ((o + 1) * in + out - 1) / out - first, 0};
    }
    const float position = static_cast<float>(o);
    if (mode == Resample::kLinear) {
      float source = align_corners ? position * step : (position + 0.5f) * step - 0.5f;
      if (source < 0) source = 0;
      int64_t first = static_cast<int64_t>(source);
      if (first >= in - 1) return {in - 1, 1, 0};
      return {first, 2, source - static_cast<float>(first)};
    }
    const int64_t first =
        static_cast<int64_t>(mode == Resample::kNearest ? position * step : (position + 0.5f) * step);
    return {first < in ? first : in - 1, 1, 0};
  }
  /// The weight of input i among taps.
  MT_HD float weight(const Taps& t, int64_t i) const {
    if (t.count == 1) return 1;
    if (mode == Resample::kArea) return 1 / static_cast<float>(t.count);
    return i == t.first ? 1 - t.second : t.second;
  }
  /// The first output made from an input at or behind i. Outputs first_user(i) to past_user(i) - 1 use input
  /// i, because taps move forward with the output: both bounds are found by halving.
  MT_HD int64_t first_user(int64_t i) const {
    int64_t low = 0, high = out;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      const Taps t = taps(middle);
      if (t.first + t.count - 1 < i) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  MT_HD int64_t past_user(int64_t i) const {
    int64_t low = 0, high = out;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (taps(middle).first <= i) low = middle + 1;
      else high = middle;
    }
    return low;
  }
};

MT_EVERY_DEVICE(
    /// y = x resized; x (planes, in), y (planes, out) for both axes, contiguous.
    void resample(View<const float, 3> x, View<float, 3> y, AxisMap rows, AxisMap cols);
    /// dx from dy: each output's gradient times its weights; dx (planes, in), dy (planes, out), contiguous.
    void resample_backward(View<const float, 3> dy, View<float, 3> dx, AxisMap rows, AxisMap cols);)

}  // namespace minitorch
