// SPDX-License-Identifier: MIT
// The one include of kernel files: the CUDA runtime under nvcc, the simulator elsewhere.
#pragma once
#include <cstdlib>
#include <cstring>

#include "minitorch/core/errors.h"
#include "minitorch/core/macros.h"
#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
enum cudaError_t { cudaSuccess };
enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice, cudaMemcpyDefault };
inline cudaError_t cudaMalloc(void** p, std::size_t n) { *p = std::malloc(n); return cudaSuccess; }
inline cudaError_t cudaFree(void* p) { std::free(p); return cudaSuccess; }
inline cudaError_t cudaMemcpy(void* to, const void* from, std::size_t n, cudaMemcpyKind) { std::memcpy(to, from, n); return cudaSuccess; }
inline cudaError_t cudaMemset(void* to, int v, std::size_t n) { std::memset(to, v, n); return cudaSuccess; }
inline cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
inline cudaError_t cudaGetDeviceCount(int* n) { *n = 1; return cudaSuccess; }
#define __global__
#define __device__
#define __forceinline__ inline
struct dim3 { unsigned x, y, z; dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {} };
inline thread_local dim3 gridDim, blockDim, blockIdx, threadIdx;
namespace minitorch::sim {
template <class... P, class... A>
cudaError_t launch(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t, void*, A&&... args) {
  gridDim = grid; blockDim = block;
  for (unsigned b = 0; b < grid.x; ++b)
    for (unsigned t = 0; t < block.x; ++t) { blockIdx.x = b; threadIdx.x = t; kernel(static_cast<P>(args)...); }
  return cudaSuccess;
}
}
#endif
namespace minitorch::MT_DEVICE {
inline void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw DeviceError(std::string("[") + what + "] failed");
}
}
