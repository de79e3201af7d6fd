// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/unfold/unfold_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// columns[p kh kw + i kw + j, oy ow + ox] = pictures[p, pixel under tap (i, j)]. A thread owns an element of
// the result; a warp writes neighbours and reads pixels `stride` apart. 4 bytes written an element,
// and 4 read, mostly from the cache, for the four divisions of its place: memory-bound.
__global__ void unfold_items(View<const float, 3> pictures, View<float, 2> columns, SlidingAxis rows,
                             SlidingAxis cols) {
  const int64_t places = columns.size[1];
  for (int64_t k = first_item(); k < columns.size[0] * places; k += item_step()) {
    const int64_t row = k / places, place = k % places, tap = row % (rows.size * cols.size);
    const int64_t y = rows.element(place / cols.out, tap / cols.size),
                  x = cols.element(place % cols.out, tap % cols.size);
    const bool inside = y >= 0 && y < rows.in && x >= 0 && x < cols.in;
    columns.data[k] = inside ? pictures(row / (rows.size * cols.size), y, x) : 0.0f;
  }
}

// pictures[p, y, x] = sum of the column elements over it. A thread owns a pixel and looks at each tap whether
// some place puts it there, so nothing is added by two threads. 4 bytes an element of both, an addition an
// element of the columns, and up to two divisions a tap: memory-bound.
__global__ void fold_pixels(View<const float, 2> columns, View<float, 3> pictures, SlidingAxis rows,
                            SlidingAxis cols) {
  const int64_t area = rows.in * cols.in, places = columns.size[1];
  for (int64_t k = first_item(); k < pictures.size[0] * area; k += item_step()) {
    const int64_t p = k / area, y = k % area / cols.in, x = k % cols.in;
    float sum = 0;
    for (int64_t i = 0; i < rows.size; ++i) {
      const int64_t down = y + rows.padding - i * rows.dilation, oy = down / rows.stride;
      if (down < 0 || oy * rows.stride != down || oy >= rows.out) continue;
      for (int64_t j = 0; j < cols.size; ++j) {
        const int64_t right = x + cols.padding - j * cols.dilation, ox = right / cols.stride;
        if (right < 0 || ox * cols.stride != right || ox >= cols.out) continue;
        sum += columns.data[((p * rows.size + i) * cols.size + j) * places + oy * cols.out + ox];
      }
    }
    pictures.data[k] = sum;
  }
}

}  // namespace

void unfold(View<const float, 3> pictures, View<float, 2> columns, SlidingAxis rows, SlidingAxis cols) {
  if (columns.numel() == 0) return;
  check(launch(unfold_items, blocks_for(columns.numel()), kElementwiseBlock, 0, current_stream(), pictures,
               columns, rows, cols),
        "unfold");
}
void fold(View<const float, 2> columns, View<float, 3> pictures, SlidingAxis rows, SlidingAxis cols) {
  if (pictures.numel() == 0) return;
  check(launch(fold_pixels, blocks_for(pictures.numel()), kElementwiseBlock, 0, current_stream(), columns,
               pictures, rows, cols),
        "fold");
}

}  // namespace minitorch::MT_DEVICE
