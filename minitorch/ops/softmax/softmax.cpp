// SPDX-License-Identifier: MIT
#include "minitorch/ops/softmax/softmax.h"

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/softmax/softmax_kernels.h"

namespace minitorch {
namespace {

// x in rows for the kernels: (outer, n, inner), contiguous, float32, outside the graph.
Tensor in_rows(const Tensor& x, int axis) {
  Shape shape = {1, x.dims() ? x.shape()[axis] : 1, 1};
  for (int d = 0; d < x.dims(); ++d)
    if (d != axis) shape[d < axis ? 0 : 2] *= x.shape()[d];
  return reshape(contiguous(to(x.detach(), kFloat32)), shape);
}

Tensor run(const char* op, bool logarithm, const Tensor& x, int64_t wanted_axis) {
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[%s] a %s tensor: expected a float type", op, name(x.dtype())),
                     "convert it with .to(kFloat32)");
  const int axis = normalize_axis(op, wanted_axis, x.dims());
  const Tensor from = in_rows(x, axis), rows = empty_like(from);
  if (x.numel() > 0)
    MT_DISPATCH(x.device(), softmax, logarithm, (view_of<const float, 3>(from)), (view_of<float, 3>(rows)));
  const Tensor y = to(reshape(rows, x.shape()), x.dtype());
  if (!needs_graph(x)) return y;
  return with_gradients(y, op, wrt(x, [=, shape = x.shape(), saved = Saved(rows.detach())](const Tensor& dy) {
                          const Tensor dy_rows = in_rows(dy, axis), dx = empty_like(dy_rows);
                          if (dx.numel() > 0)
                            MT_DISPATCH(dy.device(), softmax_backward, logarithm,
                                        (view_of<const float, 3>(saved())),
                                        (view_of<const float, 3>(dy_rows)), (view_of<float, 3>(dx)));
                          return to(reshape(dx, shape), dy.dtype());
                        }));
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t axis) { return run("softmax", false, in_full_precision(x), axis); }
Tensor log_softmax(const Tensor& x, int64_t axis) {
  return run("log_softmax", true, in_full_precision(x), axis);
}

}  // namespace minitorch
