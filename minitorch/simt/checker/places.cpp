// SPDX-License-Identifier: MIT
// Which memory is being accessed, and may it be?
#include <algorithm>
#include <cstring>
#include <map>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

// Thread-local storage by granules of four bytes: which __shared__ variable lies there.
struct SharedMap {
  uintptr_t begin = 0;
  std::size_t bytes = 0;
  std::vector<uint16_t> variable;  // number + 1; 0: none
  std::vector<Cell> cells;
};

SharedMap make_shared_map() {
  SharedMap map;
  map.begin = reinterpret_cast<uintptr_t>(make_worker().locals);
  const auto& variables = shared_variables();
  map.bytes = thread_local_bytes();
  map.variable.resize(map.bytes / 4 + 1);
  map.cells.resize(map.bytes / 4 + 1);
  for (std::size_t i = 0; i < variables.size(); ++i)
    for (std::size_t at = variables[i].offset / 4; at <= (variables[i].offset + variables[i].bytes - 1) / 4;
         ++at)
      map.variable[at] = static_cast<uint16_t>(i + 1);
  return map;
}

// One per operating-system thread that launches kernels.
SharedMap& shared_map() {
  static thread_local SharedMap map = make_shared_map();
  return map;
}

std::vector<Cell>& dynamic_cells() {
  static thread_local std::vector<Cell> cells(kSharedRegion / 4);
  return cells;
}

// The last allocations seen, by page: a search tree for every access would be too slow.
struct CachedAllocation {
  uintptr_t page = 0, base = 0;
  std::size_t bytes = 0;
  Cell* cells = nullptr;
};
thread_local CachedAllocation cache[64];

const CachedAllocation& allocation_at(uintptr_t address) {
  CachedAllocation& entry = cache[(address >> 12) & 63];
  if (entry.page == address >> 12 && address >= entry.base && address < entry.base + entry.bytes)
    return entry;
  const Allocation a = find_allocation(address);
  entry = {address >> 12, a.base, a.bytes, a.base ? shadow_of(a) : nullptr};
  return entry;
}

// __device__ variables: the program's own memory, which holds what it was declared with.
struct DeviceVariable {
  ProgramVariable variable;
  std::vector<Cell> cells;
};

DeviceVariable* device_variable(uintptr_t address) {
  static auto* known = new std::map<uintptr_t, DeviceVariable>;
  auto at = known->upper_bound(address);
  if (at != known->begin() && address - (--at)->first < at->second.variable.bytes) return &at->second;
  const ProgramVariable found = program_variable(address);
  if (!found.bytes) return nullptr;
  DeviceVariable& made = (*known)[found.begin];
  made = {found, std::vector<Cell>(found.bytes / 4 + 2)};
  for (Cell& cell : made.cells) cell.initialised = 15;
  return &made;
}

std::string access_text(const Event& e) {
  return std::string("a ") + (e.write ? "write" : "read") + " of " + std::to_string(e.bytes) +
         (e.bytes == 1 ? " byte" : " bytes");
}

[[noreturn]] void stop(const Event& e, cudaError_t error, const std::string& text, const char* advice) {
  stop_kernel(error, (text + "\n    at " + source_line(e.line)).c_str(), advice);
}

std::string argument_name(uintptr_t low, uintptr_t high) {
  const Kernel& kernel = this_worker->grid->kernel;
  const int number = kernel.argument_in(kernel.arguments, low, high);
  return number ? " (argument " + std::to_string(number) + " of the kernel)" : "";
}

bool find_global(const Event& e, Place& place) {
  const CachedAllocation& a = allocation_at(e.address);
  if (!a.cells || e.address + e.bytes > a.base + a.bytes) {
    const Allocation near = nearest_allocation(e.address);
    const bool freed = near.freed && e.address - near.base < near.bytes;
    const std::string where = a.cells ? "reaching " + std::to_string(e.address + e.bytes - a.base - a.bytes) +
                                            " past the end of a device allocation of " +
                                            std::to_string(a.bytes) + " bytes"
                                      : describe_address(e.address);
    stop(e, cudaErrorIllegalAddress,
         (freed ? "use after free: " : "out of bounds: ") + access_text(e) + " " + where +
             argument_name(near.base, near.base + near.bytes),
         freed ? "Keep the memory until the last kernel that uses it has run."
               : "Guard the access with the size: if (i < n) ...");
  }
  const std::size_t offset = e.address - a.base;
  place = {Space::kGlobal, a.cells + offset / 4, static_cast<unsigned>(offset % 4), a.base};
  return true;
}

