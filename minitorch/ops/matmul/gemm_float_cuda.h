// SPDX-License-Identifier: MIT
// The tile of products in true float32: no tensor core computes these. For .cu files only.
//
// Memory cannot feed the arithmetic units: a multiply-add per two loaded floats would run at a hundredth of
// what they can do. So each number is used again at every level:
//
//   - A block owns kRows x kCols of c. It goes along the depth in steps of kDepth: A's and B's parts of a
//     step come to shared memory, 4 kDepth (kRows + kCols) bytes for 2 kDepth kRows kCols operations: 32 a
//     byte for 128 x 128.
//   - A thread owns kThreadRows x kThreadCols of these in registers. For each k it reads a column and a row
//     of them from shared memory, four floats at a time, and does kThreadRows * kThreadCols multiply-adds:
//     4 for each float read for 8 x 8.
//   - There are two buffers: while one is computed with, the next step's copies are on their way (cp.async).
//
// The limit is then the multiply-add units: 2 rows cols deep operations / the GPU's float32 rate. The scheme
// is that of Volkov and Demmel (2008), with the layout of warps of NVIDIA's CUTLASS.
#pragma once
#include "minitorch/ops/matmul/gemm_cuda.h"
#include "minitorch/simt/async_copy.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::gemm {

/// kSpeed: what the tile reaches, in per cent of the largest: small tiles read more for each multiply-add.
template <int kRows_, int kCols_, int kThreadRows_, int kThreadCols_, int kSpeed_>
struct FloatTile {
  static constexpr int kSpeed = kSpeed_;
  static constexpr int kRows = kRows_, kCols = kCols_, kDepth = 16;
  static constexpr int kThreadRows = kThreadRows_, kThreadCols = kThreadCols_;  // multiples of 4
  static constexpr int kThreads = kRows / kThreadRows * (kCols / kThreadCols);
};

// Brings an operand's kRows rows of one step to shared memory, as tile[k][row]: what a thread reads there
// together must lie together.
//
// kDeep says that neighbours in global memory lie along the depth, or else along the rows; neighbouring
// threads copy neighbours, so that a warp's copies fall into few sectors of 32 bytes.
template <class Operand, int kRows, int kDepth, int kThreads, bool kDeep>
struct FloatLoader {
  static constexpr int kPitch = kRows + 4;  // 8 rows of k then begin in 8 different groups of 4 banks
  static constexpr int kLanes = kDeep ? 8 : kRows;
  static constexpr int kOthers = kThreads / kLanes;  // threads across
  static_assert(kThreads % kLanes == 0 && (kDeep ? kRows : kDepth) % kOthers == 0);

  Operand operand;
  int first_row;

  __device__ void load(float* tile, int k) const {
    if constexpr (kDeep) along_depth(tile, k);
    else if constexpr (requires { operand.vectors; })
      operand.vectors ? vectors(tile, k) : along_rows(tile, k);
    else along_rows(tile, k);
  }

 private:
  // Eight threads copy eight elements of a row.
  __device__ void along_depth(float* tile, int k) const {
    const int lane = threadIdx.x % kLanes, other = threadIdx.x / kLanes;
#pragma unroll
    for (int kk = 0; kk < kDepth; kk += kLanes) {
      const auto depth = operand.depth(k + kk + lane);
#pragma unroll
      for (int r = 0; r < kRows; r += kOthers)
        copy(&tile[(kk + lane) * kPitch + r + other], operand.row(first_row + r + other), depth);
    }
  }
  // A thread copies one row's element of some depths.
  __device__ void along_rows(float* tile, int k) const {
    const int lane = threadIdx.x % kLanes, other = threadIdx.x / kLanes;
    const auto row = operand.row(first_row + lane);
#pragma unroll
    for (int kk = 0; kk < kDepth; kk += kOthers)
      copy(&tile[(kk + other) * kPitch + lane], row, operand.depth(k + kk + other));
  }
  // The same, four rows at a time.
  __device__ void vectors(float* tile, int k) const {
    constexpr int kVectors = kRows / 4, kTogether = kThreads / kVectors;
    const int lane = threadIdx.x % kVectors * 4, other = threadIdx.x / kVectors;
    const auto row = operand.row(first_row + lane);
#pragma unroll
    for (int kk = 0; kk < kDepth; kk += kTogether) {
      bool inside;
      const float* from = operand.at(row, operand.depth(k + kk + other), inside);
      async_copy_or_zero<16>(&tile[(kk + other) * kPitch + lane], from, inside);
    }
  }
  template <class Row, class Depth>
  __device__ void copy(float* to, Row row, Depth depth) const {
    bool inside;
    const float* from = operand.at(row, depth, inside);
    async_copy_or_zero<4>(to, from, inside);
  }
};

// Rows (or columns) of the tile that a thread owns: groups of four, the groups of all threads side by side,
// so that the threads of a warp read shared memory without a gap.
template <int kSize, int kOwn>
__device__ __forceinline__ int owned(int thread, int n) {
  return n / 4 * (kSize / (kOwn / 4)) + thread * 4 + n % 4;
}

