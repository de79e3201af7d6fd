// SPDX-License-Identifier: MIT
// Batch norm with a block for each channel, layer norm with a warp for each row.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/norm/norm_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffu, v, step);
  return v;
}

// Sums of a and b over the block, in every thread. Once in a kernel: before a second call the block would
// have to meet, since others may still read the first one's parts.
__device__ __forceinline__ float2 block_sum(float a, float b) {
  __shared__ float2 part[kThreads / 32];
  a = warp_sum(a);
  b = warp_sum(b);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = make_float2(a, b);
  __syncthreads();
  float2 total = make_float2(0.f, 0.f);
  for (int w = 0; w < kThreads / 32; ++w) {
    total.x += part[w].x;
    total.y += part[w].y;
  }
  return total;
}

__device__ __forceinline__ float limit(float z, ClampRange r) {
  return r.on ? fminf(fmaxf(z, r.low), r.high) : z;
}
__device__ __forceinline__ float passed(float z, float dy, ClampRange r) {
  return !r.on || (z > r.low && z < r.high) ? dy : 0.f;
}

// Where item i of channel k lies, i counting over images and then over the plane.
__device__ __forceinline__ int64_t at(const ChannelShape& s, int64_t k, int64_t i) {
  return (i / s.hw * s.c + k) * s.hw + i % s.hw;
}

// mean, var, rstd and y of channel blockIdx.x. Threads stride over its n hw items; two sums meet by shuffles
// and shared memory. x is read twice and y written once: 12 bytes an item, the limit is memory.
__global__ void bn_train(ChannelShape s, const float* x, const float* weight, const float* bias, float eps,
                         ClampRange clamp, float* y, float* mean, float* var, float* rstd) {
  const int64_t k = blockIdx.x, count = s.n * s.hw;
  const float base = x[k * s.hw];  // shifts the sums, so that a large mean cancels nothing
  float a = 0, b = 0;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) {
    const float d = x[at(s, k, i)] - base;
    a += d;
    b += d * d;
  }
  const float2 sums = block_sum(a, b);
  const float m = sums.x / count, square = fmaxf(sums.y / count - m * m, 0.f), r = rsqrtf(square + eps),
              mu = base + m;
  if (threadIdx.x == 0) mean[k] = mu, var[k] = square, rstd[k] = r;
  const float scale = (weight ? weight[k] : 1.f) * r, shift = (bias ? bias[k] : 0.f) - mu * scale;
  for (int64_t i = threadIdx.x; i < count; i += kThreads)
    y[at(s, k, i)] = limit(x[at(s, k, i)] * scale + shift, clamp);
}

// y = clamp(x scale + shift): a thread an item, 8 bytes each.
__global__ void bn_infer(ChannelShape s, const float* x, const float* scale, const float* shift,
                         ClampRange clamp, float* y) {
  for (int64_t i = first_item(); i < s.n * s.c * s.hw; i += item_step()) {
    const int64_t k = i / s.hw % s.c;
    y[i] = limit(x[i] * scale[k] + shift[k], clamp);
  }
}

// Gradients of channel blockIdx.x, its threads striding over the items: one pass for the two sums, which meet
// as above, one for dx. 20 bytes and some 15 operations an item, the limit is memory.
__global__ void bn_backward(ChannelShape s, const float* x, const float* dy, const float* weight,
                            const float* bias, const float* mean, const float* rstd, ClampRange clamp,
                            bool through_statistics, float* dx, float* dweight, float* dbias) {
  const int64_t k = blockIdx.x, count = s.n * s.hw;
  const float mu = mean[k], r = rstd[k], scale = (weight ? weight[k] : 1.f) * r,
              shift = (bias ? bias[k] : 0.f) - mu * scale;
  float a = 0, b = 0;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) {
    const float v = x[at(s, k, i)], d = passed(v * scale + shift, dy[at(s, k, i)], clamp);
    a += d;
    b += d * (v - mu);
  }
  const float2 sums = block_sum(a, b);
  if (threadIdx.x == 0) dbias[k] = sums.x, dweight[k] = sums.y * r;
  if (!dx) return;
  const float offset = through_statistics ? sums.x / count : 0.f,
              slope = through_statistics ? sums.y * r * r / count : 0.f;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) {
    const float v = x[at(s, k, i)], d = passed(v * scale + shift, dy[at(s, k, i)], clamp);
    dx[at(s, k, i)] = scale * (d - offset - (v - mu) * slope);
  }
}

