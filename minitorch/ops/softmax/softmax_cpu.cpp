// SPDX-License-Identifier: MIT
// Softmax on the CPU. Along the last axis a row is worked on alone; along another axis neighbouring rows are
// worked on together, a vector across them, so that memory is read in order.
#include "minitorch/ops/softmax/softmax_kernels.h"
#include "minitorch/ops/softmax/softmax_rows_cpu.h"

namespace minitorch::cpu {
namespace {

template <bool kLog>
void softmax_row(const float* x, float* y, int64_t n) {
  const float top = join_run<functors::Max>(x, n);
  const Vec shift(top);
  for_vectors(
      n, y, [&](Vec v) { return exp_below_one(v - shift); }, x);
  const float total = join_run<functors::Sum>(y, n);
  if constexpr (kLog) {
    const Vec log_total(std::log(total));
    for_vectors(
        n, y, [&](Vec v) { return (v - shift) - log_total; }, x);
  } else {
    const Vec scale(1 / total);
    for_vectors(
        n, y, [&](Vec e) { return e * scale; }, y);
  }
}

// The same for `columns` rows whose elements are `step` apart.
template <bool kLog>
void softmax_columns(const float* x, float* y, int64_t n, int64_t step, int64_t columns) {
  alignas(64) float top[kMostColumns], total[kMostColumns];
  std::fill_n(top, columns, -__builtin_inff());
  std::fill_n(total, columns, 0.f);
  for (int64_t i = 0; i < n; ++i)
    for_vectors(
        columns, top, [](Vec t, Vec v) { return simd::max(t, v); }, top, x + i * step);
  for (int64_t i = 0; i < n; ++i) {
    for_vectors(
        columns, y + i * step, [](Vec v, Vec t) { return exp_below_one(v - t); }, x + i * step, top);
    for_vectors(
        columns, total, [](Vec s, Vec e) { return s + e; }, total, y + i * step);
  }
  for_vectors(
      columns, total, [](Vec s) { return kLog ? simd::log(s) : Vec(1.f) / s; }, total);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kLog)
      for_vectors(
          columns, y + i * step, [](Vec v, Vec t, Vec l) { return (v - t) - l; }, x + i * step, top, total);
    else
      for_vectors(
          columns, y + i * step, [](Vec e, Vec s) { return e * s; }, y + i * step, total);
  }
}

template <bool kLog>
void backward_row(const float* y, const float* dy, float* dx, int64_t n) {
  if constexpr (kLog) {
    const Vec total(join_run<functors::Sum>(dy, n));
    for_vectors(
        n, dx, [&](Vec v, Vec d) { return d - exp_below_one(v) * total; }, y, dy);
  } else {
    for_vectors(
        n, dx, [](Vec v, Vec d) { return v * d; }, y, dy);
    const Vec total(join_run<functors::Sum>(dx, n));
    for_vectors(
        n, dx, [&](Vec v, Vec d) { return v * (d - total); }, y, dy);
  }
}

template <bool kLog>
void backward_columns(const float* y, const float* dy, float* dx, int64_t n, int64_t step, int64_t columns) {
  alignas(64) float total[kMostColumns];
  std::fill_n(total, columns, 0.f);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kLog)
      for_vectors(
          columns, total, [](Vec s, Vec d) { return s + d; }, total, dy + i * step);
    else
      for_vectors(
          columns, total, [](Vec s, Vec v, Vec d) { return s + v * d; }, total, y + i * step, dy + i * step);
  }
  const auto slope = [](Vec v, Vec d, Vec s) { return kLog ? d - exp_below_one(v) * s : v * (d - s); };
  for (int64_t i = 0; i < n; ++i)
    for_vectors(columns, dx + i * step, slope, y + i * step, dy + i * step, total);
}

template <bool kLog>
void forward(const View<const float, 3>& x, const View<float, 3>& y) {
  const int64_t outer = x.size[0], n = x.size[1], inner = x.size[2];
  if (inner == 1)
    return for_rows(outer, n, [&](int64_t i) { softmax_row<kLog>(x.data + i * n, y.data + i * n, n); });
  for_column_groups(outer, n, inner, [&](int64_t i, int64_t first, int64_t columns) {
    const int64_t at = i * n * inner + first;
    softmax_columns<kLog>(x.data + at, y.data + at, n, inner, columns);
  });
}

template <bool kLog>
void backward(const View<const float, 3>& y, const View<const float, 3>& dy, const View<float, 3>& dx) {
  const int64_t outer = y.size[0], n = y.size[1], inner = y.size[2];
  if (inner == 1)
    return for_rows(outer, n, [&](int64_t i) {
      backward_row<kLog>(y.data + i * n, dy.data + i * n, dx.data + i * n, n);
    });
  for_column_groups(outer, n, inner, [&](int64_t i, int64_t first, int64_t columns) {
    const int64_t at = i * n * inner + first;
    backward_columns<kLog>(y.data + at, dy.data + at, dx.data + at, n, inner, columns);
  });
}

}  // namespace

void softmax(bool logarithm, View<const float, 3> x, View<float, 3> y) {
  logarithm ? forward<true>(x, y) : forward<false>(x, y);
}
void softmax_backward(bool logarithm, View<const float, 3> y, View<const float, 3> dy, View<float, 3> dx) {
  logarithm ? backward<true>(y, dy, dx) : backward<false>(y, dy, dx);
}

}  // namespace minitorch::cpu
