// SPDX-License-Identifier: MIT
// Simulator: how a kernel is started, and what its threads call when they must wait for others.
#pragma once
#include <new>
#include <tuple>
#include <type_traits>

#include "minitorch/simt/runtime.h"
#include "minitorch/simt/types.h"

namespace minitorch::simt {

/// The state of the running block that the loop over its threads needs; the rest is in internal.h.
struct BlockState {
  unsigned next = 0;            // threads started so far
  unsigned count = 0;           // threads of the block
  unsigned alive = 0;           // threads that have not returned
  unsigned thread = 0;          // the running thread, linear
  unsigned suspended = 0;       // threads that wait with a fiber of their own
  unsigned atomics = 0;         // counted to yield in spin loops
  bool in_kernel_body = false;  // the running thread executes the kernel's own code, not what starts it
  bool permuted = false;        // threads do not start in their natural order
  uint3 next_index{};
  unsigned exited[32] = {};  // per warp, the lanes that have returned
};
inline constinit thread_local BlockState block_state{};
inline unsigned lane_id() { return block_state.thread & 31; }

/// Where in the source a barrier or a warp operation was called, for reports.
struct Site {
  const char* what;
  const char* file;
  int line;
};
/// Default arguments that make a Site of the caller's line.
#define MT_CALLER const char *file_ = __builtin_FILE(), int line_ = __builtin_LINE()

// --- entry points into the runtime; bodies in scheduler.cpp and collectives.cpp ---
void choose_thread(unsigned ordinal);  // which thread starts as number `ordinal` in a permuted schedule
void thread_ended();                   // the waiting threads may now be complete
void yield_thread();                   // lets the other threads of the block run

enum class BarrierVote { kNone, kCount, kAnd, kOr };
int block_barrier(BarrierVote vote, bool predicate, Site site);

/// Runs once, by the last lane to arrive, on the operands of all lanes in `mask`; others' entries are null.
using Collective = void (*)(void* const* operands, unsigned mask);
void warp_collective(unsigned mask, void* operand, Collective function, Site site);
/// The lanes of the warp that wait in the same call when nobody else of the block can go on.
unsigned lanes_together(Site site);
void order_lanes(unsigned lanes);  // __syncwarp orders their memory accesses, of no other lanes
/// The checker reports it; the value is poisoned in any case.
void shuffle_from_absent(int reader, int lane);
void ignore_races(bool ignore);     // of the calling thread; scopes may be nested
void fence(bool for_other_blocks);  // what was written before it is seen before what is written after it
void* dynamic_shared_memory();
[[noreturn]] void trap(Site site);
[[noreturn]] void stop_kernel(cudaError_t error, const char* report, const char* advice);

// --- copies that go on in the background; bodies in async_copy.cpp ---
// They are kept by thread until it waits for them.
void async_copy_begin(void* to, const void* from, int bytes);  // from null: zeros
void async_copy_commit();
/// Makes the copies that must have arrived when all groups but the newest `groups` have.
void async_copy_wait(int groups);

// --- what an instruction asks of an address, though not of every access that it is made of here ---
[[noreturn]] void stop_misaligned(const void* memory, unsigned alignment, Site site);
[[noreturn]] void stop_partial_warp(Site site);                   // tensor cores want all 32 lanes
[[noreturn]] void stop_odd_stride(std::size_t bytes, Site site);  // of the rows of a matrix
bool begins_aligned(const void* memory, unsigned alignment);      // if its allocation begins at a multiple
inline void check_alignment(const void* memory, unsigned alignment, Site site) {
  if (reinterpret_cast<uintptr_t>(memory) % alignment && !begins_aligned(memory, alignment))
    stop_misaligned(memory, alignment, site);
}

/// Starts the next CUDA thread on this fiber. False when all have been started.
inline bool begin_thread() {
  BlockState& b = block_state;
  if (b.next == b.count) return false;
  const unsigned ordinal = b.next++;
  if (b.permuted) {
    choose_thread(ordinal);
    return true;
  }
  b.thread = ordinal;
  threadIdx = b.next_index;
  if (++b.next_index.x == blockDim.x) {
    b.next_index.x = 0;
    if (++b.next_index.y == blockDim.y) {
      b.next_index.y = 0;
      ++b.next_index.z;
    }
  }
  return true;
}
inline void end_thread() {
  BlockState& b = block_state;
  --b.alive;
  b.exited[b.thread >> 5] |= 1u << (b.thread & 31);
  if (b.suspended) thread_ended();
}

/// A kernel with its arguments, types erased.
struct Kernel {
  void (*run)(const void* arguments);  // runs CUDA threads of the block until all have been started
  const void* arguments;
  std::size_t argument_bytes;
  void (*copy)(void* to, const void* from);
  int (*argument_in)(const void* arguments, uintptr_t low, uintptr_t high);
  int (*argument_where)(const void* arguments, bool (*wanted)(uintptr_t));
  const void* entry;
};

/// Which argument, from 1, is a pointer that is wanted, or a view of what one points to; 0 if none is.
template <class Wanted, class... T>
int argument_where(const std::tuple<T...>& arguments, Wanted wanted) {
  int number = 0, found = 0;
  const auto look = [&](const auto& argument) {
    ++number;
    uintptr_t at = 0;
    if constexpr (std::is_pointer_v<std::decay_t<decltype(argument)>>)
      at = reinterpret_cast<uintptr_t>(argument);
    if constexpr (requires { static_cast<const void*>(argument.data); })
      if constexpr (!std::is_array_v<decltype(argument.data)>)  // which lies in the argument itself
        at = reinterpret_cast<uintptr_t>(argument.data);
    if (!found && wanted(at)) found = number;
  };
  std::apply([&](const auto&... argument) { (look(argument), ...); }, arguments);
  return found;
}
cudaError_t launch_kernel(const Kernel& kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
                          cudaStream_t stream);

/// What launch() of minitorch/simt/cuda.h does here.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
                   cudaStream_t stream, Arguments&&... arguments) {
  static_assert(sizeof...(Parameters) == sizeof...(Arguments),
                "as many arguments as the kernel has parameters");
  struct Pack {
    void (*kernel)(Parameters...);
    std::tuple<std::decay_t<Parameters>...> arguments;
  };
  const Pack pack{kernel, {static_cast<Parameters>(arguments)...}};
  const auto run = [](const void* p) {
    const Pack& pack = *static_cast<const Pack*>(p);
    while (begin_thread()) {
      block_state.in_kernel_body = true;
      std::apply(pack.kernel, pack.arguments);
      block_state.in_kernel_body = false;
      asm volatile("" ::: "memory");  // the checker lets nobody but the simulator write its state
      end_thread();
    }
  };
  const auto copy = [](void* to, const void* from) { new (to) Pack(*static_cast<const Pack*>(from)); };
  const auto find = [](const void* p, uintptr_t low, uintptr_t high) {
    return argument_where(static_cast<const Pack*>(p)->arguments,
                          [&](uintptr_t at) { return at >= low && at < high; });
  };
  const auto find_where = [](const void* p, bool (*wanted)(uintptr_t)) {
    return argument_where(static_cast<const Pack*>(p)->arguments, wanted);
  };
  return launch_kernel(
      {run, &pack, sizeof pack, copy, find, find_where, reinterpret_cast<const void*>(kernel)}, grid, block,
      shared_bytes, stream);
}

/// See minitorch/simt/cuda.h. Filled with NaN before each block.
template <class T>
T* dynamic_shared() {
  return static_cast<T*>(dynamic_shared_memory());
}

}  // namespace minitorch::simt
