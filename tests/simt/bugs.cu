// SPDX-License-Identifier: MIT
// Kernels with one classic bug each. A comment at the end of a line is its name in bugs_test.cpp.
#include <cassert>
#include <map>

#include "minitorch/simt/async_copy.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

__global__ void missing_barrier(const float* in, float* out) {
  __shared__ float tile[64];
  tile[threadIdx.x] = in[threadIdx.x];        // missing_barrier write
  out[threadIdx.x] = tile[63 - threadIdx.x];  // missing_barrier read
}

__global__ void missing_second_barrier(const float* in, float* out) {
  __shared__ float tile[64];
  float sum = 0;
  for (int k = 0; k < 4; ++k) {
    tile[threadIdx.x] = in[k * 64 + threadIdx.x];  // missing_second_barrier write
    __syncthreads();
    for (int i = 0; i < 64; ++i) sum += tile[i];  // missing_second_barrier read
  }
  out[threadIdx.x] = sum;
}

__global__ void off_by_one(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) out[i] = in[i] + 1;  // off_by_one
}

// The last thread copies what lies behind one array to behind the other.
__global__ void ragged_vectors(const float* in, float* out) {
  const int i = 4 * threadIdx.x;
  *reinterpret_cast<float4*>(out + i) = *reinterpret_cast<const float4*>(in + i);
}

__global__ void one_past(float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) out[i] = 1;  // one_past
}

__global__ void half_at_barrier(float* out) {
  if (threadIdx.x < 32) __syncthreads();  // half_at_barrier
  out[threadIdx.x] = 1;
}

__global__ void two_barriers(float* out) {
  if (threadIdx.x < 32) {
    out[threadIdx.x] = 1;
    __syncthreads();  // two_barriers first
  } else {
    out[threadIdx.x] = 2;
    __syncthreads();  // two_barriers second
  }
}

__global__ void shuffle_and_barrier(float* out) {
  float v = threadIdx.x;
  if (threadIdx.x < 16) v = __shfl_xor_sync(0xffffffffu, v, 1);  // shuffle_and_barrier shuffle
  __syncthreads();                                               // shuffle_and_barrier barrier
  out[threadIdx.x] = v;
}

__global__ void two_warp_operations(float* out) {
  unsigned v = 0;
  if (threadIdx.x < 16) {
    v = __ballot_sync(0xffffffffu, 1);  // two_warp_operations ballot
  } else {
    v = __shfl_sync(0xffffffffu, v, 0);  // two_warp_operations shuffle
  }
  out[threadIdx.x] = v;
}

__global__ void lane_not_in_mask(float* out) {
  out[threadIdx.x] = __shfl_sync(0x0000ffffu, 1.0f, 0);  // lane_not_in_mask
}

__global__ void shuffle_from_outside(float* out) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_down_sync(0x0000ffffu, 1.0f, 8);  // shuffle_from_outside
}

// Others read from lanes that have left while they wait.
__global__ void shuffle_from_left(float* out, unsigned n) {
  float v = threadIdx.x;
  __syncthreads();
  if (threadIdx.x >= n) return;
  for (int o = 16; o > 0; o /= 2) v += __shfl_down_sync(0xffffffffu, v, o);  // shuffle_from_left
  out[threadIdx.x] = v;
}

__global__ void uninitialised_shared(const float* in, float* out) {
  __shared__ float sums[32];
  sums[threadIdx.x] += in[threadIdx.x];  // uninitialised_shared
  out[threadIdx.x] = sums[threadIdx.x];
}

__global__ void uninitialised_global(const float* in, float* out) {
  out[threadIdx.x] = in[threadIdx.x];  // uninitialised_global
}

__global__ void missing_syncwarp(float* out) {
  __shared__ float tile[32];
  tile[threadIdx.x] = threadIdx.x;           // missing_syncwarp write
  out[threadIdx.x] = tile[threadIdx.x ^ 1];  // missing_syncwarp read
}

__global__ void syncwarp_of_halves(float* out) {
  __shared__ float tile[32];
  const unsigned half = threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u;
  tile[threadIdx.x] = threadIdx.x;  // syncwarp_of_halves write
  __syncwarp(half);
  out[threadIdx.x] = tile[threadIdx.x ^ 16];  // syncwarp_of_halves read
}

__global__ void blocks_add(float* sums) {
  sums[threadIdx.x] += 1;  // blocks_add
}