// Row r of x (rows, cols) belongs to one warp; lane l owns columns l, l + 32, ... . x is read three times
// (from the cache after the first), y written once: 8 bytes an item, the limit is memory.
__global__ void ln_forward(int64_t rows, int64_t cols, const float* x, const float* weight, const float* bias,
                           float eps, float* y, float* mean, float* rstd) {
  const int64_t r = first_item() / 32;
  const int lane = threadIdx.x % 32;
  if (r >= rows) return;
  float total = 0, square = 0;
  for (int64_t j = lane; j < cols; j += 32) total += x[r * cols + j];
  const float mu = warp_sum(total) / cols;
  for (int64_t j = lane; j < cols; j += 32) {
    const float d = x[r * cols + j] - mu;
    square += d * d;
  }
  const float scale = rsqrtf(warp_sum(square) / cols + eps);
  if (lane == 0) mean[r] = mu, rstd[r] = scale;
  for (int64_t j = lane; j < cols; j += 32)
    y[r * cols + j] = (x[r * cols + j] - mu) * scale * (weight ? weight[j] : 1.f) + (bias ? bias[j] : 0.f);
}

// dx of row r by one warp, as above: two passes over x and dy, 12 bytes an item.
__global__ void ln_backward_rows(int64_t rows, int64_t cols, const float* x, const float* dy,
                                 const float* weight, const float* mean, const float* rstd, float* dx) {
  const int64_t r = first_item() / 32;
  const int lane = threadIdx.x % 32;
  if (r >= rows) return;
  const float mu = mean[r], scale = rstd[r];
  float a = 0, b = 0;
  for (int64_t j = lane; j < cols; j += 32) {
    const float d = dy[r * cols + j] * (weight ? weight[j] : 1.f);
    a += d;
    b += d * (x[r * cols + j] - mu) * scale;
  }
  const float offset = warp_sum(a) / cols, slope = warp_sum(b) / cols;
  for (int64_t j = lane; j < cols; j += 32) {
    const float d = dy[r * cols + j] * (weight ? weight[j] : 1.f);
    dx[r * cols + j] = scale * (d - offset - (x[r * cols + j] - mu) * scale * slope);
  }
}

// dweight[j] and dbias[j], 8 bytes an item of x: a thread owns a column and walks down the rows; a warp reads
// 32 neighbours of each row.
__global__ void ln_backward_columns(int64_t rows, int64_t cols, const float* x, const float* dy,
                                    const float* mean, const float* rstd, float* dweight, float* dbias) {
  for (int64_t j = first_item(); j < cols; j += item_step()) {
    float w = 0, b = 0;
    for (int64_t r = 0; r < rows; ++r) {
      const float d = dy[r * cols + j];
      w += d * (x[r * cols + j] - mean[r]) * rstd[r];
      b += d;
    }
    if (dweight) dweight[j] = w;
    if (dbias) dbias[j] = b;
  }
}

unsigned warps(int64_t rows) { return static_cast<unsigned>((rows * 32 + kThreads - 1) / kThreads); }

}  // namespace

void batch_norm_train(ChannelShape s, const float* x, const float* weight, const float* bias, float eps,
                      ClampRange clamp, float* y, float* mean, float* var, float* rstd) {
  check(launch(bn_train, static_cast<unsigned>(s.c), kThreads, 0, current_stream(), s, x, weight, bias, eps,
               clamp, y, mean, var, rstd),
        "batch_norm");
}
void batch_norm_infer(ChannelShape s, const float* x, const float* scale, const float* shift,
                      ClampRange clamp, float* y) {
  check(launch(bn_infer, blocks_for(s.n * s.c * s.hw), kElementwiseBlock, 0, current_stream(), s, x, scale,
               shift, clamp, y),
        "batch_norm");
}
void batch_norm_backward(ChannelShape s, const float* x, const float* dy, const float* weight,
                         const float* bias, const float* mean, const float* rstd, ClampRange clamp,
                         bool through_statistics, float* dx, float* dweight, float* dbias) {
  check(launch(bn_backward, static_cast<unsigned>(s.c), kThreads, 0, current_stream(), s, x, dy, weight, bias,
               mean, rstd, clamp, through_statistics, dx, dweight, dbias),
        "batch_norm backward");
}
void layer_norm_forward(int64_t rows, int64_t cols, const float* x, const float* weight, const float* bias,
                        float eps, float* y, float* mean, float* rstd) {
  check(launch(ln_forward, warps(rows), kThreads, 0, current_stream(), rows, cols, x, weight, bias, eps, y,
               mean, rstd),
        "layer_norm");
}
void layer_norm_backward(int64_t rows, int64_t cols, const float* x, const float* dy, const float* weight,
                         const float* mean, const float* rstd, float* dx, float* dweight, float* dbias) {
  check(launch(ln_backward_rows, warps(rows), kThreads, 0, current_stream(), rows, cols, x, dy, weight, mean,
               rstd, dx),
        "layer_norm backward");
  if (dweight || dbias)
    check(launch(ln_backward_columns, blocks_for(cols, 64), 64, 0, current_stream(), rows, cols, x, dy, mean,
                 rstd, dweight, dbias),
          "layer_norm backward");
}

}  // namespace minitorch::MT_DEVICE
