// SPDX-License-Identifier: MIT
#include "minitorch/ops/gather/gather.h"

#include <algorithm>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/binary/binary_kernels.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather_kernels.h"
#include "minitorch/ops/index/index_check.h"
#include "minitorch/ops/index/index_kernels.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/copy_kernels.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

// The three axes that kernels see: those before `axis` joined, `axis`, those behind it joined.
Shape three_axes(const Shape& shape, int axis) {
  Shape out{1, shape.empty() ? 1 : shape[axis], 1};
  for (int d = 0; d < axis; ++d) out[0] *= shape[d];
  for (int d = axis + 1; d < shape.dims(); ++d) out[2] *= shape[d];
  return out;
}
AnyView kernel_view(const Tensor& x, int axis) {
  return view_of(reshape(x.detach(), three_axes(x.shape(), axis)));
}

Tensor checked_index(const char* op, const Tensor& index, const Tensor& x, int axis) {
  check_same_device(op, x, index);
  const Tensor whole = as_index(op, index);
  const int64_t size = x.dims() ? x.shape()[axis] : 1;
  check_indices(op, whole, 0, size, [&] {
    return format("axis %d of %s has size %lld", axis, to_string(x.shape()).c_str(),
                  static_cast<long long>(size));
  });
  return whole;
}

// x cut to the index's size on every axis but `except`.
Tensor cut_to(const char* op, const Tensor& x, const Shape& index, int except) {
  bool fits = x.dims() == index.dims();
  for (int d = 0; fits && d < x.dims(); ++d) fits = d == except || index[d] <= x.shape()[d];
  if (!fits)
    throw ShapeError(
        format("[%s] an index of shape %s for %s along axis %d: it may be longer on no other axis", op,
               to_string(index).c_str(), to_string(x.shape()).c_str(), except));
  Tensor out = x;
  for (int d = 0; d < x.dims(); ++d)
    if (d != except && index[d] != x.shape()[d]) out = slice(out, d, 0, index[d]);
  return out;
}

// x[index] = src or += src in memory, without the graph.
void scatter_into(const Tensor& x, int axis, const Tensor& index, const Tensor& src, bool add) {
  const bool known = !add || x.dtype() == kFloat32 || x.dtype() == kInt64;
  const Dtype type = known ? x.dtype() : is_floating(x.dtype()) ? kFloat32 : kInt64;
  const Tensor part = cut_to("scatter", x.detach(), index.shape(), axis);
  const Tensor work = contiguous(to(part, type)), from = contiguous(to(unshared_with(x, src.detach()), type));
  const Tensor index3 = reshape(unshared_with(x, index), three_axes(index.shape(), axis));
  const auto i = view_of<const int64_t, 3>(index3);
  if (index3.shape()[0] * index3.shape()[2] == 1) {  // one column: a list of rows of one element
    const Tensor rows = reshape(index3, {-1});
    const AnyView table = view_of(reshape(work, {-1, 1})), values = view_of(reshape(from, {-1, 1}));
    if (add)
      MT_DISPATCH(x.device(), add_rows, table, (view_of<const int64_t, 1>(contiguous(rows))), values, -1);
    else MT_DISPATCH(x.device(), put_rows, table, (view_of<const int64_t, 1>(contiguous(rows))), values);
  } else if (add) {
    MT_DISPATCH(x.device(), scatter_add, kernel_view(work, axis), i, kernel_view(from, axis));
  } else {
    MT_DISPATCH(x.device(), scatter, kernel_view(work, axis), i, kernel_view(from, axis));
  }
  if (work.raw_data() != part.raw_data()) part.copy_(work);
}

Tensor gathered(const Tensor& x, int axis, const Tensor& index, const Shape& shape) {
  const Tensor from = contiguous(x.detach());
  Tensor y = empty(shape, x.options());
  const Tensor index3 = reshape(index, three_axes(index.shape(), axis));
  MT_DISPATCH(x.device(), gather, kernel_view(from, axis), (view_of<const int64_t, 3>(index3)),
              kernel_view(y, axis));
  return y;
}

// dx of elements chosen from x: dy added where they came from.
Tensor put_back(const Tensor& dy, int axis, const Tensor& index, const Shape& shape) {
  const Tensor dx = zeros(shape, {kFloat32, dy.device()});
  scatter_into(dx, axis, index, dy, true);
  return to(dx, dy.dtype());
}

// Number k of the flags that are set comes at position k: the flat positions of set flags.
Tensor flat_positions(const Tensor& mask) {
  const Tensor flags = reshape(contiguous(mask), {-1});
  const int64_t chunks = (flags.numel() + kFlagChunk - 1) / kFlagChunk;
  const Tensor counts = empty({chunks}, {kInt64, mask.device()});
  const auto f = view_of<const bool, 1>(flags);
  MT_DISPATCH(mask.device(), count_flags, f, (view_of<int64_t, 1>(counts)));
  auto starts = counts.to_vector<int64_t>();
  int64_t total = 0;
  for (int64_t& count : starts) total += std::exchange(count, total);
  Tensor found = empty({total}, {kInt64, mask.device()});
  const Tensor first = tensor(starts).to(mask.device());
  MT_DISPATCH(mask.device(), flag_positions, f, (view_of<const int64_t, 1>(first)),
              (view_of<int64_t, 1>(found)));
  return found;
}

