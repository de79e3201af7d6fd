// SPDX-License-Identifier: MIT
#include "minitorch/core/memory.h"

#include <sys/mman.h>
#if defined(MT_SANITIZE)
#include <sanitizer/asan_interface.h>
#endif

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "minitorch/core/device_cache.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/pinned.h"
#include "minitorch/core/size_class.h"
#include "minitorch/core/stream.h"

namespace minitorch {
namespace cpu {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

void system_allocate(void** memory, std::size_t bytes) {
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  *memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
#if defined(MADV_HUGEPAGE)
  if (*memory && bytes >= kHugePage)
    madvise(*memory, bytes, MADV_HUGEPAGE);  // fewer page faults on first touch
#endif
}
void system_release(void* memory, void*) { std::free(memory); }
void host_allocate(void** memory, std::size_t bytes) { system_allocate(memory, bytes); }
void host_release(void* memory) { std::free(memory); }
void copy_async(void* to, const void* from, std::size_t bytes, CopyKind, void*) {
  std::memcpy(to, from, bytes);
}
void fill_async(void* to, int value, std::size_t bytes, void*) { std::memset(to, value, bytes); }
void synchronize() {}
int device_count() { return 1; }

}  // namespace cpu

namespace {

// The address sanitizer knows what malloc gave, and not what lies in the cache, or behind a tensor in its
// block.
void forbid([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(MT_SANITIZE)
  ASAN_POISON_MEMORY_REGION(memory, bytes);
#endif
}
void permit([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(MT_SANITIZE)
  ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
#endif
}

// The CPU's blocks; those of other devices are kept in device_cache.cpp.
struct Cache {
  std::mutex mutex;
  std::array<std::vector<void*>, kSizeClasses> free;
  MemoryStats stats;

  // A block that lay in the cache, or null.
  void* take(int index) {
    const std::size_t size = class_bytes(index);
    std::lock_guard lock(mutex);
    stats.in_use += size;
    stats.peak = std::max(stats.peak, stats.in_use);
    ++stats.allocations;
    if (free[index].empty()) return nullptr;
    void* memory = free[index].back();
    free[index].pop_back();
    stats.cached -= size;
    return memory;
  }
  void give_back(void* memory, int index) {
    std::lock_guard lock(mutex);
    stats.in_use -= class_bytes(index);
    stats.cached += class_bytes(index);
    forbid(memory, class_bytes(index));
    free[index].push_back(memory);
  }
  void clear() {
    std::lock_guard lock(mutex);
    for (auto& list : free) {
      for (void* memory : list) std::free(memory);
      list.clear();
    }
    stats.cached = 0;
  }
};

// Never destroyed: tensors with static lifetime may still come back after main.
Cache& cache() {
  static auto* the_cache = new Cache;
  return *the_cache;
}

void* allocate_on_cpu(std::size_t bytes) {
  const int index = size_class(bytes);
  void* memory = cache().take(index);
  if (!memory) cpu::system_allocate(&memory, class_bytes(index));
  if (!memory) {
    cache().clear();
    cpu::system_allocate(&memory, class_bytes(index));
  }
  if (memory) {
    forbid(memory, class_bytes(index));
    permit(memory, bytes);
    return memory;
  }
  std::lock_guard lock(cache().mutex);
  cache().stats.in_use -= class_bytes(index);
  return nullptr;
}

// What a block of `bytes` takes, for the profiler.
std::size_t block_bytes(Device device, std::size_t bytes) {
  return device.type == Device::kSim ? std::max(bytes, std::size_t{1}) : class_bytes(size_class(bytes));
}

bool poison = false;

}  // namespace

void set_memory_poison(bool on) { poison = on; }

void* allocate(Device device, std::size_t bytes) {
  if (bytes > std::size_t{1} << 46)
    throw OutOfMemory(format("[allocate] %zu bytes in one tensor: no machine has that much", bytes));
  void* memory = device.is_cpu() ? allocate_on_cpu(bytes) : cached_allocate(device, bytes);
  if (!memory && !is_available(device))
    throw DeviceError(
        "[allocate] there is no " + to_string(device) + ": no such GPU, or no driver that works",
        "--device sim runs the same kernels on the CPU; ./course doctor says what is missing");
  if (!memory)
    throw OutOfMemory(format("[allocate] %.1f MB more on %s with %.1f MB in use: no memory left",
                             static_cast<double>(bytes) / 1e6, to_string(device).c_str(),
                             static_cast<double>(memory_stats(device).in_use) / 1e6),
                      "a smaller batch size (--bs), smaller pictures, or fewer tensors kept alive");
  if (detail::profiling()) detail::memory_taken(device, memory, block_bytes(device, bytes));
  if (poison) fill_bytes(device, memory, 0xff, bytes);  // all ones is a NaN in every float type
  return memory;
}

void release(Device device, void* memory, std::size_t bytes) noexcept {
  if (detail::profiling()) detail::memory_returned(device, memory, block_bytes(device, bytes));
  if (device.is_cpu()) cache().give_back(memory, size_class(bytes));
  else cached_release(device, memory);
}

MemoryStats memory_stats(Device device) {
  if (!device.is_cpu()) return cached_stats(device);
  std::lock_guard lock(cache().mutex);
  return cache().stats;
}

void reset_peak_memory(Device device) {
  if (!device.is_cpu()) return cached_reset_peak(device);
  std::lock_guard lock(cache().mutex);
  cache().stats.peak = cache().stats.in_use;
}

void empty_cache(Device device) { device.is_cpu() ? cache().clear() : cached_empty(device); }

void fill_bytes(Device device, void* memory, int value, std::size_t bytes) {
  if (!bytes) return;
  note_work({.bytes = static_cast<double>(bytes)});
  MT_DISPATCH(device, fill_async, memory, value, bytes, current_stream_handle(device));
}

namespace {

void refuse_while_recording(Device device, const char* what) {
  bool recording = false;
  MT_ON_DEVICE(device, stream_is_recording, current_stream_handle(device), &recording);
  if (recording)
    throw DeviceError(format("[copy] %s while a graph is recorded: a replay would not do it again", what),
                      "move data before the recording, and read results after the replay");
}

// By way of pinned memory, a piece at a time: while the device fetches one, the host fills the next.
void copy_from_host(Device device, char* to, const char* from, std::size_t bytes) {
  constexpr std::size_t kPiece = std::size_t{4} << 20;
  refuse_while_recording(device, "from the host");
  const Stream stream = Stream::current(device);
  for (std::size_t at = 0, n; at < bytes; at += n) {
    n = std::min(kPiece, bytes - at);
    PinnedBuffer piece(device, n);
    std::memcpy(piece.data(), from + at, n);
    MT_DISPATCH(device, copy_async, to + at, piece.data(), n, CopyKind::to_device, stream.handle());
    piece.used_by(stream);
  }
}

void copy_to_host(Device device, void* to, const void* from, std::size_t bytes) {
  refuse_while_recording(device, "to the host");
  void* stream = current_stream_handle(device);
  MT_DISPATCH(device, copy_async, to, from, bytes, CopyKind::from_device, stream);
  MT_ON_DEVICE(device, stream_synchronize, stream);
}

}  // namespace

void copy_bytes(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes) {
  if (!bytes) return;
  note_work({.bytes = 2.0 * static_cast<double>(bytes)});
  if (to_device.is_cpu() && from_device.is_cpu()) {
    MT_DISPATCH(to_device, copy_async, to, from, bytes, CopyKind::on_device, nullptr);
  } else if (from_device.is_cpu()) {
    copy_from_host(to_device, static_cast<char*>(to), static_cast<const char*>(from), bytes);
  } else if (to_device.is_cpu()) {
    copy_to_host(from_device, to, from, bytes);
  } else if (to_device.type == from_device.type) {
    MT_DISPATCH(to_device, copy_async, to, from, bytes, CopyKind::on_device,
                current_stream_handle(to_device));
  } else {  // sim to cuda and back: by way of the host
    std::vector<char> through(bytes);
    copy_to_host(from_device, through.data(), from, bytes);
    copy_from_host(to_device, static_cast<char*>(to), through.data(), bytes);
  }
}

}  // namespace minitorch
