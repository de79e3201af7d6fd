// SPDX-License-Identifier: MIT
// What the parts of the few-channels convolution share, and in part the depthwise one: the sizes of tiles and
// blocks, the transposes to and from lanes, and which taps reach a pixel. The idea is told in
// conv_few_channels_cpu.cpp. For *_cpu.cpp files.
#pragma once
#include <algorithm>
#include <vector>

#include "minitorch/core/scratch.h"
#include "minitorch/core/simd_shuffle.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu::few_channels {

using simd::kLanes, simd::Vec;

// Register tiles: kRows channels x 2 vectors of images, and kRows x kCols channels of dw.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int kRows = 8, kCols = 3;  // 32 registers
#else
inline constexpr int kRows = 4, kCols = 2;  // 16
#endif
inline constexpr int kVectors = 2, kStep = kVectors * kLanes;
inline constexpr int64_t kMostTaps = 64;

inline int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

/// Images of one block: x, y and the padding to whole vectors. At least four blocks, so that threads have
/// work.
inline int64_t block_images(const Conv& c) {
  constexpr int64_t kFloats = 131'072, kFewest = 32;
  const int64_t fit = kFloats / (c.ci * c.x_plane() + c.co * c.y_plane()) / kStep * kStep;
  return std::max<int64_t>(kStep, std::min(fit, round_up((c.n + 3) / 4, kFewest)));
}

/// (row, element) to (element, lane), zeros in the lanes of missing rows; rows lie `row` floats apart,
/// elements in lanes `pitch`. Some lanes at a time, all their elements: a processor foresees what is read
/// next from 16 places, but not from 128.
inline void to_lanes(float* to, const float* from, int64_t row, int64_t rows, int64_t elements, int64_t lanes,
                     int64_t pitch) {
  for (int64_t l = 0; l < lanes; l += kLanes)
    for (int64_t e = 0; e < elements; e += kLanes) {
      const int64_t count = std::clamp<int64_t>(rows - l, 0, kLanes),
                    n = std::min<int64_t>(kLanes, elements - e);
      const float* first = from + l * row + e;
      Vec r[kLanes];
      if (count == kLanes && n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) {
          r[i] = Vec::load(first + i * row);
          __builtin_prefetch(first + i * row + 4 * kLanes);
        }
      } else {
        for (int i = 0; i < kLanes; ++i) r[i] = i < count ? Vec::load(first + i * row, n) : Vec(0.f);
      }
      simd::transpose(r);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i)
        if (i < n) r[i].store(to + (e + i) * pitch + l);
    }
}

/// The way back.
inline void from_lanes(float* to, const float* from, int64_t row, int64_t rows, int64_t elements,
                       int64_t pitch) {
  for (int64_t l = 0; l < rows; l += kLanes)
    for (int64_t e = 0; e < elements; e += kLanes) {
      const int64_t count = std::min<int64_t>(kLanes, rows - l), n = std::min<int64_t>(kLanes, elements - e);
      float* first = to + l * row + e;
      Vec r[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) r[i] = i < n ? Vec::load(from + (e + i) * pitch + l) : Vec(0.f);
      simd::transpose(r);
      if (count == kLanes && n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) {
          r[i].store(first + i * row);
          __builtin_prefetch(first + i * row + 4 * kLanes, 1);
        }
      } else {
        for (int i = 0; i < count; ++i) r[i].store(first + i * row, n);
      }
    }
}

/// Along one axis, for each output position: which taps reach it, and from which input position. With
/// `forward` false, `in` and `out` are those of the gradient of the data. Tables, because a division per tap
/// would cost more than its multiplications.
struct Reach {
  int64_t tap, from;
};
inline std::vector<std::vector<Reach>> reach(bool forward, int64_t in, int64_t out, int64_t k, int64_t stride,
                                             int64_t pad, int64_t dilation) {
  std::vector<std::vector<Reach>> table(out);
  for (int64_t o = 0; o < out; ++o)
    for (int64_t t = 0; t < k; ++t) {
      int64_t from = forward ? o * stride - pad + t * dilation : o + pad - t * dilation;
      if (!forward && from % stride != 0) continue;
      if (!forward) from /= stride;
      if (from >= 0 && from < in) table[o].push_back({t, from});
    }
  return table;
}

/// Two ways to the gradient of the weights: by vectors of images, best for up to 4 channels, and by vectors
/// of channels.
void backward_weights_by_images(const Conv& c, const float* x, const float* dy, float* dw);
void backward_weights_by_products(const Conv& c, const float* x, const float* dy, float* dw);

}  // namespace minitorch::cpu::few_channels
