// SPDX-License-Identifier: MIT
// Which memory is being accessed, and may it be?
#include <algorithm>
#include <cstring>
#include <map>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

// The last allocations seen, by page: a search tree for every access would be too slow.
struct CachedAllocation {
  uintptr_t page = 0, base = 0;
  std::size_t bytes = 0;
  Shadow shadow;
};
thread_local CachedAllocation cache[64];

const CachedAllocation& allocation_at(uintptr_t address) {
  CachedAllocation& entry = cache[(address >> 12) & 63];
  if (entry.page == address >> 12 && address >= entry.base && address < entry.base + entry.bytes)
    return entry;
  const Allocation a = find_allocation(address);
  entry = {address >> 12, a.base, a.bytes, a.base ? shadow_of(a) : Shadow{}};
  return entry;
}

// __device__ variables: the program's own memory, which holds what it was declared with.
struct DeviceVariable {
  ProgramVariable variable;
  Shadow shadow;
};

DeviceVariable* device_variable(uintptr_t address) {
  static auto* known = new std::map<uintptr_t, DeviceVariable>;
  auto at = known->upper_bound(address);
  if (at != known->begin() && address - (--at)->first < at->second.variable.bytes) return &at->second;
  const ProgramVariable found = program_variable(address);
  if (!found.bytes) return nullptr;
  DeviceVariable& made = (*known)[found.begin];
  made = {found, make_shadow(found.bytes)};
  for (std::size_t i = 0; i < cells_of(found.bytes); ++i) made.shadow.cells[i].initialised = 15;
  return &made;
}

[[noreturn]] void stop(const Event& e, cudaError_t error, const std::string& text, const char* advice) {
  stop_kernel(error, (text + "\n    at " + source_line(e.line)).c_str(), advice);
}

std::string argument_name(uintptr_t low, uintptr_t high) {
  const Kernel& kernel = this_worker->grid->kernel;
  const int number = kernel.argument_in(kernel.arguments, low, high);
  return number ? " (argument " + std::to_string(number) + " of the kernel)" : "";
}

// What is accessed is not in the allocation that is meant, or that has been freed.
void stop_outside(const Event& e, const Allocation& meant, const std::string& where) {
  const bool freed = meant.freed && e.address - meant.base < meant.bytes;
  stop(e, cudaErrorIllegalAddress,
       (freed ? "use after free: " : "out of bounds: ") + access_text(e) + " " + where +
           argument_name(meant.base, meant.base + meant.bytes),
       freed ? "Keep the memory until the last kernel that uses it has run."
             : "Guard the access with the size: if (i < n) ...");
}

bool find_global(const Event& e, Place& place) {
  const CachedAllocation& a = allocation_at(e.address);
  if (!a.shadow.cells || e.address + e.bytes > a.base + a.bytes) {
    stop_outside(e, nearest_allocation(e.address),
                 a.shadow.cells
                     ? "reaching " + std::to_string(e.address + e.bytes - a.base - a.bytes) +
                           " past the end of a device allocation of " + std::to_string(a.bytes) + " bytes"
                     : describe_address(e.address));
  }
  const std::size_t offset = e.address - a.base;
  place = place_at(Space::kGlobal, a.shadow, offset, a.base);
  return true;
}

struct DynamicShadow {
  Shadow shadow = make_shadow(kSharedRegion);
  ~DynamicShadow() { drop_shadow(shadow, kSharedRegion); }
};

// The guards on either side included.
bool is_dynamic_shared(uintptr_t address) {
  return address - reinterpret_cast<uintptr_t>(this_worker->shared_end) + kSharedRegion + kSharedGuard <
         kSharedRegion + 2 * kSharedGuard;
}

bool find_dynamic_shared(const Event& e, Place& place) {
  static thread_local DynamicShadow memory;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(this_worker->shared);
  const std::size_t offset = e.address - begin, size = this_worker->grid->shared_bytes;
  if (offset >= size || offset + e.bytes > size)
    stop_out_of_bounds(e,
                       "at byte " + std::to_string(static_cast<std::ptrdiff_t>(offset)) + " of " +
                           std::to_string(size) + " bytes of dynamic shared memory",
                       "Compare the index with the size given to launch().");
  place = place_at(Space::kShared, memory.shadow, offset, begin);
  return true;
}

