// SPDX-License-Identifier: MIT
// What is said about races and uninitialised reads.
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
};
thread_local State state;

const BlockStart* start_of_block(const Access& a) {
  const auto after = std::upper_bound(state.blocks.begin(), state.blocks.end(), a.epoch,
                                      [](uint32_t e, const BlockStart& b) { return e < b.epoch; });
  return after == state.blocks.begin() ? nullptr : &*std::prev(after);
}

std::string who(const Access& a) {
  if (!is_other_block(a)) return thread_name(a.thread);
  const BlockStart* start = start_of_block(a);
  const uint3 block = start ? start->index : uint3{};
  char text[64];
  std::snprintf(text, sizeof text, " of block (%u,%u,%u)", block.x, block.y, block.z);
  return thread_name(a.thread) + text;
}

const char* advice_for(const Event& e, const Access& before, Space space) {
  if (is_other_block(before))
    return "Blocks run in any order and at the same time: use an atomic, or let each block write its own "
           "part and combine the parts in a second kernel.";
  if (source_line(e.line) == source_line(line_address(before.line)))
    return space == Space::kShared
               ? "Many threads change one place in this line: use an atomic, or let a single thread do "
                 "it, or, where each thread has its own place and reads another's, read first, then "
                 "__syncthreads(), then write, and again between the rounds of a loop."
               : "Many threads change one place in this line: use an atomic, or let a single thread do it, "
                 "or, where each has its own place and reads another's, write to a second array.";
  if (before.thread / 32 == block_state.thread / 32)
    return space == Space::kShared ? "Lanes of a warp need not run in step: put __syncwarp() or "
                                     "__syncthreads() between the two lines."
                                   : "Threads run in any order: put __syncwarp() or __syncthreads() between "
                                     "the two lines, or use an atomic.";
  return "Put __syncthreads() between the two lines.";
}

}  // namespace

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

// The cell's last write is the copy itself, or raced with it and has been reported.
void report_early(const Event& e, const Place& place, const Access& copy) {
  const std::string line = source_line(e.line), other = source_line(line_address(copy.line));
  state.raced.push_back(place.owner);
  complain("early" + line + other,
           std::string("race: ") + (e.write ? "write" : "read") + " while an async copy is on the way, on " +
               describe_place(e) + "\n    " + (e.write ? "written" : "read") + " at " + line + " by " +
               thread_name(block_state.thread) + "\n    copied at " + other + " by " +
               thread_name(copy.thread) + kernel_place(),
           "A copy has arrived when its thread has called async_wait(), for other threads after a "
           "__syncthreads() behind it.");
}

void note_uninitialised(const Event& e, const Place& place) {
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

void begin_block_of_races() {
  report_uninitialised();
  state.blocks.push_back({epoch, blockIdx});
}

void begin_launch_of_races() { state = State{}; }

void report_uninitialised() {
  const auto pending = std::move(state.uninitialised);
  state.uninitialised.clear();
  for (const Uninitialised& u : pending)
    if (std::find(state.raced.begin(), state.raced.end(), u.owner) == state.raced.end())
      complain(u.key, u.text, u.advice);
}

uint32_t block_of(const Access& a) {
  const auto block = start_of_block(a);
  return block ? block->epoch : 0;
}

}  // namespace minitorch::simt
