// SPDX-License-Identifier: MIT
// Allocation and copies on the simulated device.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

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
  Ranges pinned;
  std::set<uintptr_t> registered;  // of the pinned, those that are not ours
  Ranges symbols;                  // __device__ variables whose address the host has asked for
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

const char* side(bool device) { return device ? "device" : "host"; }

// Null, or why the copy is refused.
cudaError_t check_copy(const char* call, const void* to, const void* from, std::size_t bytes,
                       cudaMemcpyKind kind) {
  const auto on_device = [](const void* memory) { return is_device(memory) || is_usable(memory, 1); };
  const auto is_managed = [](const void* memory) {
    return find_allocation(reinterpret_cast<uintptr_t>(memory)).managed;
  };
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
       {std::tuple{to, to_device, "write "}, std::tuple{from, from_device, "read "}})
    if (device && bytes && !is_usable(memory, bytes))
      return refuse_call(cudaErrorInvalidValue,
                         std::string(call) + ": would " + verb + std::to_string(bytes) + " bytes " +
                             describe_address(reinterpret_cast<uintptr_t>(memory)),
                         "Compare the number of bytes, not of elements, with what was allocated.");
  return cudaSuccess;
}

cudaError_t copy_rows(const char* call, void* to, std::size_t to_pitch, const void* from,
                      std::size_t from_pitch, std::size_t width, std::size_t height, cudaMemcpyKind kind,
                      cudaStream_t stream) {
  SimulatorScope scope;
  if (const cudaError_t error = admit(stream, call)) return error;
  if (!width || !height) return cudaSuccess;
  if (!to || !from)
    return refuse_call(cudaErrorInvalidValue, std::string(call) + ": a pointer is null",
                       "Look at what the allocation before returned.");
  if (height > 1 && (to_pitch < width || from_pitch < width))
    return refuse_call(cudaErrorInvalidValue, std::string(call) + ": a pitch is smaller than the width",
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

bool is_pinned(uintptr_t address) {
  std::lock_guard lock(known().mutex);
  return holds(known().pinned, address, 1);
}

namespace {
cudaError_t check_symbol(std::size_t bytes, std::size_t offset, std::size_t symbol_bytes, const char* what) {
  if (offset + bytes <= symbol_bytes) return cudaSuccess;
  return refuse_call(cudaErrorInvalidValue,
                     std::string(what) + ": bytes " + std::to_string(offset) + " to " +
                         std::to_string(offset + bytes) + " of a variable of " +
                         std::to_string(symbol_bytes) + " bytes",
                     "Compare the number of bytes with the size of the variable.");
}
}  // namespace

cudaError_t copy_symbol(void* to, const void* from, std::size_t bytes, std::size_t offset,
                        std::size_t symbol_bytes, const char* what) {
  SimulatorScope scope;
  if (const cudaError_t error = check_symbol(bytes, offset, symbol_bytes, what)) return error;
  if (const cudaError_t error = finish_all_streams()) return error;
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t copy_symbol_async(void* to, const void* from, std::size_t bytes, std::size_t offset,
                              std::size_t symbol_bytes, const char* what, cudaStream_t stream) {
  SimulatorScope scope;
  if (const cudaError_t error = check_symbol(bytes, offset, symbol_bytes, what)) return error;
  if (const cudaError_t error = admit(stream, what)) return error;
  return enqueue(stream, [=] {
    std::memcpy(to, from, bytes);
    return cudaSuccess;
  });
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
cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
  const std::size_t size = std::max(bytes, std::size_t{1});
  *memory = std::aligned_alloc(4096, (size + 4095) / 4096 * 4096);
  if (!*memory) return remember_error(cudaErrorMemoryAllocation);
  std::lock_guard lock(known().mutex);
  known().pinned[reinterpret_cast<uintptr_t>(*memory)] = size;
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
}
cudaError_t cudaFreeHost(void* memory) {
  if (!memory) return cudaSuccess;
  {
    std::lock_guard lock(known().mutex);
    const auto address = reinterpret_cast<uintptr_t>(memory);
    if (known().registered.contains(address) || !known().pinned.erase(address)) memory = nullptr;
  }
  if (!memory)
    return refuse_call(cudaErrorInvalidValue, "cudaFreeHost: not the beginning of pinned memory",
                       "Free exactly what cudaMallocHost or cudaHostAlloc returned, once.");
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaHostRegister(void* memory, std::size_t bytes, unsigned) {
  if (!memory || !bytes) return remember_error(cudaErrorInvalidValue);
  std::lock_guard lock(known().mutex);
  const auto address = reinterpret_cast<uintptr_t>(memory);
  if (!known().registered.insert(address).second) return remember_error(cudaErrorHostMemoryAlreadyRegistered);
  known().pinned[address] = bytes;
  return cudaSuccess;
}
cudaError_t cudaHostUnregister(void* memory) {
  std::lock_guard lock(known().mutex);
  const auto address = reinterpret_cast<uintptr_t>(memory);
  if (!known().registered.erase(address)) return remember_error(cudaErrorHostMemoryNotRegistered);
  known().pinned.erase(address);
  return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** device, void* memory, unsigned) {
  if (!is_pinned(reinterpret_cast<uintptr_t>(memory))) return remember_error(cudaErrorInvalidValue);
  *device = memory;
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
  if (const cudaError_t error = admit(stream, "cudaMemset")) return error;
  if (!bytes) return cudaSuccess;
  if (!is_usable(to, bytes))
    return refuse_call(
        cudaErrorInvalidValue,
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
