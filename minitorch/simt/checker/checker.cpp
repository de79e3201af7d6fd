// SPDX-License-Identifier: MIT
// The checker: kernels are compiled with -fsanitize=thread, but the program is linked with these functions
// instead of the sanitizer's runtime. Every load and store of a kernel then arrives here, together with the
// simulator's knowledge of CUDA threads, barriers and device memory. The same trick finds races in the Linux
// kernel (KCSAN).
#include "minitorch/simt/checker.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "minitorch/simt/checker/counters.h"
#include "minitorch/simt/checker/shadow.h"

namespace minitorch::simt {
namespace {

constexpr std::size_t kMostReports = 8;  // per launch; more of the same help nobody

thread_local std::set<std::string> complaints;
thread_local cudaError_t launch_error = cudaSuccess;
thread_local uint8_t ignoring_races[kMaxThreads] = {};  // by CUDA thread: how many scopes it is in

std::size_t shadow_bytes(std::size_t bytes) { return cells_of(bytes) * (sizeof(Cell) + sizeof(Overflow)); }
Shadow shadow_at(void* memory, std::size_t bytes) {
  auto* cells = static_cast<Cell*>(memory);
  return {cells, reinterpret_cast<Overflow*>(cells + cells_of(bytes))};
}

[[noreturn]] void stop_misaligned(const Event& e) {
  const std::string size = std::to_string(e.bytes);
  stop_kernel(
      cudaErrorMisalignedAddress,
      ("misaligned: " + access_text(e) + " at an address " + std::to_string(e.address % e.bytes) +
       " past a multiple of " + size + ", on " + describe_place(e) + "\n    at " + source_line(e.line))
          .c_str(),
      misaligned_advice(e.bytes > 8));
}

void host_touches_device(const Event& e) {
  SimulatorScope scope;
  refuse_call(cudaErrorIllegalAddress,
              std::string("host code ") + (e.write ? "writes" : "reads") +
                  " device memory directly\n    at " + source_line(e.line),
              "Copy it with cudaMemcpy: on a GPU this is a crash.");
}

}  // namespace

const char* misaligned_advice(bool vector) {
  return vector ? "A vector load needs an address that is a multiple of its size: start rows at multiples of "
                  "4 floats."
                : "A number needs an address that is a multiple of its size, for an atomic as well: where a "
                  "pointer "
                  "is cast, what was added to it in bytes must be such a multiple.";
}

bool has_checker() { return true; }
bool races_ignored() { return ignoring_races[block_state.thread] > 0; }
void ignore_races(bool ignore) { ignoring_races[block_state.thread] += ignore ? 1 : -1; }

uint32_t line_number(const void* line) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(line) - program_base());
}
const void* line_address(uint32_t line) { return reinterpret_cast<const void*>(program_base() + line); }

bool complain(const std::string& key, const std::string& text, const std::string& advice) {
  launch_error = cudaErrorLaunchFailure;
  if (complaints.size() >= kMostReports || !complaints.insert(key).second) return false;
  report(text, advice);
  return true;
}

void on_access(const void* memory, std::size_t bytes, bool write, bool atomic, bool aligned,
               const void* line) {
  const Event event{reinterpret_cast<uintptr_t>(memory), bytes, write, atomic, line};
  if (!in_kernel()) {
    if (is_device(event.address) && !find_allocation(event.address).managed) host_touches_device(event);
    return;
  }
  if (in_simulator || (!write && is_state(event.address)) || this_worker->fibers.contains(event.address))
    return;
  SimulatorScope scope;
  if (this_worker->is_overdue()) stop_overdue_kernel("\n    at " + source_line(line));
  Place place;
  if (!find_place(event, place)) return;
  // What is said to be aligned to 16 bytes may be two doubles, which are to 8: a float4 that is not, the
  // sanitizer of alignments finds.
  if (aligned && event.address % std::min<std::size_t>(bytes, 8)) stop_misaligned(event);
  count_access(event, place);
  check_access(event, place);
}

