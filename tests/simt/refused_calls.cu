// SPDX-License-Identifier: MIT
// Launches, copies and releases that a GPU refuses, and the simulator with a reason.
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

__global__ void nothing(float*) {}

__global__ void forty_kilobytes(float* out) {
  __shared__ float tile[10 * 1024];
  tile[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

__device__ float of_device[4];

cudaError_t start(void (*kernel)(float*), dim3 grid, dim3 block, std::size_t shared_bytes, float* out) {
  return launch(kernel, grid, block, shared_bytes, nullptr, out);
}

}  // namespace

std::map<std::string, Bug> refused_calls() {
  return {
      {"block_too_large", [](auto&, auto& out) { return start(nothing, 1, 2048, 0, out); }},
      {"block_too_deep", [](auto&, auto& out) { return start(nothing, 1, dim3(1, 1, 65), 0, out); }},
      {"empty_grid", [](auto&, auto& out) { return start(nothing, 0, 32, 0, out); }},
      {"high_grid", [](auto&, auto& out) { return start(nothing, dim3(1, 65536), 32, 0, out); }},
      {"much_shared_memory", [](auto&, auto& out) { return start(nothing, 1, 32, 100000, out); }},
      {"shared_memory_of_both_kinds",
       [](auto&, auto& out) { return start(forty_kilobytes, 1, 32, 16384, out); }},
      {"more_than_there_is",
       [](auto&, auto&) {
         return cudaFuncSetAttribute(forty_kilobytes, cudaFuncAttributeMaxDynamicSharedMemorySize, 140000);
       }},
      {"copy_direction",
       [](auto& in, auto&) {
         const float host[4] = {};
         return cudaMemcpy(in.data(), host, sizeof host, cudaMemcpyDeviceToHost);
       }},
      {"copy_direction_to_symbol",
       [](auto&, auto&) {
         const float host[4] = {};
         return cudaMemcpyToSymbol(of_device, host, sizeof host, 0, cudaMemcpyDeviceToHost);
       }},
      {"copy_direction_from_symbol",
       [](auto& in, auto&) {
         return cudaMemcpyFromSymbolAsync(in.data(), of_device, sizeof of_device, 0, cudaMemcpyDeviceToHost);
       }},
      {"copy_past_symbol",
       [](auto& in, auto&) {
         return cudaMemcpyToSymbol(of_device, in.data(), 12, 8, cudaMemcpyDeviceToDevice);
       }},
      {"copy_null_to_symbol", [](auto&, auto&) { return cudaMemcpyToSymbol(of_device, nullptr, 16); }},
      {"copy_past_pinned",
       [](auto& in, auto&) {
         float* pinned;
         cudaMallocHost(&pinned, 100);
         const cudaError_t error = cudaMemcpy(pinned, in.data(), 104, cudaMemcpyDeviceToHost);
         cudaFreeHost(pinned);
         return error;
       }},
      {"copy_range",
       [](auto& in, auto&) {
         std::vector<float> host(300);
         return cudaMemcpy(host.data(), in.data(), 1200, cudaMemcpyDeviceToHost);
       }},
      {"copy_of_freed",
       [](auto& in, auto&) {
         float* freed;
         cudaMalloc(&freed, 256);
         cudaFree(freed);
         return cudaMemcpy(in.data(), freed, 256, cudaMemcpyDeviceToDevice);
       }},
      {"set_range", [](auto& in, auto&) { return cudaMemset(in.data() + 255, 0, 8); }},
      {"double_free",
       [](auto&, auto&) {
         float* memory;
         cudaMalloc(&memory, 16);
         cudaFree(memory);
         return cudaFree(memory);
       }},
      {"free_of_the_middle", [](auto& in, auto&) { return cudaFree(in.data() + 4); }},
  };
}

}  // namespace minitorch::MT_DEVICE