bool find_static_shared(const Event& e, Place& place) {
  SharedMap& map = shared_map();
  const std::size_t offset = e.address - map.begin;
  const uint16_t number = map.variable[offset / 4];
  if (!number) return false;
  place = {Space::kShared, &map.cells[offset / 4], static_cast<unsigned>(offset % 4),
           map.begin + shared_variables()[number - 1u].offset};
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
  const std::size_t offset = e.address - device->variable.begin;
  place = {Space::kGlobal, &device->cells[offset / 4], static_cast<unsigned>(offset % 4),
           device->variable.begin};
  return true;
}

}  // namespace

void forget_places() { std::fill(std::begin(cache), std::end(cache), CachedAllocation{}); }

bool find_place(const Event& e, Place& place) {
  if (is_device(e.address)) return find_global(e, place);
  if (e.address - shared_map().begin < shared_map().bytes) return find_static_shared(e, place);
  const Worker& w = *this_worker;
  const uintptr_t dynamic = reinterpret_cast<uintptr_t>(w.shared),
                  end = reinterpret_cast<uintptr_t>(w.shared_end);
  const std::size_t size = w.grid->shared_bytes;
  if (e.address >= end - kSharedRegion && e.address < end + 4096) {  // the guard page included
    const auto offset = static_cast<std::ptrdiff_t>(e.address - dynamic);
    if (offset < 0 || static_cast<std::size_t>(offset) + e.bytes > size)
      stop(e, cudaErrorIllegalAddress,
           "out of bounds: " + access_text(e) + " at byte " + std::to_string(offset) + " of " +
               std::to_string(size) + " bytes of dynamic shared memory",
           "Compare the index with the size given to launch().");
    place = {Space::kShared, &dynamic_cells()[static_cast<std::size_t>(offset / 4)],
             static_cast<unsigned>(offset % 4), dynamic};
    return true;
  }
  const auto arguments = reinterpret_cast<uintptr_t>(w.grid->kernel.arguments);
  if (in_program(e.address)) return find_device_variable(e, place);
  if (e.address - arguments < w.grid->kernel.argument_bytes) return false;
  if (is_pinned(e.address)) return false;
  if (e.address < 4096) return false;  // null: it will fault, and be explained then
  stop(e, cudaErrorIllegalAddress,
       "host memory: " + access_text(e) + " by a kernel, through a pointer to host memory",
       "Copy the data to the device first, and pass the device pointer.");
}

std::string describe_place(const Event& e) {
  const auto bytes = [&](std::size_t offset, std::size_t size) {
    return (e.bytes == 1
                ? "byte " + std::to_string(offset)
                : "bytes " + std::to_string(offset) + " to " + std::to_string(offset + e.bytes - 1)) +
           " of " + std::to_string(size);
  };
  if (is_device(e.address)) {
    const Allocation a = find_allocation(e.address);
    return "device memory" + argument_name(a.base, a.base + a.bytes) + ", " +
           bytes(e.address - a.base, a.bytes);
  }
  if (const DeviceVariable* device = in_program(e.address) ? device_variable(e.address) : nullptr)
    return "device variable '" + device->variable.name + "', " +
           bytes(e.address - device->variable.begin, device->variable.bytes);
  const SharedMap& map = shared_map();
  if (e.address - map.begin < map.bytes) {
    const SharedVariable& v = shared_variables()[map.variable[(e.address - map.begin) / 4] - 1u];
    return "shared variable '" + v.name + "', " + bytes(e.address - map.begin - v.offset, v.bytes);
  }
  return "dynamic shared memory, " +
         bytes(e.address - reinterpret_cast<uintptr_t>(this_worker->shared), this_worker->grid->shared_bytes);
}

}  // namespace minitorch::simt
