// SPDX-License-Identifier: MIT
// Allocation and copies on the simulated device.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"
#include "minitorch/simt/streams.h"

namespace minitorch::simt {
namespace {

cudaError_t refuse(cudaError_t error, const std::string& text, const char* advice) {
  report(text, advice);
  return remember_error(error);
}

const char* side(bool device) { return device ? "device" : "host"; }

// Null, or why the copy is refused.
cudaError_t check_copy(const char* call, const void* to, const void* from, std::size_t bytes,
                       cudaMemcpyKind kind) {
  const bool to_device = is_device(to), from_device = is_device(from);
  const bool want_to = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool want_from = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind != cudaMemcpyDefault && (to_device != want_to || from_device != want_from))
    return refuse(cudaErrorInvalidMemcpyDirection,
                  std::string(call) + ": asked to copy from " + side(want_from) + " to " + side(want_to) +
                      " memory, but the pointers are to " + side(from_device) + " and " + side(to_device) +
                      " memory",
                  "Check the order of the arguments, destination first, and the direction.");
  for (const auto& [memory, device, verb] :
       {std::tuple{to, to_device, "write "}, std::tuple{from, from_device, "read "}})
    if (device && bytes && !is_allocated(memory, bytes))
      return refuse(cudaErrorInvalidValue,
                    std::string(call) + ": would " + verb + std::to_string(bytes) + " bytes " +
                        describe_address(reinterpret_cast<uintptr_t>(memory)),
                    "Compare the number of bytes, not of elements, with what was allocated.");
  return cudaSuccess;
}

cudaError_t copy_rows(const char* call, void* to, std::size_t to_pitch, const void* from,
                      std::size_t from_pitch, std::size_t width, std::size_t height, cudaMemcpyKind kind,
                      cudaStream_t stream) {
  SimulatorScope scope;
  if (!width || !height) return cudaSuccess;
  if (height > 1 && (to_pitch < width || from_pitch < width))
    return refuse(cudaErrorInvalidValue, std::string(call) + ": a pitch is smaller than the width",
                  "A pitch is the number of bytes from one row to the next.");
  for (const std::size_t row : {std::size_t{0}, height - 1})
    if (const cudaError_t error = check_copy(call, static_cast<char*>(to) + row * to_pitch,
                                             static_cast<const char*>(from) + row * from_pitch, width, kind))
      return error;
  const auto copy = [=] {
    for (std::size_t row = 0; row < height; ++row) {
      char* line = static_cast<char*>(to) + row * to_pitch;
      std::memmove(line, static_cast<const char*>(from) + row * from_pitch, width);
      checker_bytes_written(line, width);
    }
    return cudaSuccess;
  };
  return is_deferred(stream) ? enqueue(stream, copy) : copy();
}

}  // namespace

cudaError_t copy_symbol(void* to, const void* from, std::size_t bytes, std::size_t offset,
                        std::size_t symbol_bytes, const char* what) {
  SimulatorScope scope;
  if (offset + bytes > symbol_bytes)
    return refuse(cudaErrorInvalidValue,
                  std::string(what) + ": bytes " + std::to_string(offset) + " to " +
                      std::to_string(offset + bytes) + " of a variable of " + std::to_string(symbol_bytes) +
                      " bytes",
                  "Compare the number of bytes with the size of the variable.");
  if (const cudaError_t error = finish_all_streams()) return error;
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
using namespace minitorch::simt;

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  SimulatorScope scope;
  *memory = nullptr;
  if (is_capturing()) return finish_all_streams();  // refuses
  if (!bytes) return cudaSuccess;
  *memory = device_allocate(bytes);
  return *memory ? cudaSuccess : remember_error(cudaErrorMemoryAllocation);
}
cudaError_t cudaFree(void* memory) {
  SimulatorScope scope;
  if (!memory) return cudaSuccess;
  if (const cudaError_t error = finish_all_streams()) return error;
  return device_free(memory) ? cudaSuccess : remember_error(cudaErrorInvalidValue);
}
cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t) {
  return cudaMalloc(memory, bytes);
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  return enqueue(stream,
                 [=] { return device_free(memory) ? cudaSuccess : remember_error(cudaErrorInvalidValue); });
}
cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
  *memory = std::aligned_alloc(4096, (std::max(bytes, std::size_t{1}) + 4095) / 4096 * 4096);
  return *memory ? cudaSuccess : remember_error(cudaErrorMemoryAllocation);
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
}
cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *total = device_memory_total();
  *free = *total - std::min(*total, device_memory_in_use());
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return copy_rows("cudaMemcpyAsync", to, 0, from, 0, bytes, 1, kind, stream);
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (const cudaError_t error = finish_default_stream()) return error;
  const cudaError_t error = copy_rows("cudaMemcpy", to, 0, from, 0, bytes, 1, kind, nullptr);
  return error ? error : finish_default_stream();
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind,
                              cudaStream_t stream) {
  return copy_rows("cudaMemcpy2DAsync", to, to_pitch, from, from_pitch, width, height, kind, stream);
}
cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t width, std::size_t height, cudaMemcpyKind kind) {
  if (const cudaError_t error = finish_default_stream()) return error;
  const cudaError_t error =
      copy_rows("cudaMemcpy2D", to, to_pitch, from, from_pitch, width, height, kind, nullptr);
  return error ? error : finish_default_stream();
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  SimulatorScope scope;
  if (!bytes) return cudaSuccess;
  if (!is_allocated(to, bytes))
    return refuse(cudaErrorInvalidValue,
                  "cudaMemset: would write " + std::to_string(bytes) + " bytes " +
                      (is_device(to) ? describe_address(reinterpret_cast<uintptr_t>(to)) : "of host memory"),
                  "Compare the number of bytes, not of elements, with what was allocated.");
  const auto set = [=] {
    std::memset(to, value, bytes);
    checker_bytes_written(to, bytes);
    return cudaSuccess;
  };
  return is_deferred(stream) ? enqueue(stream, set) : set();
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}

}  // namespace simulated
// NOLINTEND
