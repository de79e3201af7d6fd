// SPDX-License-Identifier: MIT
// The steps that softmax and cross-entropy share. For *_cpu.cpp files only.
#pragma once
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/reduce/run_join_cpu.h"

namespace minitorch::cpu {

/// e^x for x <= 0, a third cheaper than simd::exp: nothing can overflow, and below 2^-126 it is 0.
MT_INLINE Vec exp_below_one(Vec x) {
  const Mask tiny = x < Vec(-87.33f);
  const Vec limited = simd::select(tiny, Vec(-87.33f), x);
  const Vec n = simd::round(limited * Vec(1.44269504f));
  const Vec r = limited - n * Vec(0.693359375f) + n * Vec(2.12194440e-4f);
  Vec p = Vec(1.9875691500e-4f);
  p = p * r + Vec(1.3981999507e-3f);
  p = p * r + Vec(8.3334519073e-3f);
  p = p * r + Vec(4.1665795894e-2f);
  p = p * r + Vec(1.6666665459e-1f);
  p = p * r + Vec(5.0000001201e-1f);
  p = p * r * r + r + Vec(1.f);
  const Vec scale = simd::detail::from_bits((simd::detail::to_int(n) + 127) << 23);
  return simd::select(tiny, Vec(0.f), p * scale);
}

/// y[i] = f(x[i]...) for i below n, on vectors.
template <class F, class... X>
MT_INLINE void for_vectors(int64_t n, float* y, const F& f, const X*... x) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) f(Vec::load(x + i)...).store(y + i);
  if (i < n) f(Vec::load(x + i, n - i)...).store(y + i, n - i);
}

template <class Op>
MT_INLINE float join_run(const float* x, int64_t n, float shift = 0) {
  RunJoin<Op, float> join(shift);
  join.add(x, n);
  return join.total();
}

/// Where several neighbouring rows end (one row an inner element), so many are worked on together that their
/// n steps, a cache line each at least, stay in the fast caches.
inline int64_t columns_together(int64_t n) {
  return std::clamp<int64_t>(8192 / std::max<int64_t>(n, 1) / 16 * 16, 16, 1024);
}
inline constexpr int64_t kMostColumns = 1024;

/// Calls body(outer, first column, columns) for all parts of (outer, n, inner); threads share them.
template <class Body>
void for_column_groups(int64_t outer, int64_t n, int64_t inner, const Body& body) {
  const int64_t width = std::min(inner, columns_together(n)), groups = (inner + width - 1) / width;
  parallel_for(outer * groups, 1 + kGrain / 8 / (n * width + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % groups * width;
      body(i / groups, first, std::min(width, inner - first));
    }
  });
}
/// Calls body(row) for all rows of n elements; threads share them.
template <class Body>
void for_rows(int64_t rows, int64_t n, const Body& body) {
  parallel_for(rows, 1 + kGrain / 8 / (n + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace minitorch::cpu
