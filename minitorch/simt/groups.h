// SPDX-License-Identifier: MIT
// Cooperative groups: CUDA's header under nvcc, its common forms in the simulator: the block, tiles of it and
// of each other, coalesced_threads(), groups of lanes that are alike, groups whose kind is known when the
// kernel runs; with sync, ranks, shuffles, votes, reduce, scans and copies. Of the whole grid the ranks
// alone.
#pragma once
#include "minitorch/simt/cuda.h"
#if defined(__CUDACC__)
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#else

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
namespace cooperative_groups {

/// All threads of the block.
struct thread_block {
  static void sync(MT_CALLER) { __syncthreads(file_, line_); }
  static unsigned thread_rank() { return minitorch::simt::block_state.thread; }
  static unsigned num_threads() { return minitorch::simt::block_state.count; }
  static unsigned size() { return num_threads(); }
  static dim3 group_index() { return dim3(blockIdx); }
  static dim3 thread_index() { return dim3(threadIdx); }
  static dim3 dim_threads() { return blockDim; }
  static dim3 group_dim() { return blockDim; }
};
inline thread_block this_thread_block() { return {}; }

/// All threads of the launch. They cannot wait for each other here, but know their places.
struct grid_group {
  static unsigned long long num_blocks() { return 1ull * gridDim.x * gridDim.y * gridDim.z; }
  static unsigned long long block_rank() {
    return (1ull * blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  static unsigned long long num_threads() { return num_blocks() * thread_block::num_threads(); }
  static unsigned long long size() { return num_threads(); }
  static unsigned long long thread_rank() {
    return block_rank() * thread_block::num_threads() + thread_block::thread_rank();
  }
  static dim3 block_index() { return dim3(blockIdx); }
  static dim3 thread_index() { return dim3(threadIdx); }
  static dim3 dim_blocks() { return gridDim; }
  static dim3 group_dim() { return gridDim; }
  static dim3 dim_threads() { return blockDim; }
  static bool is_valid() { return false; }
  template <class Never = void>
  static void sync() {
    static_assert(!std::is_void_v<Never>,
                  "the simulator has no cooperative launches: end the kernel here, and launch another one");
  }
};
inline grid_group this_grid() { return {}; }

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
  int any(int p, MT_CALLER) const { return __any_sync(mask, p, file_, line_); }
  int all(int p, MT_CALLER) const { return __all_sync(mask, p, file_, line_); }
  /// One bit for each member, by rank; of match_any for those with the same value.
  unsigned ballot(int p, MT_CALLER) const { return ranks_of(__ballot_sync(mask, p, file_, line_)); }
  template <class T>
  unsigned match_any(T value, MT_CALLER) const {
    return ranks_of(__match_any_sync(mask, value, file_, line_));
  }
  template <class T>
  unsigned match_all(T value, int& all_same, MT_CALLER) const {
    return ranks_of(__match_all_sync(mask, value, &all_same, file_, line_));
  }

 protected:
  unsigned rank_of(unsigned lane) const { return static_cast<unsigned>(__popc(mask & ((1u << lane) - 1))); }
  int lane_of(unsigned rank) const {
    unsigned rest = mask;
    for (; rank; --rank) rest &= rest - 1;
    return __ffs(static_cast<int>(rest)) - 1;
  }
  unsigned ranks_of(unsigned lanes) const {
    unsigned ranks = 0;
    for (unsigned rest = lanes; rest; rest &= rest - 1)
      ranks |= 1u << rank_of(static_cast<unsigned>(__ffs(static_cast<int>(rest)) - 1));
    return ranks;
  }
};

/// kSize consecutive lanes of a warp; meta_group_rank() is the tile's place in what was divided into tiles.
template <unsigned kSize, class Parent = void>
struct thread_block_tile : lane_group {
  static_assert(kSize <= 32 && (kSize & (kSize - 1)) == 0, "a tile is a power of two, here at most a warp");
  unsigned meta_rank, meta_size;

