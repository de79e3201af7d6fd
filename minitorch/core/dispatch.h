// SPDX-License-Identifier: MIT
// From a public function to the kernel of the device: one switch, no registry.
#pragma once
#include "minitorch/core/device.h"
#include "minitorch/core/macros.h"
#include "minitorch/core/profile_hooks.h"

namespace minitorch {

/// Thrown from here so that dispatch sites stay small. @throws DeviceError
[[noreturn]] void throw_no_cuda(const char* op);

namespace cuda {
/// Makes that GPU the one that this thread's calls go to.
void use_device(int index);
}  // namespace cuda

}  // namespace minitorch

#if defined(MT_WITH_CUDA)
#define MT_CUDA_CASE(where, function, ...) \
  ::minitorch::cuda::use_device((where).index), cuda::function(__VA_ARGS__)
#else
#define MT_CUDA_CASE(where, function, ...) ::minitorch::throw_no_cuda(#function)
#endif

/// Calls cpu::function, sim::function or cuda::function by the device.
#define MT_ON_DEVICE(where, function, ...)                                                \
  do {                                                                                    \
    switch ((where).type) {                                                               \
      case ::minitorch::Device::kCpu: cpu::function(__VA_ARGS__); break;                  \
      case ::minitorch::Device::kSim: sim::function(__VA_ARGS__); break;                  \
      case ::minitorch::Device::kCuda: MT_CUDA_CASE(where, function, __VA_ARGS__); break; \
    }                                                                                     \
  } while (false)

/// The same for kernels: the call is timed while a Profile is in scope.
#define MT_DISPATCH(where, function, ...)                                                   \
  [mt_device = ::minitorch::Device(where)](auto&&... mt_arguments) {                        \
    const ::minitorch::detail::TimedKernel mt_timed(#function, mt_device, mt_arguments...); \
    MT_ON_DEVICE(mt_device, function, mt_arguments...);                                     \
  }(__VA_ARGS__)
