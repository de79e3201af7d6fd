// SPDX-License-Identifier: MIT
// Running sums on the CPU. Floats are added up in double and rounded once for each output.
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/reduce/reduce_functors.h"
#include "minitorch/ops/reduce/reduce_kernels.h"

namespace minitorch::cpu {
namespace {

constexpr int64_t kLines = 256;  // lines that advance together where they are neighbours in memory

// `lines` lines, `across` apart, each of n elements `along` apart.
template <class T>
void sum_lines(const T* x, T* y, int64_t lines, const int64_t (&across)[2], int64_t n,
               const int64_t (&along)[2]) {
  typename functors::WideTotal<T>::type totals[kLines] = {};
  for (int64_t i = 0; i < n; ++i, x += along[0], y += along[1])
    for (int64_t j = 0; j < lines; ++j) {
      totals[j] += x[j * across[0]];
      y[j * across[1]] = static_cast<T>(totals[j]);
    }
}

template <class T>
void cumsum_as(const AnyView& x, int axis, bool reverse, const AnyView& y) {
  AnyView starts_x = x, starts_y = y;
  starts_x.size[axis] = starts_y.size[axis] = 1;
  const auto starts = plan_loop<2>({starts_x, starts_y});
  const int64_t n = x.size[axis], last = reverse ? n - 1 : 0, sign = reverse ? -1 : 1;
  const int64_t along[2] = {sign * x.stride[axis], sign * y.stride[axis]};
  const int64_t across[2] = {starts.inner(0), starts.inner(1)};
  const int64_t together = across[0] == 1 ? kLines : 8;  // 8 hide the latency of an addition
  if (n == 0) return;
  for_each_run(starts, 1 + kGrain / n, {sizeof(T), sizeof(T)}, [&](char* const* p, int64_t count) {
    const T* from = reinterpret_cast<const T*>(p[0]) + last * x.stride[axis];
    T* to = reinterpret_cast<T*>(p[1]) + last * y.stride[axis];
    for (int64_t j = 0; j < count; j += together)
      sum_lines(from + j * across[0], to + j * across[1], std::min(together, count - j), across, n, along);
  });
}

}  // namespace

void cumsum(AnyView x, int axis, bool reverse, AnyView y) {
  x.dtype == kInt64 ? cumsum_as<int64_t>(x, axis, reverse, y) : cumsum_as<float>(x, axis, reverse, y);
}

}  // namespace minitorch::cpu
