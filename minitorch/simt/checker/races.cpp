// SPDX-License-Identifier: MIT
// Races and uninitialised reads, from what the cells remember.
//
// Two accesses of different threads race when one of them writes and nothing orders them: no barrier between
// (same epoch), for lanes of a warp no __syncwarp of both either, for blocks nothing but the end of the
// kernel. Atomics do not race with atomics.
//
// A __syncwarp orders the lanes of its mask only, but one after the other orders lanes that never met: so
// each lane knows, for every lane of its warp, how many of its __syncwarps lie behind it (a vector clock).
#include <algorithm>
#include <cstdio>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

struct BlockStart {
  uint32_t epoch;
  uint3 index;
};
struct Uninitialised {
  uintptr_t owner;
  std::string key, text;
  const char* advice;
};
struct State {
  std::vector<BlockStart> blocks;  // of this launch, by rising epoch
  std::vector<Uninitialised> uninitialised;
  std::vector<uintptr_t> raced;  // owners of memory with a race
  uint32_t fence = 0;            // the epoch of the last __threadfence()
};
thread_local State state;

struct WarpClocks {
  static constexpr uint16_t kMost = 0xffff;  // then no more is known, and nothing is reported
  uint32_t epoch = 0;
  uint16_t seen[32][32] = {};  // [lane][of which lane]
};
thread_local WarpClocks warp_clocks[kMaxWarps];

// The clocks of a warp since the last barrier.
WarpClocks& clocks_of(unsigned warp) {
  WarpClocks& clocks = warp_clocks[warp];
  if (clocks.epoch != epoch) clocks = {.epoch = epoch};
  return clocks;
}

bool is_other_block(const Access& a) { return a.epoch < first_epoch_of_block; }

// Whether the remembered access may happen at the same time as one by the running thread.
bool concurrent(const Access& before, Space space) {
  if (before.epoch < (space == Space::kShared ? first_epoch_of_block : first_epoch_of_launch)) return false;
  if (is_other_block(before)) return before.epoch > state.fence;
  const unsigned self = block_state.thread;
  if (before.epoch != epoch || before.thread == self) return false;
  if (before.thread / 32 != self / 32) return true;
  return before.syncs < WarpClocks::kMost &&
         clocks_of(self / 32).seen[self % 32][before.thread % 32] <= before.syncs;
}

std::string who(const Access& a) {
  if (!is_other_block(a)) return thread_name(a.thread);
  const auto after = std::upper_bound(state.blocks.begin(), state.blocks.end(), a.epoch,
                                      [](uint32_t e, const BlockStart& b) { return e < b.epoch; });
  const uint3 block = after == state.blocks.begin() ? uint3{} : std::prev(after)->index;
  char text[64];
  std::snprintf(text, sizeof text, " of block (%u,%u,%u)", block.x, block.y, block.z);
  return thread_name(a.thread) + text;
}

const char* advice_for(const Event& e, const Access& before, Space space) {
  if (is_other_block(before))
    return "Blocks run in any order and at the same time: use an atomic, or let each block write its own "
           "part and combine the parts in a second kernel.";
  if (source_line(e.line) == source_line(line_address(before.line)))
    return "Many threads change one place in this line: use an atomic, or let a single thread do it.";
  if (before.thread / 32 == block_state.thread / 32)
    return space == Space::kShared ? "Lanes of a warp need not run in step: put __syncwarp() or "
                                     "__syncthreads() between the two lines."
                                   : "Threads run in any order: put __syncwarp() or __syncthreads() between "
                                     "the two lines, or use an atomic.";
  return "Put __syncthreads() between the two lines.";
}

void report_race(const Event& e, const Place& place, const Access& before, const char* verb) {
  const std::string line = source_line(e.line), other = source_line(line_address(before.line));
  const char* between = is_other_block(before) ? "by another block"
                        : before.thread / 32 == block_state.thread / 32
                            ? "with no barrier or __syncwarp() between"
                            : "with no barrier between";
  const std::string kind = std::string(e.write ? "write" : "read") + " after " + verb;
  const std::string past = verb == std::string("read") ? "read" : "written";
  state.raced.push_back(place.owner);
  complain("race" + kind + line + other,
           "race: " + kind + " " + between + ", on " + describe_place(e) + "\n    " +
               (e.write ? "written" : "read") + " at " + line + " by " + thread_name(block_state.thread) +
               "\n    " + past + " at " + other + " by " + who(before) + kernel_place(),
           advice_for(e, before, place.space));
}

void check_uninitialised(const Event& e, const Place& place, Cell& cell, unsigned bytes) {
  if ((cell.initialised & bytes) == bytes) return;
  cell.initialised |= bytes;  // once is enough
  const std::string line = source_line(e.line);
  const std::string key = "uninitialised" + line;
  for (const Uninitialised& u : state.uninitialised)
    if (u.key == key) return;
  state.uninitialised.push_back(
      {place.owner, key,
       "uninitialised: a read of " + describe_place(e) + ", which nobody has written\n    at " + line +
           kernel_place(),
       place.space == Space::kShared
           ? "Shared memory holds garbage when a block starts: write it first, then __syncthreads()."
           : "Fresh device memory holds garbage: fill it (cudaMemset) or write it in an earlier kernel."});
}

