// SPDX-License-Identifier: MIT
// Error codes of the runtime, as the errors that the library throws.
#include <cxxabi.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "minitorch/core/errors.h"
#include "minitorch/simt/cuda.h"
#if !defined(__CUDACC__)
#include "minitorch/simt/control.h"
#endif

namespace minitorch::MT_DEVICE {
namespace {

thread_local const void* failed_kernel = nullptr;  // that wait_for_kernel has found

}  // namespace

cudaError_t wait_for_kernel(const void* kernel, cudaStream_t stream) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  cudaStreamIsCapturing(stream, &status);
  if (status != cudaStreamCaptureStatusNone) return cudaSuccess;  // recorded, to run later
  const cudaError_t error = cudaStreamSynchronize(stream);
  if (error != cudaSuccess) failed_kernel = kernel;
  return error;
}

#if defined(__CUDACC__)
namespace {

// " in kernel matmul_tiled<128>(...)", as far as it is known.
std::string in_kernel() {
#if CUDART_VERSION >= 12030
  const char* mangled = nullptr;
  const void* kernel = std::exchange(failed_kernel, nullptr);
  if (!kernel || cudaFuncGetName(&mangled, kernel) != cudaSuccess || !mangled) return "";
  if (std::strncmp(mangled, "_Z", 2) != 0) return std::string(" in kernel ") + mangled;  // extern "C"
  int status = 0;
  char* plain = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  const std::string name = plain ? plain : mangled;
  std::free(plain);
  return " in kernel " + name;
#else
  return "";
#endif
}

// 890 stands for compute capability 8.9.
std::string built_for() {
  std::string text;
  for (const int arch : {__CUDA_ARCH_LIST__})
    text += (text.empty() ? "sm_" : ", sm_") + std::to_string(arch / 10);
  return text;
}

std::string this_gpu() {
  int device = 0, major = 0, minor = 0;
  cudaGetDevice(&device);
  cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device);
  return "sm_" + std::to_string(major) + std::to_string(minor);
}

}  // namespace

void throw_cuda_error(cudaError_t error, const char* op) {
  const std::string name = std::string("[") + op + "] " + cudaGetErrorName(error) + ": ";
  cudaGetLastError();  // an error that can be recovered from must not show again in the next call
  switch (error) {
    case cudaErrorInsufficientDriver:
    case cudaErrorNoDevice:
      throw DeviceError(name + "there is no GPU that the driver can use",
                        "install the NVIDIA driver (nvidia-smi must list the GPU), or use --device sim");
    case cudaErrorNoKernelImageForDevice:
      throw DeviceError(name + "built for " + built_for() + ", this GPU is " + this_gpu(),
                        "configure again with -DCMAKE_CUDA_ARCHITECTURES=native");
    case cudaErrorMemoryAllocation:
      throw OutOfMemory(name + cudaGetErrorString(error), "a smaller batch size (--bs)");
    default:
      throw DeviceError(
          name + cudaGetErrorString(error) + in_kernel(),
          launch_blocking()
              ? "run the same with --device sim: the simulator names the kernel, the thread and the line"
              : "the kernel at fault may have been launched earlier: MT_LAUNCH_BLOCKING=1 names it, and "
                "--device sim names the thread and the line");
  }
}
#else
void throw_cuda_error(cudaError_t error, const char* op) {
  simt::Report found = simt::last_report();
  const std::string name = std::string("[") + op + "] " + cudaGetErrorName(error) + ": ";
  const auto all = simt::take_reports();                        // they are in the error now
  if (found.text.empty() && !all.empty()) found = all.front();  // of a launch that was put off
  failed_kernel = nullptr;                                      // the report names it
  cudaGetLastError();
  if (error == cudaErrorMemoryAllocation)
    throw OutOfMemory(name + cudaGetErrorString(error), "a smaller batch size (--bs)");
  throw DeviceError(name + (found.text.empty() ? cudaGetErrorString(error) : found.text), found.advice);
}
#endif

}  // namespace minitorch::MT_DEVICE
