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
// of a row, and with a pitch of 4 more than 32 or 64 the 32 of a warp write to 32 different banks.
template <int kDepth, int kRows, int kPitch>
__device__ __forceinline__ void load_by_depth(float* tile, const float* from, int first, int rows,
                                              int depth) {
  const int lane = static_cast<int>(threadIdx.x) % 8, other = static_cast<int>(threadIdx.x) / 8;
  for (int row = other; row < kRows; row += kThreads / 8)
    for (int e = lane; e < kDepth; e += 8)
      tile[e * kPitch + row] =
          first + row < rows && e < depth ? from[static_cast<int64_t>(first + row) * depth + e] : 0.f;
}

// scores[i][j] = sum over e of a[e][row0 + i] b[e][col0 + j].
template <int kDepth, int kPitchA, int kPitchB, int kOwnA, int kOwnB>
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
    for (int i = 0; i < kOwnA; ++i) left[i] = a[e * kPitchA + row0 + i];
#pragma unroll
    for (int j = 0; j < kOwnB; ++j) right[j] = b[e * kPitchB + col0 + j];
#pragma unroll
    for (int i = 0; i < kOwnA; ++i)
#pragma unroll
      for (int j = 0; j < kOwnB; ++j) scores[i][j] += left[i] * right[j];
  }
}

/// The score of query i and key j, whose product is given; -infinity where i does not see j. `mask0` is
/// s.mask.start(head).
__device__ __forceinline__ float score(const AttentionShape& s, int64_t mask0, int i, int j, float product) {
  if (i >= s.queries || j >= s.keys || (s.causal && j > i)) return -INFINITY;
  const float scaled = product * s.scale;
  const int64_t at = mask0 + i * s.mask.query_stride + j * s.mask.key_stride;
  if (s.mask.seen) return s.mask.seen[at] ? scaled : -INFINITY;
  return s.mask.added ? scaled + s.mask.added[at] : scaled;
}

/// What dropout multiplies the weights of query i with keys j and j + 1 by: the numbers that it draws for the
/// items of a tensor (B, L, S). One block of the generator serves both, mostly.
__device__ __forceinline__ void dropout_factors(const AttentionShape& s, int64_t head, int i, int j,
                                                float (&factor)[2]) {
  const uint64_t key = s.dropout.key_now(), at = static_cast<uint64_t>((head * s.queries + i) * s.keys + j);
  const Philox4 w = philox_block(key, at / 4);
  const bool second = at % 4 >= 2, odd = at % 2;  // choices, as registers cannot be indexed
  const uint32_t even_word = second ? w.word[2] : w.word[0], odd_word = second ? w.word[3] : w.word[1];
  factor[0] = s.dropout.factor(odd ? odd_word : even_word);
  if (!odd) factor[1] = s.dropout.factor(odd_word);
  else factor[1] = s.dropout.factor(second ? philox_block(key, at / 4 + 1).word[0] : w.word[2]);
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
  return sizeof(float) * static_cast<std::size_t>(depth * 68 + depth * 36 + 32 * depth + 32 * 68);
}
constexpr std::size_t backward_bytes(int depth) {
  return sizeof(float) * static_cast<std::size_t>(4 * depth * 34 + 2 * 32 * 34);
}

}  // namespace minitorch::MT_DEVICE::attention