__global__ void rounds_without_barrier(const float* in, float* out) {
  __shared__ float sums[64];
  sums[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  for (unsigned o = 32; o > 0; o /= 2)
    if (threadIdx.x < o) sums[threadIdx.x] += sums[threadIdx.x + o];  // rounds_without_barrier
  if (threadIdx.x == 0) *out = sums[0];
}

__global__ void threads_add(float* out) {
  __shared__ float count;
  if (threadIdx.x == 0) count = 0;
  __syncthreads();
  count += 1;  // threads_add
  __syncthreads();
  if (threadIdx.x == 0) *out = count;
}

// What a thread adds must not hide that it wrote or read before.
__global__ void counter_not_ready(float* out) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;  // counter_not_ready write
  atomicAdd(&count, 1);             // counter_not_ready add
  __syncthreads();
  out[threadIdx.x] = count;
}
__global__ void counter_ready_for_a_warp(float* out) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;  // counter_ready_for_a_warp write
  __syncwarp();
  atomicAdd(&count, 1);  // counter_ready_for_a_warp add
  __syncthreads();
  out[threadIdx.x] = count;
}

__global__ void counter_read_meanwhile(float* out) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;
  __syncthreads();
  if (threadIdx.x == 63) out[64] = count;  // counter_read_meanwhile read
  atomicAdd(&count, 1);                    // counter_read_meanwhile add
  __syncthreads();
  out[threadIdx.x] = count;
}

// Two numbers of 16 bits share what the checker remembers together.
__global__ void pair_not_ready(float* out) {
  __shared__ unsigned short pair[2];
  if (threadIdx.x == 0) pair[0] = 7;  // pair_not_ready write
  if (threadIdx.x == 0) pair[1] = 8;
  if (threadIdx.x >= 32) out[threadIdx.x] = pair[0];  // pair_not_ready read
}
__global__ void neighbours_not_ready(float* out) {
  __shared__ unsigned short tile[64];
  tile[threadIdx.x] = 1;                              // neighbours_not_ready write
  if (threadIdx.x == 40) out[threadIdx.x] = tile[0];  // neighbours_not_ready read
}
__global__ void pair_read_meanwhile(float* out) {
  __shared__ unsigned short pair[2];
  if (threadIdx.x < 2) pair[threadIdx.x] = 7;
  __syncthreads();
  if (threadIdx.x == 63) out[0] = pair[0];  // pair_read_meanwhile read
  if (threadIdx.x == 63) out[1] = pair[1];
  if (threadIdx.x == 0) pair[0] = 8;  // pair_read_meanwhile write
}

__device__ int launches;
__global__ void counts_itself(float* out) {
  launches += 1;  // counts_itself
  out[threadIdx.x] = 1;
}

__global__ void misaligned(const float* in, float4* out) {
  out[threadIdx.x] = *reinterpret_cast<const float4*>(in + 1 + 4 * threadIdx.x);  // misaligned
}

__global__ void dynamic_overflow(float* out) {
  float* tile = dynamic_shared<float>();
  tile[threadIdx.x + 1] = 1;  // dynamic_overflow
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x + 1];
}

__global__ void static_overflow(float* out, int n) {
  __shared__ float first[32];
  __shared__ float second[32];
  second[threadIdx.x] = 2;
  for (int i = threadIdx.x; i <= n; i += 32) first[i] = 1;  // static_overflow
  __syncthreads();
  out[threadIdx.x] = first[threadIdx.x] + second[threadIdx.x];
}

__global__ void deep_recursion(float* out, int n) {
  volatile char local[200000];
  for (int i = 0; i < 200000; i += 1000) local[i] = static_cast<char>(n);
  *out = local[n];
}

__global__ void division_by_zero(float* out, int n) {
  out[threadIdx.x] = static_cast<int>(threadIdx.x + 1) / n;  // division_by_zero
}

__global__ void null_pointer(float* out) {
  out[threadIdx.x] = 1;  // null_pointer
}

// Long enough for the blocks to be shared among the threads of the system; each of them meets the fault.
__global__ void fault_everywhere(float* out) {
  const long long begin = clock64();
  while (clock64() - begin < 1000000) {}
  if (blockIdx.x > 0) out[threadIdx.x] = 1;  // fault_everywhere
}

__global__ void endless_loop(float* out) {
  volatile float* seen = out;
  while (seen[threadIdx.x] == 0) {  // endless_loop
  }
}

// All blocks but the first: by then the blocks are shared among the threads of the system.
__global__ void endless_blocks(float* out) {
  const long long begin = clock64();
  while (clock64() - begin < 1000000) {}
  volatile float* seen = out;
  while (blockIdx.x > 0 && seen[threadIdx.x] == 0) {  // endless_blocks
  }
}

__global__ void lock_never_freed(int* lock, float* out) {
  while (atomicCAS(lock, 0, 1) != 0) {}
  out[threadIdx.x] = 1;
}

