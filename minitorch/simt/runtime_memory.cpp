// SPDX-License-Identifier: MIT
// Allocation and copies on the simulated device.
#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"
#include "minitorch/simt/runtime_objects.h"
#include "minitorch/simt/streams.h"

namespace minitorch::simt {
namespace {

using Ranges = std::map<uintptr_t, std::size_t>;  // bytes by address
struct KnownMemory {
  std::mutex mutex;
  Ranges symbols;  // __device__ variables whose address the host has asked for
};
KnownMemory& known() {
  static auto* the_known = new KnownMemory;
  return *the_known;
}
bool holds(const Ranges& ranges, uintptr_t address, std::size_t bytes) {
  const auto after = ranges.upper_bound(address);
  if (after == ranges.begin()) return false;
  const auto& [begin, size] = *std::prev(after);
  return address - begin < size && bytes <= size - (address - begin);
}
// The whole range is device memory of which the host may speak.
bool is_usable(const void* memory, std::size_t bytes) {
  if (is_device(memory)) return is_allocated(memory, bytes);
  std::lock_guard lock(known().mutex);
  return holds(known().symbols, reinterpret_cast<uintptr_t>(memory), bytes);
}

// It begins in what cudaHostAlloc gave, and ends outside; or that has been freed.
bool leaves_pinned(const void* memory, std::size_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const Allocation a = pinned_near(address);
  return a.pages && (a.freed || address - a.base >= a.bytes || bytes > a.bytes - (address - a.base));
}

cudaError_t refuse_range(const char* call, const char* verb, const void* memory, std::size_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const Allocation a = memory_near(address);
  return refuse_call(
      cudaErrorInvalidValue,
      std::string(call) + ": would " + verb + " " + std::to_string(bytes) + " bytes " +
          (is_device(address) || a.base ? describe_address(address) : "of host memory"),
      a.freed ? "Keep the memory until the stream has done the work, and as long as a graph does it."
              : "Compare the number of bytes, not of elements, with what was allocated.");
}

const char* side(bool device) { return device ? "device" : "host"; }

// Null, or why the copy is refused. `symbol`: of both pointers the one that is to a __device__ variable, and
// has been looked at.
cudaError_t check_copy(const char* call, const void* to, const void* from, std::size_t bytes,
                       cudaMemcpyKind kind, const void* symbol = nullptr) {
  const auto on_device = [&](const void* memory) {
    return memory == symbol || is_device(memory) || is_usable(memory, 1);
  };
  const auto is_managed = [](const void* memory) {
    return find_allocation(reinterpret_cast<uintptr_t>(memory)).managed;
  };
  if (!to || !from)
    return refuse_call(cudaErrorInvalidValue, std::string(call) + ": a pointer is null",
                       "Look at what the allocation before returned.");
  const bool to_device = on_device(to), from_device = on_device(from);
  const bool want_to = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool want_from = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind != cudaMemcpyDefault &&
      ((to_device != want_to && !is_managed(to)) || (from_device != want_from && !is_managed(from))))
    return refuse_call(cudaErrorInvalidMemcpyDirection,
                       std::string(call) + ": asked to copy from " + side(want_from) + " to " +
                           side(want_to) + " memory, but the pointers are to " + side(from_device) + " and " +
                           side(to_device) + " memory",
                       "Check the order of the arguments, destination first, and the direction.");
  for (const auto& [memory, device, verb] :
       {std::tuple{to, to_device, "write"}, std::tuple{from, from_device, "read"}})
    if (bytes && (device ? memory != symbol && !is_usable(memory, bytes) : leaves_pinned(memory, bytes)))
      return refuse_range(call, verb, memory, bytes);
  return cudaSuccess;
}

cudaError_t copy_rows(const char* call, void* to, std::size_t to_pitch, const void* from,
                      std::size_t from_pitch, std::size_t width, std::size_t height, cudaMemcpyKind kind,
                      cudaStream_t stream) {
  SimulatorScope scope;
  if (const cudaError_t error = admit(stream, call)) return error;
  if (!width || !height) return cudaSuccess;
  if (height > 1 && (to_pitch < width || from_pitch < width))
    return refuse_call(cudaErrorInvalidValue, std::string(call) + ": a pitch is smaller than the width",
                       "A pitch is the number of bytes from one row to the next.");
  const auto check = [=] {
    cudaError_t error = check_copy(call, to, from, width, kind);
    if (!error && height > 1)
      error = check_copy(call, static_cast<char*>(to) + (height - 1) * to_pitch,
                         static_cast<const char*>(from) + (height - 1) * from_pitch, width, kind);
    return error;
  };
  if (const cudaError_t error = check()) return error;
  const auto copy = [=] {
    if (const cudaError_t error = check()) return error;  // it may be long after the call
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

namespace {

char* place_of(const SymbolPart& part) {
  return const_cast<char*>(static_cast<const volatile char*>(part.address)) + part.offset;
}

cudaError_t copy_symbol(const char* call, const SymbolPart& part, void* to, const void* from,
                        std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream, bool wait) {
  SimulatorScope scope;
  if (part.offset > part.bytes || bytes > part.bytes - part.offset)
    return refuse_call(cudaErrorInvalidValue,
                       std::string(call) + ": bytes " + std::to_string(part.offset) + " to " +
                           std::to_string(part.offset + bytes) + " of a variable of " +
                           std::to_string(part.bytes) + " bytes",
                       "Compare the number of bytes with the size of the variable.");
  if (!bytes) return cudaSuccess;
  if (const cudaError_t error = check_copy(call, to, from, bytes, kind, place_of(part))) return error;
  if (const cudaError_t error = wait ? finish_all_streams() : admit(stream, call)) return error;
  const auto copy = [=] {
    if (const cudaError_t error = check_copy(call, to, from, bytes, kind, place_of(part))) return error;
    std::memcpy(to, from, bytes);
    checker_bytes_written(to, bytes);
    return cudaSuccess;
  };
  return wait ? copy() : enqueue(stream, copy);
}

}  // namespace

cudaError_t copy_to_symbol(const char* call, SymbolPart to, const void* from, std::size_t bytes,
                           cudaMemcpyKind kind, cudaStream_t stream, bool wait) {
  return copy_symbol(call, to, place_of(to), from, bytes, kind, stream, wait);
}
cudaError_t copy_from_symbol(const char* call, void* to, SymbolPart from, std::size_t bytes,
                             cudaMemcpyKind kind, cudaStream_t stream, bool wait) {
  return copy_symbol(call, from, to, place_of(from), bytes, kind, stream, wait);
}
void* symbol_address(const volatile void* symbol, std::size_t bytes) {
  std::lock_guard lock(known().mutex);
  known().symbols[reinterpret_cast<uintptr_t>(symbol)] = bytes;
  return const_cast<void*>(symbol);
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
cudaError_t cudaMallocManaged(void** memory, std::size_t bytes, unsigned) {
  if (const cudaError_t error = cudaMalloc(memory, bytes)) return error;
  if (!*memory) return cudaErrorInvalidValue;
  set_managed(reinterpret_cast<uintptr_t>(*memory));
  checker_bytes_written(*memory, bytes);  // the host will, unseen
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  SimulatorScope scope;
  if (!memory) return cudaSuccess;
  if (const cudaError_t error = finish_all_streams()) return error;
  return device_free(memory) ? cudaSuccess : remember_error(cudaErrorInvalidValue);
}
cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t stream) {
  if (const cudaError_t error = admit(stream, "cudaMallocAsync")) return error;
  return cudaMalloc(memory, bytes);
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  if (const cudaError_t error = admit(stream, "cudaFreeAsync")) return error;
  return enqueue(stream,
                 [=] { return device_free(memory) ? cudaSuccess : remember_error(cudaErrorInvalidValue); });
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
  if (const cudaError_t error = admit(stream, "cudaMemset")) return error;
  if (!bytes) return cudaSuccess;
  if (!is_usable(to, bytes)) return refuse_range("cudaMemset", "write", to, bytes);
  const auto set = [=] {
    if (!is_usable(to, bytes)) return refuse_range("cudaMemset", "write", to, bytes);
    std::memset(to, value, bytes);
    checker_bytes_written(to, bytes);
    return cudaSuccess;
  };
  return is_deferred(stream) ? enqueue(stream, set) : set();
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}

cudaError_t cudaMemset2DAsync(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height,
                              cudaStream_t stream) {
  cudaError_t error = cudaSuccess;
  for (std::size_t row = 0; row < height && !error; ++row)
    error = cudaMemsetAsync(static_cast<char*>(to) + row * pitch, value, width, stream);
  return error;
}
cudaError_t cudaMemset2D(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height) {
  return cudaMemset2DAsync(to, pitch, value, width, height, nullptr);
}
cudaError_t cudaMallocPitch(void** memory, std::size_t* pitch, std::size_t width, std::size_t height) {
  *pitch = (width + 511) / 512 * 512;
  return cudaMalloc(memory, *pitch * height);
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* memory) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  *attributes = {};
  if (find_allocation(address).managed) attributes->type = cudaMemoryTypeManaged;
  else if (is_device(address)) attributes->type = cudaMemoryTypeDevice;
  else if (is_pinned(address)) attributes->type = cudaMemoryTypeHost;
  if (attributes->type) attributes->devicePointer = const_cast<void*>(memory);
  if (attributes->type != cudaMemoryTypeDevice) attributes->hostPointer = const_cast<void*>(memory);
  return cudaSuccess;
}

}  // namespace simulated
// NOLINTEND