void check_mask(const char* op, const Tensor& x, const Tensor& mask) {
  if (mask.dtype() != kBool)
    throw DtypeError(format("[%s] a %s mask: expected bool", op, name(mask.dtype())),
                     "compare it, as in x > 0");
  check_same_device(op, x, mask);
}

Tensor scatter_any(const char* op, const Tensor& x, int64_t axis_from_user, const Tensor& index,
                   const Tensor& src, bool add) {
  const int axis = normalize_axis(op, axis_from_user, x.dims());
  check_same_device(op, x, src);
  const Tensor whole = checked_index(op, index, x, axis), from = cut_to(op, src, index.shape(), -1);
  cut_to(op, x, index.shape(), axis);
  Tensor y = clone(x.detach());
  scatter_into(y, axis, whole, from, add);
  if (!needs_graph(x, from)) return y;
  return with_gradients(y, op,
                        wrt(x, [=, whole = Saved(whole)](
                                   const Tensor& dy) { return add ? dy : scatter(dy, axis, whole(), 0); }),
                        wrt(from, [=, whole = Saved(whole), type = src.dtype()](const Tensor& dy) {
                          return to(gather(dy, axis, whole()), type);
                        }));
}

Tensor scatter_any_(const char* op, const Tensor& x, int64_t axis_from_user, const Tensor& index,
                    const Tensor& src, bool add) {
  if (needs_graph(x, src)) return finish_in_place(op, x, scatter_any(op, x, axis_from_user, index, src, add));
  const int axis = normalize_axis(op, axis_from_user, x.dims());
  check_same_device(op, x, src);
  const Tensor whole = checked_index(op, index, x, axis), from = cut_to(op, src, index.shape(), -1);
  cut_to(op, x, index.shape(), axis);
  before_in_place(op, x);
  scatter_into(x, axis, whole, from, add);
  return x;
}

Tensor spread(const Tensor& x, const Tensor& index, double value) {
  return expand(full({}, value, x.options()), index.shape());
}

}  // namespace

Tensor gather(const Tensor& x, int64_t axis_from_user, const Tensor& index) {
  const int axis = normalize_axis("gather", axis_from_user, x.dims());
  const Tensor whole = checked_index("gather", index, x, axis),
               part = cut_to("gather", x, index.shape(), axis);
  Tensor y = gathered(part, axis, whole, index.shape());
  if (!needs_graph(part)) return y;
  return with_gradients(y, "gather",
                        wrt(part, [axis, whole = Saved(whole), shape = part.shape()](const Tensor& dy) {
                          return put_back(dy, axis, whole(), shape);
                        }));
}

Tensor take_along_dim(const Tensor& x, const Tensor& index, int64_t axis_from_user) {
  const int axis = normalize_axis("take_along_dim", axis_from_user, x.dims());
  Shape ones = x.shape(), of_x = x.shape(), of_index = index.shape();
  if (index.dims() != x.dims())
    throw ShapeError("[take_along_dim] " + to_string(x.shape()) + " and an index of shape " +
                     to_string(index.shape()) + ": they need the same number of axes");
  ones[axis] = of_x[axis] = of_index[axis] = 1;
  of_x = of_index = broadcast_shapes("take_along_dim", of_x, of_index);
  of_x[axis] = x.shape()[axis];
  of_index[axis] = index.shape()[axis];
  return gather(expand(x, of_x), axis, expand(index, of_index));
}

Tensor scatter(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src) {
  return scatter_any("scatter", x, axis, index, src, false);
}
Tensor scatter(const Tensor& x, int64_t axis, const Tensor& index, double value) {
  return scatter_any("scatter", x, axis, index, spread(x, index, value), false);
}
Tensor scatter_add(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src) {
  return scatter_any("scatter_add", x, axis, index, src, true);
}
Tensor scatter_(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src) {
  return scatter_any_("scatter_", x, axis, index, src, false);
}
Tensor scatter_(const Tensor& x, int64_t axis, const Tensor& index, double value) {
  return scatter_any_("scatter_", x, axis, index, spread(x, index, value), false);
}
Tensor scatter_add_(const Tensor& x, int64_t axis, const Tensor& index, const Tensor& src) {
  return scatter_any_("scatter_add_", x, axis, index, src, true);
}

