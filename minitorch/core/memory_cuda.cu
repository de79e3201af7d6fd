// SPDX-License-Identifier: MIT
// Memory of a GPU, or of the simulator, by the CUDA runtime's own calls.
#include "minitorch/core/memory.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

// A graph may be in the making on some stream. Its allocations come from here too, which CUDA allows a thread
// that asks for it.
void system_allocate(void** memory, std::size_t bytes) {
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  cudaThreadExchangeStreamCaptureMode(&mode);
  if (cudaMalloc(memory, bytes) != cudaSuccess) {
    *memory = nullptr;
    cudaGetLastError();
  }
  cudaThreadExchangeStreamCaptureMode(&mode);
}

// cudaFree waits for the whole device; the simulator can free in the order of the stream, so that work that
// was put off (MT_SIM_LAZY) still finds its memory.
void system_release(void* memory, void* stream) {
#if defined(__CUDACC__)
  static_cast<void>(stream);
  cudaFree(memory);
#else
  cudaFreeAsync(memory, static_cast<cudaStream_t>(stream));
#endif
}

void host_allocate(void** memory, std::size_t bytes) {
  check(cudaHostAlloc(memory, bytes, cudaHostAllocDefault), "pinned memory");
}
void host_release(void* memory) { cudaFreeHost(memory); }

void copy_async(void* to, const void* from, std::size_t bytes, CopyKind kind, void* stream) {
  const auto direction = kind == CopyKind::to_device     ? cudaMemcpyHostToDevice
                         : kind == CopyKind::from_device ? cudaMemcpyDeviceToHost
                                                         : cudaMemcpyDeviceToDevice;
  check(cudaMemcpyAsync(to, from, bytes, direction, static_cast<cudaStream_t>(stream)), "copy");
}
void fill_async(void* to, int value, std::size_t bytes, void* stream) {
  check(cudaMemsetAsync(to, value, bytes, static_cast<cudaStream_t>(stream)), "fill");
}
void synchronize() { check(cudaDeviceSynchronize(), "synchronize"); }

int device_count() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;  // without a driver the call fails: no GPU
}

#if defined(__CUDACC__)
void use_device(int index) {
  static thread_local int in_use = 0;
  if (index == in_use) return;
  check(cudaSetDevice(index), "device");
  in_use = index;
}
#endif

}  // namespace minitorch::MT_DEVICE
