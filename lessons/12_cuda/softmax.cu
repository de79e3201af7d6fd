// SPDX-License-Identifier: MIT
// A ladder of softmaxes, y[r, c] = exp(x[r, c] - top) / sum of exp(x[r, ...] - top), where top is the row's
// largest. The limit is memory: 4 bytes in and 4 bytes out for each element.
#include "lessons/12_cuda/launch_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr unsigned kAll = 0xffffffffu;
constexpr int kThreads = 128;

//! [row a thread]
// A thread owns a row and goes along it three times. Neighbouring threads are a row apart.
__global__ void softmax_row_a_thread(const float* x, float* y, int rows, int cols) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  x += row * cols, y += row * cols;
  float top = -INFINITY, total = 0;
  for (int c = 0; c < cols; ++c) top = fmaxf(top, x[c]);
  for (int c = 0; c < cols; ++c) total += expf(x[c] - top);
  for (int c = 0; c < cols; ++c) y[c] = expf(x[c] - top) / total;
}
//! [row a thread]

//! [row a warp]
__device__ __forceinline__ float largest_of_warp(float v) {
  for (int distance = 16; distance > 0; distance /= 2) v = fmaxf(v, __shfl_xor_sync(kAll, v, distance));
  return v;  // in every lane
}
__device__ __forceinline__ float total_of_warp(float v) {
  for (int distance = 16; distance > 0; distance /= 2) v += __shfl_xor_sync(kAll, v, distance);
  return v;
}

// A warp owns a row: its lanes read neighbours, and meet by shuffles.
__global__ void softmax_row_a_warp(const float* x, float* y, int rows, int cols) {
  const int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;  // the whole warp
  x += row * cols, y += row * cols;
  float top = -INFINITY, total = 0;
  for (int c = lane; c < cols; c += 32) top = fmaxf(top, x[c]);
  top = largest_of_warp(top);
  for (int c = lane; c < cols; c += 32) total += expf(x[c] - top);
  total = total_of_warp(total);
  for (int c = lane; c < cols; c += 32) y[c] = expf(x[c] - top) / total;
}
//! [row a warp]

//! [online]
// The largest and the sum in one pass: when a larger number comes along, the sum so far is scaled down.
__global__ void softmax_online(const float* x, float* y, int rows, int cols) {
  const int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  x += row * cols, y += row * cols;
  float top = -INFINITY, total = 0;
  for (int c = lane; c < cols; c += 32) {
    const float v = x[c], larger = fmaxf(top, v);
    total = total * expf(top - larger) + expf(v - larger);
    top = larger;
  }
  const float largest = largest_of_warp(top);
  total = total_of_warp(top == -INFINITY ? 0 : total * expf(top - largest));
  for (int c = lane; c < cols; c += 32) y[c] = expf(x[c] - largest) / total;
}
//! [online]

//! [kept]
// The row is read once and stays in the warp's registers: 32 lanes with up to 32 numbers each.
__global__ void softmax_kept(const float* x, float* y, int rows, int cols) {
  const int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  x += row * cols, y += row * cols;
  float kept[32], top = -INFINITY, total = 0;
#pragma unroll
  for (int i = 0; i < 32; ++i) {
    kept[i] = lane + 32 * i < cols ? x[lane + 32 * i] : -INFINITY;
    top = fmaxf(top, kept[i]);
  }
  top = largest_of_warp(top);
#pragma unroll
  for (int i = 0; i < 32; ++i) total += kept[i] = expf(kept[i] - top);
  const float scale = 1 / total_of_warp(total);
#pragma unroll
  for (int i = 0; i < 32; ++i)
    if (lane + 32 * i < cols) y[lane + 32 * i] = kept[i] * scale;
}
//! [kept]

using Kernel = void (*)(const float*, float*, int, int);
template <Kernel kKernel, int kThreadsOfRow>
void run(const float* x, float* y, int rows, int cols) {
  const int per_block = kThreads / kThreadsOfRow;
  start("softmax", kKernel, static_cast<unsigned>((rows + per_block - 1) / per_block), kThreads, x, y, rows,
        cols);
}

}  // namespace

std::vector<SoftmaxRung> softmax_rungs() {
  return {{"softmax_row_a_thread", run<softmax_row_a_thread, 1>},
          {"softmax_row_a_warp", run<softmax_row_a_warp, 32>},
          {"softmax_online", run<softmax_online, 32>},
          {"softmax_kept", run<softmax_kept, 32>}};
}

}  // namespace minitorch::MT_DEVICE
