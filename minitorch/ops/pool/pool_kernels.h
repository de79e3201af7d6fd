// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

/// `planes` planes of (h, w) pooled to (oh, ow).
struct PoolShape {
  int64_t planes, h, w, oh, ow;
  int64_t kh, kw, sh, sw, ph, pw;
  bool adaptive;     ///< windows follow from the sizes alone
  bool include_pad;  ///< avg: divide by the window's size with its padding, cut at the padded border

  struct Range {
    int64_t begin, end;
  };
  static MT_HD Range range(int64_t i, int64_t n, int64_t out, int64_t k, int64_t s, int64_t p,
                           bool adaptive) {
    if (adaptive) return {i * n / out, ((i + 1) * n + out - 1) / out};
    const int64_t from = i * s - p, to = from + k;
    return {from < 0 ? 0 : from, to > n ? n : to};
  }
  /// Rows and columns inside the plane that output (i, j) sees.
  MT_HD Range rows(int64_t i) const { return range(i, h, oh, kh, sh, ph, adaptive); }
  MT_HD Range cols(int64_t j) const { return range(j, w, ow, kw, sw, pw, adaptive); }
  /// What the sum of output (i, j) is divided by.
  MT_HD int64_t divisor(int64_t i, int64_t j) const {
    if (adaptive || !include_pad) {
      const Range r = rows(i), c = cols(j);
      return (r.end - r.begin) * (c.end - c.begin);
    }
    const int64_t r1 = i * sh - ph + kh, c1 = j * sw - pw + kw;
    return ((r1 < h + ph ? r1 : h + ph) - (i * sh - ph)) * ((c1 < w + pw ? c1 : w + pw) - (j * sw - pw));
  }
};

// clang-format off
MT_EVERY_DEVICE(
  /// y (planes, oh, ow) and where in its plane each maximum stood: the flat index h w of the first largest.
  void max_pool_forward(PoolShape s, const float* x, float* y, int32_t* where);
  /// dx = 0, then dx[where] += dy.
  void max_pool_backward(PoolShape s, const float* dy, const int32_t* where, float* dx);
  void avg_pool_forward(PoolShape s, const float* x, float* y);
  void avg_pool_backward(PoolShape s, const float* dy, float* dx);
)
// clang-format on

}  // namespace minitorch
