// SPDX-License-Identifier: MIT
// Barriers and warp operations: threads arrive, the last one lets all go on; and what is said when that
// cannot be.
#include <bit>
#include <cstdio>
#include <cstring>
#include <map>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

constexpr const char* kDivergenceAdvice =
    "Every thread of the block must reach the same barrier: move it out of the condition, and keep threads "
    "that have nothing to do instead of letting them leave.";
constexpr const char* kWarpAdvice =
    "All lanes named in the mask must call the same warp operation: move it out of the condition, or give "
    "the mask of the lanes that take part.";

bool same_place(Site a, Site b) { return a.line == b.line && !std::strcmp(a.file, b.file); }

void release_barrier(Worker& w) {
  w.vote_result = w.votes;
  w.at_barrier = 0;
  ++epoch;
  const bool reverse = settings().order == Order::kReverse;
  for (unsigned i = 0; i < block_state.count; ++i) {
    const unsigned t = reverse ? block_state.count - 1 - i : i;
    if (w.state[t] == ThreadState::kAtBarrier) push_ready(t);
  }
}

unsigned lanes_needed(const Worker& w, unsigned warp, unsigned mask) {
  return mask & w.warps[warp].exist & ~block_state.exited[warp];
}

constexpr unsigned kNobody = ~0u;
// Computes the operation's results and wakes all lanes but `self`, which is running.
void complete(Worker& w, unsigned warp, unsigned index, unsigned self) {
  Warp& lanes = w.warps[warp];
  const WarpOperation operation = lanes.operations[index];
  lanes.operations[index] = lanes.operations[--lanes.count];
  void* operands[32] = {};
  for (unsigned rest = operation.arrived; rest; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    operands[lane] = w.waiting[warp * 32 + static_cast<unsigned>(lane)].operand;
  }
  operation.function(operands, operation.arrived);
  for (unsigned rest = operation.arrived; rest; rest &= rest - 1) {
    const unsigned thread = warp * 32 + static_cast<unsigned>(std::countr_zero(rest));
    if (thread != self) push_ready(thread);
  }
}

void add_vote(Worker& w, BarrierVote vote, bool predicate) {
  if (w.at_barrier == 0) w.votes = vote == BarrierVote::kAnd;
  switch (vote) {
    case BarrierVote::kNone: break;
    case BarrierVote::kCount: w.votes += predicate; break;
    case BarrierVote::kAnd: w.votes &= predicate; break;
    case BarrierVote::kOr: w.votes |= predicate; break;
  }
}

// 0-15,32,40-47
std::string ranges(const std::vector<unsigned>& sorted) {
  std::string text;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t j = i;
    while (j + 1 < sorted.size() && sorted[j + 1] == sorted[j] + 1) ++j;
    text += (text.empty() ? "" : ",") + std::to_string(sorted[i]);
    if (j > i) text += "-" + std::to_string(sorted[j]);
    i = j + 1;
  }
  return text;
}

std::string warp_operation_of(const Worker& w, unsigned thread) {
  const unsigned warp = thread / 32, lane = thread % 32;
  for (unsigned k = 0; k < w.warps[warp].count; ++k) {
    const WarpOperation& operation = w.warps[warp].operations[k];
    if (!(operation.arrived >> lane & 1)) continue;
    char text[96];
    std::snprintf(text, sizeof text, " (warp %u, mask 0x%08x, lanes missing 0x%08x)", warp, operation.mask,
                  lanes_needed(w, warp, operation.mask) & ~operation.arrived);
    return text;
  }
  return "";
}

std::string what_it_does(const Worker& w, unsigned thread) {
  const Site site = w.waiting[thread].site;
  switch (w.state[thread]) {
    case ThreadState::kAtBarrier: return "waiting at " + at_line(site);
    case ThreadState::kAtWarp: return "waiting at " + at_line(site) + warp_operation_of(w, thread);
    case ThreadState::kAlone: return "at " + at_line(site);
    case ThreadState::kReady: return "about to go on after " + at_line(site);
    case ThreadState::kRunningOrGone: break;
  }
  if (block_state.exited[thread / 32] >> (thread % 32) & 1) return "returned from the kernel";
  return thread == block_state.thread ? "running" : "not started";
}

// The running thread has come to `site`, which the others cannot be waiting for.
[[noreturn]] void report_divergence(const char* what, Site site, ThreadState state, const char* advice) {
  Worker& w = *this_worker;
  w.waiting[block_state.thread].site = site;
  w.state[block_state.thread] = state;
  report_in_kernel(what + thread_lists(), advice);
  abandon_block(cudaErrorLaunchFailure);
}

}  // namespace

std::string file_name(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash ? slash + 1 : path;
}

std::string at_line(Site site) {
  if (!site.line) return site.what;
  return std::string(site.what) + " " + file_name(site.file) + ":" + std::to_string(site.line);
}

std::string thread_lists() {
  const Worker& w = *this_worker;
  std::vector<std::pair<std::string, std::vector<unsigned>>> groups;  // in the order of their first threads
  std::map<std::string, std::size_t> group_of;
  for (unsigned t = 0; t < block_state.count; ++t) {
    const std::string doing = what_it_does(w, t);
    const auto [at, fresh] = group_of.try_emplace(doing, groups.size());
    if (fresh) groups.push_back({doing, {}});
    groups[at->second].second.push_back(t);
  }
  std::string text;
  for (const auto& [doing, threads] : groups)
    text += (threads.size() > 1 ? "\n    threads " : "\n    thread ") + ranges(threads) + ": " + doing;
  return text;
}

