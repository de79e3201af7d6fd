// SPDX-License-Identifier: MIT
// Tiles of dot products in registers, and what threads share of them.
#include "minitorch/ops/matmul/dots.h"

#include <array>

namespace minitorch::gemm {
namespace {

using simd::kLanes, simd::Vec;

// Sums in registers: rows of A times columns of B, beside a vector of each of the rows and one of B.
constexpr int kDotRows = kTileRows * kTileVectors > 16 ? 4 : 2, kDotCols = 4;
using Sums = std::array<float, kDotRows * kDotCols>;

// Rows x Cols dot products, row by row. Each is added up in the same order in a tile of any size, so that it
// does not depend on how threads share C.
template <int Rows, int Cols>
void dot_tile(int64_t depth, const float* a, int64_t a_row, const float* b, int64_t b_col, Sums& sums) {
  Vec sum[Rows * Cols];
#pragma GCC unroll 16
  for (Vec& s : sum) s = 0.f;
  const auto step = [&](auto load, int64_t k) {
    Vec from_a[Rows];
#pragma GCC unroll 4
    for (int i = 0; i < Rows; ++i) from_a[i] = load(a + i * a_row + k);
#pragma GCC unroll 4
    for (int j = 0; j < Cols; ++j) {
      const Vec from_b = load(b + j * b_col + k);
#pragma GCC unroll 4
      for (int i = 0; i < Rows; ++i) sum[i * Cols + j] = multiply_add(from_a[i], from_b, sum[i * Cols + j]);
    }
  };
  int64_t k = 0;
  for (; k + kLanes <= depth; k += kLanes) step([](const float* p) { return Vec::load(p); }, k);
  if (const int64_t n = depth - k; n > 0) step([n](const float* p) { return Vec::load(p, n); }, k);
  simd::sum_lanes(sum, sums.data());
}

using Kernel = void (*)(int64_t, const float*, int64_t, const float*, int64_t, Sums&);
template <int... Tile>
constexpr std::array<Kernel, sizeof...(Tile)> all_kernels(std::integer_sequence<int, Tile...>) {
  return {dot_tile<Tile / kDotCols + 1, Tile % kDotCols + 1>...};
}
constexpr auto kKernels = all_kernels(std::make_integer_sequence<int, kDotRows * kDotCols>{});

void multiply_part(int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t depth, Matrix a, Matrix b,
                   float* c, int64_t c_row, int64_t c_col, const Finish& finish) {
  for (int64_t j = j0; j < j1; j += kDotCols)
    for (int64_t i = i0; i < i1; i += kDotRows) {
      const int64_t rows = std::min<int64_t>(kDotRows, i1 - i), cols = std::min<int64_t>(kDotCols, j1 - j);
      Sums sums;
      kKernels[(rows - 1) * kDotCols + cols - 1](depth, a.at(i, 0), a.row, b.at(0, j), b.col, sums);
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t q = 0; q < cols; ++q)
          store_finished(sums[r * cols + q], finish, i + r, j + q, c[(i + r) * c_row + (j + q) * c_col]);
    }
}

}  // namespace

void multiply_by_dots(int64_t rows, int64_t cols, int64_t depth, Matrix a, Matrix b, float* c, int64_t c_row,
                      int64_t c_col, const Finish& finish) {
  constexpr int64_t kWorthAThread = 100'000;  // multiply-adds: they read more than those of a tile
  if (cols >= rows)
    parallel_for(cols, 1 + kWorthAThread / (rows * depth + 1), [&](int64_t begin, int64_t end) {
      multiply_part(0, rows, begin, end, depth, a, b, c, c_row, c_col, finish);
    });
  else
    parallel_for(rows, 1 + kWorthAThread / (cols * depth + 1), [&](int64_t begin, int64_t end) {
      multiply_part(begin, end, 0, cols, depth, a, b, c, c_row, c_col, finish);
    });
}

}  // namespace minitorch::gemm
