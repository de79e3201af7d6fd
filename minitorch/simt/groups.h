// SPDX-License-Identifier: MIT
// Cooperative groups: CUDA's header under nvcc, its common forms in the simulator: this_thread_block(),
// tiled_partition<N>(), coalesced_threads(), with sync, ranks, shuffles, votes, reduce and scans.
#pragma once
#include "minitorch/simt/cuda.h"
#if defined(__CUDACC__)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#else

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
namespace cooperative_groups {

/// All threads of the block.
struct thread_block {
  void sync(MT_CALLER) const { __syncthreads(file_, line_); }
  static unsigned thread_rank() { return minitorch::simt::block_state.thread; }
  static unsigned num_threads() { return minitorch::simt::block_state.count; }
  static unsigned size() { return num_threads(); }
  static dim3 group_index() { return dim3(blockIdx); }
  static dim3 thread_index() { return dim3(threadIdx); }
  static dim3 dim_threads() { return blockDim; }
};
inline thread_block this_thread_block() { return {}; }

/// Lanes of one warp, named by a mask.
struct lane_group {
  unsigned mask;

  void sync(MT_CALLER) const { __syncwarp(mask, file_, line_); }
  unsigned thread_rank() const { return rank_of(minitorch::simt::lane_id()); }
  unsigned num_threads() const { return static_cast<unsigned>(__popc(mask)); }
  unsigned size() const { return num_threads(); }
  template <class T>
  T shfl(T value, unsigned rank, MT_CALLER) const {
    return minitorch::simt::shuffle(mask, value, lane_of(rank % size()), {"shfl()", file_, line_});
  }
  template <class T>
  T shfl_up(T value, unsigned delta, MT_CALLER) const {
    const unsigned rank = thread_rank();
    return minitorch::simt::shuffle(mask, value, lane_of(rank < delta ? rank : rank - delta),
                                    {"shfl_up()", file_, line_});
  }
  template <class T>
  T shfl_down(T value, unsigned delta, MT_CALLER) const {
    const unsigned rank = thread_rank();
    return minitorch::simt::shuffle(mask, value, lane_of(rank + delta >= size() ? rank : rank + delta),
                                    {"shfl_down()", file_, line_});
  }
  template <class T>
  T shfl_xor(T value, unsigned bits, MT_CALLER) const {
    const unsigned rank = thread_rank() ^ bits;
    return minitorch::simt::shuffle(mask, value, lane_of(rank >= size() ? thread_rank() : rank),
                                    {"shfl_xor()", file_, line_});
  }
  int any(int p, MT_CALLER) const { return __any_sync(mask, p, file_, line_); }
  int all(int p, MT_CALLER) const { return __all_sync(mask, p, file_, line_); }
  /// One bit for each member, by rank.
  unsigned ballot(int p, MT_CALLER) const {
    const unsigned lanes = __ballot_sync(mask, p, file_, line_);
    unsigned ranks = 0;
    for (unsigned rest = lanes; rest; rest &= rest - 1)
      ranks |= 1u << rank_of(__ffs(static_cast<int>(rest)) - 1);
    return ranks;
  }

 private:
  unsigned rank_of(unsigned lane) const { return static_cast<unsigned>(__popc(mask & ((1u << lane) - 1))); }
  int lane_of(unsigned rank) const {
    unsigned rest = mask;
    for (; rank; --rank) rest &= rest - 1;
    return __ffs(static_cast<int>(rest)) - 1;
  }
};

/// kSize consecutive lanes of the block's warps.
template <unsigned kSize>
struct thread_block_tile : lane_group {
  static_assert(kSize <= 32 && (kSize & (kSize - 1)) == 0, "a tile is a power of two, at most a warp");
  unsigned meta_group_rank() const { return minitorch::simt::block_state.thread / kSize; }
  unsigned meta_group_size() const { return (minitorch::simt::block_state.count + kSize - 1) / kSize; }
};
template <unsigned kSize, class Parent>
thread_block_tile<kSize> tiled_partition(const Parent&) {
  const unsigned first = minitorch::simt::lane_id() & ~(kSize - 1);
  return {{(kSize == 32 ? ~0u : (1u << (kSize % 32)) - 1) << first}};
}

/// The lanes that run together with this one. CUDA promises no more than the lane itself, and that is what
/// this gives.
struct coalesced_group : lane_group {};
inline coalesced_group coalesced_threads() { return {{__activemask()}}; }

template <class T>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct less {
  T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T>
struct greater {
  T operator()(T a, T b) const { return a < b ? b : a; }
};

/// Every member receives the sum (or what `combine` computes) over the group.
template <class T, class Combine>
T reduce(const lane_group& group, T value, Combine combine, MT_CALLER) {
  return minitorch::simt::fold(group.mask, value, combine, {"reduce()", file_, line_});
}
/// The sum over the members of lower rank and the calling one.
template <class T, class Combine>
T inclusive_scan(const lane_group& group, T value, Combine combine, MT_CALLER) {
  for (unsigned delta = 1; delta < group.size(); delta *= 2) {
    const T other = group.shfl_up(value, delta, file_, line_);
    if (group.thread_rank() >= delta) value = combine(other, value);
  }
  return value;
}
template <class T>
T inclusive_scan(const lane_group& group, T value, MT_CALLER) {
  return inclusive_scan(group, value, plus<T>{}, file_, line_);
}
/// The sum over the members of lower rank; T{} for the first.
template <class T>
T exclusive_scan(const lane_group& group, T value, MT_CALLER) {
  const T with_own = inclusive_scan(group, value, plus<T>{}, file_, line_);
  const T before = group.shfl_up(with_own, 1, file_, line_);
  return group.thread_rank() == 0 ? T{} : before;
}

template <class Group>
void sync(const Group& group, MT_CALLER) {
  group.sync(file_, line_);
}

}  // namespace cooperative_groups
}  // namespace simulated
   // NOLINTEND
#endif
