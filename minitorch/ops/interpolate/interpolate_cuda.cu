// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/interpolate/interpolate_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// y[p, oy, ox] = sum of weight(iy) weight(ix) x[p, iy, ix]. A thread owns a pixel (oy, ox) and makes it in
// planes blockIdx.y, blockIdx.y + gridDim.y, ...: where it looks and with what weights is worked out once for
// all of them. A warp writes neighbours and reads near neighbours, which the cache serves. x and y once, 4
// bytes an element, and two operations a tap: 8 an output where it grows bilinearly. Memory-bound.
__global__ void resample_pixels(View<const float, 3> x, View<float, 3> y, AxisMap rows, AxisMap cols) {
  const int64_t width = y.size[2];
  for (int64_t pixel = first_item(); pixel < y.size[1] * width; pixel += item_step()) {
    const AxisMap::Taps ty = rows.taps(pixel / width), tx = cols.taps(pixel % width);
    for (int64_t p = blockIdx.y; p < y.size[0]; p += gridDim.y) {
      float sum = 0;
      for (int64_t i = ty.first; i < ty.first + ty.count; ++i) {
        float row = 0;
        for (int64_t j = tx.first; j < tx.first + tx.count; ++j) row += cols.weight(tx, j) * x(p, i, j);
        sum += rows.weight(ty, i) * row;
      }
      y(p, pixel / width, pixel % width) = sum;
    }
  }
}

// dx[p, i, j] = sum over the outputs made from (i, j) of their weights times dy. A thread owns an input pixel
// and collects, in planes as above: nothing is added by two threads, so the result is the same on every run.
// The same bytes and operations.
__global__ void resample_pixels_backward(View<const float, 3> dy, View<float, 3> dx, AxisMap rows,
                                         AxisMap cols) {
  const int64_t width = dx.size[2];
  for (int64_t pixel = first_item(); pixel < dx.size[1] * width; pixel += item_step()) {
    const int64_t i = pixel / width, j = pixel % width;
    const int64_t top = rows.first_user(i), bottom = rows.past_user(i), left = cols.first_user(j),
                  right = cols.past_user(j);
    for (int64_t p = blockIdx.y; p < dx.size[0]; p += gridDim.y) {
      float sum = 0;
      for (int64_t oy = top; oy < bottom; ++oy) {
        float row = 0;
        for (int64_t ox = left; ox < right; ++ox) row += cols.weight(cols.taps(ox), j) * dy(p, oy, ox);
        sum += rows.weight(rows.taps(oy), i) * row;
      }
      dx(p, i, j) = sum;
    }
  }
}

// Blocks over pixels, and over planes until there are enough of them to fill a GPU.
dim3 grid_for(int64_t pixels, int64_t planes) {
  const unsigned x = blocks_for(pixels);
  const int64_t wanted = 2048 / x + 1;
  return dim3(x, static_cast<unsigned>(wanted < planes ? wanted : planes));
}

}  // namespace

void resample(View<const float, 3> x, View<float, 3> y, AxisMap rows, AxisMap cols) {
  if (y.numel() == 0) return;
  check(launch(resample_pixels, grid_for(y.size[1] * y.size[2], y.size[0]), kElementwiseBlock, 0,
               current_stream(), x, y, rows, cols),
        "interpolate");
}
void resample_backward(View<const float, 3> dy, View<float, 3> dx, AxisMap rows, AxisMap cols) {
  if (dx.numel() == 0) return;
  check(launch(resample_pixels_backward, grid_for(dx.size[1] * dx.size[2], dx.size[0]), kElementwiseBlock, 0,
               current_stream(), dy, dx, rows, cols),
        "interpolate");
}

}  // namespace minitorch::MT_DEVICE
