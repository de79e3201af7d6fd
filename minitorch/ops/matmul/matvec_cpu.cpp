// SPDX-License-Identifier: MIT
// One row of C: rows of B scaled and added up, or dot products where B lies by columns.
#include "minitorch/ops/matmul/matvec.h"

#include "minitorch/ops/matmul/dots.h"

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

}  // namespace

bool multiply_vector(int64_t cols, int64_t depth, const float* a, int64_t a_step, Matrix b, float* c,
                     int64_t c_step, const Finish& finish) {
  if (b.col != 1 && b.row != 1) return false;
  Scratch vector(a_step == 1 ? 0 : depth);
  if (a_step != 1) {
    for (int64_t k = 0; k < depth; ++k) vector[k] = a[k * a_step];
    a = vector.data();
  }
  if (b.col != 1) {
    multiply_by_dots(1, cols, depth, {a, depth, 1}, b, c, 0, c_step, finish);
    return true;
  }
  parallel_for(cols, std::max<int64_t>(64, 20'000 / (depth + 1)), [&](int64_t begin, int64_t end) {
    Scratch sums(end - begin);
    sum_rows(end - begin, depth, a, b.at(0, begin), b.row, sums.data());
    for (int64_t j = begin; j < end; ++j) store_finished(sums[j - begin], finish, 0, j, c[j * c_step]);
  });
  return true;
}

}  // namespace minitorch::gemm
