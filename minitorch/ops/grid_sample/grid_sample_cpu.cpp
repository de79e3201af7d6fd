// SPDX-License-Identifier: MIT
// A row of the result at a time: first where to look and with what weights, which is the same for all
// channels, then the channels one after the other.
#include <cstring>
#include <vector>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/grid_sample/grid_sample_kernels.h"

namespace minitorch::cpu {
namespace {

using Pictures = View<float, 4>;
using ConstPictures = View<const float, 4>;

constexpr int64_t kPart =
    128;  // pixels of a row worked on at a time: their tables stay in the first-level cache

// The pixels that `count` results look at: corner k of result j is pixel index[k][j] with weight[k][j].
struct Looks {
  int corners;
  int64_t count;
  int32_t index[4][kPart];
  float weight[4][kPart];
};

template <GridPadding kPadding>
void look_nearest(const float* grid, GridAxis rows, GridAxis cols, Looks& looks) {
  const int32_t width = static_cast<int32_t>(cols.n);
  for (int64_t j = 0; j < looks.count; ++j) {
    float in_x, in_y;
    const int32_t x = cols.nearest<kPadding>(grid[2 * j], in_x),
                  y = rows.nearest<kPadding>(grid[2 * j + 1], in_y);
    looks.index[0][j] = y * width + x;
    looks.weight[0][j] = in_x * in_y;
  }
}

template <GridPadding kPadding>
void look_bilinear(const float* grid, GridAxis rows, GridAxis cols, Looks& looks) {
  const int32_t width = static_cast<int32_t>(cols.n);
  for (int64_t j = 0; j < looks.count; ++j) {
    const auto x = cols.taps<kPadding>(grid[2 * j]), y = rows.taps<kPadding>(grid[2 * j + 1]);
    looks.index[0][j] = y.low * width + x.low;
    looks.index[1][j] = y.low * width + x.high;
    looks.index[2][j] = y.high * width + x.low;
    looks.index[3][j] = y.high * width + x.high;
    looks.weight[0][j] = y.low_weight * x.low_weight;
    looks.weight[1][j] = y.low_weight * x.high_weight;
    looks.weight[2][j] = y.high_weight * x.low_weight;
    looks.weight[3][j] = y.high_weight * x.high_weight;
  }
}

// The same weights' slopes by the grid's x, or by its y.
template <GridPadding kPadding>
void look_along(const float* grid, GridAxis rows, GridAxis cols, bool along_x, Looks& looks) {
  for (int64_t j = 0; j < looks.count; ++j) {
    const auto x = cols.taps<kPadding>(grid[2 * j]), y = rows.taps<kPadding>(grid[2 * j + 1]);
    const float x0 = along_x ? x.low_slope : x.low_weight, x1 = along_x ? x.high_slope : x.high_weight;
    const float y0 = along_x ? y.low_weight : y.low_slope, y1 = along_x ? y.high_weight : y.high_slope;
    looks.weight[0][j] = y0 * x0;
    looks.weight[1][j] = y0 * x1;
    looks.weight[2][j] = y1 * x0;
    looks.weight[3][j] = y1 * x1;
  }
}

void look(const float* grid, GridAxis rows, GridAxis cols, const GridRule& rule, Looks& looks) {
  looks.corners = rule.mode == SampleMode::kNearest ? 1 : 4;
  with_padding(rule.padding, [&]<GridPadding kPadding>() {
    looks.corners == 1 ? look_nearest<kPadding>(grid, rows, cols, looks)
                       : look_bilinear<kPadding>(grid, rows, cols, looks);
  });
}

// Pixels of weight 0 are left out of the sum: they may lie outside, and 0 times what is read instead might be
// NaN.
float seen(const float* plane, const Looks& looks, int k, int64_t j) {
  const float w = looks.weight[k][j];
  return w == 0 ? 0 : w * plane[looks.index[k][j]];
}

void read(const float* plane, const Looks& looks, float* out) {
  if (looks.corners == 1)
    for (int64_t j = 0; j < looks.count; ++j) out[j] = seen(plane, looks, 0, j);
  else
    for (int64_t j = 0; j < looks.count; ++j)
      out[j] = (seen(plane, looks, 0, j) + seen(plane, looks, 1, j)) +
               (seen(plane, looks, 2, j) + seen(plane, looks, 3, j));
}

// Calls visit(n, first pixel, looks) for every part of the `size` results of pictures begin to end - 1.
template <class Visit>
void for_each_part(const ConstPictures& grid, GridAxis rows, GridAxis cols, const GridRule& rule,
                   int64_t begin, int64_t end, Visit&& visit) {
  const int64_t size = grid.size[1] * grid.size[2], parts = (size + kPart - 1) / kPart;
  Looks looks;
  for (int64_t i = begin; i < end; ++i) {
    const int64_t n = i / parts, at = i % parts * kPart;
    looks.count = std::min(kPart, size - at);
    look(grid.data + (n * size + at) * 2, rows, cols, rule, looks);
    visit(n, at, looks);
  }
}
int64_t parts_of(const ConstPictures& grid) { return (grid.size[1] * grid.size[2] + kPart - 1) / kPart; }

}  // namespace

void grid_sample(ConstPictures x, ConstPictures grid, Pictures y, GridRule rule) {
  const GridAxis rows{static_cast<float>(x.size[2]), rule.aligned},
      cols{static_cast<float>(x.size[3]), rule.aligned};
  const int64_t in = x.size[2] * x.size[3], out = y.size[2] * y.size[3], channels = y.size[1];
  parallel_for(
      y.size[0] * parts_of(grid), 1 + kGrain / (kPart * (channels + 4)), [&](int64_t begin, int64_t end) {
        for_each_part(grid, rows, cols, rule, begin, end, [&](int64_t n, int64_t at, const Looks& looks) {
          for (int64_t c = 0; c < channels; ++c)
            read(x.data + (n * channels + c) * in, looks, y.data + (n * channels + c) * out + at);
        });
      });
}

// A thread owns whole planes of dx, because results may look anywhere. With fewer pictures than threads it
// owns single planes, and the looks are worked out anew for each.
void grid_sample_dx(ConstPictures dy, ConstPictures grid, Pictures dx, GridRule rule) {
  const GridAxis rows{static_cast<float>(dx.size[2]), rule.aligned},
      cols{static_cast<float>(dx.size[3]), rule.aligned};
  const int64_t in = dx.size[2] * dx.size[3], out = dy.size[2] * dy.size[3], channels = dx.size[1];
  const int64_t share = dx.size[0] >= num_threads() ? channels : 1, parts = parts_of(grid);
  if (dx.numel() == 0) return;
  parallel_for(dx.size[0] * (channels / share), 1 + kGrain / (4 * out * share + 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t plane = begin * share; plane < end * share; plane += share) {
                   const int64_t picture = plane / channels;
                   for_each_part(grid, rows, cols, rule, picture * parts, (picture + 1) * parts,
                                 [&](int64_t, int64_t at, const Looks& looks) {
                                   for (int64_t c = plane; c < plane + share; ++c)
                                     for (int64_t j = 0; j < looks.count; ++j)
                                       for (int k = 0; k < looks.corners; ++k)
                                         dx.data[c * in + looks.index[k][j]] +=
                                             looks.weight[k][j] * dy.data[c * out + at + j];
                                 });
                 }
               });
}

