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
  if (needs_graph(x, from)) {
    const Tensor values = expand(to(from, x.dtype()), x.shape());
    return finish_in_place(
        "copy_", x,
        with_gradients(values.detach(), "copy_", wrt(values, [](const Tensor& dy) { return dy; })));
  }
  before_in_place("copy_", x);
  const Tensor source = apart_from(x, from);
  const bool stretched = !(source.shape() == x.shape());
  MT_DISPATCH(x.device(), copy_strided, view_of(stretched ? expand(source.detach(), x.shape()) : source),
              view_of(x));
  return x;
}

static bool overlap_otherwise(const TensorImpl& a, const TensorImpl& b) {
  if (a.offset == b.offset && a.sizes == b.sizes && a.strides == b.strides) return false;
  auto last = [](const TensorImpl& x) {
    int64_t at = x.offset;
    for (int i = 0; i < x.sizes.dims(); ++i) at += (x.sizes[i] - 1) * x.strides[i];
    return at;
  };
  return a.sizes.numel() > 0 && b.sizes.numel() > 0 && a.offset <= last(b) && b.offset <= last(a);
}

Tensor apart_from(const Tensor& x, const Tensor& from) {
  if (!(x.impl().storage == from.impl().storage) || !overlap_otherwise(x.impl(), from.impl())) return from;
  return copied(from, from.dtype());
}

Tensor unshared_with(const Tensor& x, const Tensor& from) {
  return x.impl().storage == from.impl().storage ? copied(from, from.dtype()) : from;
}

Tensor fill_(const Tensor& x, double value) {
  check_fill("fill_", x.dtype(), value);
  before_fill("fill_", x);
  MT_DISPATCH(x.device(), fill_strided, view_of(x), value);
  return x;
}

Tensor finish_in_place(const char* op, const Tensor& x, const Tensor& result) {
  if (grad_enabled() && result.requires_grad() && !x.requires_grad() && x.is_view())
    throw GradError(format("[%s] a view cannot take values that require a gradient", op),
                    "build the whole with cat, stack or where, or put NoGrad in scope");
  before_in_place(op, x);
  MT_DISPATCH(x.device(), copy_strided, view_of(apart_from(x, result)), view_of(x));
  if (!grad_enabled() || !(x.requires_grad() || result.requires_grad())) return x;
  x.impl().node = result.impl().node;
  x.impl().storage->regraph();
  return x;
}

}  // namespace minitorch
