// SPDX-License-Identifier: MIT
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/index/index_kernels.h"

namespace minitorch::cpu {

void take_rows(AnyView x, View<const int64_t, 1> rows, AnyView y) {
  const int64_t bytes = x.size[1] * item_size(x.dtype);
  parallel_for(rows.size[0], 1 + 4 * kGrain / (bytes + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      std::memcpy(static_cast<char*>(y.data) + i * bytes, static_cast<const char*>(x.data) + rows(i) * bytes, bytes);
  });
}

template <class T>
static void add_rows(const AnyView& x, const View<const int64_t, 1>& rows, const AnyView& y) {
  const int64_t cols = x.size[1];
  auto* to = static_cast<T*>(x.data);
  auto* from = static_cast<const T*>(y.data);
  // Threads share the columns: rows may repeat, and their sum must not depend on the number of threads.
  parallel_for(cols, std::max<int64_t>(16, kGrain / (rows.size[0] + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < rows.size[0]; ++i)
      for (int64_t j = begin; j < end; ++j) to[rows(i) * cols + j] += from[i * cols + j];
  });
}

void put_rows(AnyView x, View<const int64_t, 1> rows, AnyView y, bool accumulate) {
  if (accumulate) return x.dtype == kInt64 ? add_rows<int64_t>(x, rows, y) : add_rows<float>(x, rows, y);
  const int64_t bytes = x.size[1] * item_size(x.dtype);
  for (int64_t i = 0; i < rows.size[0]; ++i)
    std::memcpy(static_cast<char*>(x.data) + rows(i) * bytes, static_cast<const char*>(y.data) + i * bytes, bytes);
}

}  // namespace minitorch::cpu
