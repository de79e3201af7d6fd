// SPDX-License-Identifier: MIT
#include "minitorch/simt/device_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

// What the widest vector load needs; less means a tighter fit to the guard page.
constexpr std::size_t kAlignment = 16;
constexpr std::size_t kFreedRemembered = 4096;

struct Arena {
  std::mutex mutex;
  std::map<uintptr_t, Allocation> by_base;  // live ones and the last freed
  std::deque<uintptr_t> freed;
  uintptr_t cursor = 0;
  std::size_t in_use = 0, page = page_size();
};

Arena& arena() {
  static auto* the_arena = new Arena;
  return *the_arena;
}

// Address space only; pages come when an allocation needs them.
bool reserve(Arena& a) {
  if (arena_base) return true;
  // Device addresses are then known at sight.
  void* wish = reinterpret_cast<void*>(uintptr_t{0x200000000000});
  for (std::size_t bytes = std::size_t{4} << 40; bytes >= std::size_t{1} << 30; bytes /= 4) {
    void* memory = mmap(wish, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) continue;
    arena_base = a.cursor = reinterpret_cast<uintptr_t>(memory);
    arena_bytes = bytes;
    return true;
  }
  return false;
}

// The next gap of `bytes` after the last allocation, so that freed addresses rest as long as possible.
uintptr_t find_gap(Arena& a, std::size_t bytes) {
  bool wrapped = false;
  for (;;) {
    if (a.cursor + bytes > arena_base + arena_bytes) {
      if (wrapped) return 0;
      wrapped = true;
      a.cursor = arena_base;
    }
    const uintptr_t gap = a.cursor;
    auto at = a.by_base.lower_bound(gap);
    while (at != a.by_base.end() && at->second.freed && at->second.pages < gap + bytes) ++at;
    if (at == a.by_base.end() || at->second.pages >= gap + bytes) {
      a.cursor = gap + bytes;
      return gap;
    }
    a.cursor = at->second.pages + at->second.page_bytes;
  }
}

void forget_freed(Arena& a, uintptr_t low, uintptr_t high) {
  for (auto at = a.by_base.lower_bound(low); at != a.by_base.end() && at->first < high;)
    at = at->second.freed ? a.by_base.erase(at) : std::next(at);
}

Allocation nearest(Arena& a, uintptr_t address) {
  auto after = a.by_base.lower_bound(address);
  Allocation best;
  std::size_t best_distance = ~std::size_t{0};
  const auto consider = [&](const Allocation& candidate) {
    const uintptr_t end = candidate.base + candidate.bytes;
    std::size_t distance = address < candidate.base ? candidate.base - address
                           : address >= end         ? address - end
                                                    : 0;
    if (candidate.freed && distance) distance += 1;  // a live neighbour at the same distance is likelier
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  };
  if (after != a.by_base.end()) consider(after->second);
  for (int back = 0; back < 2 && after != a.by_base.begin(); ++back) consider((--after)->second);
  return best;
}

// What lies between the end of an allocation and the guard page: NaN in every type, but not the same behind
// the next one, so that a vector that reaches too far is noticed even if it was loaded from too far as well.
unsigned char slack_byte(uintptr_t address) {
  if (address % 2) return 0xff;
  return static_cast<unsigned char>(0xf0 | (address / page_size() >> (address % 4 ? 0 : 4) & 15));
}

}  // namespace

std::size_t page_size() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

void fill_slack(const Allocation& a) {
  for (uintptr_t at = a.base + a.bytes; at < a.pages + a.page_bytes; ++at)
    *reinterpret_cast<unsigned char*>(at) = slack_byte(at);
}

bool slack_is_intact(const Allocation& a) {
  for (uintptr_t at = a.base + a.bytes; at < a.pages + a.page_bytes; ++at)
    if (*reinterpret_cast<const unsigned char*>(at) != slack_byte(at)) return false;
  return true;
}

std::size_t device_memory_total() {
  static const std::size_t total = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) / 4 * 3 * page_size();
  return total;
}

std::size_t device_memory_in_use() {
  std::lock_guard lock(arena().mutex);
  return arena().in_use;
}

