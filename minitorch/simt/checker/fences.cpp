// SPDX-License-Identifier: MIT
// What orders the accesses of different blocks, or of threads without a barrier: __threadfence() before an
// atomic, for those that see what the atomic has left; __threadfence_block() does it within a block.
//
// A fence covers what its thread did before, and what lies behind a barrier or a __syncwarp of its own. The
// next atomic of the thread, or of those that a barrier or a __syncwarp has put behind the fence, releases
// it: it leaves a note with the memory that it changes. An atomic on the same memory then acquires all notes
// that are there, for its thread and for those behind the next barrier; a fence of its own it does not need.
// Blocks run one after another here, so notes only grow. What a block has acquired it passes on with its own.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

/// When a thread did something, and what it knew of the lanes of its warp.
struct Moment {
  uint32_t epoch;
  unsigned thread;
  LaneClocks clocks;
};
/// The note that an atomic leaves.
struct Release {
  uint32_t block;
  Moment moment;
  std::size_t fences, acquired;  // of its block until then
};
using Notes = std::vector<Release>;  // of rising blocks
struct Acquired {
  const Notes* notes;
  std::size_t count;  // how many there were
  Moment moment;
};
struct Fence : Moment {
  bool for_other_blocks;
};
struct Block {
  std::vector<Fence> fences;
  std::vector<Acquired> acquired;
};

struct Fences {
  std::unordered_map<uint32_t, Block> blocks;  // by the epoch at which they began
  // By the address of the atomics; those in shared memory by the block, too, for the next one has that
  // address again.
  std::map<std::pair<uint32_t, uintptr_t>, Notes> notes;
};
thread_local Fences all_fences;
thread_local bool any_fence = false;  // in this launch

Moment now() { return {epoch, block_state.thread, own_clocks()}; }

// Whether an access or a moment, of the same block, lies before the moment.
bool lies_behind(uint32_t at_epoch, unsigned thread, uint16_t clock, const Moment& moment) {
  if (at_epoch != moment.epoch) return at_epoch < moment.epoch;
  return thread / 32 == moment.thread / 32 && moment.clocks.of[thread % 32] > clock;
}
bool covers(const Moment& fence, const Access& a) {
  const bool own =
      a.thread == fence.thread && a.epoch == fence.epoch && a.syncs <= fence.clocks.of[a.thread % 32];
  return own || a.syncs == LaneClocks::kMost || lies_behind(a.epoch, a.thread, a.syncs, fence);
}
bool lies_behind(const Moment& before, const Moment& moment) {
  return before.thread == moment.thread ||
         lies_behind(before.epoch, before.thread, before.clocks.of[before.thread % 32], moment);
}

bool releases(const Block& block, const Release& r, const Access& a) {
  for (std::size_t i = r.fences; i-- > 0;)
    if ((block.fences[i].for_other_blocks || r.block == first_epoch_of_block) &&
        lies_behind(block.fences[i], r.moment) && covers(block.fences[i], a))
      return true;
  return false;
}

/// Looks for a note that releases the access, in those that were acquired and in what their blocks had
/// acquired in turn. Notes once seen are not looked through again.
struct Search {
  const Access& access;
  uint32_t block;
  std::unordered_map<const Notes*, std::size_t> seen = {};

  bool found_in(const Block& by, std::size_t acquired, const Moment& moment) {
    for (std::size_t i = acquired; i-- > 0;)
      if (lies_behind(by.acquired[i].moment, moment) && found_in(by.acquired[i])) return true;
    return false;
  }
  bool found_in(const Acquired& acquired) {
    const Notes& notes = *acquired.notes;
    std::size_t& done = seen[&notes];
    if (done >= acquired.count) return false;
    const std::size_t begin = done;
    done = acquired.count;
    const auto end = notes.begin() + static_cast<std::ptrdiff_t>(acquired.count);
    auto at = std::lower_bound(notes.begin() + static_cast<std::ptrdiff_t>(begin), end, block,
                               [](const Release& r, uint32_t of) { return r.block < of; });
    for (; at != end && at->block == block; ++at)
      if (releases(all_fences.blocks.at(block), *at, access)) return true;
    for (; at != end; ++at)
      if (at->acquired && found_in(all_fences.blocks.at(at->block), at->acquired, at->moment)) return true;
    return false;
  }
};

}  // namespace

void checker_fence(bool for_other_blocks) {
  SimulatorScope scope;
  any_fence = true;
  all_fences.blocks[first_epoch_of_block].fences.push_back({now(), for_other_blocks});
  uint16_t& own = own_clocks().of[block_state.thread % 32];
  if (own < LaneClocks::kMost) ++own;  // what comes is behind the fence
}

void begin_launch_of_fences() {
  if (any_fence) all_fences = Fences{};
  any_fence = false;
}

void note_atomic(uintptr_t address, bool shared) {
  if (!any_fence) return;
  Notes& notes = all_fences.notes[{shared ? first_epoch_of_block : 0, address}];
  Block& block = all_fences.blocks[first_epoch_of_block];
  const Moment moment = now();
  const auto is_own = [&](const Moment& m) { return m.thread == moment.thread && m.epoch == moment.epoch; };
  const bool own_last = !notes.empty() && is_own(notes.back().moment);
  if (notes.size() > own_last) {
    const Acquired* last = block.acquired.empty() ? nullptr : &block.acquired.back();
    const bool nothing_new = last && last->notes == &notes && is_own(last->moment) &&
                             last->count + own_last >= notes.size();  // a loop that spins
    if (!nothing_new) block.acquired.push_back({&notes, notes.size(), moment});
  }
  if (own_last && notes.back().fences == block.fences.size() &&
      notes.back().acquired == block.acquired.size())
    return;
  if (std::any_of(block.fences.begin(), block.fences.end(),
                  [&](const Moment& fence) { return lies_behind(fence, moment); }))
    notes.push_back({first_epoch_of_block, moment, block.fences.size(), block.acquired.size()});
}

bool is_fenced(const Access& before) {
  if (!any_fence) return false;
  const auto self = all_fences.blocks.find(first_epoch_of_block);
  if (self == all_fences.blocks.end()) return false;
  return Search{before, block_of(before)}.found_in(self->second, self->second.acquired.size(), now());
}

}  // namespace minitorch::simt
