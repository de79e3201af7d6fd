// SPDX-License-Identifier: MIT
// Device memory that a kernel's launcher needs for a moment. For .cu files only.
#pragma once
#include "minitorch/core/scratch.h"
#include "minitorch/core/stream_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

/// Scratch on the current device. Kernels that use it may still run at the end of the scope: whoever gets the
/// same memory next is queued behind them on the same stream.
template <class T>
struct DeviceScratch : Scratch<T> {
  explicit DeviceScratch(int64_t count) : Scratch<T>(count, current_device()) {}
};

}  // namespace minitorch::MT_DEVICE
