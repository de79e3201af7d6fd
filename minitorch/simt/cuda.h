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
#endif
namespace minitorch::MT_DEVICE {
inline void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw DeviceError(std::string("[") + what + "] failed");
}
}
