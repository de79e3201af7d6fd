// SPDX-License-Identifier: MIT
// What the kernels of attention share. For .cu files only.
//
// 256 threads stand in 16 rows of 16. Scores of a tile of queries and a tile of keys are held in registers:
// thread (ty, tx) has those of neighbouring queries and neighbouring keys. Operands lie in shared memory by
// depth, tile[e][row], so that a thread reads its rows as a vector.
#pragma once
#include "minitorch/ops/attention/attention_kernels.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::attention {

inline constexpr int kThreads = 256, kKeys = 32;

// tile[e][row] = from[first + row][e] for `rows` rows, zeros beyond the edges. Eight threads read neighbours
// of a row, and the 32 of a warp write to 32 different banks.
template <int kDepth, int kRows>
__device__ __forceinline__ void load_by_depth(float* tile, const float* from, int first, int rows,
                                              int depth) {
  constexpr int kPitch = kRows + 4;
  const int lane = static_cast<int>(threadIdx.x) % 8, other = static_cast<int>(threadIdx.x) / 8;
  for (int row = other; row < kRows; row += kThreads / 8)
    for (int e = lane; e < kDepth; e += 8)
      tile[e * kPitch + row] =
          first + row < rows && e < depth ? from[static_cast<int64_t>(first + row) * depth + e] : 0.f;
}

// scores[i][j] = sum over e of a[e][row0 + i] b[e][col0 + j].
template <int kDepth, int kRowsA, int kRowsB, int kOwnA, int kOwnB>
__device__ __forceinline__ void multiply_tiles(const float* a, const float* b, int row0, int col0,
                                               float (&scores)[kOwnA][kOwnB]) {
#pragma unroll
  for (int i = 0; i < kOwnA; ++i)
#pragma unroll
    for (int j = 0; j < kOwnB; ++j) scores[i][j] = 0;
#pragma unroll 8
  for (int e = 0; e < kDepth; ++e) {
    float left[kOwnA], right[kOwnB];
#pragma unroll
    for (int i = 0; i < kOwnA; ++i) left[i] = a[e * (kRowsA + 4) + row0 + i];
#pragma unroll
    for (int j = 0; j < kOwnB; ++j) right[j] = b[e * (kRowsB + 4) + col0 + j];
#pragma unroll
    for (int i = 0; i < kOwnA; ++i)
#pragma unroll
      for (int j = 0; j < kOwnB; ++j) scores[i][j] += left[i] * right[j];
  }
}

/// Whether query i may see key j.
__device__ __forceinline__ bool sees(const AttentionShape& s, int i, int j) {
  return i < s.queries && j < s.keys && (!s.causal || j <= i);
}

// The largest, or the sum, over the 16 threads of a row.
__device__ __forceinline__ float row_max(float x) {
  for (int step = 8; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}
__device__ __forceinline__ float row_sum(float x) {
  for (int step = 8; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}

/// The smallest of 32, 64 and 128 that holds both; 0 if none does.
inline int rounded_depth(int depth, int width) {
  const int larger = depth > width ? depth : width;
  return larger <= 32 ? 32 : larger <= 64 ? 64 : larger <= 128 ? 128 : 0;
}

/// Bytes of shared memory.
constexpr std::size_t forward_bytes(int depth) {
  return sizeof(float) * static_cast<std::size_t>(depth * 68 + depth * 36 + 32 * (depth + 4) + 32 * 68);
}
constexpr std::size_t backward_bytes(int depth) {
  return sizeof(float) * static_cast<std::size_t>(4 * depth * 36 + 2 * 32 * 36);
}

}  // namespace minitorch::MT_DEVICE::attention
