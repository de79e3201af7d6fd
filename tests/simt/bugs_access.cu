// SPDX-License-Identifier: MIT
// Still more kernels with one bug each: what a single access does wrong, and loops that make none. A comment
// at the end of a line is its name.
#include <cstring>
#include <map>

#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

// --- past the end ---

__global__ void counts_past(float* counts, int n) {
  atomicAdd(&counts[n + threadIdx.x], 1.0f);  // counts_past
}
__global__ void copies_past(const float* in, float* out, int bytes) {
  memcpy(out, in, bytes);  // copies_past
  out[0] += 1;
}
__global__ void fills_past(float* p, int n) {
  if (static_cast<int>(threadIdx.x) <= n) p[threadIdx.x] = 1;  // fills_past
}

// --- at an address that is no multiple of the size ---

__global__ void counts_between(float* counts) {
  char* bytes = reinterpret_cast<char*>(counts);
  atomicAdd(reinterpret_cast<int*>(bytes + 2), 1);  // counts_between
}
__global__ void reads_between(const float* in, float* out) {
  const char* bytes = reinterpret_cast<const char*>(in);
  out[threadIdx.x] = *reinterpret_cast<const int*>(bytes + 4 * threadIdx.x + 1);  // reads_between
}

// --- loops that touch no memory: the second is mostly in what it calls ---

__global__ void endless_nothing(float*) {
  for (;;) asm volatile("");  // endless_nothing
}
__global__ void endless_time(float* out) {
  while (clock64() > 0) {}  // endless_time
  *out = 1;
}

#if !defined(__CUDACC__)  // which warns of each
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"
__global__ void index_of_size(float* out) {
  __shared__ float tile[64];
  tile[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = tile[64];  // index_of_size
}
#pragma GCC diagnostic pop
__global__ void two_arrays(const float* in, float* out, int n) {
  __shared__ float near[32], far[64];
  far[threadIdx.x] = 1;
  __syncthreads();
  near[threadIdx.x] = in[0] * far[threadIdx.x + n];  // two_arrays
  out[threadIdx.x] = near[31 - threadIdx.x];
}

__constant__ float weights[4] = {1, 2, 3, 4};
__global__ void changes_constant(float* out) {
  out[threadIdx.x] = weights[threadIdx.x];
  if (threadIdx.x == 2) weights[2] = 0;  // changes_constant
}
#endif

template <class... P, class... A>
cudaError_t run_kernel(void (*kernel)(P...), unsigned threads, A... arguments) {
  const cudaError_t error = launch(kernel, 1, threads, 0, nullptr, arguments...);
  return error ? error : cudaDeviceSynchronize();
}

// One number more than there are is written to pinned memory.
template <int kCount>
cudaError_t run_on_pinned(DeviceArray<float>&, DeviceArray<float>&) {
  float* pinned;
  cudaMallocHost(&pinned, kCount * sizeof(float));
  const cudaError_t error = run_kernel(fills_past, 64, pinned, kCount), freed = cudaFreeHost(pinned);
  return error ? error : freed;
}

// After another allocation of that size, which must not lie there.
cudaError_t run_on_freed(DeviceArray<float>&, DeviceArray<float>&) {
  float *freed, *next;
  cudaMallocHost(&freed, 64);
  cudaFreeHost(freed);
  cudaMallocHost(&next, 64);
  const cudaError_t error = run_kernel(fills_past, 16, freed, 15);
  cudaFreeHost(next);
  return error;
}

}  // namespace

std::map<std::string, Bug> access_bugs() {
  return {
    {"counts_past", [](auto&, auto& out) { return run_kernel(counts_past, 4, out.data(), 256); }},
        {"copies_past",
         [](auto& in, auto& out) { return run_kernel(copies_past, 1, in.data(), out.data(), 4096); }},
        {"past_pinned", run_on_pinned<16>}, {"just_past_pinned", run_on_pinned<15>},  // in 64 bytes
        {"freed_pinned", run_on_freed},
        {"counts_between", [](auto&, auto& out) { return run_kernel(counts_between, 1, out.data()); }},
        {"reads_between",
         [](auto& in, auto& out) { return run_kernel(reads_between, 4, in.data(), out.data()); }},
        {"endless_nothing", [](auto&, auto& out) { return run_kernel(endless_nothing, 2, out.data()); }},
        {"endless_time", [](auto&, auto& out) { return run_kernel(endless_time, 2, out.data()); }},
#if !defined(__CUDACC__)
        {"index_of_size", [](auto&, auto& out) { return run_kernel(index_of_size, 64, out.data()); }},
        {"two_arrays",
         [](auto& in, auto& out) { return run_kernel(two_arrays, 32, in.data(), out.data(), 40); }},
        {"changes_constant", [](auto&, auto& out) { return run_kernel(changes_constant, 4, out.data()); }},
#endif
  };
}

}  // namespace minitorch::MT_DEVICE
