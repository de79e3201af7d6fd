// SPDX-License-Identifier: MIT
// The largest and smallest elements, and where they stand.
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/reduce/axes.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/reduce/reduce_kernels.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

void check_not_empty(const char* op, const Tensor& x, const Axes& a) {
  if (a.count > 0) return;
  throw ValueError(
      format("[%s] no elements to choose from in a tensor of shape %s", op, to_string(x.shape()).c_str()),
      "check numel() first, or the selection that left nothing");
}

// The extreme elements outside the graph, of shape a.kept. Half types come as float32.
Tensor values_of(ReduceOp op, const Tensor& x, const Axes& a) {
  Tensor y = empty(a.kept, x.options());
  MT_DISPATCH(x.device(), reduce, op, view_of(x), AnyView{}, 1.0, view_of(y));
  return y;
}
Tensor comparable(const Tensor& x) {
  const bool half = x.dtype() == kFloat16 || x.dtype() == kBFloat16;
  return half ? to(x.detach(), kFloat32) : x.detach();
}

Tensor extreme(const char* name, ReduceOp op, const Tensor& x, const Shape& axes, bool keepdim) {
  const Axes a = split_axes(name, x, axes);
  check_not_empty(name, x, a);
  const Tensor chosen = values_of(op, comparable(x), a);
  const Tensor y = to(a.result(chosen, keepdim), x.dtype());
  if (!needs_graph(x)) return y;
  return with_gradients(
      y, name,
      wrt(x, [a, axes, chosen = Saved(chosen.detach()), saved = Saved(x.detach())](const Tensor& dy) {
        const Tensor& x = saved();
        const Tensor equal = to((x == chosen()) | (x != x), kFloat32);  // x != x: where NaN was chosen
        return to(equal * (a.spread(dy) / sum(equal, axes, true)), dy.dtype());
      }));
}

struct Along {
  Tensor values, indices;  // of shape a.kept, outside the graph
};
Along along(const char* name, ReduceOp op, const Tensor& x, const Axes& a) {
  check_not_empty(name, x, a);
  const Tensor from = comparable(x);
  Along found{values_of(op, from, a), empty(a.kept, {kInt64, x.device()})};
  MT_DISPATCH(x.device(), first_position, view_of(from), view_of(found.values), view_of(found.indices));
  return found;
}

ValuesIndices extreme_along(const char* name, ReduceOp op, const Tensor& x, int64_t axis, bool keepdim) {
  const int d = normalize_axis(name, axis, x.dims());
  const Axes a = split_axes(name, x, x.dims() ? Shape{d} : Shape{});
  const Along found = along(name, op, x, a);
  const Tensor y = to(a.result(found.values, keepdim), x.dtype()), indices = a.result(found.indices, keepdim);
  if (!needs_graph(x)) return {y, indices};
  return {with_gradients(y, name,
                         wrt(x,
                             [a, d, at = Saved(found.indices), shape = x.shape()](const Tensor& dy) {
                               if (shape.empty()) return dy;
                               return scatter(zeros(shape, dy.options()), d, at(), a.spread(dy));
                             })),
          indices};
}

Tensor position(const char* name, ReduceOp op, const Tensor& x) {
  const Tensor flat = reshape(x.detach(), {-1});
  return reshape(along(name, op, flat, split_axes(name, flat, {})).indices, {});
}
Tensor position(const char* name, ReduceOp op, const Tensor& x, int64_t axis, bool keepdim) {
  normalize_axis(name, axis, x.dims());
  const Axes a = split_axes(name, x, x.dims() ? Shape{axis} : Shape{});
  return a.result(along(name, op, x, a).indices, keepdim);
}

}  // namespace

Tensor amax(const Tensor& x, const Shape& axes, bool keepdim) {
  return extreme("amax", ReduceOp::Max, x, axes, keepdim);
}
Tensor amin(const Tensor& x, const Shape& axes, bool keepdim) {
  return extreme("amin", ReduceOp::Min, x, axes, keepdim);
}
Tensor max(const Tensor& x) { return extreme("max", ReduceOp::Max, x, {}, false); }
Tensor min(const Tensor& x) { return extreme("min", ReduceOp::Min, x, {}, false); }
ValuesIndices max(const Tensor& x, int64_t axis, bool keepdim) {
  return extreme_along("max", ReduceOp::Max, x, axis, keepdim);
}
ValuesIndices min(const Tensor& x, int64_t axis, bool keepdim) {
  return extreme_along("min", ReduceOp::Min, x, axis, keepdim);
}

Tensor argmax(const Tensor& x) { return position("argmax", ReduceOp::Max, x); }
Tensor argmax(const Tensor& x, int64_t axis, bool keepdim) {
  return position("argmax", ReduceOp::Max, x, axis, keepdim);
}
Tensor argmin(const Tensor& x) { return position("argmin", ReduceOp::Min, x); }
Tensor argmin(const Tensor& x, int64_t axis, bool keepdim) {
  return position("argmin", ReduceOp::Min, x, axis, keepdim);
}

}  // namespace minitorch
