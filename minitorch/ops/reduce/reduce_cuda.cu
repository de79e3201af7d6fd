// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/reduce/reduce_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// y[i] = sum over the reduced axes. A thread owns one output.
template <class T>
__global__ void sum_serial(StridedLoop<2> outer, StridedLoop<1> inner, const T* x, T* y) {
  for (int64_t i = first_item(); i < outer.numel; i += item_step()) {
    int64_t at[2], step[1];
    outer.offsets(i, at);
    T total = 0;
    for (int64_t k = 0; k < inner.numel; ++k) {
      inner.offsets(k, step);
      total += x[at[0] + step[0]];
    }
    y[at[1]] = total;
  }
}

template <class T>
void reduce_typed(const AnyView& x, const AnyView& y) {
  AnyView kept = y, reduced = x, from = x;
  kept.dims = reduced.dims = 0;
  for (int d = 0; d < x.dims; ++d) {
    const bool keep = y.size[d] == x.size[d];
    AnyView& to = keep ? kept : reduced;
    const int at = to.dims++;
    to.size[at] = x.size[d];
    to.stride[at] = keep ? y.stride[d] : x.stride[d];
    if (keep) from.size[at] = x.size[d], from.stride[at] = x.stride[d];
  }
  from.dims = kept.dims;
  const auto outer = plan_loop<2>({from, kept});
  const auto inner = plan_loop<1>({reduced});
  if (outer.numel == 0) return;
  check(launch(sum_serial<T>, blocks_for(outer.numel), kElementwiseBlock, 0, nullptr, outer, inner,
               static_cast<const T*>(x.data), static_cast<T*>(y.data)), "sum");
}

}  // namespace

void reduce(ReduceOp, AnyView x, AnyView y) { x.dtype == kInt64 ? reduce_typed<int64_t>(x, y) : reduce_typed<float>(x, y); }

}  // namespace minitorch::MT_DEVICE
