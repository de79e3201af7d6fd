// SPDX-License-Identifier: MIT
// What both halves of the few-channels convolution share: the sizes of its tiles and blocks, and the
// transposes between images and lanes. The idea is told in conv_few_channels_cpu.cpp. For *_cpu.cpp files.
#pragma once
#include <algorithm>

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

/// (image, element) to (element, lane), zeros in the lanes of missing images. Some lanes at a time, all their
/// elements: a processor foresees what is read next from 16 places, but not from 128.
inline void to_lanes(float* to, const float* from, int64_t image, int64_t images, int64_t elements,
                     int64_t lanes) {
  for (int64_t l = 0; l < lanes; l += kLanes)
    for (int64_t e = 0; e < elements; e += kLanes) {
      const int64_t rows = std::clamp<int64_t>(images - l, 0, kLanes),
                    n = std::min<int64_t>(kLanes, elements - e);
      const float* first = from + l * image + e;
      Vec r[kLanes];
      if (rows == kLanes && n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) {
          r[i] = Vec::load(first + i * image);
          __builtin_prefetch(first + i * image + 4 * kLanes);
        }
      } else {
        for (int i = 0; i < kLanes; ++i) r[i] = i < rows ? Vec::load(first + i * image, n) : Vec(0.f);
      }
      simd::transpose(r);
      if (n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) r[i].store(to + (e + i) * lanes + l);
      } else {
        for (int i = 0; i < n; ++i) r[i].store(to + (e + i) * lanes + l);
      }
    }
}

/// The way back.
inline void from_lanes(float* to, const float* from, int64_t image, int64_t images, int64_t elements,
                       int64_t lanes) {
  for (int64_t l = 0; l < images; l += kLanes) {
    const int64_t rows = std::min<int64_t>(kLanes, images - l);
    int64_t e = 0;
    for (; rows == kLanes && e + kLanes <= elements; e += kLanes) {
      Vec r[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) r[i] = Vec::load(from + (e + i) * lanes + l);
      simd::transpose(r);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) r[i].store(to + (l + i) * image + e);
    }
    for (; e < elements; ++e)
      for (int64_t i = 0; i < rows; ++i) to[(l + i) * image + e] = from[e * lanes + l + i];
  }
}

/// Two ways to the gradient of the weights: by vectors of images, best for up to 4 channels, and by vectors
/// of channels.
void backward_weights_by_images(const Conv& c, const float* x, const float* dy, float* dw);
void backward_weights_by_products(const Conv& c, const float* x, const float* dy, float* dw);

}  // namespace minitorch::cpu::few_channels