void grid_sample_dgrid(ConstPictures dy, ConstPictures x, ConstPictures grid, Pictures dgrid, GridRule rule) {
  const GridAxis rows{static_cast<float>(x.size[2]), rule.aligned},
      cols{static_cast<float>(x.size[3]), rule.aligned};
  const int64_t in = x.size[2] * x.size[3], out = dy.size[2] * dy.size[3], channels = x.size[1];
  parallel_for(x.size[0] * parts_of(grid), 1 + kGrain / (2 * kPart * (channels + 4)),
               [&](int64_t begin, int64_t end) {
                 for_each_part(grid, rows, cols, rule, begin, end, [&](int64_t n, int64_t at, Looks& looks) {
                   float values[kPart], total[kPart];
                   for (int axis = 0; axis < 2; ++axis) {
                     with_padding(rule.padding, [&]<GridPadding kPadding>() {
                       look_along<kPadding>(grid.data + (n * out + at) * 2, rows, cols, axis == 0, looks);
                     });
                     std::fill_n(total, looks.count, 0.0f);
                     for (int64_t c = 0; c < channels; ++c) {
                       read(x.data + (n * channels + c) * in, looks, values);
                       const float* d = dy.data + (n * channels + c) * out + at;
                       for (int64_t j = 0; j < looks.count; ++j) total[j] += values[j] * d[j];
                     }
                     for (int64_t j = 0; j < looks.count; ++j)
                       dgrid.data[(n * out + at + j) * 2 + axis] = total[j];
                   }
                 });
               });
}

void affine_grid(View<const float, 3> theta, Pictures grid, bool aligned) {
  const int64_t height = grid.size[1], width = grid.size[2];
  parallel_for(grid.size[0] * height, 1 + kGrain / (2 * width), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t n = row / height;
      const float y = grid_coordinate(row % height, height, aligned);
      const float xx = theta(n, 0, 0), x0 = theta(n, 0, 1) * y + theta(n, 0, 2);
      const float yx = theta(n, 1, 0), y0 = theta(n, 1, 1) * y + theta(n, 1, 2);
      float* out = grid.data + row * width * 2;
      for (int64_t j = 0; j < width; ++j) {
        const float x = grid_coordinate(j, width, aligned);
        out[2 * j] = xx * x + x0;
        out[2 * j + 1] = yx * x + y0;
      }
    }
  });
}

}  // namespace minitorch::cpu
