// SPDX-License-Identifier: MIT
// Pooling: a thread an output going forward, a thread an input going back, so that nothing is added
// atomically and the same sums come out on every run. An output takes kh kw operations for some 10 bytes:
// memory is the limit.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/pool/pool_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

struct Place {
  int64_t plane, row, col;
};
__device__ __forceinline__ Place place(int64_t i, int64_t rows, int64_t cols) {
  return {i / (rows * cols), i / cols % rows, i % cols};
}

// y and where (planes, oh, ow): the largest of each window of x (planes, h, w), the first of equals, and its
// place. A thread owns an output and reads its window, overlaps from the cache: 4 h w + 8 oh ow bytes and 2
// kh kw oh ow comparisons a plane.
__global__ void max_forward(PoolShape s, const float* x, float* y, int32_t* where) {
  for (int64_t i = first_item(); i < s.planes * s.oh * s.ow; i += item_step()) {
    const Place o = place(i, s.oh, s.ow);
    const PoolShape::Range rows = s.rows(o.row), cols = s.cols(o.col);
    const float* plane = x + o.plane * s.h * s.w;
    int64_t at = rows.begin * s.w + cols.begin;
    float best = plane[at];
    for (int64_t r = rows.begin; r < rows.end; ++r)
      for (int64_t c = cols.begin; c < cols.end; ++c) {
        const float v = plane[r * s.w + c];
        if (v > best || v != v) best = v, at = r * s.w + c;
      }
    y[i] = best;
    where[i] = static_cast<int32_t>(at);
  }
}

// The outputs whose window may hold input position t.
__device__ __forceinline__ PoolShape::Range reach(int64_t t, int64_t n, int64_t out, int64_t k, int64_t s,
                                                  int64_t p, bool adaptive) {
  if (adaptive) {
    const int64_t first = t * out / n, last = ((t + 1) * out + n - 1) / n;
    return {first, last < out ? last : out};
  }
  const int64_t from = t + p - k + 1, first = from > 0 ? (from + s - 1) / s : 0, last = (t + p) / s + 1;
  return {first, last < out ? last : out};
}

// dx[input] = sum of dy over the outputs whose maximum it was. A thread owns an input and looks at the
// windows over it: 4 h w bytes written, and the 8 bytes of an output once, then from the cache; a comparison
// a window, kh kw oh ow of them a plane.
__global__ void max_backward(PoolShape s, const float* dy, const int32_t* where, float* dx) {
  for (int64_t i = first_item(); i < s.planes * s.h * s.w; i += item_step()) {
    const Place in = place(i, s.h, s.w);
    const PoolShape::Range rows = reach(in.row, s.h, s.oh, s.kh, s.sh, s.ph, s.adaptive),
                           cols = reach(in.col, s.w, s.ow, s.kw, s.sw, s.pw, s.adaptive);
    float total = 0;
    for (int64_t r = rows.begin; r < rows.end; ++r)
      for (int64_t c = cols.begin; c < cols.end; ++c) {
        const int64_t o = (in.plane * s.oh + r) * s.ow + c;
        if (where[o] == in.row * s.w + in.col) total += dy[o];
      }
    dx[i] = total;
  }
}

// y (planes, oh, ow) = the mean of each window of x (planes, h, w). A thread owns an output and reads its
// window, overlaps from the cache: 4 (h w + oh ow) bytes and kh kw oh ow additions a plane.
__global__ void avg_forward(PoolShape s, const float* x, float* y) {
  for (int64_t i = first_item(); i < s.planes * s.oh * s.ow; i += item_step()) {
    const Place o = place(i, s.oh, s.ow);
    const PoolShape::Range rows = s.rows(o.row), cols = s.cols(o.col);
    float total = 0;
    for (int64_t r = rows.begin; r < rows.end; ++r)
      for (int64_t c = cols.begin; c < cols.end; ++c) total += x[(o.plane * s.h + r) * s.w + c];
    y[i] = total / s.divisor(o.row, o.col);
  }
}

// dx[input] = sum of dy / divisor over the windows that hold it. A thread owns an input: 4 (h w + oh ow)
// bytes and kh kw oh ow divisions and additions a plane.
__global__ void avg_backward(PoolShape s, const float* dy, float* dx) {
  for (int64_t i = first_item(); i < s.planes * s.h * s.w; i += item_step()) {
    const Place in = place(i, s.h, s.w);
    const PoolShape::Range rows = reach(in.row, s.h, s.oh, s.kh, s.sh, s.ph, s.adaptive),
                           cols = reach(in.col, s.w, s.ow, s.kw, s.sw, s.pw, s.adaptive);
    float total = 0;
    for (int64_t r = rows.begin; r < rows.end; ++r)
      for (int64_t c = cols.begin; c < cols.end; ++c)
        total += dy[(in.plane * s.oh + r) * s.ow + c] / s.divisor(r, c);
    dx[i] = total;
  }
}

}  // namespace

void max_pool_forward(PoolShape s, const float* x, float* y, int32_t* where) {
  check(launch(max_forward, blocks_for(s.planes * s.oh * s.ow), kElementwiseBlock, 0, current_stream(), s, x,
               y, where),
        "max_pool2d");
}
void max_pool_backward(PoolShape s, const float* dy, const int32_t* where, float* dx) {
  check(launch(max_backward, blocks_for(s.planes * s.h * s.w), kElementwiseBlock, 0, current_stream(), s, dy,
               where, dx),
        "max_pool2d backward");
}
void avg_pool_forward(PoolShape s, const float* x, float* y) {
  check(launch(avg_forward, blocks_for(s.planes * s.oh * s.ow), kElementwiseBlock, 0, current_stream(), s, x,
               y),
        "avg_pool2d");
}
void avg_pool_backward(PoolShape s, const float* dy, float* dx) {
  check(launch(avg_backward, blocks_for(s.planes * s.h * s.w), kElementwiseBlock, 0, current_stream(), s, dy,
               dx),
        "avg_pool2d backward");
}

}  // namespace minitorch::MT_DEVICE