void report_deadlock() {
  bool in_warp = false;
  for (unsigned t = 0; t < block_state.count; ++t) in_warp |= this_worker->state[t] == ThreadState::kAtWarp;
  report_in_kernel("deadlock: no thread of the block can go on" + thread_lists(),
                   in_warp ? kWarpAdvice : kDivergenceAdvice);
  abandon_block(cudaErrorLaunchFailure);
}

int block_barrier(BarrierVote vote, bool predicate, Site site) {
  SimulatorScope scope;
  asm volatile("" ::: "memory");  // others write between here and the return
  if (!in_kernel()) return predicate;
  Worker& w = *this_worker;
  if (w.at_barrier == 0) {
    w.barrier_site = site;
  } else if (!same_place(site, w.barrier_site)) {
    report_divergence("barrier divergence: threads of one block wait at two different barriers", site,
                      ThreadState::kAtBarrier, kDivergenceAdvice);
  }
  add_vote(w, vote, predicate);
  if (++w.at_barrier == block_state.alive) {
    if (block_state.alive != block_state.count)
      checker_early_exit(block_state.count - block_state.alive, site);
    release_barrier(w);
  } else {
    w.waiting[block_state.thread].site = site;
    suspend(ThreadState::kAtBarrier);
  }
  asm volatile("" ::: "memory");
  return w.vote_result;
}

void warp_collective(unsigned mask, void* operand, Collective function, Site site) {
  SimulatorScope scope;
  asm volatile("" ::: "memory");
  Worker& w = *this_worker;
  const unsigned self = block_state.thread, lane = self & 31, warp = self >> 5;
  Warp& lanes = w.warps[warp];
  if (!(mask >> lane & 1)) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "warp divergence: lane %u calls %s with the mask 0x%08x, which does not name it", lane,
                  at_line(site).c_str(), mask);
    stop_kernel(cudaErrorLaunchFailure, text, kWarpAdvice);
  }
  w.waiting[self].operand = operand;
  w.waiting[self].site = site;
  unsigned index = 0;
  while (index < lanes.count && lanes.operations[index].mask != mask) ++index;
  if (index == lanes.count) lanes.operations[lanes.count++] = {mask, 0, function, site};
  WarpOperation& operation = lanes.operations[index];
  // Lanes may meet in different __syncwarp() calls, but not in different lines of anything that returns a
  // value.
  const bool plain_sync = operation.function == function && !std::strcmp(site.what, "__syncwarp()");
  if (operation.function != function || (!plain_sync && !same_place(operation.site, site)))
    report_divergence("warp divergence: lanes of one mask wait at different warp operations", site,
                      ThreadState::kAtWarp, kWarpAdvice);
  operation.arrived |= 1u << lane;
  const unsigned needed = lanes_needed(w, warp, mask);
  if ((operation.arrived & needed) == needed) complete(w, warp, index, self);
  else suspend(ThreadState::kAtWarp);
  asm volatile("" ::: "memory");
}

unsigned lanes_together(Site site) {
  SimulatorScope scope;
  if (!in_kernel()) return 1;
  Worker& w = *this_worker;
  unsigned lanes = 0;
  w.waiting[block_state.thread].operand = &lanes;
  w.waiting[block_state.thread].site = site;
  ++w.alone;
  suspend(ThreadState::kAlone);
  return lanes;
}

// CUDA promises nothing about who runs together, so that in a random order of threads it is any part of those
// who could: a kernel that counts on more then goes wrong.
void release_alone() {
  Worker& w = *this_worker;
  for (unsigned t = 0; t < block_state.count; ++t) {
    if (w.state[t] != ThreadState::kAlone) continue;
    unsigned lanes = 0;
    for (unsigned lane = t % 32; lane < 32 && t - t % 32 + lane < block_state.count; ++lane) {
      const unsigned other = t - t % 32 + lane;
      if (w.state[other] == ThreadState::kAlone && same_place(w.waiting[other].site, w.waiting[t].site) &&
          (other == t || settings().order != Order::kRandom || w.random() % 4))
        lanes |= 1u << lane;
    }
    for (unsigned rest = lanes; rest; rest &= rest - 1) {
      const unsigned other = t - t % 32 + static_cast<unsigned>(std::countr_zero(rest));
      *static_cast<unsigned*>(w.waiting[other].operand) = lanes;
      push_ready(other);
      --w.alone;
    }
  }
}

void fence(bool for_other_blocks) {
  checker_fence(for_other_blocks);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

// The running thread has returned from the kernel: those that wait for it need not any more.
void complete_after_exit() {
  Worker& w = *this_worker;
  if (w.at_barrier && w.at_barrier == block_state.alive) {
    checker_early_exit(block_state.count - block_state.alive, w.barrier_site);
    release_barrier(w);
  }
  const unsigned warp = block_state.thread / 32;
  for (unsigned k = 0; k < w.warps[warp].count;) {
    const unsigned needed = lanes_needed(w, warp, w.warps[warp].operations[k].mask);
    if ((w.warps[warp].operations[k].arrived & needed) == needed) complete(w, warp, k, kNobody);
    else ++k;
  }
}

}  // namespace minitorch::simt
