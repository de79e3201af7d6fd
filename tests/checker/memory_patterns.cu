// SPDX-License-Identifier: MIT
// Ways to walk through memory whose cost is known, and code that the checker must accept.
#include "tests/checker/memory_patterns.h"

#include <cstring>

#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

__global__ void neighbours(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];  // neighbours
}

__global__ void every_eighth(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x * 8];  // every_eighth
}

__global__ void one_for_all(const float* x, float* y) {
  y[threadIdx.x] = x[7];  // one_for_all
}

__global__ void four_at_once(const float4* x, float4* y) {
  y[threadIdx.x] = x[threadIdx.x];  // four_at_once
}

__global__ void shared_columns(float* y) {
  __shared__ float tile[32][32];
  for (int r = threadIdx.x / 32; r < 32; r += 2) tile[r][threadIdx.x % 32] = r;  // shared_columns write
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x % 32][threadIdx.x / 32];  // shared_columns read
}

__global__ void every_second_lane(const float* x, float* y) {
  if (threadIdx.x % 2 == 0) y[threadIdx.x] = x[threadIdx.x];  // every_second_lane
}

__global__ void three_rounds(const float* x, float* y) {
  float sum = 0;
  for (int i = 0; i < 3; ++i) sum += x[threadIdx.x + 64 * i];  // three_rounds
  y[threadIdx.x] = sum;
}

__global__ void every_second_warp(const float* x, float* y) {
  if (threadIdx.x / 32 % 2 == 0) y[threadIdx.x] = x[threadIdx.x];
}

__global__ void as_often_as_the_lane(float* y) {
  float sum = 0;
  for (unsigned i = 0; i < threadIdx.x % 32; ++i) sum = sum * 0.5f + y[i];  // as_often_as_the_lane
  y[64 + threadIdx.x] = sum;
}

__global__ void sum_of_warps(const float* x, float* y) {
  float sum = x[threadIdx.x];
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(0xffffffffu, sum, step);
  y[threadIdx.x] = sum;
}

// Plain increments under a lock: no barrier orders them, the lock does.
__global__ void under_a_lock(int* lock, float* sum) {
  for (;;) {
    if (atomicCAS(lock, 0, 1) != 0) continue;
    __threadfence();
    {
      const IgnoreRaces locked;
      *sum += 1;
    }
    __threadfence();
    atomicExch(lock, 0);
    break;
  }
}

// The last block to finish adds up what the others have left.
__global__ void last_block_adds(float* parts, unsigned* finished, float* sum) {
  __shared__ bool is_last;
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = blockIdx.x + 1;
    __threadfence();
    is_last = atomicAdd(finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!is_last || threadIdx.x != 0) return;
  for (unsigned i = 0; i < gridDim.x; ++i) *sum += parts[i];
}

}  // namespace

cudaError_t run_pattern(const char* name) {
  DeviceArray<float> x(512, 1.0f), y(512, 0.0f);
  const DeviceArray<int> lock(1, 0);
  const DeviceArray<unsigned> finished(1, 0u);
  const auto is = [&](const char* other) { return !std::strcmp(name, other); };
  const float* in = x.data();
  float* out = y.data();
  if (is("neighbours")) return launch(neighbours, 1, 64, 0, nullptr, in, out);
  if (is("every_eighth")) return launch(every_eighth, 1, 64, 0, nullptr, in, out);
  if (is("one_for_all")) return launch(one_for_all, 1, 64, 0, nullptr, in, out);
  if (is("shared_columns")) return launch(shared_columns, 1, 64, 0, nullptr, out);
  if (is("every_second_lane")) return launch(every_second_lane, 1, 64, 0, nullptr, in, out);
  if (is("sum_of_warps")) return launch(sum_of_warps, 1, 64, 0, nullptr, in, out);
  if (is("every_second_warp")) return launch(every_second_warp, 1, 64, 0, nullptr, in, out);
  if (is("as_often_as_the_lane")) return launch(as_often_as_the_lane, 1, 64, 0, nullptr, out);
  if (is("three_rounds")) return launch(three_rounds, 1, 64, 0, nullptr, in, out);
  if (is("under_a_lock")) return launch(under_a_lock, 3, 64, 0, nullptr, lock.data(), out);
  if (is("last_block_adds"))
    return launch(last_block_adds, 5, 64, 0, nullptr, out, finished.data(), out + 100);
  if (is("four_at_once"))
    return launch(four_at_once, 1, 64, 0, nullptr, reinterpret_cast<const float4*>(in),
                  reinterpret_cast<float4*>(out));
  return cudaErrorInvalidValue;
}

}  // namespace minitorch::MT_DEVICE
