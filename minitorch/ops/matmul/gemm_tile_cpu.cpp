// SPDX-License-Identifier: MIT
// The one hot loop of every matrix product and most convolutions: a tile of C in registers, one stream of A,
// one stream of B, and nothing else in sight. A step of k is kTileVectors loads, kTileRows broadcasts and
// kTileRows * kTileVectors multiply-adds; with 12 or more of them independent, the latency of each is hidden.
#include <array>
#include <utility>

#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::gemm {
namespace {

using simd::kLanes, simd::Vec;

// What later steps will read is asked for this many steps ahead. Where a vector is a whole cache line the
// loop would else wait a tenth of its time for the second-level cache; where it is half of one, asking costs
// more.
constexpr int64_t kAhead = kLanes == 16 ? 8 : 0;

// Every loop over the accumulators is unrolled: one that is not would index them, and that puts them in
// memory.
#define MT_EACH_SUM(i, j)                                 \
  _Pragma("GCC unroll 16") for (int i = 0; i < Rows; ++i) \
      _Pragma("GCC unroll 4") for (int j = 0; j < Vectors; ++j)

// Biases, relu and the store. The conditions are asked once a tile, not once a vector.
template <int Rows, int Vectors, bool Whole>
MT_INLINE void finish_tile(Vec (&sum)[Rows][Vectors], const Tile& tile) {
  const Finish finish = tile.finish;
  const int64_t stride = tile.row_stride, last = tile.cols - (Vectors - 1) * kLanes;
  float* c[Vectors];
  for (int j = 0; j < Vectors; ++j) c[j] = tile.at[j];
  const auto load = [&](const float* p, int j) {
    return Whole || j + 1 < Vectors ? Vec::load(p) : Vec::load(p, last);
  };
  if (finish.accumulate) MT_EACH_SUM(i, j) sum[i][j] += load(c[j] + i * stride, j);
  if (finish.row_bias) MT_EACH_SUM(i, j) sum[i][j] += finish.row_bias[i];
  if (finish.col_bias) MT_EACH_SUM(i, j) sum[i][j] += load(finish.col_bias + j * kLanes, j);
  if (finish.relu) MT_EACH_SUM(i, j) sum[i][j] = max(sum[i][j], 0.f);
  MT_EACH_SUM(i, j) {
    if (Whole || j + 1 < Vectors) sum[i][j].store(c[j] + i * stride);
    else sum[i][j].store(c[j] + i * stride, last);
  }
}

template <int Rows, int Vectors>
void tile_kernel(const Operands& operands, const Tile& tile) {
  constexpr int kHalf =
      Rows > 8 ? Rows / 2 : Rows;  // a second pointer: 13 distances would fill the registers
  const int64_t a_row = operands.a_row, a_k = operands.a_k, b_k = operands.b_k;
  Vec sum[Rows][Vectors];
  MT_EACH_SUM(i, j) sum[i][j] = Vec(0.f);
  for (int64_t outer = 0; outer < operands.outer.count; ++outer)
    for (int64_t inner = 0; inner < operands.inner.count; ++inner) {
      const float* a = operands.a + outer * operands.outer.a + inner * operands.inner.a;
      const float* b = operands.b + outer * operands.outer.b + inner * operands.inner.b;
      const float* half = a + kHalf * a_row;
      for (int64_t k = operands.depth; k > 0; --k, a += a_k, half += a_k, b += b_k) {
        if (kAhead) __builtin_prefetch(a + 2 * kAhead * a_k);
        if (kAhead) __builtin_prefetch(b + kAhead * b_k + Vectors * kLanes - 1);
        Vec row[Vectors];
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; ++j) {
          row[j] = Vec::load(b + j * kLanes);
          if (kAhead) __builtin_prefetch(b + kAhead * b_k + j * kLanes);
        }
        MT_EACH_SUM(i, j) {
          const float x = i < kHalf ? a[i * a_row] : half[(i - kHalf) * a_row];
          sum[i][j] = multiply_add(x, row[j], sum[i][j]);
        }
      }
    }
  if (tile.cols == Vectors * kLanes) finish_tile<Rows, Vectors, true>(sum, tile);
  else finish_tile<Rows, Vectors, false>(sum, tile);
}

// One instantiation per height and number of vectors of a tile at the edge: no work is spent on rows that do
// not exist.
using Kernel = void (*)(const Operands&, const Tile&);
template <int Rows, int... Vectors>
constexpr std::array<Kernel, kTileVectors> kernels_of_height(std::integer_sequence<int, Vectors...>) {
  return {tile_kernel<Rows, Vectors + 1>...};
}
template <int... Rows>
constexpr std::array<std::array<Kernel, kTileVectors>, kTileRows> all_kernels(
    std::integer_sequence<int, Rows...>) {
  return {kernels_of_height<Rows + 1>(std::make_integer_sequence<int, kTileVectors>{})...};
}
constexpr auto kKernels = all_kernels(std::make_integer_sequence<int, kTileRows>{});

}  // namespace

void multiply_tile(int64_t rows, const Operands& operands, const Tile& tile) {
  kKernels[rows - 1][(tile.cols - 1) / kLanes](operands, tile);
}

}  // namespace minitorch::gemm
