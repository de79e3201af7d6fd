// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/grid_sample/grid_sample_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

using Pictures = View<float, 4>;
using ConstPictures = View<const float, 4>;

// The pixels that one result looks at.
struct Look {
  int corners;
  int64_t index[4];
  float weight[4];
};

template <GridPadding kPadding>
__device__ Look look_at(GridAxis rows, GridAxis cols, float gx, float gy, SampleMode mode) {
  const int64_t width = static_cast<int64_t>(cols.n);
  if (mode == SampleMode::kNearest) {
    float in_x, in_y;
    const int64_t x = cols.nearest<kPadding>(gx, in_x), y = rows.nearest<kPadding>(gy, in_y);
    return {1, {y * width + x}, {in_x * in_y}};
  }
  const auto x = cols.taps<kPadding>(gx), y = rows.taps<kPadding>(gy);
  return {4,
          {y.low * width + x.low, y.low * width + x.high, y.high * width + x.low, y.high * width + x.high},
          {y.low_weight * x.low_weight, y.low_weight * x.high_weight, y.high_weight * x.low_weight,
           y.high_weight * x.high_weight}};
}

// y[n, c, i, j] = x[n, c] at grid[n, i, j]. A thread owns a result's place (n, i, j) and makes its channels
// one after the other, so that position and weights are worked out once. A warp writes neighbours; what it
// reads lies as close together as the grid's points do. 8 bytes of the grid a place, then 4 written and up
// to 16 read a channel for 8 operations, mostly from the cache: memory-bound.
template <GridPadding kPadding>
__global__ void sample(ConstPictures x, ConstPictures grid, Pictures y, SampleMode mode, GridAxis rows,
                       GridAxis cols) {
  const int64_t in = x.size[2] * x.size[3], out = y.size[2] * y.size[3], channels = y.size[1];
  for (int64_t i = first_item(); i < y.size[0] * out; i += item_step()) {
    const int64_t n = i / out, at = i % out;
    const Look look = look_at<kPadding>(rows, cols, grid.data[2 * i], grid.data[2 * i + 1], mode);
    for (int64_t c = n * channels; c < (n + 1) * channels; ++c) {
      float sum = 0;
      for (int k = 0; k < look.corners; ++k)
        if (look.weight[k] != 0) sum += look.weight[k] * x.data[c * in + look.index[k]];
      y.data[c * out + at] = sum;
    }
  }
}

// dx[n, c, pixel] += weight dy[n, c, i, j] for the pixels read. A thread owns a result's place; several may
// have read one pixel, so they add with atomics, in no fixed order. 8 bytes a place, and a channel 4 read, up
// to four products and four atomics, which the L2 cache does: they are the limit.
template <GridPadding kPadding>
__global__ void sample_dx(ConstPictures dy, ConstPictures grid, Pictures dx, SampleMode mode, GridAxis rows,
                          GridAxis cols) {
  const int64_t in = dx.size[2] * dx.size[3], out = dy.size[2] * dy.size[3], channels = dx.size[1];
  for (int64_t i = first_item(); i < dy.size[0] * out; i += item_step()) {
    const int64_t n = i / out, at = i % out;
    const Look look = look_at<kPadding>(rows, cols, grid.data[2 * i], grid.data[2 * i + 1], mode);
    for (int64_t c = n * channels; c < (n + 1) * channels; ++c)
      for (int k = 0; k < look.corners; ++k)
        if (look.weight[k] != 0)
          atomicAdd(&dx.data[c * in + look.index[k]], look.weight[k] * dy.data[c * out + at]);
  }
}

