// SPDX-License-Identifier: MIT
// Background copies of the running block: queued by thread, performed when the thread waits.
#include <cstdio>
#include <deque>
#include <memory>

#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

struct Pending {
  AsyncCopy copy;
  unsigned group;
};
struct ThreadCopies {
  std::deque<Pending> queue;
  unsigned groups = 0;  // committed so far
  uint32_t block = 0;   // the epoch at which its block began
};

// Those of the running thread; what an earlier block has left is dropped.
ThreadCopies& copies() {
  static thread_local std::unique_ptr<ThreadCopies[]> all;
  if (!all) all = std::make_unique<ThreadCopies[]>(kMaxThreads);
  ThreadCopies& mine = all[block_state.thread];
  if (mine.block != first_epoch_of_block) {
    mine.queue.clear();
    mine.groups = 0;
    mine.block = first_epoch_of_block;
  }
  return mine;
}

}  // namespace

void async_copy_begin(void* to, const void* from, int bytes) {
  SimulatorScope scope;
  const auto both = reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from);
  if (both % static_cast<unsigned>(bytes)) {
    char text[96];
    std::snprintf(text, sizeof text,
                  "misaligned: async_copy<%d> needs both addresses at multiples of %d bytes", bytes, bytes);
    stop_kernel(cudaErrorMisalignedAddress, text,
                "Align the shared tile with alignas(16), and copy less at a time where rows are ragged.");
  }
  ThreadCopies& mine = copies();
  mine.queue.push_back({{to, from, bytes}, mine.groups});
}

void async_copy_commit() {
  SimulatorScope scope;
  ++copies().groups;
}

bool async_copy_next(int groups, AsyncCopy& copy) {
  SimulatorScope scope;
  ThreadCopies& mine = copies();
  if (mine.queue.empty() || mine.queue.front().group + static_cast<unsigned>(groups) >= mine.groups)
    return false;
  copy = mine.queue.front().copy;
  mine.queue.pop_front();
  return true;
}

}  // namespace minitorch::simt
