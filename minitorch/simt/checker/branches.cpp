// SPDX-License-Identifier: MIT
// Counts divergent branches. Kernels are compiled with -fsanitize-coverage=trace-pc, so that every piece of
// code without forks begins with a call from here; where lanes of a warp take their k-th step from one piece
// to different ones, the warp has diverged. A GPU's compiler turns some short branches into predicated
// instructions: they cost as much.
#include <unordered_map>

#include "minitorch/simt/checker/counters.h"

namespace minitorch::simt {
namespace {

struct Fork {
  uint32_t line, visit;
  unsigned warp;
  bool operator==(const Fork&) const = default;
};
struct HashFork {
  std::size_t operator()(const Fork& f) const {
    return (f.line * 0x9e3779b97f4a7c15u) ^ (f.visit * 0xc2b2ae3d27d4eb4fu) ^ f.warp;
  }
};
struct Way {
  uint32_t next = 0;  // of the first lane
  bool diverged = false;
};

struct Steps {
  std::unordered_map<Fork, Way, HashFork> ways;
  std::unordered_map<uint32_t, std::set<uint32_t>> ways_of;  // by line, of all warps
  std::unordered_map<uint64_t, uint32_t> visits;             // by thread and line
  Fork last[kMaxThreads] = {};                               // line 0: the thread has not begun
};

Steps& steps() {
  static thread_local Steps the_steps;
  return the_steps;
}

}  // namespace

void count_step(uint32_t line) {
  Steps& s = steps();
  const unsigned thread = block_state.thread;
  Fork& last = s.last[thread];
  if (last.line) {
    const auto [at, first] = s.ways.try_emplace(last, Way{line});
    if (!first && at->second.next != line) at->second.diverged = true;
    if (first || at->second.diverged) s.ways_of[last.line].insert(line);
  }
  last = {line, s.visits[uint64_t{line} << 10 | thread]++, thread / 32};
}

void close_block_of_branches(std::map<uint32_t, BranchCounts>& branches) {
  Steps& s = steps();
  for (const auto& [fork, way] : s.ways) {
    BranchCounts& counts = branches[fork.line];
    ++counts.warps;
    counts.diverged += way.diverged;
  }
  for (const auto& [line, ways] : s.ways_of) branches[line].ways.insert(ways.begin(), ways.end());
  s = Steps{};
}

}  // namespace minitorch::simt

extern "C" void __sanitizer_cov_trace_pc() {
  using namespace minitorch::simt;
  if (!counting() || !block_state.in_kernel_body || in_simulator) return;
  SimulatorScope scope;
  count_step(line_number(__builtin_return_address(0)));
}
