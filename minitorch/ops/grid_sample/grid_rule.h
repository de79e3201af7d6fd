// SPDX-License-Identifier: MIT
// Where a grid's coordinate looks along one axis of a picture, for every device. Light enough for kernel
// files.
#pragma once
#include <math.h>
#include <stdint.h>

#include "minitorch/core/macros.h"

namespace minitorch {

/// The four pixels around a position, by distance, or the nearest one (halves to the even pixel).
enum class SampleMode : uint8_t { kBilinear, kNearest };
/// What lies outside: 0; the nearest pixel of the edge; the picture mirrored, about the edge pixels' centres
/// when aligned and about the outer edges when not.
enum class GridPadding : uint8_t { kZeros, kBorder, kReflection };

/// One axis of `n` pixels. Without branches, so that the CPU's loops over it become vector code.
struct GridAxis {
  float n;
  bool aligned;

  /// The pixel position of coordinate g, which may lie outside.
  MT_HD float position(float g) const {
    return aligned ? (g + 1) * 0.5f * (n - 1) : ((g + 1) * n - 1) * 0.5f;
  }
  MT_HD float slope() const { return aligned ? (n - 1) * 0.5f : n * 0.5f; }

  /// The two pixels beside a position and their weights; where `inside` is 0 the pixel is outside and counts
  /// as 0.
  struct Taps {
    int32_t low, high;              // clamped into the picture
    float low_weight, high_weight;  // 0 outside
    float low_slope, high_slope;    // of the weights by g
  };
  template <GridPadding kPadding>
  MT_HD Taps taps(float g) const {
    float at = position(g), along = slope();
    const float last = n - 1;
    if constexpr (kPadding == GridPadding::kReflection) at = mirrored(at, along);
    if constexpr (kPadding == GridPadding::kZeros) {
      along = at >= -1 && at < n ? along : 0.0f;  // at -1 the slope of the first pixel begins, as in PyTorch
      at = at > -1 ? (at < n ? at : n)
                   : -1.0f;  // at -1 and n nothing is left; also tames NaN and what no integer can hold
    } else {
      along = at > 0 && at < last ? along : 0.0f;
      at = at > 0 ? (at < last ? at : last) : 0.0f;
    }
    const float floor_at = floorf(at), share = at - floor_at;
    const bool has_low = floor_at >= 0 && floor_at <= last, has_high = floor_at + 1 <= last;
    const float low = floor_at > 0 ? (floor_at < last ? floor_at : last) : 0.0f;
    const float high = floor_at + 1 < last ? floor_at + 1 : last;
    return {static_cast<int32_t>(low), static_cast<int32_t>(high), has_low ? 1 - share : 0.0f,
            has_high ? share : 0.0f,   has_low ? -along : 0.0f,    has_high ? along : 0.0f};
  }

  /// The nearest pixel, clamped into the picture, and whether it lies inside (1 or 0).
  template <GridPadding kPadding>
  MT_HD int32_t nearest(float g, float& inside) const {
    float at = position(g), along = 1;
    const float last = n - 1;
    if constexpr (kPadding == GridPadding::kReflection) at = mirrored(at, along);
    if constexpr (kPadding == GridPadding::kZeros) at = at > -1 ? (at < n ? at : n) : -1.0f;
    else at = at > 0 ? (at < last ? at : last) : 0.0f;
    at = rintf(at);
    inside = at >= 0 && at <= last ? 1.0f : 0.0f;
    return static_cast<int32_t>(at > 0 ? (at < last ? at : last) : 0.0f);
  }

 private:
  // Folded into [first, first + span] like a strip of paper; `along` changes sign on the way back.
  MT_HD float mirrored(float at, float& along) const {
    const float first = aligned ? 0.0f : -0.5f, span = aligned ? n - 1 : n;
    if (span <= 0) return 0;  // one aligned pixel
    const float from = at - first, distance = fabsf(from);
    const float folds = floorf(distance / span), rest = distance - folds * span;
    const bool odd = folds - 2 * floorf(folds * 0.5f) > 0.5f;
    along = (from < 0) != odd ? -along : along;
    return first + (odd ? span - rest : rest);
  }
};

}  // namespace minitorch
