// SPDX-License-Identifier: MIT
// The scratch memory of the depthwise convolution: runs of planes with zeros between their rows, split into
// phases. For conv_depthwise_cpu.cpp.
#pragma once
#include <algorithm>
#include <vector>

#include "minitorch/core/scratch.h"
#include "minitorch/core/simd_shuffle.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {

/// The geometry that the three passes share. Element (y, x) of a plane of x lies in phase (y % sh, x % sw) at
/// row y / sh and column x / sw; dy has one phase. Rows of all are `pitch` apart, planes `plane`, phases
/// `phase`.
class PlaneRuns {
 public:
  int64_t
      planes;  ///< in the scratch memory at a time: about 1000 pixels, so that short planes make a long row
  int64_t pitch, plane, phase, front;
  bool by_rows;  ///< may whole vectors of kRows rows be computed together?
  static constexpr int64_t kRows = 6;

  explicit PlaneRuns(const Conv& c) : c_(c) {
    const Axis y{c.h, c.oh, c.kh, c.sh, c.top, c.dh}, x{c.w, c.ow, c.kw, c.sw, c.left, c.dw};
    by_rows = c.sh == 1 && c.sw == 1 && c.dh == 1 && c.dw == 1 && (c.kh == 3 || c.kh == 5) && c.h >= kRows &&
              c.oh >= kRows;
    pitch = x.extent();
    if (by_rows)
      pitch = std::max(pitch, (std::max(c.w, c.ow) + simd::kLanes - 1) / simd::kLanes * simd::kLanes);
    plane = y.extent() * pitch;
    planes = std::clamp<int64_t>(1024 / plane, 1, std::min<int64_t>(16, c.ci));
    front = (y.reach() + 1) * (pitch + 1) + x.reach();
    phase = planes * plane + 2 * front + kSlack;
    for (int64_t r = 0; r < c.h; ++r) x_row_.push_back(r % c.sh * c.sw * phase + r / c.sh * pitch);
  }

  /// From pixel 0 to the last of a plane of y.
  int64_t y_length() const { return (c_.oh - 1) * pitch + c_.ow; }

  /// For each tap, where in the phases of x the tap of output 0 lies.
  std::vector<int64_t> taps() const {
    std::vector<int64_t> offsets;
    for (int64_t a = 0; a < c_.kh; ++a)
      for (int64_t b = 0; b < c_.kw; ++b) {
        const int64_t y = a * c_.dh - c_.top, x = b * c_.dw - c_.left;
        const int64_t row = floor_div(y, c_.sh), col = floor_div(x, c_.sw);
        offsets.push_back(((y - row * c_.sh) * c_.sw + x - col * c_.sw) * phase + row * pitch + col);
      }
    return offsets;
  }

  /// A phase of dx: its place, its length, and the taps that reach it with their places in dy. The filter is
  /// gone through from its end, so that the places rise as those of taps() do.
  struct GradientPhase {
    int64_t start, length;
    std::vector<int64_t> tap, offset;
  };
  std::vector<GradientPhase> gradient_phases() const {
    std::vector<GradientPhase> phases;
    for (int64_t fy = 0; fy < std::min(c_.sh, c_.h); ++fy)
      for (int64_t fx = 0; fx < std::min(c_.sw, c_.w); ++fx) {
        const int64_t rows = (c_.h - fy + c_.sh - 1) / c_.sh, cols = (c_.w - fx + c_.sw - 1) / c_.sw;
        GradientPhase p{(fy * c_.sw + fx) * phase, (rows - 1) * pitch + cols, {}, {}};
        for (int64_t a = c_.kh - 1; a >= 0; --a)
          for (int64_t b = c_.kw - 1; b >= 0; --b) {
            const int64_t y = fy + c_.top - a * c_.dh, x = fx + c_.left - b * c_.dw;
            if (y % c_.sh != 0 || x % c_.sw != 0) continue;
            p.tap.push_back(a * c_.kw + b);
            p.offset.push_back(y / c_.sh * pitch + x / c_.sw);
          }
        phases.push_back(std::move(p));
      }
    return phases;
  }

