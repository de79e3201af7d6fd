// SPDX-License-Identifier: MIT
// Host memory that kernels may touch. What cudaHostAlloc gives lies between two inaccessible pages and begins
// filled with NaN, as device memory does; of what cudaHostRegister is told only the range is known.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

constexpr std::size_t kPinnedAlignment = 64;  // what the library asks of memory of the host

struct PinnedMemory {
  std::mutex mutex;
  std::map<uintptr_t, Allocation> by_base;  // without pages: registered
};
PinnedMemory& pinned() {
  static auto* the_pinned = new PinnedMemory;
  return *the_pinned;
}

// Between two guard pages; 0 bytes if there is no memory.
Allocation allocate_pinned(std::size_t bytes) {
  if (bytes > std::size_t{1} << 46)
    return {};  // more than a process can address: the sizes below would overflow
  const std::size_t page = page_size(),
                    body = (bytes + kPinnedAlignment - 1) / kPinnedAlignment * kPinnedAlignment,
                    page_bytes = (body + page - 1) / page * page;
  void* memory = mmap(nullptr, page_bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  Allocation a;
  a.bytes = bytes;
  a.pages = reinterpret_cast<uintptr_t>(memory) + page;
  a.page_bytes = page_bytes;
  a.base = a.pages + page_bytes - body;
  if (mprotect(reinterpret_cast<void*>(a.pages), page_bytes, PROT_READ | PROT_WRITE)) return {};
  std::memset(reinterpret_cast<void*>(a.base), 0xff, bytes);
  fill_slack(a);
  return a;
}

}  // namespace

bool is_pinned(uintptr_t address) {
  const Allocation a = pinned_near(address);
  return address - a.base < a.bytes;
}

Allocation pinned_near(uintptr_t address) {
  std::lock_guard lock(pinned().mutex);
  const std::size_t page = page_size();
  for (auto at = pinned().by_base.upper_bound(address + page); at != pinned().by_base.begin();) {
    const Allocation& a = (--at)->second;
    const bool near =
        a.pages ? address - (a.pages - page) < a.page_bytes + 2 * page : address - a.base < a.bytes;
    if (near) return a;
    if (a.base <= address) break;
  }
  return {};
}

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
using namespace minitorch::simt;

cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
  const Allocation a = allocate_pinned(std::max(bytes, std::size_t{1}));
  *memory = reinterpret_cast<void*>(a.base);
  if (!a.base) return remember_error(cudaErrorMemoryAllocation);
  std::lock_guard lock(pinned().mutex);
  pinned().by_base[a.base] = a;
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaHostAlloc(memory, bytes, cudaHostAllocDefault);
}
cudaError_t cudaFreeHost(void* memory) {
  if (!memory) return cudaSuccess;
  Allocation a;
  {
    std::lock_guard lock(pinned().mutex);
    const auto at = pinned().by_base.find(reinterpret_cast<uintptr_t>(memory));
    if (at != pinned().by_base.end() && at->second.pages) {
      a = at->second;
      pinned().by_base.erase(at);
    }
  }
  if (!a.base)
    return refuse_call(cudaErrorInvalidValue, "cudaFreeHost: not the beginning of pinned memory",
                       "Free exactly what cudaMallocHost or cudaHostAlloc returned, once.");
  const bool intact = slack_is_intact(a);
  munmap(reinterpret_cast<void*>(a.pages - page_size()), a.page_bytes + 2 * page_size());
  if (intact) return cudaSuccess;
  return refuse_call(cudaErrorInvalidValue,
                     "out of bounds: something was written just past the end of pinned host memory of " +
                         std::to_string(a.bytes) + " bytes, as found when it was freed",
                     "Compare the loops that fill it, the host's and the kernels', with its size.");
}
cudaError_t cudaHostRegister(void* memory, std::size_t bytes, unsigned) {
  if (!memory || !bytes) return remember_error(cudaErrorInvalidValue);
  Allocation a;
  a.base = reinterpret_cast<uintptr_t>(memory);
  a.bytes = bytes;
  std::lock_guard lock(pinned().mutex);
  if (!pinned().by_base.emplace(a.base, a).second)
    return remember_error(cudaErrorHostMemoryAlreadyRegistered);
  return cudaSuccess;
}
cudaError_t cudaHostUnregister(void* memory) {
  std::lock_guard lock(pinned().mutex);
  const auto at = pinned().by_base.find(reinterpret_cast<uintptr_t>(memory));
  if (at == pinned().by_base.end() || at->second.pages)
    return remember_error(cudaErrorHostMemoryNotRegistered);
  pinned().by_base.erase(at);
  return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** device, void* memory, unsigned) {
  if (!is_pinned(reinterpret_cast<uintptr_t>(memory))) return remember_error(cudaErrorInvalidValue);
  *device = memory;
  return cudaSuccess;
}

}  // namespace simulated
// NOLINTEND