Shadow make_shadow(std::size_t bytes) {
  void* memory = mmap(nullptr, shadow_bytes(bytes), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return shadow_at(memory, bytes);
}
void drop_shadow(const Shadow& shadow, std::size_t bytes) {
  if (shadow.cells) munmap(shadow.cells, shadow_bytes(bytes));
}

Shadow shadow_of(const Allocation& a) {
  if (a.shadow) return shadow_at(a.shadow, a.bytes);
  const Shadow shadow = make_shadow(a.bytes);
  set_shadow(a.base, shadow.cells);
  return shadow;
}

void checker_drop_shadow(const Allocation& a) {
  if (a.shadow) drop_shadow(shadow_at(a.shadow, a.bytes), a.bytes);
}

void checker_bytes_written(const void* memory, std::size_t bytes) {
  if (!bytes || !is_device(memory)) return;
  const Allocation a = find_allocation(reinterpret_cast<uintptr_t>(memory));
  if (!a.base) return;
  Cell* cells = shadow_of(a).cells;
  const std::size_t first = reinterpret_cast<uintptr_t>(memory) - a.base;
  for (std::size_t i = first; i < first + bytes; ++i) cells[i / 4].initialised |= 1u << (i % 4);
}

void checker_copy_begins(void* to, const void* from, std::size_t bytes, const void* line) {
  Place place;
  const Event read{reinterpret_cast<uintptr_t>(from), bytes, false, false, line};
  if (from && find_place(read, place)) {
    count_access(read, place);
    check_access(read, place);
  }
  const Event write{reinterpret_cast<uintptr_t>(to), bytes, true, false, line, true};
  if (!find_place(write, place)) return;
  if (place.space != Space::kShared)
    stop_kernel(cudaErrorIllegalAddress,
                ("async_copy to " + describe_place(write) + "\n    at " + source_line(line)).c_str(),
                "It copies to shared memory only: store what is to go elsewhere.");
  count_access(write, place);
  check_access(write, place);
}

void checker_copy_arrives(void* to, std::size_t bytes, const void* line) {
  Place place;
  const Event write{reinterpret_cast<uintptr_t>(to), bytes, true, false, line};
  if (find_place(write, place)) note_arrival(write, place);
}

std::string checker_place(const void* memory, bool write, const void* line) {
  Place place;
  const Event e{reinterpret_cast<uintptr_t>(memory), 1, write, false, line};
  return in_kernel() && find_place(e, place) ? ", on " + describe_place(e) : "";
}

void checker_begin_launch() {
  SimulatorScope scope;
  complaints.clear();
  launch_error = cudaSuccess;
  begin_launch_of_places();
  begin_launch_of_races();
  begin_launch_of_fences();
  begin_launch_of_counters();
}

cudaError_t checker_end_launch() {
  SimulatorScope scope;
  report_uninitialised();
  end_launch_of_counters();
  return launch_error;
}

void checker_begin_block() {
  SimulatorScope scope;
  std::memset(ignoring_races, 0, sizeof ignoring_races);
  begin_block_of_places();
  begin_block_of_races();
  begin_block_of_counters();
}

void checker_early_exit(unsigned exited, Site site) {
  complain("exit" + at_line(site),
           "barrier divergence: " + std::to_string(exited) + (exited == 1 ? " thread has" : " threads have") +
               " left the kernel while the others wait at " + at_line(site) + kernel_place(),
           "Every thread of the block must reach the barrier: let threads without work skip the work, not "
           "the barrier.");
}

// Whose arrival, or return from the kernel, has completed the shuffle runs now: of the reader's warp, but
// perhaps no lane that takes part.
void shuffle_from_absent(int reader, int lane) {
  const unsigned thread = block_state.thread / 32 * 32 + static_cast<unsigned>(reader);
  const Site site = this_worker->waiting[thread].site;
  complain("absent" + at_line(site),
           "undefined value: " + at_line(site) + " reads from lane " + std::to_string(lane) +
               ", which takes no part in it" + kernel_place(thread),
           "Name the lane in the mask and let it take part, or give the width: __shfl_down_sync(mask, v, 8, "
           "16). Where "
           "the value is not used, read from a lane that takes part.");
}

}  // namespace minitorch::simt
