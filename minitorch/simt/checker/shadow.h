// SPDX-License-Identifier: MIT
// Inside the checker: what it remembers about every four bytes of device and shared memory.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {

/// One access: by which thread, where in the program, since which barrier and which __syncwarp.
struct Access {
  uint32_t epoch;  // 0: none
  uint32_t line;   // return address, relative to the program
  uint16_t thread : 11;
  uint16_t bytes : 4;  // of the four, one bit each
  uint16_t atomic : 1;
  uint16_t syncs;  // how often the thread had called __syncwarp since the barrier
};
/// The last write, what it left of the one before (numbers of 8 and 16 bits share a cell), the last atomic,
/// since it races with less, and the last two reads by different threads (of different warps where there were
/// such) or of different bytes.
struct Cell {
  Access write, other_write, atomic, read, other_read;
  uint8_t initialised;  // one bit for each of the four bytes
};

enum class Space { kGlobal, kShared };

/// Memory that the checker watches, and where the access lies in it.
struct Place {
  Space space;
  Cell* cell;       // of the first byte
  unsigned skip;    // bytes of that cell before the access
  uintptr_t owner;  // base of the allocation or of the shared variable
};
struct Event {
  uintptr_t address;
  std::size_t bytes;
  bool write, atomic;
  const void* line;  // return address of the hook
};

// --- places.cpp ---
/// Finds the memory that is accessed. False if it is none that is watched: locals, arguments, constants.
/// Does not return from an access out of bounds, or to the host's memory.
bool find_place(const Event& event, Place& place);
void forget_places();  // allocations may have come and gone since the last launch
/// "shared variable 'tile', bytes 124 to 127 of 256"
std::string describe_place(const Event& event);

// --- races.cpp ---
/// Compares the access with what is remembered, reports races and uninitialised reads, and remembers it.
void check_access(const Event& event, const Place& place);
void begin_block_of_races();
void begin_launch_of_races();
/// Reports reads of memory that nobody wrote, unless a race on the same variable explains them.
void report_uninitialised();

// --- checker.cpp ---
/// Reports once per launch for the same `key`, and makes the launch fail.
bool complain(const std::string& key, const std::string& text, const std::string& advice);
/// Every access of a kernel passes here, from the hooks that the compiler has put before it.
void on_access(const void* memory, std::size_t bytes, bool write, bool atomic, bool aligned,
               const void* line);
Cell* shadow_of(const Allocation& allocation);
uint32_t line_number(const void* line);
const void* line_address(uint32_t line);
bool races_ignored();

}  // namespace minitorch::simt
