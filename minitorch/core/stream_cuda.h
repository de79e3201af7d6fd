// SPDX-License-Identifier: MIT
// Where launchers queue their kernels. For .cu files only.
#pragma once
#include "minitorch/core/stream.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

/// The device that launches go to now.
inline Device current_device() {
#if defined(__CUDACC__)
  int index = 0;
  check(cudaGetDevice(&index), "cudaGetDevice");
  return Device::cuda(index);
#else
  return Device::sim();
#endif
}

/// The stream that this thread has chosen for the current device: launch(kernel, grid, block, bytes,
/// current_stream(), ...).
inline cudaStream_t current_stream() {
  return static_cast<cudaStream_t>(current_stream_handle(current_device()));
}

}  // namespace minitorch::MT_DEVICE