// False for constants: nobody writes them.
bool find_device_variable(const Event& e, Place& place) {
  DeviceVariable* const device = device_variable(e.address);
  if (!device || e.address + e.bytes > device->variable.begin + device->variable.bytes) return false;
  if (device->variable.of_host)
    stop(e, cudaErrorIllegalAddress,
         "host memory: " + access_text(e) + " by a kernel, of the host's variable '" + device->variable.name +
             "'",
         "Declare it __device__ or __constant__, or pass its value as an argument.");
  if (device->variable.constant && e.write)
    stop(e, cudaErrorIllegalAddress, "constant: " + access_text(e) + " by a kernel, on " + describe_place(e),
         "Kernels only read __constant__ variables, which the host fills by cudaMemcpyToSymbol. Declare it "
         "__device__ if they are to write it.");
  const std::size_t offset = e.address - device->variable.begin;
  place = place_at(Space::kGlobal, device->shadow, offset, device->variable.begin);
  return true;
}

}  // namespace

void begin_launch_of_places() { std::fill(std::begin(cache), std::end(cache), CachedAllocation{}); }

std::string access_text(const Event& e) {
  return std::string(e.atomic  ? "an atomic"
                     : e.write ? "a write"
                               : "a read") +
         " of " + std::to_string(e.bytes) + (e.bytes == 1 ? " byte" : " bytes");
}

void stop_out_of_bounds(const Event& e, const std::string& where, const char* advice) {
  stop(e, cudaErrorIllegalAddress, "out of bounds: " + access_text(e) + " " + where, advice);
}

bool find_place(const Event& e, Place& place) {
  if (is_device(e.address)) return find_global(e, place);
  if (is_static_shared(e.address)) return find_static_shared(e, place);
  if (is_dynamic_shared(e.address)) return find_dynamic_shared(e, place);
  const auto arguments = reinterpret_cast<uintptr_t>(this_worker->grid->kernel.arguments);
  if (in_program(e.address)) return find_device_variable(e, place);
  if (e.address - arguments < this_worker->grid->kernel.argument_bytes) return false;
  if (const Allocation pinned = pinned_near(e.address); pinned.base) {
    if (!pinned.freed && e.address - pinned.base < pinned.bytes &&
        e.bytes <= pinned.bytes - (e.address - pinned.base))
      return false;
    stop_outside(e, pinned, describe_address(e.address));
  }
  if (e.address < 4096) return false;  // null: it will fault, and be explained then
  if (is_near_static_shared(e.address)) return find_static_shared(e, place);
  stop(e, cudaErrorIllegalAddress,
       "host memory: " + access_text(e) + " by a kernel, through a pointer to host memory",
       "Copy the data to the device first, and pass the device pointer.");
}

std::string bytes_text(const Event& e, std::size_t offset, std::size_t size) {
  return (e.bytes == 1 ? "byte " + std::to_string(offset)
                       : "bytes " + std::to_string(offset) + " to " + std::to_string(offset + e.bytes - 1)) +
         " of " + std::to_string(size);
}

std::string describe_place(const Event& e) {
  if (is_device(e.address)) {
    const Allocation a = find_allocation(e.address);
    return "device memory" + argument_name(a.base, a.base + a.bytes) + ", " +
           bytes_text(e, e.address - a.base, a.bytes);
  }
  if (const DeviceVariable* device = in_program(e.address) ? device_variable(e.address) : nullptr)
    return std::string(device->variable.constant ? "constant" : "device") + " variable '" +
           device->variable.name + "', " +
           bytes_text(e, e.address - device->variable.begin, device->variable.bytes);
  if (is_static_shared(e.address)) return describe_static_shared(e);
  return "dynamic shared memory, " + bytes_text(e,
                                                e.address - reinterpret_cast<uintptr_t>(this_worker->shared),
                                                this_worker->grid->shared_bytes);
}

}  // namespace minitorch::simt
