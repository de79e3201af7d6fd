// SPDX-License-Identifier: MIT
// Joining one value of each thread of a warp or of a block. For .cu files only.
#pragma once
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

inline constexpr int kWarp = 32;
inline constexpr unsigned kAllLanes = 0xffffffffu;

/// What join makes of the values of all 32 lanes; every lane receives it. Five steps, each of which doubles
/// the distance.
template <class T, class Join>
__device__ __forceinline__ T join_warp(T value, Join join) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2)
    value = join(value, static_cast<T>(__shfl_xor_sync(kAllLanes, value, distance)));
  return value;
}

/// The same for the kThreads threads of a block: in each warp, then among the warps' results through
/// `shared`, which has room for one value of each warp. Every thread receives it, and `shared` may be used
/// again at once.
template <int kThreads, class T, class Join>
__device__ __forceinline__ T join_block(T value, T* shared, Join join) {
  value = join_warp(value, join);
  if (kThreads == kWarp) return value;
  if (threadIdx.x % kWarp == 0) shared[threadIdx.x / kWarp] = value;
  __syncthreads();
  value = shared[0];
  for (int w = 1; w < kThreads / kWarp; ++w) value = join(value, shared[w]);
  __syncthreads();
  return value;
}

}  // namespace minitorch::MT_DEVICE
