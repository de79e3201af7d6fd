// SPDX-License-Identifier: MIT
#include "minitorch/ops/sort/sort.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/sort/sort_kernels.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

// The elements of x that `indices` name along an axis, in x's graph.
Tensor chosen(const char* op, const Tensor& x, int axis, const Tensor& values, const Tensor& indices) {
  if (!needs_graph(x) || x.dims() == 0)
    return with_gradients(values, op, wrt(x, [](const Tensor& dy) { return dy; }));
  return with_gradients(values, op, wrt(x, [axis, at = Saved(indices), shape = x.shape()](const Tensor& dy) {
                          return scatter(zeros(shape, dy.options()), axis, at(), dy);
                        }));
}

// The first k along an axis of at least one element.
ValuesIndices first(const char* op, const Tensor& x, int64_t k, int axis, bool descending) {
  if (x.dims() == 0) return {chosen(op, x, 0, clone(x.detach()), {}), zeros({}, {kInt64, x.device()})};
  Shape sizes = x.shape();
  sizes[axis] = k;
  if (sizes.numel() == 0)
    return {chosen(op, x, axis, empty(sizes, x.options()), zeros(sizes, {kInt64, x.device()})),
            zeros(sizes, {kInt64, x.device()})};
  if (x.shape()[axis] >= UINT32_MAX) throw ShapeError(format("[%s] an axis of 2^32 or more elements", op));
  const Dtype type = is_floating(x.dtype()) ? kFloat32 : kInt64;
  const Tensor last = contiguous(transpose(to(x.detach(), type), axis, -1));  // the axis in one piece
  Shape moved = last.shape();
  moved[moved.dims() - 1] = k;
  const int64_t n = last.shape().back(), rows = last.numel() / n;
  const Tensor from = reshape(last, {rows, n}), values = empty({rows, k}, last.options()),
               indices = empty({rows, k}, {kInt64, x.device()});
  MT_DISPATCH(x.device(), sort_rows, view_of(from), descending, view_of(values),
              (view_of<int64_t, 2>(indices)));
  const Tensor places = contiguous(transpose(reshape(indices, moved), axis, -1));
  const Tensor y = to(contiguous(transpose(reshape(values, moved), axis, -1)), x.dtype());
  return {chosen(op, x, axis, y, places), places};
}

}  // namespace

ValuesIndices sort(const Tensor& x, int64_t axis, bool descending) {
  const int d = normalize_axis("sort", axis, x.dims());
  return first("sort", x, x.dims() ? x.shape()[d] : 1, d, descending);
}

Tensor argsort(const Tensor& x, int64_t axis, bool descending) {
  const int d = normalize_axis("argsort", axis, x.dims());
  return first("argsort", x.detach(), x.dims() ? x.shape()[d] : 1, d, descending).indices;
}

ValuesIndices topk(const Tensor& x, int64_t k, int64_t axis, bool largest) {
  const int d = normalize_axis("topk", axis, x.dims());
  const int64_t n = x.dims() ? x.shape()[d] : 1;
  if (k < 0 || k > n)
    throw ValueError(format("[topk] k = %lld along axis %d of %s: expected 0 to %lld",
                            static_cast<long long>(k), d, to_string(x.shape()).c_str(),
                            static_cast<long long>(n)));
  return first("topk", x, k, d, largest);
}

ValuesIndices median(const Tensor& x, int64_t axis, bool keepdim) {
  const int d = normalize_axis("median", axis, x.dims());
  const int64_t n = x.dims() ? x.shape()[d] : 1;
  if (n == 0)
    throw ValueError(
        format("[median] no elements to choose from in a tensor of shape %s", to_string(x.shape()).c_str()),
        "check numel() first, or the selection that left nothing");
  if (x.dims() == 0) return first("median", x, 1, 0, false);
  const ValuesIndices sorted = first("median", x.detach(), n, d, false);
  const Tensor last = slice(sorted.values, d, n - 1, n);  // NaN where there is one, and then it is the median
  const int64_t middle = (n - 1) / 2;
  const Tensor at =
      where(last != last, slice(sorted.indices, d, n - 1, n), slice(sorted.indices, d, middle, middle + 1));
  const Tensor y = gather(x, d, at);
  return {keepdim ? y : squeeze(y, d), keepdim ? at : squeeze(at, d)};
}

Tensor median(const Tensor& x) { return median(reshape(x, {-1}), 0).values; }

}  // namespace minitorch
