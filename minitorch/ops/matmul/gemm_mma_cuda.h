// SPDX-License-Identifier: MIT
// The tile of products on tensor cores: float16 or bfloat16 operands, or float32 rounded to TF32, with sums
// in float32. For .cu files only.
//
//   - A block owns kRows x kCols of c and goes along the depth in steps of 64 bytes (32 numbers of 16 bits,
//     16 of TF32). kStages steps lie in shared memory at once: one is computed with, the others are on
//     their way.
//   - A warp owns kWarpRows x kWarpCols of these, in registers, as blocks of 16 x 8. An instruction
//     multiplies 16 x 16 by 16 x 8 numbers; the fragments of a step are read from shared memory once a warp
//     (ldmatrix) and each used kWarpCols / 8 or kWarpRows / 16 times.
//   - An operand lies in shared memory as it does in global memory, along the depth or along the rows, so
//     that it is copied 16 bytes at a time; ldmatrix transposes what lies the other way. Rows are 16 bytes
//     longer than needed: the eight rows that ldmatrix reads together then begin in eight different groups
//     of banks.
//
// 2 kRows kCols operations a number of depth for 2 (kRows + kCols) bytes: 64 operations a byte for 128 x 128,
// which the L2 cache can deliver; the limit is then the tensor cores' rate.
#pragma once
#include "minitorch/ops/matmul/gemm_cuda.h"
#include "minitorch/simt/async_copy.h"
#include "minitorch/simt/cuda.h"
#include "minitorch/simt/mma.h"

namespace minitorch::MT_DEVICE::gemm {

template <class T_, int kRows_, int kCols_, int kWarpRows_, int kWarpCols_, int kStages_>
struct MmaTile {
  using T = T_;
  static constexpr int kRows = kRows_, kCols = kCols_, kWarpRows = kWarpRows_, kWarpCols = kWarpCols_;
  static constexpr int kStages = kStages_, kDepth = 64 / sizeof(T);
  static constexpr int kWarpsAcross = kCols / kWarpCols, kThreads = 32 * kWarpsAcross * (kRows / kWarpRows);
  static constexpr int kMmaDepth = 32 / sizeof(T);  // of one instruction
};

// An operand's part in shared memory: kRows x kDepth, along the depth (kDeep) or along the rows.
template <class T, int kRows, int kDepth, bool kDeep>
struct MmaPart {
  static constexpr int kVector = 16 / sizeof(T);
  // TF32 along the rows is read number by number, four depths at a time: 8 banks apart, not 4.
  static constexpr int kGap = !kDeep && sizeof(T) == 4 ? 8 : kVector;
  static constexpr int kPitch = (kDeep ? kDepth : kRows) + kGap;
  static constexpr int kSize = kPitch * (kDeep ? kRows : kDepth);
  __device__ static int at(int row, int k) { return kDeep ? row * kPitch + k : k * kPitch + row; }
};

// Copies the part of one step. Vectors that reach over the edge, and operands that cannot be read in vectors,
// go one number at a time.
template <class Operand, class T, int kRows, int kDepth, int kThreads, bool kDeep>
__device__ __forceinline__ void load_part(const Operand& operand, int first_row, int k0, T* part) {
  using Part = MmaPart<T, kRows, kDepth, kDeep>;
  constexpr int kVector = Part::kVector, kInLine = (kDeep ? kDepth : kRows) / kVector,
                kCount = kRows * kDepth / kVector / kThreads;
  static_assert(kRows * kDepth % (kVector * kThreads) == 0);
#pragma unroll
  for (int n = 0; n < kCount; ++n) {
    const int item = static_cast<int>(threadIdx.x) + n * kThreads, along = item % kInLine * kVector,
              across = item / kInLine;
    const int row = kDeep ? across : along, k = kDeep ? along : across;
    T* to = &part[Part::at(row, k)];
    bool inside;
    if (operand.vectors) {
      const T* from = operand.at(operand.row(first_row + row), operand.depth(k0 + k), inside);
      async_copy_or_zero<16>(to, from, inside);
    } else {
      for (int e = 0; e < kVector; ++e) {
        const T* from = operand.at(operand.row(first_row + row + (kDeep ? 0 : e)),
                                   operand.depth(k0 + k + (kDeep ? e : 0)), inside);
        to[e] = inside ? *from : T{};
      }
    }
  }
}

// --- fragments of 16-bit numbers: see simt/mma.h for which lane holds what ---

// Rows row ... row + 15, depths k ... k + 15 of A.
template <class Part, bool kDeep, class T>
__device__ __forceinline__ void read_a(const T* part, int row, int k, int lane, uint32_t (&a)[4]) {
  if constexpr (sizeof(T) == 2) {
    if constexpr (kDeep) load_matrices<false>(a, &part[Part::at(row + lane % 16, k + lane / 16 * 8)]);
    else load_matrices<true>(a, &part[Part::at(row + lane / 8 % 2 * 8, k + lane % 8 + lane / 16 * 8)]);
  } else {  // 16 rows, 8 depths of TF32
    const int g = lane / 4, t = lane % 4;
#pragma unroll
    for (int r = 0; r < 4; ++r) a[r] = to_tf32(part[Part::at(row + g + r % 2 * 8, k + t + r / 2 * 4)]);
  }
}

// Columns col ... col + 15, the same depths, of B: two fragments.
template <class Part, bool kDeep, class T>
__device__ __forceinline__ void read_b(const T* part, int col, int k, int lane, uint32_t (&b)[2][2]) {
  if constexpr (sizeof(T) == 2) {
    uint32_t r[4];
    if constexpr (kDeep)
      load_matrices<false>(r, &part[Part::at(col + lane % 8 + lane / 16 * 8, k + lane / 8 % 2 * 8)]);
    else load_matrices<true>(r, &part[Part::at(col + lane / 16 * 8, k + lane % 16)]);
    b[0][0] = r[0], b[0][1] = r[1], b[1][0] = r[2], b[1][1] = r[3];
  } else {
    const int g = lane / 4, t = lane % 4;
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int r = 0; r < 2; ++r) b[n][r] = to_tf32(part[Part::at(col + n * 8 + g, k + t + r * 4)]);
  }
}

