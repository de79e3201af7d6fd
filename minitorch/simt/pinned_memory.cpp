// SPDX-License-Identifier: MIT
// Host memory that kernels may touch. What cudaHostAlloc gives lies between two inaccessible pages and begins
// filled with NaN, as device memory does, and is inaccessible for a while after it is freed; of what
// cudaHostRegister is told only the range is known.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

constexpr std::size_t kPinnedAlignment = 64;  // what the library asks of memory of the host
constexpr std::size_t kFreedRemembered = 256;

struct PinnedMemory {
  std::mutex mutex;
  std::map<uintptr_t, Allocation> by_base;  // without pages: registered; with the last freed
  std::deque<uintptr_t> freed;
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
  if (mprotect(reinterpret_cast<void*>(a.pages), page_bytes, PROT_READ | PROT_WRITE)) {
    munmap(memory, page_bytes + 2 * page);
    return {};
  }
  std::memset(reinterpret_cast<void*>(a.base), 0xff, bytes);
  fill_slack(a);
  return a;
}

// What is freed keeps its addresses, so that the next allocation is not taken for it; the oldest gives way.
void remember_freed(PinnedMemory& p, Allocation& a) {
  madvise(reinterpret_cast<void*>(a.pages), a.page_bytes, MADV_DONTNEED);
  mprotect(reinterpret_cast<void*>(a.pages), a.page_bytes, PROT_NONE);
  a.freed = true;
  p.freed.push_back(a.base);
  if (p.freed.size() <= kFreedRemembered) return;
  const auto oldest = p.by_base.find(p.freed.front());
  munmap(reinterpret_cast<void*>(oldest->second.pages - page_size()),
         oldest->second.page_bytes + 2 * page_size());
  p.by_base.erase(oldest);
  p.freed.pop_front();
}

}  // namespace

bool is_pinned(uintptr_t address) {
  const Allocation a = pinned_near(address);
  return address - a.base < a.bytes && !a.freed;
}

Allocation pinned_near(uintptr_t address) {
  std::lock_guard lock(pinned().mutex);
  const std::size_t page = page_size();
  // In its first page it begins anywhere, and the guard page is before that.
  for (auto at = pinned().by_base.upper_bound(address + 2 * page); at != pinned().by_base.begin();) {
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
  bool intact = true;
  {
    std::lock_guard lock(pinned().mutex);
    const auto at = pinned().by_base.find(reinterpret_cast<uintptr_t>(memory));
    if (at != pinned().by_base.end()) a = at->second;
    if (a.pages && !a.freed) {
      intact = slack_is_intact(a);
      remember_freed(pinned(), at->second);
    }
  }
  if (!a.pages || a.freed)
    return refuse_call(cudaErrorInvalidValue,
                       a.freed ? "cudaFreeHost: this memory was freed before"
                               : "cudaFreeHost: not the beginning of pinned memory",
                       "Free exactly what cudaMallocHost or cudaHostAlloc returned, once.");
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
