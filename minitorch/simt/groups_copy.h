// SPDX-License-Identifier: MIT
// Simulator: copies by a whole group that go on in the background, as in cooperative_groups/memcpy_async.h.
#pragma once
#include "minitorch/simt/async_copy.h"
#include "minitorch/simt/groups.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
namespace cooperative_groups {

/// Begins to copy `bytes` from global to shared memory, shared out among the members. What is not made of
/// words of four bytes is copied at once, as on a GPU.
template <class Group>
__forceinline__ void memcpy_async(const Group& group, void* to, const void* from, std::size_t bytes) {
  const auto alignment = reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from) | bytes;
  const std::size_t step = alignment % 4 ? 1 : 4;
  for (std::size_t i = group.thread_rank() * step; i < bytes; i += group.size() * step) {
    char* const target = static_cast<char*>(to) + i;
    const char* const source = static_cast<const char*>(from) + i;
    if (step == 4) minitorch::MT_DEVICE::async_copy<4>(target, source);
    else *target = *source;
  }
  minitorch::MT_DEVICE::async_commit();
}
/// All but the newest kStages copies of the group have arrived, for all of its members.
template <unsigned kStages, class Group>
void wait_prior(const Group& group, MT_CALLER) {
  minitorch::MT_DEVICE::async_wait<static_cast<int>(kStages)>();
  group.sync(file_, line_);
}
template <class Group>
void wait(const Group& group, MT_CALLER) {
  wait_prior<0>(group, file_, line_);
}

}  // namespace cooperative_groups
}  // namespace simulated
   // NOLINTEND
