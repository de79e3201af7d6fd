// SPDX-License-Identifier: MIT
// A copy of a batch of images with zero borders, laid out so that no later loop needs to know of borders or
// strides: for a horizontal stride s, the columns of each row are regrouped by (column mod s), and stepping s
// columns at a time becomes a contiguous read. For *_cpu.cpp files.
#pragma once
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/core/scratch.h"
#include "minitorch/core/simd_shuffle.h"

namespace minitorch::cpu {

struct Planes {  // n images of c planes of h x w
  int64_t n, c, h, w, image;
};
struct Border {
  int64_t top, bottom, left, right;
};

class Padded {
 public:
  Padded(const float* x, const Planes& planes, const Border& border, int64_t period)
      : channels_(planes.c),
        rows_(planes.h + border.top + border.bottom),
        pitch_((planes.w + border.left + border.right + period - 1) / period * period),
        period_(period),
        memory_(planes.n * planes.c * rows_ * pitch_ + kSlack) {
    parallel_for(planes.n * planes.c, 1 + 16'384 / (rows_ * pitch_ + 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        copy_plane(x + i / planes.c * planes.image + i % planes.c * planes.h * planes.w, planes, border,
                   memory_.data() + i * rows_ * pitch_);
    });
    std::fill_n(memory_.data() + planes.n * planes.c * rows_ * pitch_, kSlack, 0.f);
  }

  const float* data() const { return memory_.data(); }
  int64_t pitch() const { return pitch_; }
  int64_t image(int64_t n) const { return n * channels_ * rows_ * pitch_; }
  /// Where column x + period * q of row y lies, for every q from 0 on: at(c, y, x) + q.
  int64_t at(int64_t c, int64_t y, int64_t x) const {
    return (c * rows_ + y) * pitch_ + x % period_ * (pitch_ / period_) + x / period_;
  }

 private:
  static constexpr int64_t kSlack = 8 * simd::kLanes;  // vectors may be read beyond the last row

  void copy_plane(const float* from, const Planes& planes, const Border& border, float* to) const {
    fill_zeros(to, border.top * pitch_);
    to += border.top * pitch_;
    for (int64_t y = 0; y < planes.h; ++y, to += pitch_, from += planes.w)
      if (period_ == 1) {
        fill_zeros(to, border.left);
        copy(to + border.left, from, planes.w);
        fill_zeros(to + border.left + planes.w, pitch_ - border.left - planes.w);
      } else {
        copy_row(from, planes.w, border.left, to);
      }
    fill_zeros(to, border.bottom * pitch_);
  }
  void copy_row(const float* from, int64_t w, int64_t left, float* to) const {
    const int64_t phase = pitch_ / period_;
    fill_zeros(to, pitch_);
    if (period_ == 2) {
      float* even = to + left % 2 * phase + left / 2;             // where columns 0, 2, 4 ... go
      float* odd = to + (left + 1) % 2 * phase + (left + 1) / 2;  // and 1, 3, 5 ...
      for (int64_t x = 0; x < w; x += 2 * simd::kLanes) {
        const simd::Vec a = load(from + x, w - x), b = load(from + x + simd::kLanes, w - x - simd::kLanes);
        store(simd::even_elements(a, b), even + x / 2, (w - x + 1) / 2);
        store(simd::odd_elements(a, b), odd + x / 2, (w - x) / 2);
      }
    } else {
      int64_t at = left % period_, q = left / period_;
      for (int64_t x = 0; x < w; ++x) {
        to[at * phase + q] = from[x];
        if (++at == period_) at = 0, ++q;
      }
    }
  }

  // Rows are short, so that calls of memset and memcpy would cost more than what they do.
  static simd::Vec load(const float* from, int64_t n) {
    return n >= simd::kLanes ? simd::Vec::load(from) : simd::Vec::load(from, std::max<int64_t>(n, 0));
  }
  static void store(simd::Vec v, float* to, int64_t n) {
    if (n >= simd::kLanes) v.store(to);
    else v.store(to, std::max<int64_t>(n, 0));
  }
  static void copy(float* to, const float* from, int64_t n) {
    for (int64_t i = 0; i < n; i += simd::kLanes) store(load(from + i, n - i), to + i, n - i);
  }
  static void fill_zeros(float* to, int64_t n) {
    for (int64_t i = 0; i < n; i += simd::kLanes) store(0.f, to + i, n - i);
  }

  int64_t channels_, rows_, pitch_, period_;
  Scratch<> memory_;
};

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }  // a >= 0
inline int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

}  // namespace minitorch::cpu
