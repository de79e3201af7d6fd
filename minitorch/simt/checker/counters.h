// SPDX-License-Identifier: MIT
// Inside the checker: what each kernel asks of memory, counted as a GPU would serve it.
//
// Lanes of a warp run one after another here, so a request is put together afterwards: the k-th time that
// lane 0 comes to a line, the k-th time that lane 1 does, and so on, are one request of the warp.
#pragma once
#include <map>
#include <set>

#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {

/// What one line of a kernel does to one kind of memory.
struct LineCounts {
  Space space = Space::kGlobal;
  bool write = false, atomic = false;
  uint64_t accesses = 0;  // by threads
  uint64_t bytes = 0;
  uint64_t requests = 0;        // by warps
  uint64_t partial = 0;         // requests in which lanes of the warp were missing: the warp had diverged
  uint64_t sectors = 0;         // global: pieces of 32 bytes that were moved
  uint64_t needed_sectors = 0;  // global: pieces that the bytes would fill
  uint64_t bank_conflicts = 0;  // shared: extra turns because lanes met in a bank
};

/// A place of a kernel after which threads have gone on in different ways.
struct BranchCounts {
  std::set<uint32_t> ways;  // where they went on; with one way it is no branch
  uint64_t warps = 0;       // times that a warp came here
  uint64_t diverged = 0;    // times that its lanes then went different ways
};

/// Who touched a word of four bytes in the first block of the launch.
struct Touch {
  uintptr_t owner;   // base of the allocation or variable
  std::size_t word;  // from there
  std::string memory;
  unsigned thread;
  bool write;
  uint32_t line;
};

struct KernelCounts {
  uint64_t launches = 0, blocks = 0, warps = 0, threads = 0, barriers = 0;
  std::map<uint32_t, LineCounts> lines;
  std::map<uint32_t, BranchCounts> branches;
  std::vector<Touch> touches;
};

/// By kernel name. Empty unless counting is on.
std::map<std::string, KernelCounts>& kernel_counts();
bool counting();

void begin_launch_of_counters();
void end_launch_of_counters();
void begin_block_of_counters();
void count_access(const Event& event, const Place& place);

// --- branches.cpp ---
/// The running thread comes to a piece of code without forks.
void count_step(uint32_t line);
void close_block_of_branches(std::map<uint32_t, BranchCounts>& branches);

}  // namespace minitorch::simt
