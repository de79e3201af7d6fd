// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/reduce/reduce_kernels.h"

namespace minitorch::cpu {

template <class T>
static void reduce_typed(const AnyView& x, const AnyView& y) {
  AnyView kept = y, reduced = x;  // axes of y; axes summed over
  kept.dims = reduced.dims = 0;
  AnyView from = x;
  for (int d = 0; d < x.dims; ++d) {
    const bool keep = y.size[d] == x.size[d];
    AnyView& to = keep ? kept : reduced;
    const int at = to.dims++;
    to.size[at] = x.size[d];
    to.stride[at] = keep ? y.stride[d] : x.stride[d];
    if (keep) { from.size[at] = x.size[d]; from.stride[at] = x.stride[d]; }
  }
  from.dims = kept.dims;
  const auto outer = plan_loop<2>({from, kept});
  const auto inner = plan_loop<1>({reduced});
  parallel_for(outer.numel, 1 + kGrain / (inner.numel + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t at[2];
      outer.offsets(i, at);
      double total = 0;
      int64_t whole = 0;
      for (int64_t k = 0; k < inner.numel; ++k) {
        int64_t step[1];
        inner.offsets(k, step);
        const T v = static_cast<const T*>(x.data)[at[0] + step[0]];
        if constexpr (std::is_same_v<T, float>) total += v;
        else whole += v;
      }
      static_cast<T*>(y.data)[at[1]] = std::is_same_v<T, float> ? static_cast<T>(total) : static_cast<T>(whole);
    }
  });
}

void reduce(ReduceOp, AnyView x, AnyView y) { x.dtype == kInt64 ? reduce_typed<int64_t>(x, y) : reduce_typed<float>(x, y); }

}  // namespace minitorch::cpu
