// SPDX-License-Identifier: MIT
// Pictures warped: a grid says for each pixel of the result where to look.
#pragma once
#include "minitorch/ops/grid_sample/grid_rule.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// The grid that samples a picture through affine maps: grid[n, i, j] = theta[n] (x_j, y_i, 1), with x and y
/// from -1 to 1 over the corner pixels' centres when aligned, else over the outer edges, where pixel i of n
/// has (2 i + 1) / n - 1. theta (N, 2, 3), size (N, C, H, W), result (N, H, W, 2) with x first. Gradient:
/// dtheta[n] = sum of dgrid (x, y, 1).
/// @throws ShapeError unless theta is (N, 2, 3) and size has four entries of at least 1 with the same N
Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners = false);

struct GridSampleOptions {
  SampleMode mode = SampleMode::kBilinear;
  GridPadding padding = GridPadding::kZeros;
  bool align_corners = false;
};

/// y[n, c, i, j] = x[n, c] at the position grid[n, i, j] = (x, y): -1 and 1 are the centres of the corner
/// pixels when aligned, otherwise the outer edges. x (N, C, H, W), grid (N, H', W', 2), y (N, C, H', W').
/// Gradients: of x, dy given to the pixels read, by their weights (on a GPU with atomic adds, so that the
/// last bits may vary); of the grid, dy times the slope of the picture there, 0 for nearest and where a
/// position was clamped.
/// @throws ShapeError unless shapes are as above and the picture has a pixel, DtypeError for whole numbers,
/// DeviceError
Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& options = {});

}  // namespace minitorch
