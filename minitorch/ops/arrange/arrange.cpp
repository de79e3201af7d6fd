// SPDX-License-Identifier: MIT
// No kernels of their own: all are strided copies, or views, or written with other ops.
#include "minitorch/ops/arrange/arrange.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/copy_kernels.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {

// A reversed axis is one with a negative stride, read from its last element on; kernels walk it like any
// other.
Tensor flip(const Tensor& x, const Shape& axes) {
  Shape strides = x.strides();
  int64_t offset = x.impl().offset;
  bool reversed[Shape::kMaxDims] = {};
  for (int64_t axis : axes) {
    const int d = normalize_axis("flip", axis, x.dims());
    if (std::exchange(reversed[d], true))
      throw ShapeError(format("[flip] axis %lld is named twice", static_cast<long long>(axis)));
    if (x.numel()) offset += (x.shape()[d] - 1) * strides[d];
    strides[d] = -strides[d];
  }
  Tensor y = empty(x.shape(), x.options());
  MT_DISPATCH(x.device(), copy_strided, view_of(as_strided(x, x.shape(), strides, offset)), view_of(y));
  return with_gradients(y, "flip", wrt(x, [axes](const Tensor& dy) { return flip(dy, axes); }));
}

Tensor roll(const Tensor& x, const std::vector<int64_t>& shifts, const Shape& axes) {
  if (axes.empty() && shifts.size() == 1 && x.dims() != 1)
    return reshape(roll(flatten(x), shifts, {0}), x.shape());
  const Shape along = axes.empty() && shifts.size() == 1 ? Shape{0} : axes;
  if (static_cast<int>(shifts.size()) != along.dims())
    throw ShapeError(format("[roll] %zu shifts for %d axes", shifts.size(), along.dims()),
                     "give one shift for each axis");
  Tensor y = x.detach();
  std::vector<int64_t> back;
  for (std::size_t k = 0; k < shifts.size(); ++k) {
    const int axis = normalize_axis("roll", along[static_cast<int>(k)], x.dims());
    const int64_t n = x.size(axis), shift = n ? (shifts[k] % n + n) % n : 0;
    const Tensor from = y;
    y = empty(x.shape(), x.options());
    slice(y, axis, shift, n).copy_(slice(from, axis, 0, n - shift));
    slice(y, axis, 0, shift).copy_(slice(from, axis, n - shift, n));
    back.push_back(-shift);
  }
  return with_gradients(y, "roll", wrt(x, [=](const Tensor& dy) { return roll(dy, back, along); }));
}

Tensor repeat(const Tensor& x, const Shape& repeats) {
  const int added = repeats.dims() - x.dims();
  if (added < 0)
    throw ShapeError(format("[repeat] %s repeats for %s: expected at least one for each axis",
                            to_string(repeats).c_str(), to_string(x.shape()).c_str()));
  // An axis of size 1 before each axis that repeats is stretched and then joined with it.
  Shape apart, stretched, joined;
  for (int d = 0; d < repeats.dims(); ++d) {
    const int64_t times = repeats[d], n = d < added ? 1 : x.shape()[d - added];
    if (times < 0) throw ValueError("[repeat] a negative count in " + to_string(repeats));
    if (times != 1 && n != 1) apart.push_back(1), stretched.push_back(times);
    apart.push_back(n);
    stretched.push_back(n == 1 ? times : n);
    joined.push_back(times * n);
  }
  return reshape(contiguous(expand(reshape(x, apart), stretched)), joined);
}

Tensor repeat_interleave(const Tensor& x, int64_t count, int64_t axis_from_user) {
  if (count < 0)
    throw ValueError(format("[repeat_interleave] a count of %lld", static_cast<long long>(count)));
  const int axis = normalize_axis("repeat_interleave", axis_from_user, x.dims());
  Shape stretched = x.shape(), joined = x.shape();
  joined[axis] *= count;
  return reshape(expand(unsqueeze(x, axis + 1), stretched.insert(axis + 1, count)), joined);
}

Tensor repeat_interleave(const Tensor& x, const Tensor& counts, int64_t axis) {
  if (!(counts.shape() == Shape{x.size(axis)}))
    throw ShapeError("[repeat_interleave] counts of shape " + to_string(counts.shape()) +
                     " for an axis of size " + std::to_string(x.size(axis)));
  std::vector<int64_t> rows;
  int64_t row = 0;
  for (int64_t count : counts.to_vector<int64_t>()) {
    if (count < 0)
      throw ValueError(format("[repeat_interleave] a count of %lld", static_cast<long long>(count)));
    rows.insert(rows.end(), static_cast<std::size_t>(count), row++);
  }
  return index_select(x, axis, tensor(rows).to(x.device()));
}

static Tensor triangle(const char* op, const Tensor& x, int64_t diagonal, bool lower) {
  if (x.dims() < 2)
    throw ShapeError(
        format("[%s] a tensor of shape %s: expected two axes or more", op, to_string(x.shape()).c_str()));
  // Counted on x's device: nothing is copied there.
  const auto positions = [&](int64_t n) { return cumsum(ones({n}, {kFloat32, x.device()}), 0); };
  const Tensor rows = unsqueeze(positions(x.size(-2)), 1), cols = positions(x.size(-1));
  const Tensor keep = lower ? le(cols, rows + diagonal) : ge(cols, rows + diagonal);
  return where(keep, x, full({}, 0, x.options()));
}
Tensor tril(const Tensor& x, int64_t diagonal) { return triangle("tril", x, diagonal, true); }
Tensor triu(const Tensor& x, int64_t diagonal) { return triangle("triu", x, diagonal, false); }

Tensor movedim(const Tensor& x, int64_t from, int64_t to) {
  const int source = normalize_axis("movedim", from, x.dims()),
            target = normalize_axis("movedim", to, x.dims());
  Shape order;
  for (int d = 0; d < x.dims(); ++d)
    if (d != source) order.push_back(d);
  return permute(x, order.insert(target, source));
}

std::vector<Tensor> meshgrid(const std::vector<Tensor>& vectors) {
  if (vectors.empty()) throw ValueError("[meshgrid] no vectors", "give at least one");
  Shape grid;
  for (auto& v : vectors) {
    if (v.dims() != 1)
      throw ShapeError("[meshgrid] a tensor of shape " + to_string(v.shape()) + ": expected a vector");
    grid.push_back(v.numel());
  }
  std::vector<Tensor> out;
  for (int k = 0; k < grid.dims(); ++k) {
    Shape along = Shape::filled(grid.dims(), 1);
    along[k] = grid[k];
    out.push_back(expand(reshape(vectors[static_cast<std::size_t>(k)], along), grid));
  }
  return out;
}

Tensor outer(const Tensor& a, const Tensor& b) {
  if (a.dims() != 1 || b.dims() != 1)
    throw ShapeError("[outer] " + to_string(a.shape()) + " and " + to_string(b.shape()) +
                     ": expected two vectors");
  return unsqueeze(a, 1) * b;
}

}  // namespace minitorch
