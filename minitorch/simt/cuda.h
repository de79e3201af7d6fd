// SPDX-License-Identifier: MIT
// The one include of kernel files. nvcc gets the CUDA runtime; every other compiler gets the simulator, which
// runs the same text on the CPU. Two things differ from plain CUDA, because no macro can imitate them:
//
//     launch(kernel, grid, block, shared_bytes, stream, arguments...);   for kernel<<<...>>>(arguments...)
//     float* tile = dynamic_shared<float>();                             for extern __shared__ float tile[]
//
// More on request, each under both compilers: simt/fp16.h, simt/wmma.h, simt/groups.h, simt/async_copy.h.
#pragma once
#include "minitorch/core/macros.h"
#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include "minitorch/simt/simulator.h"
#endif

/// True where code for GPUs of compute capability `arch / 100` and up may stand: `#if MT_ARCH_AT_LEAST(800)`.
#if defined(__CUDA_ARCH__)
#define MT_ARCH_AT_LEAST(arch) (__CUDA_ARCH__ >= (arch))
#else
#define MT_ARCH_AT_LEAST(arch) 1
#endif

namespace minitorch {
bool launch_blocking();  // core/stream.h
}

namespace minitorch::MT_DEVICE {

/// Waits for the kernel just launched; an error is then known to be this kernel's, and check() names it.
cudaError_t wait_for_kernel(const void* kernel, cudaStream_t stream);

/// Starts the kernel on `grid` x `block` threads with `shared_bytes` of dynamic shared memory.
/// Returns what the launch itself reports. Errors inside the kernel show at the next synchronisation, or at
/// once with MT_LAUNCH_BLOCKING=1; on the simulator at once unless MT_SIM_LAZY is set.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
                   cudaStream_t stream, Arguments&&... arguments) {
#if defined(__CUDACC__)
  kernel<<<grid, block, shared_bytes, stream>>>(static_cast<Parameters>(arguments)...);
  const cudaError_t error = cudaGetLastError();
#else
  const cudaError_t error = simt::launch(kernel, grid, block, shared_bytes, stream, arguments...);
#endif
  if (error != cudaSuccess || !launch_blocking()) return error;
  return wait_for_kernel(reinterpret_cast<const void*>(kernel), stream);
}

#if defined(__CUDACC__)

/// The dynamic shared memory of the block, aligned to 16 bytes.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char minitorch_dynamic_shared[];
  return reinterpret_cast<T*>(minitorch_dynamic_shared);
}

/// While it lives, the checker takes no notice of races of this thread: for data that a lock protects.
struct IgnoreRaces {
  __device__ IgnoreRaces() {}
  __device__ ~IgnoreRaces() {}
};
#else
using simt::dynamic_shared;

struct IgnoreRaces {
  IgnoreRaces() { simt::ignore_races(true); }
  ~IgnoreRaces() { simt::ignore_races(false); }
};
#endif

/// What check() throws. @throws DeviceError, or OutOfMemory for cudaErrorMemoryAllocation
[[noreturn]] void throw_cuda_error(cudaError_t error, const char* op);

/// Does nothing on success. @throws DeviceError "[op] ..." with the report of the simulator or of the GPU,
/// and as a hint what to try: a driver, another architecture, the line that the simulator's report names
inline void check(cudaError_t error, const char* op) {
  if (error != cudaSuccess) throw_cuda_error(error, op);
}

}  // namespace minitorch::MT_DEVICE
