// SPDX-License-Identifier: MIT
// Races and uninitialised reads, from what the cells remember.
//
// Two accesses of different threads race when one of them writes and nothing orders them: no barrier of the
// block between (same epoch), for lanes of a warp no __syncwarp of both either, no fences with atomics
// (fences.cpp). Atomics do not race with atomics.
//
// An async copy writes from where it begins until its thread has waited: what touches its bytes meanwhile
// races with it.
//
// A __syncwarp orders the lanes of its mask only, but one after the other orders lanes that never met: so
// each lane knows, for every lane of its warp, how many of its __syncwarps lie behind it (a vector clock).
#include <algorithm>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

struct WarpClocks {
  uint32_t epoch = 0;
  LaneClocks lanes[32] = {};
};
thread_local WarpClocks warp_clocks[kMaxWarps];

// The clocks of a warp since the last barrier.
inline WarpClocks& clocks_of(unsigned warp) {
  WarpClocks& clocks = warp_clocks[warp];
  if (clocks.epoch != epoch) clocks = {.epoch = epoch, .lanes = {}};
  return clocks;
}

inline LaneClocks& running_clocks() {
  return clocks_of(block_state.thread / 32).lanes[block_state.thread % 32];
}

// Whether a barrier of the block or a __syncwarp lies between, or there is but one thread.
bool is_ordered_in_block(const Access& before) {
  const unsigned self = block_state.thread;
  if (before.epoch != epoch || before.thread == self) return true;
  if (before.thread / 32 != self / 32) return false;
  return before.syncs == LaneClocks::kMost || running_clocks().of[before.thread % 32] > before.syncs;
}

// Whether the remembered access may happen at the same time as one by the running thread.
bool concurrent(const Access& before, Space space) {
  if (before.epoch < (space == Space::kShared ? first_epoch_of_block : first_epoch_of_launch)) return false;
  return (is_other_block(before) || !is_ordered_in_block(before)) && !is_fenced(before);
}

Access this_access(const Event& e, unsigned bytes) {
  Access a{};
  a.epoch = epoch;
  a.line = line_number(e.line);
  a.thread = static_cast<uint16_t>(block_state.thread & 0x7ff);
  a.syncs = running_clocks().of[block_state.thread % 32];
  a.bytes = bytes & 15;
  a.atomic = e.atomic;
  return a;
}

bool same_thread(const Access& a, const Access& b) { return a.epoch == b.epoch && a.thread == b.thread; }

// A thread that goes through the bytes of a cell in one line makes one access of it.
bool continues(const Access& now, const Access& before) {
  return same_thread(now, before) && now.line == before.line && now.syncs == before.syncs;
}

bool alive(const Access& a, Space space) {
  return a.bytes && a.epoch >= (space == Space::kShared ? first_epoch_of_block : first_epoch_of_launch);
}

Overflow& overflow_of(Cell& cell, Overflow& overflow) {
  if (!cell.more) overflow = {};
  cell.more = true;
  return overflow;
}

// Four threads may have written a byte each: none of them hides another.
void remember_part_of_write(Cell& cell, Overflow& overflow, Access now, Space space) {
  if (continues(now, cell.write)) now.bytes |= cell.write.bytes;
  Access rest = cell.write;
  rest.bytes &= ~now.bytes;
  cell.other_write.bytes &= ~now.bytes;
  if (cell.more)
    for (Access& old : overflow.write) old.bytes &= ~now.bytes;
  if (rest.bytes) {
    if (alive(cell.other_write, space)) {
      auto& old = overflow_of(cell, overflow).write;
      (alive(old[0], space) ? old[1] : old[0]) = cell.other_write;
    }
    cell.other_write = rest;
  }
  cell.write = now;
}

void remember_write(const Place& place, Cell& cell, Overflow& overflow, const Access& now) {
  if (now.bytes != 15) return remember_part_of_write(cell, overflow, now, place.space);
  cell.write = now;
  cell.other_write.bytes = 0;
  if (cell.more) overflow.write[0].bytes = overflow.write[1].bytes = 0;
}

void remember_atomic(const Place& place, Cell& cell, Overflow& overflow, const Access& now) {
  if ((cell.atomic.bytes & ~now.bytes) && alive(cell.atomic, place.space))
    overflow_of(cell, overflow).atomic = cell.atomic;
  cell.atomic = now;
}

// Keeps a reader of each byte at least.
void keep_read(Cell& cell, Overflow& overflow, const Access& read, Space space) {
  if (!alive(read, space) || !(read.bytes & ~(cell.read.bytes | cell.other_read.bytes))) return;
  auto& old = overflow_of(cell, overflow).read;
  const bool first_is_free = !alive(old[0], space) || !(old[0].bytes & ~(read.bytes | old[1].bytes));
  (first_is_free ? old[0] : old[1]) = read;
}