template <int kSize, int kOwn>
__device__ __forceinline__ void read_owned(const float* from, int thread, float* to) {
#pragma unroll
  for (int n = 0; n < kOwn; n += 4) {
    const float4 v = *reinterpret_cast<const float4*>(&from[owned<kSize, kOwn>(thread, n)]);
    to[n] = v.x, to[n + 1] = v.y, to[n + 2] = v.z, to[n + 3] = v.w;
  }
}

// sums += A's tile times B's tile, over the kDepth depths that lie in shared memory.
template <class Tile>
__device__ __forceinline__ void multiply_step(const float* a, const float* b, int down, int across,
                                              float (&sums)[Tile::kThreadRows][Tile::kThreadCols]) {
#pragma unroll
  for (int k = 0; k < Tile::kDepth; ++k) {
    float left[Tile::kThreadRows], right[Tile::kThreadCols];
    read_owned<Tile::kRows, Tile::kThreadRows>(a + k * (Tile::kRows + 4), down, left);
    read_owned<Tile::kCols, Tile::kThreadCols>(b + k * (Tile::kCols + 4), across, right);
#pragma unroll
    for (int i = 0; i < Tile::kThreadRows; ++i)
#pragma unroll
      for (int j = 0; j < Tile::kThreadCols; ++j) sums[i][j] += left[i] * right[j];
  }
}

template <class Tile, class Result>
__device__ __forceinline__ void store_sums(const Result& c, const Plan& plan, const Finish& finish, int i0,
                                           int j0, int down, int across,
                                           const float (&sums)[Tile::kThreadRows][Tile::kThreadCols]) {
#pragma unroll
  for (int i = 0; i < Tile::kThreadRows; ++i) {
    const int row = i0 + owned<Tile::kRows, Tile::kThreadRows>(down, i);
    if (row >= plan.rows) continue;
#pragma unroll
    for (int j = 0; j < Tile::kThreadCols; j += 4) {
      const int col = j0 + owned<Tile::kCols, Tile::kThreadCols>(across, j);
      if (c.vectors && col + 4 <= plan.cols) {
        float* to = c.at(row, col);
        float4 v;
        v.x = finish(sums[i][j], row, col, to);
        v.y = finish(sums[i][j + 1], row, col + 1, to + 1);
        v.z = finish(sums[i][j + 2], row, col + 2, to + 2);
        v.w = finish(sums[i][j + 3], row, col + 3, to + 3);
        *reinterpret_cast<float4*>(to) = v;
      } else {
#pragma unroll
        for (int q = 0; q < 4; ++q) {
          if (col + q >= plan.cols) continue;
          float* to = c.at(row, col + q);
          *to = finish(sums[i][j + q], row, col + q, to);
        }
      }
    }
  }
}

// c = finish(a b) by tiles. `problem` gives the operands and the result of each member of the batch; with
// more than one split the sums go to `parts`. A block owns a tile, see the top of this file.
template <class Tile, class Problem, bool kADeep, bool kBDeep>
__global__ void __launch_bounds__(Tile::kThreads)
    multiply_floats(Problem problem, Plan plan, Finish finish, float* parts) {
  __shared__ __align__(16) float a_tile[2][Tile::kDepth * (Tile::kRows + 4)];
  __shared__ __align__(16) float b_tile[2][Tile::kDepth * (Tile::kCols + 4)];
  const Place place = place_of_block(plan);
  const int i0 = place.i * Tile::kRows, j0 = place.j * Tile::kCols;
  const auto a = problem.a(place.batch);
  const auto b = problem.b(place.batch);
  const FloatLoader<decltype(a), Tile::kRows, Tile::kDepth, Tile::kThreads, kADeep> load_a{a, i0};
  const FloatLoader<decltype(b), Tile::kCols, Tile::kDepth, Tile::kThreads, kBDeep> load_b{b, j0};
  // A warp's threads are 4 down and 8 across: 12 vectors read for 32 threads.
  constexpr int kWarpsAcross = Tile::kCols / Tile::kThreadCols / 8;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, down = warp / kWarpsAcross * 4 + lane / 8,
            across = warp % kWarpsAcross * 8 + lane % 8;
  float sums[Tile::kThreadRows][Tile::kThreadCols] = {};

  int now = 0;
  if (place.k_begin < place.k_end) {
    load_a.load(a_tile[0], place.k_begin);
    load_b.load(b_tile[0], place.k_begin);
  }
  async_commit();
  for (int k = place.k_begin; k < place.k_end; k += Tile::kDepth, now ^= 1) {
    async_wait<0>();
    __syncthreads();  // this step has arrived for all, and all are done with the buffer of the step before
    if (k + Tile::kDepth < place.k_end) {
      load_a.load(a_tile[now ^ 1], k + Tile::kDepth);
      load_b.load(b_tile[now ^ 1], k + Tile::kDepth);
    }
    async_commit();
    multiply_step<Tile>(a_tile[now], b_tile[now], down, across, sums);
  }
  if (plan.splits > 1)
    store_sums<Tile>(part_of(parts, plan, place), plan, Finish{}, i0, j0, down, across, sums);
  else
    store_sums<Tile>(problem.result(place.batch), plan, finish.of(place.batch), i0, j0, down, across, sums);
}

}  // namespace minitorch::MT_DEVICE::gemm
