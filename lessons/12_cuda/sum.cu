// SPDX-License-Identifier: MIT
// A ladder of sums, after Mark Harris, "Optimizing Parallel Reduction in CUDA" (2007). Each element is read
// once and added once: the limit is memory, 4 n bytes at the GPU's bandwidth. A block leaves one number; the
// same kernel then adds up the numbers of the blocks.
#include "lessons/12_cuda/launch_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

//! [modulo]
// Pairs, then pairs of pairs. In each round the threads work whose number is a multiple of 2, 4, 8 ...
__global__ void sum_modulo(const float* x, float* y, int n) {
  __shared__ float sums[kThreads];
  const int t = threadIdx.x, i = blockIdx.x * kThreads + t;
  sums[t] = i < n ? x[i] : 0;
  __syncthreads();
  for (int step = 1; step < kThreads; step *= 2) {
    if (t % (2 * step) == 0) sums[t] += sums[t + step];
    __syncthreads();
  }
  if (t == 0) y[blockIdx.x] = sums[0];
}
//! [modulo]

// The same additions, by the first threads: whole warps work, and whole warps rest.
__global__ void sum_strided(const float* x, float* y, int n) {
  __shared__ float sums[kThreads];
  const int t = threadIdx.x, i = blockIdx.x * kThreads + t;
  sums[t] = i < n ? x[i] : 0;
  __syncthreads();
  //! [strided]
  for (int step = 1; step < kThreads; step *= 2) {
    const int at = 2 * step * t;
    if (at < kThreads) sums[at] += sums[at + step];
    __syncthreads();
  }
  //! [strided]
  if (t == 0) y[blockIdx.x] = sums[0];
}

// The upper half is added to the lower half: neighbouring threads use neighbouring words.
__global__ void sum_halves(const float* x, float* y, int n) {
  __shared__ float sums[kThreads];
  const int t = threadIdx.x, i = blockIdx.x * kThreads + t;
  sums[t] = i < n ? x[i] : 0;
  __syncthreads();
  //! [halves]
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (t < half) sums[t] += sums[t + half];
    __syncthreads();
  }
  //! [halves]
  if (t == 0) y[blockIdx.x] = sums[0];
}

//! [shuffle]
// The threads of a warp hand each other their registers, without memory and without a barrier.
__device__ __forceinline__ float sum_of_warp(float v) {
  for (int distance = 16; distance > 0; distance /= 2) v += __shfl_down_sync(0xffffffffu, v, distance);
  return v;  // in lane 0
}
__device__ __forceinline__ float sum_of_block(float v) {
  __shared__ float sums[32];
  v = sum_of_warp(v);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x >= 32) return 0;
  return sum_of_warp(threadIdx.x < blockDim.x / 32 ? sums[threadIdx.x] : 0);
}
//! [shuffle]
__global__ void sum_shuffle(const float* x, float* y, int n) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  const float sum = sum_of_block(i < n ? x[i] : 0);
  if (threadIdx.x == 0) y[blockIdx.x] = sum;
}

//! [many]
// A thread first adds up many numbers by itself, four at a time; only then do threads meet.
__global__ void sum_many(const float* x, float* y, int n) {
  const int first = blockIdx.x * kThreads + threadIdx.x, step = gridDim.x * kThreads;
  float sum = first < n % 4 ? x[n / 4 * 4 + first] : 0;
  for (int i = first; i < n / 4; i += step) {
    __align__(16) float v[4];
    *reinterpret_cast<float4*>(v) = reinterpret_cast<const float4*>(x)[i];
    sum += (v[0] + v[1]) + (v[2] + v[3]);
  }
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) y[blockIdx.x] = sum;
}
//! [many]

using Kernel = void (*)(const float*, float*, int);

// Adds up by blocks of 256, then what those leave, until one number is left. The two halves of `parts` take
// turns.
template <Kernel kKernel>
void by_blocks(const float* x, float* parts, float* y, int n) {
  float* other = parts + (n + kThreads - 1) / kThreads;
  for (;;) {
    const int blocks = (n + kThreads - 1) / kThreads;
    start("sum", kKernel, static_cast<unsigned>(blocks), kThreads, x, blocks == 1 ? y : parts, n);
    if (blocks == 1) return;
    x = parts;
    n = blocks;
    float* const swap = parts;
    parts = other;
    other = swap;
  }
}
void by_few_blocks(const float* x, float* parts, float* y, int n) {
  const int per_block = 16 * kThreads;
  const int wanted = (n + per_block - 1) / per_block, blocks = wanted < 1024 ? wanted : 1024;
  start("sum", sum_many, static_cast<unsigned>(blocks), kThreads, x, parts, n);
  start("sum", sum_many, 1, kThreads, static_cast<const float*>(parts), y, blocks);
}

}  // namespace

std::vector<SumRung> sum_rungs() {
  return {{"sum_modulo", by_blocks<sum_modulo>},
          {"sum_strided", by_blocks<sum_strided>},
          {"sum_halves", by_blocks<sum_halves>},
          {"sum_shuffle", by_blocks<sum_shuffle>},
          {"sum_many", by_few_blocks}};
}

}  // namespace minitorch::MT_DEVICE
