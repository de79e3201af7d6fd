// SPDX-License-Identifier: MIT
// How the lesson's kernels are started. For .cu files only.
#pragma once
#include "lessons/12_cuda/kernels.h"
#include "minitorch/core/stream_cuda.h"

namespace minitorch::MT_DEVICE {

/// Starts the kernel on the current stream. @throws DeviceError, with what the simulator found
template <class... Parameters, class... Arguments>
void start(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block, Arguments... arguments) {
  check(launch(kernel, grid, block, 0, current_stream(), arguments...), name);
}

}  // namespace minitorch::MT_DEVICE
