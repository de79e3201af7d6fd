// SPDX-License-Identifier: MIT
#include "minitorch/ops/matmul/matvec.h"

namespace minitorch::gemm {
namespace {

using simd::kLanes, simd::Vec;

// Rows contiguous: Rows of them at a time are scaled and added to the sums, which stay in the first-level
// cache.
template <int Rows>
void add_rows(int64_t cols, const float* a, const float* b, int64_t row, float* sums) {
  Vec scale[Rows];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) scale[r] = a[r];
  const auto step = [&](int64_t j, Vec sum, auto load) {
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) sum = multiply_add(scale[r], load(b + r * row + j), sum);
    return sum;
  };
  int64_t j = 0;
  for (; j + kLanes <= cols; j += kLanes)
    step(j, Vec::load(sums + j), [](const float* p) { return Vec::load(p); }).store(sums + j);
  if (const int64_t n = cols - j; n > 0)
    step(j, Vec::load(sums + j, n), [n](const float* p) { return Vec::load(p, n); }).store(sums + j, n);
}

void sum_rows(int64_t cols, int64_t depth, const float* a, const float* b, int64_t row, float* sums) {
  std::fill(sums, sums + cols, 0.f);
  int64_t k = 0;
  for (; k + 8 <= depth; k += 8) add_rows<8>(cols, a + k, b + k * row, row, sums);
  for (; k < depth; ++k) add_rows<1>(cols, a + k, b + k * row, row, sums);
}

// Columns contiguous: dot products, Cols at a time, each in two vectors of partial sums.
template <int Cols>
void dot_columns(int64_t depth, const float* a, const float* b, int64_t col, float* sums) {
  Vec sum[Cols][2];
#pragma GCC unroll 4
  for (int j = 0; j < Cols; ++j) sum[j][0] = sum[j][1] = Vec(0.f);
  int64_t k = 0;
  for (; k + 2 * kLanes <= depth; k += 2 * kLanes) {
    const Vec a0 = Vec::load(a + k), a1 = Vec::load(a + k + kLanes);
#pragma GCC unroll 4
    for (int j = 0; j < Cols; ++j) {
      sum[j][0] = multiply_add(a0, Vec::load(b + j * col + k), sum[j][0]);
      sum[j][1] = multiply_add(a1, Vec::load(b + j * col + k + kLanes), sum[j][1]);
    }
  }
  for (; k < depth; k += kLanes) {
    const int64_t n = std::min<int64_t>(kLanes, depth - k);
    const Vec a0 = Vec::load(a + k, n);
#pragma GCC unroll 4
    for (int j = 0; j < Cols; ++j) sum[j][0] = multiply_add(a0, Vec::load(b + j * col + k, n), sum[j][0]);
  }
#pragma GCC unroll 4
  for (int j = 0; j < Cols; ++j) sums[j] = simd::sum(sum[j][0] + sum[j][1]);
}

void sum_columns(int64_t cols, int64_t depth, const float* a, const float* b, int64_t col, float* sums) {
  int64_t j = 0;
  for (; j + 4 <= cols; j += 4) dot_columns<4>(depth, a, b + j * col, col, sums + j);
  for (; j < cols; ++j) dot_columns<1>(depth, a, b + j * col, col, sums + j);
}

}  // namespace

bool multiply_vector(int64_t cols, int64_t depth, const float* a, int64_t a_step, Matrix b, float* c,
                     int64_t c_step, const Finish& finish) {
  if (b.col != 1 && b.row != 1) return false;
  Scratch vector(a_step == 1 ? 0 : depth);
  if (a_step != 1) {
    for (int64_t k = 0; k < depth; ++k) vector[k] = a[k * a_step];
    a = vector.data();
  }
  parallel_for(cols, std::max<int64_t>(64, 20'000 / (depth + 1)), [&](int64_t begin, int64_t end) {
    Scratch sums(end - begin);
    if (b.col == 1) sum_rows(end - begin, depth, a, b.at(0, begin), b.row, sums.data());
    else sum_columns(end - begin, depth, a, b.at(0, begin), b.col, sums.data());
    for (int64_t j = begin; j < end; ++j) {
      float y = sums[j - begin];
      if (finish.accumulate) y += c[j * c_step];
      if (finish.row_bias) y += finish.row_bias[0];
      if (finish.col_bias) y += finish.col_bias[j];
      c[j * c_step] = finish.relu && y < 0 ? 0.f : y;
    }
  });
  return true;
}

}  // namespace minitorch::gemm
