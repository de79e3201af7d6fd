// SPDX-License-Identifier: MIT
// The simulated device itself: its errors, properties and the attributes of its kernels.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"
#include "minitorch/simt/runtime_objects.h"
#include "minitorch/simt/streams.h"

namespace minitorch::simt {
namespace {

std::size_t shared_opt_in() { return (compute_capability() >= 80 ? 163 : 64) * 1024; }

std::atomic<cudaError_t> last_error{cudaSuccess};

struct Limits {
  std::mutex mutex;
  std::map<const void*, std::size_t> shared_bytes;
};
Limits& limits() {
  static auto* the_limits = new Limits;
  return *the_limits;
}

struct ErrorName {
  cudaError_t error;
  const char *name, *meaning;
};
constexpr ErrorName kErrors[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "the driver is older than the runtime, or absent"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice", "no kernel image for this device"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState",
     "the operation cannot be performed in the present state"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorAssert, "cudaErrorAssert", "device-side assert triggered"},
    {cudaErrorHostMemoryAlreadyRegistered, "cudaErrorHostMemoryAlreadyRegistered",
     "the memory is pinned already"},
    {cudaErrorHostMemoryNotRegistered, "cudaErrorHostMemoryNotRegistered", "the memory was not pinned"},
    {cudaErrorHardwareStackError, "cudaErrorHardwareStackError", "hardware stack error"},
    {cudaErrorIllegalInstruction, "cudaErrorIllegalInstruction", "an illegal instruction was encountered"},
    {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress", "misaligned address"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "not permitted while a stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "the recording came to nothing, by an earlier error"},
    {cudaErrorStreamCaptureMerge, "cudaErrorStreamCaptureMerge", "two recordings would become one"},
    {cudaErrorStreamCaptureUnmatched, "cudaErrorStreamCaptureUnmatched",
     "the recording began in another stream"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined",
     "a stream of the recording was not joined to its first one"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "a recording depends on something outside"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "the default stream would wait for a recording"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent", "not permitted on an event of a recording"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "the recording belongs to another thread"},
};

const ErrorName& name_of(cudaError_t error) {
  static constexpr ErrorName unknown = {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"};
  for (const ErrorName& e : kErrors)
    if (e.error == error) return e;
  return unknown;
}

}  // namespace

int compute_capability() {
  static const int capability = [] {
    const char* text = std::getenv("MT_SIM_CAPABILITY");
    return text ? std::atoi(text) : 80;
  }();
  return capability;
}

cudaError_t remember_error(cudaError_t error) {
  if (error) last_error = error;
  return error;
}

std::size_t static_shared_bytes(const void* kernel) {
  std::size_t bytes = 0;
  for (const SharedVariable& variable : shared_variables_of(kernel)) bytes += variable.bytes;
  return bytes;
}

std::size_t allowed_shared_bytes(const void* kernel) {
  const std::size_t left = kSharedDefault - std::min(static_shared_bytes(kernel), kSharedDefault);
  std::lock_guard lock(limits().mutex);
  const auto at = limits().shared_bytes.find(kernel);
  return at == limits().shared_bytes.end() ? left : std::max(at->second, left);
}

cudaError_t function_attributes(cudaFuncAttributes* attributes, const void* kernel) {
  *attributes = {};
  attributes->sharedSizeBytes = static_shared_bytes(kernel);
  attributes->maxThreadsPerBlock = kMaxThreads;
  attributes->ptxVersion = attributes->binaryVersion = compute_capability();
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(allowed_shared_bytes(kernel));
  return cudaSuccess;
}

cudaError_t set_function_attribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  const std::size_t most = shared_opt_in() - std::min(static_shared_bytes(kernel), shared_opt_in());
  if (value < 0 || static_cast<std::size_t>(value) > most) {
    report("cudaFuncSetAttribute: " + std::to_string(value) +
               " bytes of dynamic shared memory, the most is " + std::to_string(most),
           "Use smaller tiles, or fewer stages.");
    return remember_error(cudaErrorInvalidValue);
  }
  std::lock_guard lock(limits().mutex);
  limits().shared_bytes[kernel] = static_cast<std::size_t>(value);
  return cudaSuccess;
}

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
using namespace minitorch::simt;

const char* cudaGetErrorName(cudaError_t error) { return name_of(error).name; }
const char* cudaGetErrorString(cudaError_t error) { return name_of(error).meaning; }
cudaError_t cudaGetLastError() { return last_error.exchange(cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return last_error; }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : remember_error(cudaErrorInvalidDevice);
}
cudaError_t cudaDeviceReset() { return cudaDeviceSynchronize(); }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int device) {
  if (device != 0) return remember_error(cudaErrorInvalidDevice);
  *p = {};
  std::strcpy(p->name, "minitorch simulator");
  p->totalGlobalMem = device_memory_total();
  p->sharedMemPerBlock = kSharedDefault;
  p->sharedMemPerBlockOptin = shared_opt_in();
  p->sharedMemPerMultiprocessor = shared_opt_in() + 1024;
  p->regsPerBlock = p->regsPerMultiprocessor = 65536;
  p->warpSize = 32;
  p->maxThreadsPerBlock = kMaxThreads;
  p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 0x7fffffff;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->major = compute_capability() / 10;
  p->minor = compute_capability() % 10;
  p->multiProcessorCount = 16;  // not the few workers: launchers then choose as they do on a GPU
  p->maxThreadsPerMultiProcessor = 2048;
  p->maxBlocksPerMultiProcessor = 32;
  p->totalConstMem = 64 * 1024;
  p->asyncEngineCount = p->concurrentKernels = 1;
  p->unifiedAddressing = p->managedMemory = p->canMapHostMemory = 1;
  p->l2CacheSize = 1 << 20;
  p->memoryBusWidth = 128;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp p;
  if (const cudaError_t error = cudaGetDeviceProperties(&p, device)) return error;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = static_cast<int>(p.sharedMemPerBlock);
      return cudaSuccess;
    case cudaDevAttrMultiProcessorCount: *value = p.multiProcessorCount; return cudaSuccess;
    case cudaDevAttrMaxThreadsPerMultiProcessor: *value = p.maxThreadsPerMultiProcessor; return cudaSuccess;
    case cudaDevAttrWarpSize: *value = p.warpSize; return cudaSuccess;
    case cudaDevAttrMaxRegistersPerBlock: *value = p.regsPerBlock; return cudaSuccess;
    case cudaDevAttrConcurrentKernels: *value = p.concurrentKernels; return cudaSuccess;
    case cudaDevAttrL2CacheSize: *value = p.l2CacheSize; return cudaSuccess;
    case cudaDevAttrAsyncEngineCount: *value = p.asyncEngineCount; return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *value = static_cast<int>(p.sharedMemPerMultiprocessor);
      return cudaSuccess;
    case cudaDevAttrManagedMemory: *value = p.managedMemory; return cudaSuccess;
    case cudaDevAttrCooperativeLaunch: *value = p.cooperativeLaunch; return cudaSuccess;
    case cudaDevAttrMaxBlocksPerMultiprocessor: *value = p.maxBlocksPerMultiProcessor; return cudaSuccess;
    case cudaDevAttrComputeCapabilityMajor: *value = p.major; return cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor: *value = p.minor; return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = static_cast<int>(p.sharedMemPerBlockOptin);
      return cudaSuccess;
  }
  return remember_error(cudaErrorInvalidValue);
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) { return cudaRuntimeGetVersion(version); }
cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
cudaError_t cudaDeviceSetLimit(cudaLimit, std::size_t) { return cudaSuccess; }
cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }

long long clock64() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace simulated
// NOLINTEND