// sums += the warp's part of A times its part of B, over one step.
template <class Tile, bool kADeep, bool kBDeep>
__device__ __forceinline__ void multiply_step(const typename Tile::T* a_part, const typename Tile::T* b_part,
                                              int row0, int col0, int lane,
                                              float (&sums)[Tile::kWarpRows / 16][Tile::kWarpCols / 8][4]) {
  using T = typename Tile::T;
  using PartA = MmaPart<T, Tile::kRows, Tile::kDepth, kADeep>;
  using PartB = MmaPart<T, Tile::kCols, Tile::kDepth, kBDeep>;
#pragma unroll
  for (int k = 0; k < Tile::kDepth; k += Tile::kMmaDepth) {
    uint32_t a[Tile::kWarpRows / 16][4], b[Tile::kWarpCols / 16][2][2];
#pragma unroll
    for (int i = 0; i < Tile::kWarpRows / 16; ++i)
      read_a<PartA, kADeep>(a_part, row0 + i * 16, k, lane, a[i]);
#pragma unroll
    for (int j = 0; j < Tile::kWarpCols / 16; ++j)
      read_b<PartB, kBDeep>(b_part, col0 + j * 16, k, lane, b[j]);
#pragma unroll
    for (int i = 0; i < Tile::kWarpRows / 16; ++i)
#pragma unroll
      for (int j = 0; j < Tile::kWarpCols / 8; ++j) multiply_add(sums[i][j], a[i], b[j / 2][j % 2], T{});
  }
}

