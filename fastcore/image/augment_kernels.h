// SPDX-License-Identifier: MIT
// What augment.cpp and augment_light.cpp hand to the loops in augment_cpu.cpp.
#pragma once
#include "minitorch/ops/grid_sample/grid_sample_kernels.h"

namespace fastcore::kernels {

/// A PlaneMap as floats, row by row.
struct MapRows {
  float m[9];
};

/// y[n, c, i, j] = x[n, c] at the place to which maps[n] takes (x_j, y_i). x (N, C, H, W), y (N, C, H', W'),
/// contiguous.
void sample_through(minitorch::View<const float, 4> x, const MapRows* maps, minitorch::View<float, 4> y,
                    minitorch::GridRule rule);

/// A change of light as floats. @see Light
struct LightChange {
  float scale, grey, offset;
};

/// y = sigmoid(light(logit(x))); a change of {1, 0, 0} copies. x and y (N, C, pixels), contiguous.
void light(minitorch::View<const float, 3> x, const LightChange* changes, minitorch::View<float, 3> y);

}  // namespace fastcore::kernels
