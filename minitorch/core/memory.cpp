// SPDX-License-Identifier: MIT
#include "minitorch/core/memory.h"

#include <sys/mman.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"

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
void system_release(void* memory, std::size_t) { std::free(memory); }
void copy(void* to, const void* from, std::size_t bytes, bool, bool) { std::memcpy(to, from, bytes); }
void fill(void* to, int value, std::size_t bytes) { std::memset(to, value, bytes); }
void synchronize() {}
int device_count() { return 1; }

}  // namespace cpu

namespace {

// Block sizes rise by a quarter of a power of two, so at most a fifth of a block is unused.
int size_class(std::size_t bytes) {
  if (bytes <= 256) return static_cast<int>((bytes + 63) / 64);  // 0 to 4
  const int power = std::bit_width(bytes - 1) - 1;               // 2^power < bytes <= 2^(power + 1)
  const std::size_t quarter = std::size_t{1} << (power - 2);
  return 4 + (power - 8) * 4 + static_cast<int>((bytes - (std::size_t{1} << power) + quarter - 1) / quarter);
}
std::size_t class_bytes(int index) {
  if (index <= 4) return static_cast<std::size_t>(index) * 64;
  const int power = 8 + (index - 5) / 4, quarters = (index - 5) % 4 + 1;
  return (std::size_t{1} << power) + (std::size_t{1} << (power - 2)) * quarters;
}

struct Cache {
  static constexpr int kClasses = 4 + 4 * 48;
  std::mutex mutex;
  std::array<std::vector<void*>, kClasses> free;
  MemoryStats stats;
};

// Never destroyed: tensors with static lifetime may still come back after main.
Cache& cache(Device device) {
  static auto* caches = new std::array<Cache, 2 + 16>;
  return (*caches)[device.is_cpu() ? 0 : device.type == Device::kSim ? 1 : 2 + device.index % 16];
}

// What a block of `bytes` really takes. The simulator gives each allocation exactly what was asked for, and
// never reuses one: it then sees accesses past the end and after release, which a cache would hide.
std::size_t block_bytes(Device device, std::size_t bytes) {
  return device.type == Device::kSim ? std::max(bytes, std::size_t{1})
                                     : class_bytes(std::max(1, size_class(bytes)));
}

void* take_from_system(Device device, std::size_t bytes) {
  void* memory = nullptr;
  MT_DISPATCH(device, system_allocate, &memory, bytes);
  return memory;
}

}  // namespace

static bool poison = false;
void set_memory_poison(bool on) { poison = on; }

static void* allocate_from_cache(Device device, std::size_t bytes);

void* allocate(Device device, std::size_t bytes) {
  void* memory = allocate_from_cache(device, bytes);
  if (detail::profiling()) detail::memory_taken(device, memory, block_bytes(device, bytes));
  if (poison) fill_bytes(device, memory, 0xff, bytes);  // all ones is a NaN in every float type
  return memory;
}

static void* allocate_from_cache(Device device, std::size_t bytes) {
  if (bytes > std::size_t{1} << 46)
    throw OutOfMemory(format("[allocate] %zu bytes in one tensor: no machine has that much", bytes));
  const int index = std::max(1, size_class(bytes));
  const std::size_t size = block_bytes(device, bytes);
  Cache& c = cache(device);
  {
    std::lock_guard lock(c.mutex);
    c.stats.in_use += size;
    c.stats.peak = std::max(c.stats.peak, c.stats.in_use);
    ++c.stats.allocations;
    if (auto& list = c.free[index]; !list.empty()) {
      void* memory = list.back();
      list.pop_back();
      c.stats.cached -= size;
      return memory;
    }
  }
  void* memory = take_from_system(device, size);
  if (!memory) {
    empty_cache(device);
    memory = take_from_system(device, size);
  }
  if (memory) return memory;
  std::lock_guard lock(c.mutex);
  c.stats.in_use -= size;
  throw OutOfMemory(format("[allocate] %.1f MB more on %s with %.1f MB in use: no memory left", size / 1e6,
                           to_string(device).c_str(), c.stats.in_use / 1e6),
                    "a smaller batch size (--bs), smaller pictures, or fewer tensors kept alive");
}

void release(Device device, void* memory, std::size_t bytes) noexcept {
  if (detail::profiling()) detail::memory_returned(device, memory, block_bytes(device, bytes));
  const int index = std::max(1, size_class(bytes));
  Cache& c = cache(device);
  std::lock_guard lock(c.mutex);
  c.stats.in_use -= block_bytes(device, bytes);
  if (device.type == Device::kSim) return sim::system_release(memory, bytes);
  c.stats.cached += class_bytes(index);
  c.free[index].push_back(memory);
}

MemoryStats memory_stats(Device device) {
  std::lock_guard lock(cache(device).mutex);
  return cache(device).stats;
}

void reset_peak_memory(Device device) {
  std::lock_guard lock(cache(device).mutex);
  cache(device).stats.peak = cache(device).stats.in_use;
}

void empty_cache(Device device) {
  Cache& c = cache(device);
  std::lock_guard lock(c.mutex);
  for (int i = 0; i < Cache::kClasses; ++i) {
    for (void* memory : c.free[i]) MT_DISPATCH(device, system_release, memory, class_bytes(i));
    c.free[i].clear();
  }
  c.stats.cached = 0;
}

void fill_bytes(Device device, void* memory, int value, std::size_t bytes) {
  if (!bytes) return;
  note_work({.bytes = static_cast<double>(bytes)});
  MT_DISPATCH(device, fill, memory, value, bytes);
}

void copy_bytes(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes) {
  if (!bytes) return;
  if (!to_device.is_cpu() && !from_device.is_cpu() && to_device.type != from_device.type) {
    std::vector<char> through(bytes);  // sim to cuda and back: by way of the host
    copy_bytes(Device::cpu(), through.data(), from_device, from, bytes);
    return copy_bytes(to_device, to, Device::cpu(), through.data(), bytes);
  }
  const Device where = to_device.is_cpu() ? from_device : to_device;
  note_work({.bytes = 2.0 * static_cast<double>(bytes)});
  MT_DISPATCH(where, copy, to, from, bytes, !to_device.is_cpu(), !from_device.is_cpu());
}

}  // namespace minitorch
