// SPDX-License-Identifier: MIT
// Memory of a GPU, or of the simulator, by the CUDA runtime's own calls.
#include "minitorch/core/memory.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

void system_allocate(void** memory, std::size_t bytes) {
  if (cudaMalloc(memory, bytes) != cudaSuccess) *memory = nullptr;
}
void system_release(void* memory, std::size_t) { cudaFree(memory); }

void copy(void* to, const void* from, std::size_t bytes, bool to_device, bool from_device) {
  const auto kind =
      to_device ? (from_device ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice) : cudaMemcpyDeviceToHost;
  check(cudaMemcpy(to, from, bytes, kind), "copy");
}
void fill(void* to, int value, std::size_t bytes) { check(cudaMemset(to, value, bytes), "fill"); }
void synchronize() { check(cudaDeviceSynchronize(), "synchronize"); }

int device_count() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;  // without a driver the call fails: no GPU
}

}  // namespace minitorch::MT_DEVICE
