// SPDX-License-Identifier: MIT
#include "minitorch/ops/reduce/reduce.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce_kernels.h"

namespace minitorch {
namespace {

struct Axes {
  Shape kept;     // with size 1 at each reduced axis
  Shape dropped;  // without the reduced axes
  int64_t count = 1;
};

Axes split_axes(const char* op, const Tensor& x, const Shape& axes) {
  bool reduced[Shape::kMaxDims] = {};
  for (int64_t axis : axes) {
    bool& mark = reduced[normalize_axis(op, axis, x.dims())];
    if (mark) throw ShapeError(format("[%s] axis %lld is named twice", op, static_cast<long long>(axis)));
    mark = true;
  }
  Axes out;
  for (int i = 0; i < x.dims(); ++i) {
    const bool drop = axes.empty() || reduced[i];
    out.kept.push_back(drop ? 1 : x.shape()[i]);
    if (drop) out.count *= x.shape()[i];
    else out.dropped.push_back(x.shape()[i]);
  }
  return out;
}

}  // namespace

Tensor sum(const Tensor& x, const Shape& axes, bool keepdim) {
  const Axes a = split_axes("sum", x, axes);
  const Dtype type = is_floating(x.dtype()) ? kFloat32 : kInt64;
  const Tensor from = to(x.detach(), type);
  Tensor y = empty(a.kept, {type, x.device()});
  MT_DISPATCH(x.device(), reduce, ReduceOp::Sum, view_of(from), view_of(y));
  y = to(keepdim ? y : reshape(y, a.dropped), is_floating(x.dtype()) ? x.dtype() : kInt64);
  return with_gradients(y, "sum", wrt(x, [from = x.shape(), kept = a.kept](const Tensor& dy) { return expand(reshape(dy, kept), from); }));
}

Tensor mean(const Tensor& x, const Shape& axes, bool keepdim) {
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[mean] a %s tensor: the mean of whole numbers is seldom whole", name(x.dtype())), "convert it with .to(kFloat32)");
  const Axes a = split_axes("mean", x, axes);
  return sum(x, axes, keepdim) * (1.0 / static_cast<double>(a.count));
}

}  // namespace minitorch
