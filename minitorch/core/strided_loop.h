// SPDX-License-Identifier: MIT
// Walks N tensors of equal sizes and any strides together: the common ground of all elementwise kernels,
// on the CPU and on a GPU.
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// The axes of N operands after those of size 1 are dropped, the rest is ordered so that the last operand
/// (the output) is written forwards, and axes that are one long run in every operand are merged. Contiguous
/// operands end up with one axis, a broadcast row with two.
template <int N>
struct StridedLoop {
  int dims = 0;
  int64_t size[AnyView::kMaxDims];
  int64_t stride[N][AnyView::kMaxDims];  // in elements; 0 where an operand is broadcast
  void* data[N];
  int64_t numel = 1;

  /// Stride of the innermost axis.
  MT_HD int64_t inner(int operand) const { return dims ? stride[operand][dims - 1] : 0; }
  MT_HD int64_t inner_size() const { return dims ? size[dims - 1] : 1; }
  /// Whether one flat index serves every operand.
  MT_HD bool flat() const {
    if (dims > 1) return false;
    for (int k = 0; k < N; ++k)
      if (dims == 1 && stride[k][0] != 1) return false;
    return true;
  }
  /// Element offset of each operand at a flat index of the loop.
  MT_HD void offsets(int64_t index, int64_t (&at)[N]) const {
    for (int k = 0; k < N; ++k) at[k] = 0;
    for (int d = dims - 1; d >= 0; --d) {
      const int64_t i = index % size[d];
      index /= size[d];
      for (int k = 0; k < N; ++k) at[k] += i * stride[k][d];
    }
  }
};

/// @param operands views of equal sizes, the output last
template <int N>
StridedLoop<N> plan_loop(const AnyView (&operands)[N]) {
  StridedLoop<N> loop;
  const AnyView& out = operands[N - 1];
  for (int k = 0; k < N; ++k) loop.data[k] = operands[k].data;
  int order[AnyView::kMaxDims], count = 0;
  for (int d = 0; d < out.dims; ++d) {
    loop.numel *= out.size[d];
    if (out.size[d] == 1) continue;
    int at = count++;  // insertion sort: larger output strides first
    for (; at > 0 && out.stride[order[at - 1]] < out.stride[d]; --at) order[at] = order[at - 1];
    order[at] = d;
  }
  for (int i = 0; i < count; ++i) {
    const int d = order[i];
    bool merge = loop.dims > 0;
    for (int k = 0; k < N && merge; ++k)
      merge = loop.stride[k][loop.dims - 1] == operands[k].stride[d] * out.size[d];
    if (!merge) loop.size[loop.dims++] = 1;
    loop.size[loop.dims - 1] *= out.size[d];
    for (int k = 0; k < N; ++k) loop.stride[k][loop.dims - 1] = operands[k].stride[d];
  }
  return loop;
}

}  // namespace minitorch