Tensor index_select(const Tensor& x, int64_t axis_from_user, const Tensor& index) {
  const int axis = normalize_axis("index_select", axis_from_user, x.dims());
  if (index.dims() != 1)
    throw ShapeError("[index_select] an index of shape " + to_string(index.shape()) + ": expected one axis",
                     "x(index) takes an index of any shape");
  const Tensor whole = contiguous(checked_index("index_select", index, x, axis));
  Shape shape = x.shape();
  shape[axis] = index.numel();
  const Shape three = three_axes(shape, axis);
  const Tensor slices = expand(reshape(whole, {1, whole.numel(), 1}), three);
  const Tensor from = contiguous(x.detach());
  Tensor y = empty(shape, x.options());
  MT_DISPATCH(x.device(), gather, kernel_view(from, axis), (view_of<const int64_t, 3>(slices)),
              kernel_view(y, axis));
  if (!needs_graph(x)) return y;
  return with_gradients(
      y, "index_select", wrt(x, [axis, three, saved = Saved(whole), from = x.shape()](const Tensor& dy) {
        const Tensor& whole = saved();
        const Tensor dx = zeros(from, {kFloat32, dy.device()}), d = contiguous(to(dy, kFloat32));
        if (three[0] == 1) {
          const AnyView table = view_of(reshape(dx, {from[axis], three[2]}));
          MT_DISPATCH(dy.device(), add_rows, table, (view_of<const int64_t, 1>(whole)),
                      view_of(reshape(d, {three[1], three[2]})), -1);
        } else {
          const Tensor slices = expand(reshape(whole, {1, three[1], 1}), three);
          MT_DISPATCH(dy.device(), scatter_add, kernel_view(dx, axis), (view_of<const int64_t, 3>(slices)),
                      kernel_view(d, axis));
        }
        return to(dx, dy.dtype());
      }));
}

Tensor nonzero(const Tensor& x) {
  const Tensor found = flat_positions(x.dtype() == kBool ? x : ne(x.detach(), 0));
  Tensor y = empty({found.numel(), x.dims()}, {kInt64, x.device()});
  MT_DISPATCH(x.device(), unravel, (view_of<const int64_t, 1>(found)), view_of(x), (view_of<int64_t, 2>(y)));
  return y;
}

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  check_mask("masked_select", x, mask);
  const Shape shape = broadcast_shapes("masked_select", x.shape(), mask.shape());
  const Tensor found = flat_positions(expand(mask, shape)), all = expand(x, shape);
  const Tensor items = reshape(contiguous(all.detach()), {-1, 1});
  Tensor y = empty({found.numel()}, x.options());
  const auto rows = view_of<const int64_t, 1>(found);
  MT_DISPATCH(x.device(), take_rows, view_of(items), rows, view_of(reshape(y, {-1, 1})));
  return with_gradients(y, "masked_select", wrt(all, [=](const Tensor& dy) {
                          Tensor dx = zeros(shape, dy.options());
                          const Tensor d = contiguous(dy);
                          MT_DISPATCH(dy.device(), put_rows, view_of(reshape(dx, {-1, 1})),
                                      (view_of<const int64_t, 1>(found)), view_of(reshape(d, {-1, 1})));
                          return dx;
                        }));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, double value) {
  check_mask("masked_fill", x, mask);
  check_fill("masked_fill", x.dtype(), value);
  return where(mask, full({}, value, x.options()), x);
}

Tensor masked_fill_(const Tensor& x, const Tensor& mask, double value) {
  check_mask("masked_fill_", x, mask);
  check_fill("masked_fill_", x.dtype(), value);
  if (!(broadcast_shapes("masked_fill_", x.shape(), mask.shape()) == x.shape()))
    throw ShapeError("[masked_fill_] a mask of shape " + to_string(mask.shape()) + " does not fit into " +
                     to_string(x.shape()));
  if (needs_graph(x)) return finish_in_place("masked_fill_", x, masked_fill(x, mask, value));
  before_in_place("masked_fill_", x);
  const Tensor here = x.detach();
  if (x.dtype() != kFloat32 && x.dtype() != kInt64) return here.copy_(masked_fill(here, mask, value)), x;
  const Tensor fill = expand(full({}, value, x.options()), x.shape());
  MT_DISPATCH(x.device(), where, view_of(expand(mask, x.shape())), view_of(fill), view_of(here),
              view_of(here));
  return x;
}

Tensor one_hot(const Tensor& index, int64_t classes) {
  const Tensor whole = as_index("one_hot", index);
  if (classes == -1)
    for (int64_t i : whole.to_vector<int64_t>()) classes = std::max(classes, i + 1);
  if (classes < 1)
    throw ValueError(format("[one_hot] %lld classes for an index of shape %s",
                            static_cast<long long>(classes), to_string(index.shape()).c_str()),
                     "give the number of classes");
  check_indices("one_hot", whole, 0, classes,
                [&] { return format("there are %lld classes", static_cast<long long>(classes)); });
  Shape shape = index.shape();
  return scatter_(zeros(shape.push_back(classes), {kInt64, index.device()}), -1, unsqueeze(whole, -1), 1);
}

}  // namespace minitorch
