// SPDX-License-Identifier: MIT
// The range check of indices inside kernels. For .cu files only.
#pragma once
#include <cstdio>

#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

/// The index itself. Outside [0, size) a GPU prints it and stops the kernel, as CUDA's assert does: looking
/// on the host would mean waiting for the GPU at each step. On the simulator the host has looked before the
/// launch.
__device__ __forceinline__ int64_t guarded(int64_t index, int64_t size) {
#if defined(__CUDA_ARCH__)
  if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(size)) {
    printf("index %lld is outside 0 to %lld\n", static_cast<long long>(index),
           static_cast<long long>(size - 1));
    __trap();
  }
#else
  static_cast<void>(size);
#endif
  return index;
}

}  // namespace minitorch::MT_DEVICE