__global__ void missing_wait(const float* in, float* out) {
  __shared__ __align__(16) float tile[64];
  async_copy<4>(&tile[threadIdx.x], &in[threadIdx.x]);  // missing_wait copy
  async_commit();
  __syncthreads();
  out[threadIdx.x] = tile[63 - threadIdx.x];  // missing_wait read
  async_wait<0>();
}

__global__ void index_overflow(float* out, int stride) {
  const int row = static_cast<int>(threadIdx.x);
  out[threadIdx.x] = row * stride;  // index_overflow
}

__global__ void false_assertion(const float* in, float* out, int n) {
  assert(static_cast<int>(threadIdx.x) < n);  // false_assertion
  out[threadIdx.x] = in[threadIdx.x];
}

__global__ void ends_itself(float* out) {
  if (threadIdx.x == 5) __trap();  // ends_itself
  out[threadIdx.x] = 1;
}

#if !defined(__CUDACC__)  // which refuses it
float scale_of_host = 2;
__global__ void host_variable(const float* in, float* out) {
  out[threadIdx.x] = in[threadIdx.x] * scale_of_host;  // host_variable
}
#endif

std::vector<float> output;

// Most bugs: one launch on in[256] and out[256], both with values.
template <class... P, class... A>
cudaError_t run_kernel(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared_bytes,
                       A... arguments) {
  const cudaError_t error = launch(kernel, grid, block, shared_bytes, nullptr, arguments...);
  return error ? error : cudaDeviceSynchronize();
}