void* device_allocate(std::size_t bytes) {
  Arena& a = arena();
  std::lock_guard lock(a.mutex);
  if (bytes > device_memory_total() - std::min(a.in_use, device_memory_total()) || !reserve(a))
    return nullptr;
  const std::size_t body = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const std::size_t page_bytes = (body + a.page - 1) / a.page * a.page;
  const uintptr_t gap = find_gap(a, page_bytes + a.page);  // a guard page first; the next one's follows
  if (!gap) return nullptr;
  const uintptr_t pages = gap + a.page;
  if (mprotect(reinterpret_cast<void*>(pages), page_bytes, PROT_READ | PROT_WRITE)) return nullptr;
  forget_freed(a, pages, pages + page_bytes);
  Allocation allocation;
  allocation.bytes = bytes;
  allocation.base = pages + page_bytes - body;
  allocation.pages = pages;
  allocation.page_bytes = page_bytes;
  std::memset(reinterpret_cast<void*>(allocation.base), 0xff, bytes);
  fill_slack(allocation);
  a.by_base[allocation.base] = allocation;
  a.in_use += bytes;
  return reinterpret_cast<void*>(allocation.base);
}

bool device_free(void* memory) {
  Arena& a = arena();
  std::unique_lock lock(a.mutex);
  const auto at = a.by_base.find(reinterpret_cast<uintptr_t>(memory));
  if (at == a.by_base.end() || at->second.freed) {
    const bool twice = at != a.by_base.end();
    lock.unlock();
    report(twice ? "cudaFree: this memory was freed before"
                 : "cudaFree: not the beginning of a device allocation",
           "Free exactly what cudaMalloc returned, once.");
    return false;
  }
  Allocation& allocation = at->second;
  const bool intact = slack_is_intact(allocation);
  checker_drop_shadow(allocation);
  allocation.shadow = nullptr;
  allocation.freed = true;
  a.in_use -= allocation.bytes;
  void* pages = reinterpret_cast<void*>(allocation.pages);
  madvise(pages, allocation.page_bytes, MADV_DONTNEED);
  mprotect(pages, allocation.page_bytes, PROT_NONE);
  const std::size_t bytes = allocation.bytes;
  a.freed.push_back(at->first);
  if (a.freed.size() > kFreedRemembered) {
    const auto oldest = a.by_base.find(a.freed.front());
    if (oldest != a.by_base.end() && oldest->second.freed) a.by_base.erase(oldest);
    a.freed.pop_front();
  }
  lock.unlock();
  if (!intact)
    report("out of bounds: something was written just past the end of a device allocation of " +
               std::to_string(bytes) + " bytes, as found when it was freed",
           "Run the checker build: it names the kernel, the thread and the line.");
  return intact;
}

Allocation find_allocation(uintptr_t address) {
  Arena& a = arena();
  std::lock_guard lock(a.mutex);
  auto at = a.by_base.upper_bound(address);
  if (at == a.by_base.begin()) return {};
  --at;
  return at->second.freed || address >= at->second.base + at->second.bytes ? Allocation{} : at->second;
}

void set_shadow(uintptr_t base, void* shadow) {
  Arena& a = arena();
  std::lock_guard lock(a.mutex);
  a.by_base[base].shadow = shadow;
}

void set_managed(uintptr_t base) {
  Arena& a = arena();
  std::lock_guard lock(a.mutex);
  a.by_base[base].managed = true;
}

Allocation nearest_allocation(uintptr_t address) {
  std::lock_guard lock(arena().mutex);
  return nearest(arena(), address);
}

Allocation memory_near(uintptr_t address) {
  return is_device(address) ? nearest_allocation(address) : pinned_near(address);
}

std::string describe_address(uintptr_t address) {
  const Allocation a = memory_near(address);
  if (!a.base) return "in device memory that was never allocated";
  const std::string kind = is_device(address) ? std::string(a.freed ? "a freed" : "a") + " device allocation"
                                              : std::string(a.freed ? "freed " : "") + "pinned host memory",
                    what = kind + " of " + std::to_string(a.bytes) + " bytes";
  const auto bytes = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " byte " : " bytes "); };
  if (address < a.base) return bytes(a.base - address) + "before " + what;
  if (address >= a.base + a.bytes) return bytes(address - a.base - a.bytes) + "past the end of " + what;
  return "at byte " + std::to_string(address - a.base) + " of " + what;
}

bool is_allocated(const void* memory, std::size_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const Allocation a = find_allocation(address);
  return a.base && address + bytes <= a.base + a.bytes;
}

}  // namespace minitorch::simt
