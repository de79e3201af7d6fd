// SPDX-License-Identifier: MIT
// Digits on a larger canvas, in its middle or anywhere: for the measurement bias of lesson 2.
#pragma once
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/plot/image_grid.h"
#include "minitorch/minitorch.h"

namespace fastcore {

inline constexpr int64_t kMargin = 6;  ///< pixels around the 28 x 28 of a digit, so that none is cut off

/// Three convolutions that halve the picture, 40 to 20, 10 and 5, and a linear layer.
inline minitorch::nn::Sequential small_net() {
  using namespace minitorch;
  const nn::Conv2dOptions half{.stride = 2, .padding = 1};
  return nn::Sequential{nn::Conv2d(1, 8, 3, half),
                        nn::ReLU(),
                        nn::Conv2d(8, 16, 3, half),
                        nn::ReLU(),
                        nn::Conv2d(16, 32, 3, half),
                        nn::ReLU(),
                        nn::Flatten(),
                        nn::Linear(32 * 5 * 5, 10)};
}

/// Each digit on a black canvas, moved from its middle by up to `far` pixels along each axis:
/// (n, 1, 28, 28) -> (n, 1, 40, 40).
inline minitorch::Tensor placed(const minitorch::Tensor& digits, int64_t far) {
  const int64_t n = digits.size(0), side = digits.size(2) + 2 * kMargin;
  const auto moves = minitorch::randint(-far, far + 1, {n, 2}).to_vector<int64_t>();
  minitorch::Tensor canvas = minitorch::zeros({n, 1, side, side});
  for (int64_t i = 0; i < n; ++i) {
    const int64_t top = kMargin + moves[2 * i], left = kMargin + moves[2 * i + 1];
    canvas(i, 0, minitorch::Slice{top, top + 28}, minitorch::Slice{left, left + 28}).copy_(digits(i, 0));
  }
  return canvas;
}

/// Some digits, one a column, moved further from row to row: by up to 0, 2, 4 and 6 pixels.
inline ImageGrid placed_grid(const minitorch::Tensor& digits) {
  ImageGrid grid{.items = {}, .columns = 8, .cell = 70};
  const int64_t step = digits.size(0) / 8;
  for (const int64_t far : {0, 2, 4, 6})
    for (int64_t i = 0; i < 8; ++i)
      grid.items.push_back({to_image(placed(digits(minitorch::Slice{i * step, i * step + 1}), far)[0])});
  return grid;
}

}  // namespace fastcore
