// SPDX-License-Identifier: MIT
#include "minitorch/ops/copy/copy.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/core/memory.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch {

static Tensor copied(const Tensor& x, Dtype dtype) {
  Tensor y = empty(x.shape(), {dtype, x.device()});
  MT_DISPATCH(x.device(), copy_strided, view_of(x), view_of(y));
  return y;
}

Tensor clone(const Tensor& x) {
  return with_gradients(copied(x, x.dtype()), "clone", wrt(x, [](const Tensor& dy) { return dy; }));
}

Tensor contiguous(const Tensor& x) { return x.is_contiguous() ? x : clone(x); }

Tensor to(const Tensor& x, Dtype dtype) {
  if (x.dtype() == dtype) return x;
  Tensor y = copied(x, dtype);
  if (!is_floating(dtype)) return y;
  return with_gradients(y, "to", wrt(x, [from = x.dtype()](const Tensor& dy) { return to(dy, from); }));
}

Tensor to(const Tensor& x, Device device) {
  if (x.device() == device) return x;
  const Tensor packed = contiguous(x.detach());
  Tensor y = empty(x.shape(), {x.dtype(), device});
  copy_bytes(device, y.raw_data(), x.device(), packed.raw_data(), x.numel() * item_size(x.dtype()));
  return with_gradients(y, "to", wrt(x, [from = x.device()](const Tensor& dy) { return to(dy, from); }));
}

Tensor copy_(const Tensor& x, const Tensor& from) {
  if (x.same(from)) return x;
  check_same_device("copy_", x, from);
  if (!(broadcast_shapes("copy_", x.shape(), from.shape()) == x.shape()))
    throw ShapeError("[copy_] " + to_string(from.shape()) + " does not fit into " + to_string(x.shape()));
  if (needs_graph(x, from)) return finish_in_place("copy_", x, expand(to(from, x.dtype()), x.shape()));
  before_in_place("copy_", x);
  MT_DISPATCH(x.device(), copy_strided, view_of(expand(from.detach(), x.shape())), view_of(x));
  return x;
}

Tensor fill_(const Tensor& x, double value) {
  before_in_place("fill_", x);
  if (needs_graph(x)) x.impl().node = {};  // nothing of what x depended on is left
  MT_DISPATCH(x.device(), fill_strided, view_of(x), value);
  return x;
}

Tensor finish_in_place(const char* op, const Tensor& x, const Tensor& result) {
  if (grad_enabled() && result.requires_grad() && x.is_view())
    throw GradError(format("[%s] a view cannot take values that require a gradient", op),
                    "build the whole with cat, stack or where, or put NoGrad in scope");
  before_in_place(op, x);
  MT_DISPATCH(x.device(), copy_strided, view_of(result), view_of(x));
  if (grad_enabled()) x.impl().node = result.impl().node;
  return x;
}

}  // namespace minitorch
