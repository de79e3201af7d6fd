// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/grid_sample/grid_rule.h"

namespace minitorch {

struct GridRule {
  SampleMode mode;
  GridPadding padding;
  bool aligned;
};

/// Calls visit with the padding as a template argument.
template <class Visit>
void with_padding(GridPadding padding, Visit&& visit) {
  switch (padding) {
    case GridPadding::kZeros: return visit.template operator()<GridPadding::kZeros>();
    case GridPadding::kBorder: return visit.template operator()<GridPadding::kBorder>();
    case GridPadding::kReflection: return visit.template operator()<GridPadding::kReflection>();
  }
}

// x and dx (N, C, H, W), grid and dgrid (N, H', W', 2), y and dy (N, C, H', W'); all contiguous.
MT_EVERY_DEVICE(
    /// y[n, c, i, j] = x[n, c] at grid[n, i, j]
    void grid_sample(View<const float, 4> x, View<const float, 4> grid, View<float, 4> y, GridRule rule);
    /// dx += dy given to the pixels that were read, by their weights.
    void grid_sample_dx(View<const float, 4> dy, View<const float, 4> grid, View<float, 4> dx, GridRule rule);
    /// dgrid[n, i, j] = sum over c of dy times the slopes of x[n, c] there; bilinear only.
    void grid_sample_dgrid(View<const float, 4> dy, View<const float, 4> x, View<const float, 4> grid,
                           View<float, 4> dgrid, GridRule rule);
    /// grid[n, i, j] = theta[n] (x_j, y_i, 1); theta (N, 2, 3), grid (N, H, W, 2)
    void affine_grid(View<const float, 3> theta, View<float, 4> grid, bool aligned);)

/// Coordinate of pixel i of n: from -1 to 1 over the centres of the end pixels, or over the outer edges.
MT_HD float grid_coordinate(int64_t i, int64_t n, bool aligned) {
  if (aligned) return n > 1 ? 2 * static_cast<float>(i) / static_cast<float>(n - 1) - 1 : 0.0f;
  return static_cast<float>(2 * i + 1) / static_cast<float>(n) - 1;
}

}  // namespace minitorch
