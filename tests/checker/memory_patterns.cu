// SPDX-License-Identifier: MIT
// Ways to walk through memory whose cost is known, and code that the checker must accept.
#include "tests/checker/memory_patterns.h"

#include <cstring>

#include "minitorch/simt/async_copy.h"
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

__global__ void four_in_a_variable(const float4* x, float4* y) {
  __shared__ float4 tile[64];
  float4 own = x[threadIdx.x];
  own.x *= 2;
  tile[threadIdx.x] = own;
  __syncthreads();
  float4 other = tile[63 - threadIdx.x];
  other.y += 1;
  y[threadIdx.x] = other;
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

// Plain increments under a lock: no barrier orders them, the lock does. Without fences that must be said.
__global__ void under_a_lock(int* lock, float* sum) {
  for (;;) {
    if (atomicCAS(lock, 0, 1) != 0) continue;
    {
      const IgnoreRaces locked;
      *sum += 1;
    }
    atomicExch(lock, 0);
    break;
  }
}
__global__ void under_a_lock_with_fences(int* lock, float* sum) {
  for (;;) {
    if (atomicCAS(lock, 0, 1) != 0) continue;
    __threadfence();
    *sum += 1;
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

// The same with a part for each thread: all fences lie before the barrier.
__global__ void last_block_adds_all(float* parts, unsigned* finished, float* sum) {
  __shared__ bool is_last;
  parts[blockIdx.x * 64 + threadIdx.x] = 1;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) is_last = atomicAdd(finished, 1u) == gridDim.x - 1;
  __syncthreads();
  if (!is_last) return;
  float own = 0;
  for (unsigned i = 0; i < gridDim.x; ++i) own += parts[i * 64 + threadIdx.x];
  atomicAdd(sum, own);
}

// A barrier, then the fence of one thread covers what all have written.
__global__ void last_block_adds_behind_barrier(float* parts, unsigned* finished, float* sum) {
  __shared__ bool is_last;
  parts[blockIdx.x * 64 + threadIdx.x] = 1;
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    is_last = atomicAdd(finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!is_last) return;
  float own = 0;
  for (unsigned i = 0; i < gridDim.x; ++i) own += parts[i * 64 + threadIdx.x];
  atomicAdd(sum, own);
}

// By warps: first fences and then a __syncwarp() in one, the other way round in the other.
__global__ void last_warp_adds(float* parts, unsigned* finished, float* sum) {
  parts[blockIdx.x * 64 + threadIdx.x] = 1;
  if (threadIdx.x < 32) __threadfence();
  __syncwarp();
  unsigned before = 0;
  if (threadIdx.x == 32) __threadfence();
  if (threadIdx.x % 32 == 0) before = atomicAdd(finished, 1u);
  before = __shfl_sync(0xffffffffu, before, 0);
  __syncwarp();
  if (before != 2 * gridDim.x - 1) return;
  float own = 0;
  for (unsigned i = threadIdx.x % 32; i < 64 * gridDim.x; i += 32) own += parts[i];
  atomicAdd(sum, own);
}

// Each block reads what all before it have left, and knows of it from the last of them alone.
__global__ void in_turn(float* parts, unsigned* tickets) {
  if (threadIdx.x != 0) return;
  const unsigned mine = atomicAdd(&tickets[0], 1u);
  while (mine > 0 && atomicAdd(&tickets[mine], 0u) == 0) {}
  float sum = 1;
  for (unsigned i = 0; i < mine; ++i) sum += parts[i];
  parts[mine] = sum;
  __threadfence();
  atomicExch(&tickets[mine + 1], 1u);
}

__global__ void copied_tile(const float* x, float* y) {
  __shared__ __align__(16) float tile[256];
  async_copy<16>(&tile[threadIdx.x * 4], &x[threadIdx.x * 4]);
  async_commit();
  async_wait<0>();
  __syncthreads();
  y[threadIdx.x] = tile[threadIdx.x];
}

__global__ void counted_together(unsigned* y) {
  __shared__ unsigned count;
  if (threadIdx.x == 0) count = 0;
  __syncthreads();
  atomicAdd(&count, 1u);
  __syncthreads();
  y[threadIdx.x] = count;
}

__global__ void note_order(int* order, int* count) {
  order[atomicAdd(count, 1)] = blockIdx.x * blockDim.x + threadIdx.x;
}

}  // namespace

std::vector<int> order_of_threads(int blocks, int threads) {
  const DeviceArray<int> order(blocks * threads), count(1, 0);
  run(note_order, blocks, threads, order.data(), count.data());
  return order.host();
}

cudaError_t run_pattern(const char* name) {
  DeviceArray<float> x(512, 1.0f), y(512, 0.0f);
  const DeviceArray<int> lock(1, 0);
  const DeviceArray<unsigned> finished(8, 0u);
  const auto is = [&](const char* other) { return !std::strcmp(name, other); };
  const float* in = x.data();
  float* out = y.data();
  if (is("neighbours")) return launch(neighbours, 1, 64, 0, nullptr, in, out);
  if (is("neighbours_of_ragged_arrays")) {  // which end at a page, and begin in the middle of 32 bytes
    DeviceArray<float> from(250, 1.0f), to(250);
    return launch(neighbours, 1, 64, 0, nullptr, static_cast<const float*>(from.data()), to.data());
  }
  if (is("every_eighth")) return launch(every_eighth, 1, 64, 0, nullptr, in, out);
  if (is("one_for_all")) return launch(one_for_all, 1, 64, 0, nullptr, in, out);
  if (is("shared_columns")) return launch(shared_columns, 1, 64, 0, nullptr, out);
  if (is("every_second_lane")) return launch(every_second_lane, 1, 64, 0, nullptr, in, out);
  if (is("sum_of_warps")) return launch(sum_of_warps, 1, 64, 0, nullptr, in, out);
  if (is("every_second_warp")) return launch(every_second_warp, 1, 64, 0, nullptr, in, out);
  if (is("as_often_as_the_lane")) return launch(as_often_as_the_lane, 1, 64, 0, nullptr, out);
  if (is("three_rounds")) return launch(three_rounds, 1, 64, 0, nullptr, in, out);
  if (is("under_a_lock")) return launch(under_a_lock, 3, 64, 0, nullptr, lock.data(), out);
  if (is("under_a_lock_with_fences"))
    return launch(under_a_lock_with_fences, 3, 64, 0, nullptr, lock.data(), out);
  if (is("last_block_adds"))
    return launch(last_block_adds, 5, 64, 0, nullptr, out, finished.data(), out + 100);
  if (is("last_block_adds_all"))
    return launch(last_block_adds_all, 5, 64, 0, nullptr, out, finished.data(), out + 500);
  if (is("last_block_adds_behind_barrier"))
    return launch(last_block_adds_behind_barrier, 5, 64, 0, nullptr, out, finished.data(), out + 500);
  if (is("last_warp_adds")) return launch(last_warp_adds, 5, 64, 0, nullptr, out, finished.data(), out + 500);
  if (is("in_turn")) return launch(in_turn, 6, 32, 0, nullptr, out, finished.data());
  if (is("copied_tile")) return launch(copied_tile, 1, 64, 0, nullptr, in, out);
  if (is("counted_together"))
    return launch(counted_together, 1, 64, 0, nullptr, reinterpret_cast<unsigned*>(out));
  if (is("four_at_once"))
    return launch(four_at_once, 1, 64, 0, nullptr, reinterpret_cast<const float4*>(in),
                  reinterpret_cast<float4*>(out));
  if (is("four_in_a_variable"))
    return launch(four_in_a_variable, 1, 64, 0, nullptr, reinterpret_cast<const float4*>(in),
                  reinterpret_cast<float4*>(out));
  return cudaErrorInvalidValue;
}

}  // namespace minitorch::MT_DEVICE
