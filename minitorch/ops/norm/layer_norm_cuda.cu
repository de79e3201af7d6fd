// SPDX-License-Identifier: MIT
// Layer norm with a warp for each row; the gradients of its weights with a block for a tile of columns.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/norm/norm_kernels.h"
#include "minitorch/ops/reduce/block_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

__device__ __forceinline__ float warp_sum(float v) {
  return join_warp(v, [](float a, float b) { return a + b; });
}

// Row r of x (rows, cols) belongs to one warp; lane l owns columns l, l + 32, ... . x is read three times
// (from the cache after the first), y written once: 8 bytes and 8 operations an item, the limit is memory.
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

// dx of row r of x (rows, cols) by one warp, as above: two passes over x and dy, the second from the cache.
// 12 bytes and 13 operations an item, the limit is memory.
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

// dweight[j] and dbias[j] over a part of the rows of x (rows, cols). A block owns 32 columns and part
// blockIdx.y of the rows; warp w takes its rows w, w + 8, ..., lane l column l, and the eight sums of a
// column meet in shared memory. 8 bytes and 5 operations an item, the limit is memory.
__global__ void __launch_bounds__(kThreads)
    ln_backward_columns(int64_t rows, int64_t cols, const float* x, const float* dy, const float* mean,
                        const float* rstd, float2* sums) {
  constexpr int kWarps = kThreads / 32;
  __shared__ float2 part[kWarps][32];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int64_t j = static_cast<int64_t>(blockIdx.x) * 32 + lane;
  const int64_t end = rows * (blockIdx.y + 1) / gridDim.y;
  float2 sum = make_float2(0.f, 0.f);
  if (j < cols)
    for (int64_t r = rows * blockIdx.y / gridDim.y + warp; r < end; r += kWarps) {
      const float d = dy[r * cols + j];
      sum.x += d * (x[r * cols + j] - mean[r]) * rstd[r];
      sum.y += d;
    }
  part[warp][lane] = sum;
  __syncthreads();
  if (warp > 0 || j >= cols) return;
  for (int w = 1; w < kWarps; ++w) sum.x += part[w][lane].x, sum.y += part[w][lane].y;
  sums[blockIdx.y * cols + j] = sum;
}

// dweight, dbias (cols) = the sums of sums[part][col]: a thread owns a column. 8 bytes and two additions a
// column and part, at most 64 parts: the limit is memory.
__global__ void ln_join_columns(int parts, int64_t cols, const float2* sums, float* dweight, float* dbias) {
  for (int64_t j = first_item(); j < cols; j += item_step()) {
    float w = 0, b = 0;
    for (int p = 0; p < parts; ++p) w += sums[p * cols + j].x, b += sums[p * cols + j].y;
    if (dweight) dweight[j] = w;
    if (dbias) dbias[j] = b;
  }
}

unsigned warps(int64_t rows) { return static_cast<unsigned>((rows * 32 + kThreads - 1) / kThreads); }

void backward_columns(int64_t rows, int64_t cols, const float* x, const float* dy, const float* mean,
                      const float* rstd, float* dweight, float* dbias) {
  const int64_t across = (cols + 31) / 32;
  if (across == 0) return;
  // Some rows for each warp, and blocks enough for a large GPU.
  const int64_t wanted = 512 / across, most = rows / 32, several = wanted < most ? wanted : most;
  const int parts = static_cast<int>(several < 1 ? 1 : several > 64 ? 64 : several);
  const DeviceScratch<float2> sums(parts * cols);
  check(launch(ln_backward_columns, dim3(static_cast<unsigned>(across), static_cast<unsigned>(parts)),
               kThreads, 0, current_stream(), rows, cols, x, dy, mean, rstd, sums.data()),
        "layer_norm backward");
  check(launch(ln_join_columns, blocks_for(cols), kElementwiseBlock, 0, current_stream(), parts, cols,
               sums.data(), dweight, dbias),
        "layer_norm backward");
}

}  // namespace

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
  if (dweight || dbias) backward_columns(rows, cols, x, dy, mean, rstd, dweight, dbias);
}

}  // namespace minitorch::MT_DEVICE
