// SPDX-License-Identifier: MIT
// Copies from global to shared memory that go on while the thread computes: cp.async on GPUs of sm_80 and up,
// ordinary loads and stores on older ones. In the simulator a copy is made at the wait, so that a missing
// wait shows.
//
//     async_copy<16>(&tile[stage][i], &a[i]);   // 4, 8 or 16 bytes, both addresses aligned to as many
//     async_commit();                           // closes the group of copies begun since the last commit
//     async_wait<1>();                          // all groups of this thread but the newest 1 have arrived
//     __syncthreads();                          // ... and those of the other threads
#pragma once
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

#if defined(__CUDACC__)
/// Begins to copy kBytes; the copy is part of the group that the next async_commit() closes.
template <int kBytes>
__device__ __forceinline__ void async_copy(void* shared, const void* global) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
#if MT_ARCH_AT_LEAST(800)
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  if constexpr (kBytes == 16)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(global) : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(to), "l"(global), "n"(kBytes) : "memory");
#else
  if constexpr (kBytes == 16) *static_cast<float4*>(shared) = *static_cast<const float4*>(global);
  if constexpr (kBytes == 8) *static_cast<float2*>(shared) = *static_cast<const float2*>(global);
  if constexpr (kBytes == 4) *static_cast<float*>(shared) = *static_cast<const float*>(global);
#endif
}

/// As async_copy if `wanted`, else fills with zeros: for tiles that reach over the edge. `global` must be a
/// valid address in both cases.
template <int kBytes>
__device__ __forceinline__ void async_copy_or_zero(void* shared, const void* global, bool wanted) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
#if MT_ARCH_AT_LEAST(800)
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const int bytes = wanted ? kBytes : 0;  // the rest is filled with zeros
  if constexpr (kBytes == 16)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes)
                 : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(global), "n"(kBytes),
                 "r"(bytes)
                 : "memory");
#else
  if (wanted) return async_copy<kBytes>(shared, global);
  for (int i = 0; i < kBytes / 4; ++i) static_cast<float*>(shared)[i] = 0.0f;
#endif
}

/// Closes a group of copies.
__device__ __forceinline__ void async_commit() {
#if MT_ARCH_AT_LEAST(800)
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most the newest kGroups groups of this thread are still on the way.
template <int kGroups>
__device__ __forceinline__ void async_wait() {
#if MT_ARCH_AT_LEAST(800)
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroups) : "memory");
#endif
}
#else

template <int kBytes>
__forceinline__ void async_copy_or_zero(void* shared, const void* global, bool wanted) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
  simt::async_copy_begin(shared, wanted ? global : nullptr, kBytes);  // alignment, too, is checked there
}
template <int kBytes>
__forceinline__ void async_copy(void* shared, const void* global) {
  async_copy_or_zero<kBytes>(shared, global, true);
}
__forceinline__ void async_commit() { simt::async_copy_commit(); }
template <int kGroups>
__forceinline__ void async_wait() {
  simt::async_copy_wait(kGroups);
}
#endif

}  // namespace minitorch::MT_DEVICE