const std::map<std::string, Bug> kKernelBugs = {
    {"missing_barrier",
     [](auto& in, auto& out) { return run_kernel(missing_barrier, 1, 64, 0, in.data(), out.data()); }},
    {"missing_second_barrier",
     [](auto& in, auto& out) { return run_kernel(missing_second_barrier, 1, 64, 0, in.data(), out.data()); }},
    {"half_at_barrier", [](auto&, auto& out) { return run_kernel(half_at_barrier, 1, 64, 0, out.data()); }},
    {"two_barriers", [](auto&, auto& out) { return run_kernel(two_barriers, 1, 64, 0, out.data()); }},
    {"shuffle_and_barrier",
     [](auto&, auto& out) { return run_kernel(shuffle_and_barrier, 1, 64, 0, out.data()); }},
    {"two_warp_operations",
     [](auto&, auto& out) { return run_kernel(two_warp_operations, 1, 32, 0, out.data()); }},
    {"lane_not_in_mask", [](auto&, auto& out) { return run_kernel(lane_not_in_mask, 1, 32, 0, out.data()); }},
    {"shuffle_from_outside",
     [](auto&, auto& out) { return run_kernel(shuffle_from_outside, 1, 32, 0, out.data()); }},
    {"shuffle_from_left",
     [](auto&, auto& out) { return run_kernel(shuffle_from_left, 1, 128, 0, out.data(), 100u); }},
    {"uninitialised_shared",
     [](auto& in, auto& out) { return run_kernel(uninitialised_shared, 1, 32, 0, in.data(), out.data()); }},
    {"missing_syncwarp", [](auto&, auto& out) { return run_kernel(missing_syncwarp, 1, 32, 0, out.data()); }},
    {"syncwarp_of_halves",
     [](auto&, auto& out) { return run_kernel(syncwarp_of_halves, 1, 32, 0, out.data()); }},
    {"blocks_add", [](auto&, auto& out) { return run_kernel(blocks_add, 4, 64, 0, out.data()); }},
    {"rounds_without_barrier",
     [](auto& in, auto& out) { return run_kernel(rounds_without_barrier, 1, 64, 0, in.data(), out.data()); }},
    {"threads_add", [](auto&, auto& out) { return run_kernel(threads_add, 1, 64, 0, out.data()); }},
    {"counter_not_ready",
     [](auto&, auto& out) { return run_kernel(counter_not_ready, 1, 64, 0, out.data()); }},
    {"counter_ready_for_a_warp",
     [](auto&, auto& out) { return run_kernel(counter_ready_for_a_warp, 1, 64, 0, out.data()); }},
    {"counter_read_meanwhile",
     [](auto&, auto& out) { return run_kernel(counter_read_meanwhile, 1, 64, 0, out.data()); }},
    {"pair_not_ready", [](auto&, auto& out) { return run_kernel(pair_not_ready, 1, 64, 0, out.data()); }},
    {"neighbours_not_ready",
     [](auto&, auto& out) { return run_kernel(neighbours_not_ready, 1, 64, 0, out.data()); }},
    {"pair_read_meanwhile",
     [](auto&, auto& out) { return run_kernel(pair_read_meanwhile, 1, 64, 0, out.data()); }},
    {"counts_itself", [](auto&, auto& out) { return run_kernel(counts_itself, 1, 2, 0, out.data()); }},
    {"misaligned",
     [](auto& in, auto& out) {
       return run_kernel(misaligned, 1, 4, 0, in.data(), reinterpret_cast<float4*>(out.data()));
     }},
    {"dynamic_overflow",
     [](auto&, auto& out) { return run_kernel(dynamic_overflow, 1, 64, 256, out.data()); }},
    {"static_overflow",
     [](auto&, auto& out) { return run_kernel(static_overflow, 1, 32, 0, out.data(), 32); }},
    {"deep_recursion", [](auto&, auto& out) { return run_kernel(deep_recursion, 1, 1, 0, out.data(), 3); }},
    {"division_by_zero",
     [](auto&, auto& out) { return run_kernel(division_by_zero, 1, 32, 0, out.data(), 0); }},
    {"index_overflow",
     [](auto&, auto& out) { return run_kernel(index_overflow, 1, 32, 0, out.data(), 1 << 30); }},
    {"null_pointer",
     [](auto&, auto&) { return run_kernel(null_pointer, 1, 32, 0, static_cast<float*>(nullptr)); }},
    {"fault_everywhere",
     [](auto&, auto&) { return run_kernel(fault_everywhere, 9, 1, 0, static_cast<float*>(nullptr)); }},
    {"false_assertion",
     [](auto& in, auto& out) { return run_kernel(false_assertion, 1, 32, 0, in.data(), out.data(), 20); }},
    {"ends_itself", [](auto&, auto& out) { return run_kernel(ends_itself, 1, 32, 0, out.data()); }},
#if !defined(__CUDACC__)
    {"host_variable",
     [](auto& in, auto& out) {
       scale_of_host += 1;
       return run_kernel(host_variable, 1, 32, 0, in.data(), out.data());
     }},
#endif
    {"missing_wait",
     [](auto& in, auto& out) { return run_kernel(missing_wait, 1, 64, 0, in.data(), out.data()); }},
    {"off_by_one",
     [](auto&, auto& out) {
       const DeviceArray<float> in(200, 1.0f);
       return run_kernel(off_by_one, 4, 64, 0, in.data(), out.data(), 200);
     }},
    {"ragged_vectors",
     [](auto&, auto&) {
       const DeviceArray<float> in(102, 1.0f), out(102);  // 408 bytes: 8 more until the guard page
       return run_kernel(ragged_vectors, 1, 26, 0, static_cast<const float*>(in.data()), out.data());
     }},
    {"one_past",
     [](auto&, auto&) {
       const DeviceArray<float> out(201);  // 804 bytes: 12 more until the guard page
       return run_kernel(one_past, 4, 64, 0, out.data(), 201);
     }},
    {"uninitialised_global",
     [](auto&, auto& out) {
       const DeviceArray<float> in(64);
       return run_kernel(uninitialised_global, 1, 64, 0, in.data(), out.data());
     }},
    {"host_pointer",
     [](auto&, auto& out) {
       const std::vector<float> host(64);
       return run_kernel(uninitialised_global, 1, 64, 0, host.data(), out.data());
     }},
    {"use_after_free",
     [](auto&, auto& out) {
       float* freed;
       cudaMalloc(&freed, 256);
       cudaMemset(freed, 0, 256);
       cudaFree(freed);
       return run_kernel(uninitialised_global, 1, 64, 0, freed, out.data());
     }},
    {"endless_loop",
     [](auto&, auto& out) {
       cudaMemset(out.data(), 0, 256);
       return run_kernel(endless_loop, 1, 2, 0, out.data());
     }},
    {"endless_blocks",
     [](auto&, auto& out) {
       cudaMemset(out.data(), 0, 256);
       return run_kernel(endless_blocks, 9, 1, 0, out.data());
     }},
    {"lock_never_freed",
     [](auto&, auto& out) {
       const DeviceArray<int> lock(1, 0);
       return run_kernel(lock_never_freed, 1, 4, 0, lock.data(), out.data());
     }},
};

}  // namespace

cudaError_t run_bug(const std::string& name) {
  std::vector<float> numbers(256);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  DeviceArray<float> in(numbers), out(256, 0.0f);
  const auto kernel = kKernelBugs.find(name);
  auto more = memory_bugs();
  more.merge(access_bugs());
  more.merge(refused_calls());
  const Bug bug = kernel != kKernelBugs.end() ? kernel->second : more.at(name);
  const cudaError_t error = bug(in, out);
  output = out.host();
  cudaGetLastError();
  return error;
}

std::vector<float> last_bug_output() { return output; }

}  // namespace minitorch::MT_DEVICE