  // Copies between whole planes and the scratch memory, `to` and `from` being where plane 0 of phase 0
  // begins.
  void put_x(float* to, const float* x, int64_t count) const {
    for (int64_t i = 0; i < count; ++i, to += plane)
      for (int64_t r = 0; r < c_.h; ++r, x += c_.w) put_row(to + x_row_[r], x);
  }
  void get_x(float* x, const float* from, int64_t count) const {
    const float* end = x + count * c_.h * c_.w;
    for (int64_t i = 0; i < count; ++i, from += plane)
      for (int64_t r = 0; r < c_.h; ++r, x += c_.w) get_row(x, from + x_row_[r], end);
  }
  void put_y(float* to, const float* y, int64_t count) const {
    for (int64_t i = 0; i < count; ++i, to += plane)
      for (int64_t r = 0; r < c_.oh; ++r, y += c_.ow) copy_in(to + r * pitch, y, c_.ow);
  }
  void get_y(float* y, const float* from, int64_t count) const {
    const float* end = y + count * c_.oh * c_.ow;
    for (int64_t i = 0; i < count; ++i, from += plane)
      for (int64_t r = 0; r < c_.oh; ++r, y += c_.ow) copy_out(y, from + r * pitch, c_.ow, end);
  }

  static constexpr int64_t kSlack = 8 * simd::kLanes;

 private:
  struct Axis {
    int64_t in, out, kernel, stride, pad, dilation;
    int64_t lowest() const { return floor_div(-pad, stride); }
    int64_t highest() const { return floor_div(dilation * (kernel - 1) - pad, stride); }
    int64_t reach() const { return std::max<int64_t>({-lowest(), highest(), 0}); }
    // So long that a tap that leaves a row (of x, or of dy) at either end lands in the zeros before the next
    // one.
    int64_t extent() const {
      const int64_t slots = (in + stride - 1) / stride;
      return std::max({slots - lowest(), out + highest(), slots, out});
    }
  };
  static int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

  // Whole vectors; what a last one writes too much are zeros, in a gap or where the next row comes.
  static void copy_in(float* to, const float* from, int64_t n) {
    for (; n >= simd::kLanes; n -= simd::kLanes, to += simd::kLanes, from += simd::kLanes)
      simd::Vec::load(from).store(to);
    if (n > 0) simd::Vec::load(from, n).store(to);
  }
  // Whole vectors as long as they stay before `end`: the next row overwrites what is too much.
  static void copy_out(float* to, const float* from, int64_t n, const float* end) {
    for (; n > 0 && to + simd::kLanes <= end; n -= simd::kLanes, to += simd::kLanes, from += simd::kLanes)
      simd::Vec::load(from).store(to);
    for (int64_t i = 0; i < n; ++i) to[i] = from[i];
  }
  void put_row(float* to, const float* x) const {
    if (c_.sw == 1) {
      copy_in(to, x, c_.w);
    } else if (c_.sw == 2) {
      simd::split_pairs(to, to + phase, x, c_.w / 2);
      if (c_.w % 2) to[c_.w / 2] = x[c_.w - 1];
    } else {
      for (int64_t i = 0; i < c_.w; ++i) to[i % c_.sw * phase + i / c_.sw] = x[i];
    }
  }
  void get_row(float* x, const float* from, const float* end) const {
    if (c_.sw == 1) {
      copy_out(x, from, c_.w, end);
    } else if (c_.sw == 2) {
      simd::join_pairs(x, from, from + phase, c_.w / 2);
      if (c_.w % 2) x[c_.w - 1] = from[c_.w / 2];
    } else {
      for (int64_t i = 0; i < c_.w; ++i) x[i] = from[i % c_.sw * phase + i / c_.sw];
    }
  }

  Conv c_;
  std::vector<int64_t> x_row_;  // where each row of x begins
};

/// Room for a run of planes in some phases, zero between the rows.
class PlaneScratch {
 public:
  PlaneScratch(const PlaneRuns& runs, int64_t phases)
      : memory_(phases * runs.phase + runs.kSlack), data_(memory_.data() + runs.front) {
    std::fill_n(memory_.data(), phases * runs.phase + runs.kSlack, 0.f);
  }
  float* data() const { return data_; }

 private:
  Scratch<> memory_;
  float* data_;
};

}  // namespace minitorch::cpu
