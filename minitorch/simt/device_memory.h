// SPDX-License-Identifier: MIT
// The simulated device's memory. Each allocation ends at an inaccessible page, begins filled with NaN, and
// its addresses are not given to another one soon, so that a stray access faults instead of hitting a
// neighbour.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace minitorch::simt {

struct Allocation {
  uintptr_t base = 0;
  std::size_t bytes = 0;
  uintptr_t pages = 0;  // where its first page begins
  std::size_t page_bytes = 0;
  bool freed = false;
  bool managed = false;    // the host may touch it as well
  void* shadow = nullptr;  // the checker's notes about it
};

inline uintptr_t arena_base = 0;
inline std::size_t arena_bytes = 0;
/// The address lies where device memory is, whether allocated or not.
inline bool is_device(uintptr_t address) { return address - arena_base < arena_bytes; }
inline bool is_device(const void* address) { return is_device(reinterpret_cast<uintptr_t>(address)); }

/// The address lies in what cudaHostAlloc or cudaHostRegister have pinned, which kernels may touch, too.
bool is_pinned(uintptr_t address);
/// The pinned memory, freed or not, that holds the address or whose guard pages do; one of 0 bytes if none
/// does.
Allocation pinned_near(uintptr_t address);

/// Null when as much as three quarters of the machine's memory would be in use.
void* device_allocate(std::size_t bytes);
/// False, with a report, unless `memory` came from device_allocate and was not freed yet.
bool device_free(void* memory);
/// The live allocation that holds the address; one of 0 bytes if there is none.
Allocation find_allocation(uintptr_t address);
/// Of cudaMallocManaged.
void set_managed(uintptr_t base);
/// Keeps the checker's notes with the allocation until it is freed.
void set_shadow(uintptr_t base, void* shadow);
/// "4 bytes past the end of a device allocation of 800 bytes", or "of pinned host memory of 800 bytes"
std::string describe_address(uintptr_t address);
/// What that is about.
Allocation memory_near(uintptr_t address);
/// The live or freed allocation nearest to the address.
Allocation nearest_allocation(uintptr_t address);
/// The whole range lies in one live allocation.
bool is_allocated(const void* memory, std::size_t bytes);
/// Fills what lies between the end of the allocation and its guard page, and tells whether it is still so.
void fill_slack(const Allocation& allocation);
bool slack_is_intact(const Allocation& allocation);
std::size_t page_size();
std::size_t device_memory_in_use();
std::size_t device_memory_total();

}  // namespace minitorch::simt