// dgrid[n, i, j] = sum over channels of dy times the slopes of x along both axes. A thread owns a place and
// walks its channels: 20 bytes and 18 operations a channel, the four of x mostly from the cache, and 16 bytes
// a place.
template <GridPadding kPadding>
__global__ void sample_dgrid(ConstPictures dy, ConstPictures x, ConstPictures grid, Pictures dgrid,
                             GridAxis rows, GridAxis cols) {
  const int64_t in = x.size[2] * x.size[3], out = dy.size[2] * dy.size[3], channels = x.size[1];
  const int64_t width = static_cast<int64_t>(cols.n);
  for (int64_t i = first_item(); i < dy.size[0] * out; i += item_step()) {
    const auto tx = cols.taps<kPadding>(grid.data[2 * i]), ty = rows.taps<kPadding>(grid.data[2 * i + 1]);
    const bool x0 = tx.low_weight != 0 || tx.low_slope != 0, x1 = tx.high_weight != 0 || tx.high_slope != 0;
    const bool y0 = ty.low_weight != 0 || ty.low_slope != 0, y1 = ty.high_weight != 0 || ty.high_slope != 0;
    float along_x = 0, along_y = 0;
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t plane = i / out * channels + c;
      const float* p = x.data + plane * in;
      const float d = dy.data[plane * out + i % out];
      const float v00 = x0 && y0 ? p[ty.low * width + tx.low] : 0.0f,
                  v01 = x1 && y0 ? p[ty.low * width + tx.high] : 0.0f;
      const float v10 = x0 && y1 ? p[ty.high * width + tx.low] : 0.0f,
                  v11 = x1 && y1 ? p[ty.high * width + tx.high] : 0.0f;
      along_x += d * (ty.low_weight * (tx.low_slope * v00 + tx.high_slope * v01) +
                      ty.high_weight * (tx.low_slope * v10 + tx.high_slope * v11));
      along_y += d * (ty.low_slope * (tx.low_weight * v00 + tx.high_weight * v01) +
                      ty.high_slope * (tx.low_weight * v10 + tx.high_weight * v11));
    }
    dgrid.data[2 * i] = along_x;
    dgrid.data[2 * i + 1] = along_y;
  }
}

// grid[n, i, j] = theta[n] (x_j, y_i, 1), theta (n, 2, 3), grid (n, h, w, 2). A thread owns a place: 8 bytes
// written, theta from the cache, for 8 operations, two more for each coordinate and four divisions for the
// place: memory and division are about equally the limit.
__global__ void affine_points(View<const float, 3> theta, Pictures grid, bool aligned) {
  const int64_t height = grid.size[1], width = grid.size[2];
  for (int64_t i = first_item(); i < grid.size[0] * height * width; i += item_step()) {
    const int64_t n = i / width / height;
    const float x = grid_coordinate(i % width, width, aligned),
                y = grid_coordinate(i / width % height, height, aligned);
    grid.data[2 * i] = theta(n, 0, 0) * x + theta(n, 0, 1) * y + theta(n, 0, 2);
    grid.data[2 * i + 1] = theta(n, 1, 0) * x + theta(n, 1, 1) * y + theta(n, 1, 2);
  }
}

GridAxis axis_of(int64_t n, const GridRule& rule) { return {static_cast<float>(n), rule.aligned}; }
unsigned blocks_for_places(const ConstPictures& grid) { return blocks_for(grid.numel() / 2, 128); }

}  // namespace

void grid_sample(ConstPictures x, ConstPictures grid, Pictures y, GridRule rule) {
  if (y.numel() == 0) return;
  with_padding(rule.padding, [&]<GridPadding kPadding>() {
    check(launch(sample<kPadding>, blocks_for_places(grid), 128, 0, current_stream(), x, grid, y, rule.mode,
                 axis_of(x.size[2], rule), axis_of(x.size[3], rule)),
          "grid_sample");
  });
}

void grid_sample_dx(ConstPictures dy, ConstPictures grid, Pictures dx, GridRule rule) {
  if (dy.numel() == 0) return;
  with_padding(rule.padding, [&]<GridPadding kPadding>() {
    check(launch(sample_dx<kPadding>, blocks_for_places(grid), 128, 0, current_stream(), dy, grid, dx,
                 rule.mode, axis_of(dx.size[2], rule), axis_of(dx.size[3], rule)),
          "grid_sample");
  });
}

void grid_sample_dgrid(ConstPictures dy, ConstPictures x, ConstPictures grid, Pictures dgrid, GridRule rule) {
  if (grid.numel() == 0) return;
  with_padding(rule.padding, [&]<GridPadding kPadding>() {
    check(launch(sample_dgrid<kPadding>, blocks_for_places(grid), 128, 0, current_stream(), dy, x, grid,
                 dgrid, axis_of(x.size[2], rule), axis_of(x.size[3], rule)),
          "grid_sample");
  });
}

void affine_grid(View<const float, 3> theta, Pictures grid, bool aligned) {
  if (grid.numel() == 0) return;
  check(launch(affine_points, blocks_for(grid.numel() / 2), kElementwiseBlock, 0, current_stream(), theta,
               grid, aligned),
        "affine_grid");
}

}  // namespace minitorch::MT_DEVICE
