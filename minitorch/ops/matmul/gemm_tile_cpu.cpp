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

// Every loop over the accumulators is unrolled: one that is not would index them, and that puts them in memory.
template <int Rows, int Vectors>
void tile_kernel(int64_t depth, const float* __restrict a, const float* __restrict b, const Tile& tile) {
  Vec sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) sum[i][j] = Vec(0.f);
  for (int64_t k = 0; k < depth; ++k, a += kTileRows, b += kTileCols) {
    Vec row[Vectors];
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) row[j] = Vec::load(b + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) sum[i][j] = multiply_add(a[i], row[j], sum[i][j]);
  }
  const Finish& finish = tile.finish;
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      const int64_t n = std::min<int64_t>(kLanes, tile.cols - j * kLanes);
      float* c = tile.at[j] + i * tile.row_stride;
      if (finish.accumulate) sum[i][j] += n == kLanes ? Vec::load(c) : Vec::load(c, n);
      if (finish.row_bias) sum[i][j] += finish.row_bias[i];
      if (finish.col_bias) sum[i][j] += Vec::load(finish.col_bias + j * kLanes, n);
      if (finish.relu) sum[i][j] = max(sum[i][j], 0.f);
      n == kLanes ? sum[i][j].store(c) : sum[i][j].store(c, n);
    }
}

// One instantiation per height and number of vectors of a tile at the edge: no work is spent on rows that do not exist.
using Kernel = void (*)(int64_t, const float*, const float*, const Tile&);
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

void multiply_tile(int64_t rows, int64_t depth, const float* a, const float* b, const Tile& tile) {
  kKernels[rows - 1][(tile.cols - 1) / kLanes](depth, a, b, tile);
}

}  // namespace minitorch::gemm