// A lane owns pairs of neighbouring columns.
template <class Tile, class Result>
__device__ __forceinline__ void store_sums(
    const Result& c, const Plan& plan, const Finish& finish, int row0, int col0, int lane,
    const float (&sums)[Tile::kWarpRows / 16][Tile::kWarpCols / 8][4]) {
#pragma unroll
  for (int i = 0; i < Tile::kWarpRows / 16; ++i)
#pragma unroll
    for (int j = 0; j < Tile::kWarpCols / 8; ++j)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = row0 + i * 16 + lane / 4 + half * 8, col = col0 + j * 8 + lane % 4 * 2;
        if (row >= plan.rows || col >= plan.cols) continue;
        auto* to = c.at(row, col);
        const float first = finish(sums[i][j][half * 2], row, col, to);
        if (col + 1 < plan.cols) {
          auto* next = c.at(row, col + 1);
          const float second = finish(sums[i][j][half * 2 + 1], row, col + 1, next);
          if (c.vectors) {
            put_pair(to, first, second);
            continue;
          }
          put(next, second);
        }
        put(to, first);
      }
}

// Bytes of dynamic shared memory that a tile needs.
template <class Tile, bool kADeep, bool kBDeep>
constexpr std::size_t mma_shared_bytes() {
  using T = typename Tile::T;
  return Tile::kStages * sizeof(T) *
         (MmaPart<T, Tile::kRows, Tile::kDepth, kADeep>::kSize +
          MmaPart<T, Tile::kCols, Tile::kDepth, kBDeep>::kSize);
}

// c = finish(a b) by tiles, as multiply_floats.
template <class Tile, class Problem, bool kADeep, bool kBDeep>
__global__ void __launch_bounds__(Tile::kThreads)
    multiply_mma(Problem problem, Plan plan, Finish finish, float* parts) {
  using T = typename Tile::T;
  constexpr int kSizeA = MmaPart<T, Tile::kRows, Tile::kDepth, kADeep>::kSize,
                kSizeB = MmaPart<T, Tile::kCols, Tile::kDepth, kBDeep>::kSize;
  T* const a_parts = dynamic_shared<T>();
  T* const b_parts = a_parts + Tile::kStages * kSizeA;
  const Place place = place_of_block(plan);
  const int i0 = place.i * Tile::kRows, j0 = place.j * Tile::kCols;
  const auto a = problem.a(place.batch);
  const auto b = problem.b(place.batch);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32,
            row0 = warp / Tile::kWarpsAcross * Tile::kWarpRows,
            col0 = warp % Tile::kWarpsAcross * Tile::kWarpCols;
  float sums[Tile::kWarpRows / 16][Tile::kWarpCols / 8][4] = {};

  const int steps = (place.k_end - place.k_begin + Tile::kDepth - 1) / Tile::kDepth;
  const auto load_step = [&](int step) {
    if (step < steps) {
      const int k = place.k_begin + step * Tile::kDepth, stage = step % Tile::kStages;
      load_part<decltype(a), T, Tile::kRows, Tile::kDepth, Tile::kThreads, kADeep>(a, i0, k,
                                                                                   a_parts + stage * kSizeA);
      load_part<decltype(b), T, Tile::kCols, Tile::kDepth, Tile::kThreads, kBDeep>(b, j0, k,
                                                                                   b_parts + stage * kSizeB);
    }
    async_commit();  // an empty group too: the wait below counts groups
  };
  for (int step = 0; step < Tile::kStages - 1; ++step) load_step(step);
  for (int step = 0; step < steps; ++step) {
    async_wait<Tile::kStages - 2>();
    __syncthreads();  // this step has arrived for all, and all are done with the buffer that is filled next
    load_step(step + Tile::kStages - 1);
    const int stage = step % Tile::kStages;
    multiply_step<Tile, kADeep, kBDeep>(a_parts + stage * kSizeA, b_parts + stage * kSizeB, row0, col0, lane,
                                        sums);
  }
  if (plan.splits > 1)
    store_sums<Tile>(part_of(parts, plan, place), plan, Finish{}, i0 + row0, j0 + col0, lane, sums);
  else
    store_sums<Tile>(problem.result(place.batch), plan, finish.of(place.batch), i0 + row0, j0 + col0, lane,
                     sums);
}

}  // namespace minitorch::MT_DEVICE::gemm