Access this_access(const Event& e, unsigned bytes) {
  Access a{};
  a.epoch = epoch;
  a.line = line_number(e.line);
  a.thread = static_cast<uint16_t>(block_state.thread & 0x7ff);
  const unsigned lane = block_state.thread % 32;
  a.syncs = clocks_of(block_state.thread / 32).seen[lane][lane];
  a.bytes = bytes & 15;
  a.atomic = e.atomic;
  return a;
}

bool same_thread(const Access& a, const Access& b) { return a.epoch == b.epoch && a.thread == b.thread; }

// A thread that goes through the bytes of a cell in one line makes one access of it.
bool continues(const Access& now, const Access& before) {
  return same_thread(now, before) && now.line == before.line && now.syncs == before.syncs;
}

void remember_write(Cell& cell, Access now) {
  if (now.bytes == 15) {
    cell.write = now;
    cell.other_write.bytes = 0;
    return;
  }
  if (continues(now, cell.write)) now.bytes |= cell.write.bytes;
  Access rest = cell.write;
  rest.bytes &= ~now.bytes;
  if (rest.bytes) cell.other_write = rest;
  else cell.other_write.bytes &= ~now.bytes;
  cell.write = now;
}

void remember_read(Cell& cell, Access now) {
  if (now.bytes != 15 && continues(now, cell.read)) now.bytes |= cell.read.bytes;
  if (same_thread(now, cell.read) && !(cell.read.bytes & ~now.bytes)) {
    cell.read = now;
    return;
  }
  // Of the earlier two keep the one of another warp: a __syncwarp does not order it.
  const bool keep_other = cell.other_read.epoch == now.epoch && cell.read.thread / 32 == now.thread / 32 &&
                          cell.other_read.thread / 32 != now.thread / 32;
  if (!keep_other) cell.other_read = cell.read;
  cell.read = now;
}

void check_cell(const Event& e, const Place& place, Cell& cell, unsigned bytes) {
  if (place.space == Space::kShared && std::max(cell.write.epoch, cell.atomic.epoch) < first_epoch_of_block)
    cell.initialised = 0;
  if (!e.write || e.atomic) check_uninitialised(e, place, cell, bytes);
  if (!races_ignored()) {
    for (const Access* write : {&cell.write, &cell.other_write, &cell.atomic})
      if ((write->bytes & bytes) && !(e.atomic && write->atomic) && concurrent(*write, place.space)) {
        report_race(e, place, *write, "write");
        break;
      }
    if (e.write)
      for (const Access* read : {&cell.read, &cell.other_read})
        if ((read->bytes & bytes) && !(e.atomic && read->atomic) && concurrent(*read, place.space)) {
          report_race(e, place, *read, "read");
          break;
        }
  }
  const Access now = this_access(e, bytes);
  if (e.write) {
    if (e.atomic) cell.atomic = now;
    else remember_write(cell, now);
    cell.initialised |= bytes;
  } else if (!e.atomic) {  // an atomic's read comes right before its write, which races with as much
    remember_read(cell, now);
  }
}

}  // namespace

void check_access(const Event& event, const Place& place) {
  Cell* cell = place.cell;
  Event part = event;
  std::size_t rest = event.bytes;
  for (unsigned skip = place.skip; rest; skip = 0, ++cell) {
    part.bytes = std::min<std::size_t>(4 - skip, rest);
    check_cell(part, place, *cell, ((1u << part.bytes) - 1) << skip);
    part.address += part.bytes;
    rest -= part.bytes;
  }
}

void begin_block_of_races() {
  report_uninitialised();
  state.blocks.push_back({epoch, blockIdx});
}

void begin_launch_of_races() {
  state = State{};
  forget_places();
}

void report_uninitialised() {
  const auto pending = std::move(state.uninitialised);
  state.uninitialised.clear();
  for (const Uninitialised& u : pending)
    if (std::find(state.raced.begin(), state.raced.end(), u.owner) == state.raced.end())
      complain(u.key, u.text, u.advice);
}

void checker_fence() { state.fence = epoch; }

// Each of the lanes now knows what any of them knew, and that all of them were here.
void order_lanes(unsigned lanes) {
  SimulatorScope scope;
  auto& seen = clocks_of(block_state.thread / 32).seen;
  uint16_t known[32] = {};
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      for (unsigned of = 0; of < 32; ++of) known[of] = std::max(known[of], seen[lane][of]);
  for (unsigned lane = 0; lane < 32; ++lane)
    if ((lanes >> lane & 1) && known[lane] < WarpClocks::kMost) ++known[lane];
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1) std::copy(known, known + 32, seen[lane]);
}

}  // namespace minitorch::simt
