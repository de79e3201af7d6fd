// SPDX-License-Identifier: MIT
// Simulator: what the CUDA runtime knows of kernels, and of __device__ and __constant__ variables.
#pragma once
#include "minitorch/simt/runtime.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

// --- kernels as objects ---
struct cudaFuncAttributes {
  std::size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
  int maxThreadsPerBlock, numRegs, ptxVersion, binaryVersion, maxDynamicSharedSizeBytes;
};
enum cudaFuncAttribute {
  cudaFuncAttributeMaxDynamicSharedMemorySize = 8,
  cudaFuncAttributePreferredSharedMemoryCarveout = 9
};

}  // namespace simulated

namespace minitorch::simt {
/// A __device__ variable, and where in it a copy begins.
struct SymbolPart {
  const volatile void* address;
  std::size_t bytes, offset;
};
cudaError_t copy_to_symbol(const char* call, SymbolPart to, const void* from, std::size_t bytes,
                           cudaMemcpyKind kind, cudaStream_t stream, bool wait);
cudaError_t copy_from_symbol(const char* call, void* to, SymbolPart from, std::size_t bytes,
                             cudaMemcpyKind kind, cudaStream_t stream, bool wait);
void* symbol_address(const volatile void* symbol, std::size_t bytes);
cudaError_t function_attributes(cudaFuncAttributes* attributes, const void* kernel);
cudaError_t set_function_attribute(const void* kernel, cudaFuncAttribute attribute, int value);
}  // namespace minitorch::simt

inline namespace simulated {

template <class F>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, F* kernel) {
  return minitorch::simt::function_attributes(attributes, reinterpret_cast<const void*>(kernel));
}
template <class F>
cudaError_t cudaFuncSetAttribute(F* kernel, cudaFuncAttribute attribute, int value) {
  return minitorch::simt::set_function_attribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
template <class F>
cudaError_t cudaFuncSetCacheConfig(F*, cudaFuncCache) {
  return cudaSuccess;
}
/// As limited by threads (2048) and dynamic shared memory (164 KiB); registers are not known here.
template <class F>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, F*, int threads,
                                                          std::size_t shared_bytes) {
  if (threads < 1 || threads > 1024) return cudaErrorInvalidValue;
  const std::size_t by_threads = 2048 / static_cast<std::size_t>((threads + 31) / 32 * 32);
  const std::size_t by_shared = 164 * 1024 / (shared_bytes + 1024);  // the system takes 1 KiB a block
  const std::size_t fewest = by_threads < by_shared ? by_threads : by_shared;
  *blocks = static_cast<int>(fewest < 32 ? fewest : 32);
  return cudaSuccess;
}
/// The largest block of those that fill the device best, and how many blocks fill it.
template <class F>
cudaError_t cudaOccupancyMaxPotentialBlockSize(int* grid, int* block, F* kernel, std::size_t shared_bytes = 0,
                                               int limit = 0) {
  cudaDeviceProp properties;
  if (const cudaError_t error = cudaGetDeviceProperties(&properties, 0)) return error;
  *block = *grid = 0;
  for (int threads = limit > 0 && limit < 1024 ? limit : 1024, best = 0; threads >= 32; threads -= 32) {
    int blocks = 0;
    cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared_bytes);
    if (blocks * threads <= best) continue;
    best = blocks * threads;
    *block = threads;
    *grid = blocks * properties.multiProcessorCount;
  }
  return cudaSuccess;
}

// --- __device__ and __constant__ variables: ordinary variables here, so a copy is a copy ---
template <class T>
cudaError_t cudaMemcpyToSymbol(T& symbol, const void* from, std::size_t bytes, std::size_t offset = 0,
                               cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return minitorch::simt::copy_to_symbol("cudaMemcpyToSymbol", {&symbol, sizeof symbol, offset}, from, bytes,
                                         kind, nullptr, true);
}
template <class T>
cudaError_t cudaMemcpyFromSymbol(void* to, const T& symbol, std::size_t bytes, std::size_t offset = 0,
                                 cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return minitorch::simt::copy_from_symbol("cudaMemcpyFromSymbol", to, {&symbol, sizeof symbol, offset},
                                           bytes, kind, nullptr, true);
}
template <class T>
cudaError_t cudaMemcpyToSymbolAsync(T& symbol, const void* from, std::size_t bytes, std::size_t offset = 0,
                                    cudaMemcpyKind kind = cudaMemcpyHostToDevice,
                                    cudaStream_t stream = nullptr) {
  return minitorch::simt::copy_to_symbol("cudaMemcpyToSymbolAsync", {&symbol, sizeof symbol, offset}, from,
                                         bytes, kind, stream, false);
}
template <class T>
cudaError_t cudaMemcpyFromSymbolAsync(void* to, const T& symbol, std::size_t bytes, std::size_t offset = 0,
                                      cudaMemcpyKind kind = cudaMemcpyDeviceToHost,
                                      cudaStream_t stream = nullptr) {
  return minitorch::simt::copy_from_symbol("cudaMemcpyFromSymbolAsync", to, {&symbol, sizeof symbol, offset},
                                           bytes, kind, stream, false);
}
template <class T>
cudaError_t cudaGetSymbolAddress(void** address, T& symbol) {
  *address = minitorch::simt::symbol_address(&symbol, sizeof symbol);
  return cudaSuccess;
}
template <class T>
cudaError_t cudaGetSymbolSize(std::size_t* bytes, T& symbol) {
  *bytes = sizeof symbol;
  return cudaSuccess;
}

}  // namespace simulated
// NOLINTEND