  thread_block_tile(unsigned rank, unsigned size)
      : lane_group{(kSize == 32 ? ~0u : (1u << (kSize % 32)) - 1)
                   << (minitorch::simt::lane_id() & ~(kSize - 1))},
        meta_rank(rank),
        meta_size(size) {}
  operator thread_block_tile<kSize, void>() const requires(!std::is_void_v<Parent>) {
    return {meta_rank, meta_size};
  }
  static constexpr unsigned num_threads() { return kSize; }
  static constexpr unsigned size() { return kSize; }
  unsigned meta_group_rank() const { return meta_rank; }
  unsigned meta_group_size() const { return meta_size; }
  template <class T>
  T shfl_xor(T value, unsigned bits, MT_CALLER) const {
    const unsigned rank = thread_rank() ^ bits;
    return minitorch::simt::shuffle(mask, value, lane_of(rank >= kSize ? thread_rank() : rank),
                                    {"shfl_xor()", file_, line_});
  }
};
template <unsigned kSize>
thread_block_tile<kSize, thread_block> tiled_partition(const thread_block& block) {
  return {block.thread_rank() / kSize, (block.num_threads() + kSize - 1) / kSize};
}
template <unsigned kSize, unsigned kParent, class Grandparent>
thread_block_tile<kSize, thread_block_tile<kParent, Grandparent> > tiled_partition(
    const thread_block_tile<kParent, Grandparent>& parent) {
  static_assert(kSize <= kParent, "a tile is no larger than what is divided");
  return {parent.thread_rank() / kSize, kParent / kSize};
}
inline thread_block_tile<1> this_thread() { return {0, 1}; }

/// Some lanes of a warp: those of a branch, or those that are alike in something.
struct coalesced_group : lane_group {
  unsigned meta_rank = 0, meta_size = 1;
  unsigned meta_group_rank() const { return meta_rank; }
  unsigned meta_group_size() const { return meta_size; }
  unsigned lanes_at(unsigned rank, unsigned count) const {  // the members from `rank` on
    unsigned lanes = 0;
    for (unsigned r = rank; r < rank + count && r < size(); ++r) lanes |= 1u << lane_of(r);
    return lanes;
  }
};
/// The lanes that come to this line together. CUDA promises no more than the calling one; here it is all that
/// do before they wait for others elsewhere, and in a random order of threads any part of those.
inline coalesced_group coalesced_threads(MT_CALLER) {
  return {{minitorch::simt::lanes_together({"coalesced_threads()", file_, line_})}};
}
inline coalesced_group tiled_partition(const coalesced_group& parent, unsigned size) {
  const unsigned rank = parent.thread_rank() / size;
  return {{parent.lanes_at(rank * size, size)}, rank, (parent.size() + size - 1) / size};
}

/// The members that give the same label; meta_group_rank() counts the groups by their first members.
template <class Label>
coalesced_group labeled_partition(const lane_group& group, Label label, MT_CALLER) {
  static_assert(std::is_integral_v<Label>, "a label is an integer");
  const unsigned mine = __match_any_sync(group.mask, label, file_, line_);
  const unsigned first = mine & (0u - mine);
  const unsigned leaders = __ballot_sync(group.mask, first == 1u << minitorch::simt::lane_id(), file_, line_);
  return {
      {mine}, static_cast<unsigned>(__popc(leaders & (first - 1))), static_cast<unsigned>(__popc(leaders))};
}
/// Two groups, where the predicate holds (rank 1) and where not (rank 0); one if it is the same for all.
inline coalesced_group binary_partition(const lane_group& group, bool p, MT_CALLER) {
  const unsigned holds = __ballot_sync(group.mask, p, file_, line_) & group.mask;
  if (holds == 0 || holds == group.mask) return {{group.mask}};
  return {{p ? holds : group.mask & ~holds}, p ? 1u : 0u, 2};
}

/// Any of the above, for functions that are told how many threads work together when they run.
struct thread_group {
  lane_group lanes{0};  // empty: the block
  thread_group(const thread_block&) {}
  thread_group(const lane_group& group) : lanes(group) {}
  unsigned long long thread_rank() const {
    return lanes.mask ? lanes.thread_rank() : thread_block::thread_rank();
  }
  unsigned long long num_threads() const { return lanes.mask ? lanes.size() : thread_block::size(); }
  unsigned long long size() const { return num_threads(); }
  void sync(MT_CALLER) const {
    if (lanes.mask) lanes.sync(file_, line_);
    else thread_block::sync(file_, line_);
  }
};
inline thread_group tiled_partition(const thread_group& parent, unsigned size) {
  const unsigned first = static_cast<unsigned>(parent.thread_rank()) / size * size % 32;
  const coalesced_group all{{parent.lanes.mask ? parent.lanes.mask : ~0u}};
  return lane_group{all.lanes_at(first, size)};
}
inline thread_group tiled_partition(const thread_block& parent, unsigned size) {
  return tiled_partition(thread_group(parent), size);
}

template <class Group>
void sync(const Group& group, MT_CALLER) {
  group.sync(file_, line_);
}
template <class Group>
auto thread_rank(const Group& group) {
  return group.thread_rank();
}
template <class Group>
auto group_size(const Group& group) {
  return group.num_threads();
}
/// One member calls the function.
template <class Group, class Function>
void invoke_one(const Group& group, Function function) {
  if (group.thread_rank() == 0) function();
}

}  // namespace cooperative_groups
}  // namespace simulated
   // NOLINTEND
#include "minitorch/simt/groups_copy.h"
#include "minitorch/simt/groups_reduce.h"
#endif
