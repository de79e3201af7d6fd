// SPDX-License-Identifier: MIT
// How a reduction walks its input, on every device: the axes that stay and the axes that go, each set merged
// and ordered by the input's strides.
#pragma once
#include "minitorch/core/strided_loop.h"

namespace minitorch {

struct ReducePlan {
  enum Operand { kY, kShift, kX };
  StridedLoop<3> kept;     // one item for each output
  StridedLoop<1> reduced;  // the elements of x that one output is made of

  /// Whether neighbouring outputs come from neighbouring elements: then whole rows are joined, column by
  /// column.
  bool down_columns() const {
    return kept.dims > 0 && kept.inner(kX) == 1 && kept.inner_size() > 1 &&
           (reduced.inner(0) != 1 || reduced.inner_size() == 1);
  }
};

/// An axis goes where y has size 1 and x has not.
inline ReducePlan plan_reduction(const AnyView& x, const AnyView& shift, const AnyView& y) {
  AnyView kept_y = y, kept_shift = shift.data ? shift : y, kept_x = x, gone = x;
  const AnyView s = kept_shift;
  kept_y.dims = gone.dims = 0;
  for (int d = 0; d < x.dims; ++d) {
    if (y.size[d] != x.size[d]) {
      gone.size[gone.dims] = x.size[d];
      gone.stride[gone.dims++] = x.stride[d];
      continue;
    }
    const int at = kept_y.dims++;
    kept_y.size[at] = kept_shift.size[at] = kept_x.size[at] = x.size[d];
    kept_y.stride[at] = y.stride[d];
    kept_shift.stride[at] = s.stride[d];
    kept_x.stride[at] = x.stride[d];
  }
  kept_shift.dims = kept_x.dims = kept_y.dims;
  return {plan_loop<3>({kept_y, kept_shift, kept_x}), plan_loop<1>({gone})};
}

}  // namespace minitorch
