// SPDX-License-Identifier: MIT
// From a public function to the kernel of the device: one switch, no registry.
#pragma once
#include "minitorch/core/device.h"
#include "minitorch/core/macros.h"
#include "minitorch/core/profile_hooks.h"

namespace minitorch {

/// Thrown from here so that dispatch sites stay small. @throws DeviceError
[[noreturn]] void throw_no_cuda(const char* op);

}  // namespace minitorch

#if defined(MT_WITH_CUDA)
#define MT_CUDA_CASE(function, ...) cuda::function(__VA_ARGS__)
#else
#define MT_CUDA_CASE(function, ...) ::minitorch::throw_no_cuda(#function)
#endif

/// Calls cpu::function, sim::function or cuda::function by the device, and times it while a Profile is in
/// scope.
#define MT_DISPATCH(where, function, ...)                                                   \
  [mt_device = ::minitorch::Device(where)](auto&&... mt_arguments) {                        \
    const ::minitorch::detail::TimedKernel mt_timed(#function, mt_device, mt_arguments...); \
    switch (mt_device.type) {                                                               \
      case ::minitorch::Device::kCpu: cpu::function(mt_arguments...); break;                \
      case ::minitorch::Device::kSim: sim::function(mt_arguments...); break;                \
      case ::minitorch::Device::kCuda: MT_CUDA_CASE(function, mt_arguments...); break;      \
    }                                                                                       \
  }(__VA_ARGS__)
