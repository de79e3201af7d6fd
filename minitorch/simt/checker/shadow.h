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
  uint8_t on_the_way;   // the same: an async copy is to bring it
  bool more;            // there is more in the cell's Overflow
};
static_assert(sizeof(Cell) == 64);
/// What has no room in the cell, when up to four threads each have bytes of their own.
struct Overflow {
  Access write[2], read[2], atomic;
};

/// One cell for every four bytes, in memory that is there when it is touched.
struct Shadow {
  Cell* cells = nullptr;
  Overflow* overflow = nullptr;
};
inline std::size_t cells_of(std::size_t bytes) { return bytes / 4 + 2; }
Shadow make_shadow(std::size_t bytes);
void drop_shadow(const Shadow& shadow, std::size_t bytes);

enum class Space { kGlobal, kShared };

/// Memory that the checker watches, and where the access lies in it.
struct Place {
  Space space;
  Cell* cell;          // of the first byte
  Overflow* overflow;  // of that cell
  unsigned skip;       // bytes of that cell before the access
  uintptr_t owner;     // base of the allocation or of the shared variable
};
inline Place place_at(Space space, const Shadow& shadow, std::size_t offset, uintptr_t owner) {
  return {space, shadow.cells + offset / 4, shadow.overflow + offset / 4, static_cast<unsigned>(offset % 4),
          owner};
}
struct Event {
  uintptr_t address;
  std::size_t bytes;
  bool write, atomic;
  const void* line;   // return address of the hook
  bool copy = false;  // begins an async copy, which will write
};

// --- places.cpp ---
/// Finds the memory that is accessed. False if it is none that is watched: locals, arguments, constants.
/// Does not return from an access out of bounds, or to the host's memory.
bool find_place(const Event& event, Place& place);
void begin_launch_of_places();  // allocations may have come and gone since the last launch
/// "shared variable 'tile', bytes 124 to 127 of 256"
std::string describe_place(const Event& event);
/// "a write of 4 bytes"
std::string access_text(const Event& event);
/// "bytes 124 to 127 of 256"
std::string bytes_text(const Event& event, std::size_t offset, std::size_t size);
/// "out of bounds: a write of 4 bytes " and where, with the line.
[[noreturn]] void stop_out_of_bounds(const Event& event, const std::string& where, const char* advice);

// --- shared_places.cpp ---
void begin_block_of_places();
extern constinit thread_local uintptr_t static_shared_begin;
extern constinit thread_local std::size_t static_shared_length;
inline bool is_static_shared(uintptr_t address) {  // or the simulator's own thread-local state
  return address - static_shared_begin < static_shared_length;
}
/// By byte of these: the number of its variable, from 1; 0: none; kState: what kernels read of the
/// simulator's state (indices, the lane's number).
extern constinit thread_local const uint16_t* static_shared_numbers;
constexpr uint16_t kState = 0xffff;
inline bool is_state(uintptr_t address) {
  return is_static_shared(address) && static_shared_numbers[address - static_shared_begin] == kState;
}
bool is_near_static_shared(uintptr_t address);  // that, or just behind it
bool find_static_shared(const Event& event, Place& place);
std::string describe_static_shared(const Event& event);

// --- races.cpp ---
/// Compares the access with what is remembered, reports races and uninitialised reads, and remembers it.
void check_access(const Event& event, const Place& place);
/// The async copy that has begun here is over.
void note_arrival(const Event& event, const Place& place);
/// How many of its __syncwarps and fences lie behind each lane, as the lane of the running thread knows.
struct LaneClocks {
  static constexpr uint16_t kMost = 0xffff;  // then no more is known, and nothing is reported
  uint16_t of[32];
};
LaneClocks& own_clocks();
inline bool is_other_block(const Access& a) { return a.epoch < first_epoch_of_block; }

// --- race_reports.cpp ---
void begin_block_of_races();
void begin_launch_of_races();
void report_race(const Event& event, const Place& place, const Access& before, const char* verb);
/// The copy that is on its way there began with this write.
void report_early(const Event& event, const Place& place, const Access& copy);
void note_uninitialised(const Event& event, const Place& place);
/// Reports reads of memory that nobody wrote, unless a race on the same variable explains them.
void report_uninitialised();
/// When the block began that made the access.
uint32_t block_of(const Access& access);

// --- fences.cpp ---
void begin_launch_of_fences();
/// The running thread changes memory by an atomic, which may hand on what a fence was for.
void note_atomic(uintptr_t address, bool shared);
/// Whether fences and atomics have put the access before those of the running thread.
bool is_fenced(const Access& before);

// --- checker.cpp ---
/// Reports once per launch for the same `key`, and makes the launch fail.
bool complain(const std::string& key, const std::string& text, const std::string& advice);
/// Every access of a kernel passes here, from the hooks that the compiler has put before it.
void on_access(const void* memory, std::size_t bytes, bool write, bool atomic, bool aligned,
               const void* line);
/// What to do about an address that is no multiple of the access's size.
const char* misaligned_advice(bool vector);
Shadow shadow_of(const Allocation& allocation);
uint32_t line_number(const void* line);
const void* line_address(uint32_t line);
bool races_ignored();

}  // namespace minitorch::simt