void remember_read(const Place& place, Cell& cell, Overflow& overflow, Access now) {
  if (now.bytes != 15 && continues(now, cell.read)) now.bytes |= cell.read.bytes;
  if (same_thread(now, cell.read) && !(cell.read.bytes & ~now.bytes)) {
    cell.read = now;
    return;
  }
  // Of the earlier two keep the one of another warp: a __syncwarp does not order it.
  const bool keep_other = cell.other_read.epoch == now.epoch && cell.read.thread / 32 == now.thread / 32 &&
                          cell.other_read.thread / 32 != now.thread / 32;
  const Access lost = keep_other ? cell.read : cell.other_read;
  if (!keep_other) cell.other_read = cell.read;
  cell.read = now;
  if (now.bytes != 15) keep_read(cell, overflow, lost, place.space);
}

// The remembered access of these that races with the event, or null.
template <std::size_t kCount>
const Access* racing(const Event& e, Space space, unsigned bytes, const Access* const (&before)[kCount]) {
  for (const Access* a : before)
    if ((a->bytes & bytes) && !(e.atomic && a->atomic) && concurrent(*a, space)) return a;
  return nullptr;
}

void check_races(const Event& e, const Place& place, const Cell& cell, const Overflow& more, unsigned bytes) {
  const Access* write = racing(e, place.space, bytes, {&cell.write, &cell.other_write, &cell.atomic});
  if (!write && cell.more)
    write = racing(e, place.space, bytes, {&more.write[0], &more.write[1], &more.atomic});
  if (cell.on_the_way & bytes) report_early(e, place, cell.write);
  else if (write) report_race(e, place, *write, "write");
  if (!e.write) return;
  const Access* read = racing(e, place.space, bytes, {&cell.read, &cell.other_read});
  if (!read && cell.more) read = racing(e, place.space, bytes, {&more.read[0], &more.read[1]});
  if (read) report_race(e, place, *read, "read");
}

void check_cell(const Event& e, const Place& place, Cell& cell, Overflow& overflow, unsigned bytes) {
  if (place.space == Space::kShared && std::max(cell.write.epoch, cell.atomic.epoch) < first_epoch_of_block)
    cell.initialised = cell.on_the_way = 0;
  if ((!e.write || e.atomic) && (bytes & ~(cell.initialised | cell.on_the_way))) {
    note_uninitialised(e, place);
    cell.initialised |= bytes;  // once is enough
  }
  if (!races_ignored()) check_races(e, place, cell, overflow, bytes);
  const Access now = this_access(e, bytes);
  if (e.write) {
    if (e.atomic) remember_atomic(place, cell, overflow, now);
    else remember_write(place, cell, overflow, now);
    if (e.copy) cell.on_the_way |= bytes;
    else cell.initialised |= bytes;
  } else if (!e.atomic) {  // an atomic's read comes right before its write, which races with as much
    remember_read(place, cell, overflow, now);
  }
}

// Calls change(part of the event, cell, its overflow, bits of the bytes) for each cell.
template <class Change>
void for_each_cell(const Event& event, const Place& place, Change change) {
  Cell* cell = place.cell;
  Overflow* overflow = place.overflow;
  Event part = event;
  std::size_t rest = event.bytes;
  for (unsigned skip = place.skip; rest; skip = 0, ++cell, ++overflow) {
    part.bytes = std::min<std::size_t>(4 - skip, rest);
    change(part, *cell, *overflow, ((1u << part.bytes) - 1) << skip);
    part.address += part.bytes;
    rest -= part.bytes;
  }
}

}  // namespace

void check_access(const Event& event, const Place& place) {
  for_each_cell(event, place, [&](const Event& part, Cell& cell, Overflow& overflow, unsigned bytes) {
    check_cell(part, place, cell, overflow, bytes);
  });
  if (event.atomic && event.write) note_atomic(event.address, place.space == Space::kShared);
}

void note_arrival(const Event& event, const Place& place) {
  for_each_cell(event, place, [&](const Event& part, Cell& cell, Overflow& overflow, unsigned bytes) {
    cell.on_the_way &= ~bytes;
    cell.initialised |= bytes;
    remember_write(place, cell, overflow, this_access(part, bytes));
  });
}

LaneClocks& own_clocks() { return running_clocks(); }

// Each of the lanes now knows what any of them knew, and that all of them were here.
void order_lanes(unsigned lanes) {
  SimulatorScope scope;
  auto& clocks = clocks_of(block_state.thread / 32).lanes;
  LaneClocks known{};
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      for (unsigned of = 0; of < 32; ++of) known.of[of] = std::max(known.of[of], clocks[lane].of[of]);
  for (unsigned lane = 0; lane < 32; ++lane)
    if ((lanes >> lane & 1) && known.of[lane] < LaneClocks::kMost) ++known.of[lane];
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1) clocks[lane] = known;
}

}  // namespace minitorch::simt
