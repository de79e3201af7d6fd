// SPDX-License-Identifier: MIT
// Background copies of the running block: queued by thread, performed when the thread waits.
#include <cstring>
#include <deque>
#include <memory>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

struct Pending {
  void* to;
  const void* from;  // null: zeros
  int bytes;
  const void* line;  // where it was begun
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

void check_address(const void* memory, int bytes, bool write, const void* line) {
  const auto past = reinterpret_cast<uintptr_t>(memory) % static_cast<unsigned>(bytes);
  if (!past) return;
  const std::string size = std::to_string(bytes);
  stop_kernel(cudaErrorMisalignedAddress,
              ("misaligned: async_copy<" + size + "> " + (write ? "to" : "from") + " an address " +
               std::to_string(past) + " past a multiple of " + size + checker_place(memory, write, line) +
               "\n    at " + source_line(line))
                  .c_str(),
              "Align the shared tile with alignas(16), and copy less at a time where rows are ragged.");
}

// A fault in here is one of the line that began the copy.
struct Copying {
  explicit Copying(const void* line) { this_worker->copying = line; }
  ~Copying() { this_worker->copying = nullptr; }
};

}  // namespace

void async_copy_begin(void* to, const void* from, int bytes) {
  SimulatorScope scope;
  const void* line = __builtin_return_address(0);
  check_address(to, bytes, true, line);
  check_address(from, bytes, false, line);
  checker_copy_begins(to, from, static_cast<std::size_t>(bytes), line);
  ThreadCopies& mine = copies();
  mine.queue.push_back({to, from, bytes, line, mine.groups});
  const Copying copying(line);
  std::memset(to, 0xff, static_cast<std::size_t>(bytes));  // who reads before the wait reads NaN
}

void async_copy_commit() {
  SimulatorScope scope;
  ++copies().groups;
}

void async_copy_wait(int groups) {
  SimulatorScope scope;
  ThreadCopies& mine = copies();
  while (!mine.queue.empty() && mine.queue.front().group + static_cast<unsigned>(groups) < mine.groups) {
    const Pending copy = mine.queue.front();
    mine.queue.pop_front();
    const auto bytes = static_cast<std::size_t>(copy.bytes);
    const Copying copying(copy.line);
    if (copy.from) std::memcpy(copy.to, copy.from, bytes);
    else std::memset(copy.to, 0, bytes);
    checker_copy_arrives(copy.to, bytes, copy.line);
  }
}

}  // namespace minitorch::simt
