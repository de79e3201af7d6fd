// SPDX-License-Identifier: MIT
#include "minitorch/ops/movement/movement.h"

#include <algorithm>
#include <optional>

#include "minitorch/autograd/graph.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

// The size that stands for -1, worked out from the count of elements.
Shape complete_shape(const char* op, const Tensor& x, const Shape& shape) {
  Shape out = shape;
  int unknown = -1;
  int64_t known = 1;
  for (int i = 0; i < shape.dims(); ++i) {
    if (shape[i] == -1 && unknown < 0) unknown = i;
    else if (shape[i] < 0)
      throw ShapeError(format("[%s] %s: at most one size may be -1", op, to_string(shape).c_str()));
    else known *= shape[i];
  }
  if (unknown >= 0 && known > 0) out[unknown] = x.numel() / known;
  if (out.numel() != x.numel() || (unknown >= 0 && known == 0))
    throw ShapeError(format("[%s] %s has %lld elements and cannot become %s", op,
                            to_string(x.shape()).c_str(), static_cast<long long>(x.numel()),
                            to_string(shape).c_str()));
  return out;
}

// Strides under which `shape` walks x's elements in row-major order, if any do. Old axes that are contiguous
// with one another form a run; each run must be used up exactly by the new axes laid into it.
std::optional<Shape> view_strides(const Tensor& x, const Shape& shape) {
  if (x.numel() == 0) return contiguous_strides(shape);
  Shape strides = contiguous_strides(shape);
  int next = shape.dims() - 1;  // the new axis to place, from the last
  int64_t run = 1, step = x.dims() ? x.strides().back() : 1;
  for (int d = x.dims() - 1; d >= 0; --d) {
    run *= x.shape()[d];
    const bool continues = d > 0 && (x.shape()[d - 1] == 1 || x.strides()[d - 1] == run * step);
    if (continues) continue;
    int64_t placed = 1;
    for (; next >= 0 && (placed < run || shape[next] == 1); --next) {
      strides[next] = placed * step;
      placed *= shape[next];
    }
    if (placed != run) return std::nullopt;
    run = 1;
    if (d > 0) step = x.strides()[d - 1];
  }
  return strides;
}

Tensor reshaped(const char* op, const Tensor& x, const Shape& sizes, const Shape& strides) {
  return with_gradients(as_strided(x, sizes, strides, x.impl().offset), op,
                        wrt(x, [from = x.shape()](const Tensor& dy) { return reshape(dy, from); }));
}

}  // namespace

Tensor reshape(const Tensor& x, const Shape& shape) {
  const Shape sizes = complete_shape("reshape", x, shape);
  if (sizes == x.shape()) return x;
  if (auto strides = view_strides(x, sizes)) return reshaped("reshape", x, sizes, *strides);
  return reshape(clone(x), sizes);
}

Tensor view(const Tensor& x, const Shape& shape) {
  const Shape sizes = complete_shape("view", x, shape);
  auto strides = view_strides(x, sizes);
  if (!strides)
    throw ShapeError(
        format("[view] %s with strides %s cannot be seen as %s without copying", to_string(x.shape()).c_str(),
               to_string(x.strides()).c_str(), to_string(sizes).c_str()),
        "use reshape(), which copies when it must");
  return reshaped("view", x, sizes, *strides);
}

Tensor flatten(const Tensor& x, int64_t first_axis, int64_t last_axis) {
  if (x.dims() == 0) return reshape(x, {1});
  const int first = normalize_axis("flatten", first_axis, x.dims()),
            last = normalize_axis("flatten", last_axis, x.dims());
  if (first > last) throw ShapeError(format("[flatten] first axis %d lies behind last axis %d", first, last));
  Shape shape;
  int64_t joined = 1;
  for (int i = 0; i < x.dims(); ++i) {
    if (i >= first && i <= last) joined *= x.shape()[i];
    if (i == last) shape.push_back(joined);
    if (i < first || i > last) shape.push_back(x.shape()[i]);
  }
  return reshape(x, shape);
}

Tensor permute(const Tensor& x, const Shape& order) {
  Shape sizes = x.shape(), strides = x.strides(), back = order;
  bool seen[Shape::kMaxDims] = {};
  bool valid = order.dims() == x.dims();
  for (int i = 0; valid && i < order.dims(); ++i) {
    const int from = normalize_axis("permute", order[i], x.dims());
    valid = !seen[from];
    seen[from] = true;
    sizes[i] = x.shape()[from];
    strides[i] = x.strides()[from];
    back[from] = i;
  }
  if (!valid)
    throw ShapeError(
        format("[permute] %s does not name each of the %d axes once", to_string(order).c_str(), x.dims()));
  return with_gradients(as_strided(x, sizes, strides, x.impl().offset), "permute",
                        wrt(x, [back](const Tensor& dy) { return permute(dy, back); }));
}

Tensor transpose(const Tensor& x, int64_t a, int64_t b) {
  Shape order = x.shape();
  for (int i = 0; i < x.dims(); ++i) order[i] = i;
  std::swap(order[normalize_axis("transpose", a, x.dims())], order[normalize_axis("transpose", b, x.dims())]);
  return permute(x, order);
}

Tensor t(const Tensor& x) {
  if (x.dims() > 2)
    throw ShapeError(
        "[t] a tensor of shape " + to_string(x.shape()) + ": only a matrix can be transposed with t()",
        "use transpose(axis, axis) or permute(order)");
  return x.dims() == 2 ? permute(x, {1, 0}) : x;
}

Tensor expand(const Tensor& x, const Shape& shape) {
  if (shape == x.shape()) return x;
  const int shift = shape.dims() - x.dims();
  Shape sizes = shape, strides = shape;
  bool fits = shift >= 0;
  for (int i = 0; fits && i < shape.dims(); ++i) {
    const int64_t from = i < shift ? 1 : x.shape()[i - shift];
    if (sizes[i] == -1 && i >= shift) sizes[i] = from;
    fits = from == sizes[i] || (from == 1 && sizes[i] >= 0);
    strides[i] = i < shift || from != sizes[i] ? 0 : x.strides()[i - shift];
  }
  if (!fits)
    throw ShapeError(format("[expand] %s cannot stretch to %s: only axes of size 1 can be repeated",
                            to_string(x.shape()).c_str(), to_string(shape).c_str()));
  return with_gradients(as_strided(x, sizes, strides, x.impl().offset), "expand",
                        wrt(x, [from = x.shape()](const Tensor& dy) { return sum_to(dy, from); }));
}

Tensor squeeze(const Tensor& x) {
  Shape sizes, strides;
  for (int i = 0; i < x.dims(); ++i) {
    if (x.shape()[i] == 1) continue;
    sizes.push_back(x.shape()[i]);
    strides.push_back(x.strides()[i]);
  }
  return reshaped("squeeze", x, sizes, strides);
}

Tensor squeeze(const Tensor& x, int64_t axis) {
  const int at = normalize_axis("squeeze", axis, x.dims());
  if (x.dims() == 0 || x.shape()[at] != 1) return x;
  Shape sizes = x.shape(), strides = x.strides();
  return reshaped("squeeze", x, sizes.erase(at), strides.erase(at));
}

Tensor unsqueeze(const Tensor& x, int64_t axis) {
  const int at = normalize_axis("unsqueeze", axis, x.dims() + 1);
  Shape sizes = x.shape(), strides = x.strides();
  const int64_t stride = at < x.dims() ? x.shape()[at] * x.strides()[at] : 1;
  return reshaped("unsqueeze", x, sizes.insert(at, 1), strides.insert(at, stride));
}

Tensor select(const Tensor& x, int64_t axis, int64_t index) {
  if (x.dims() == 0)
    throw IndexError("[select] a tensor without axes cannot be indexed", "use item() for its value");
  const int at = normalize_axis("select", axis, x.dims());
  const int64_t size = x.shape()[at], i = index < 0 ? index + size : index;
  if (i < 0 || i >= size)
    throw IndexError(format("[select] index %lld on axis %d of %s: expected %lld to %lld",
                            static_cast<long long>(index), at, to_string(x.shape()).c_str(),
                            static_cast<long long>(-size), static_cast<long long>(size - 1)));
  Shape sizes = x.shape(), strides = x.strides();
  const int64_t offset = x.impl().offset + i * strides[at];
  return with_gradients(as_strided(x, sizes.erase(at), strides.erase(at), offset), "select",
                        wrt(x, [from = x.shape(), at, i](const Tensor& dy) {
                          Tensor dx = zeros(from, dy.options());
                          select(dx, at, i).copy_(dy);
                          return dx;
                        }));
}

Tensor slice(const Tensor& x, int64_t axis, int64_t begin, int64_t end, int64_t step) {
  if (step < 1)
    throw ValueError(format("[slice] step %lld: expected 1 or more", static_cast<long long>(step)),
                     "flip() reverses an axis");
  const int at = normalize_axis("slice", axis, x.dims());
  if (x.dims() == 0) throw IndexError("[slice] a tensor without axes cannot be sliced");
  const int64_t size = x.shape()[at];
  begin = std::clamp<int64_t>(begin < 0 ? begin + size : begin, 0, size);
  end = std::clamp<int64_t>(end < 0 ? end + size : end, begin, size);
  step = std::min(step, size + 1);  // leaves one element as well, and no sum or product overflows
  Shape sizes = x.shape(), strides = x.strides();
  sizes[at] = (end - begin + step - 1) / step;
  const int64_t offset = x.impl().offset + begin * strides[at];
  strides[at] *= step;
  return with_gradients(as_strided(x, sizes, strides, offset), "slice",
                        wrt(x, [from = x.shape(), at, begin, end, step](const Tensor& dy) {
                          Tensor dx = zeros(from, dy.options());
                          slice(dx, at, begin, end, step).copy_(dy);
                          return dx;
                        }));
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int shift = x.dims() - shape.dims();
  Shape axes;
  for (int i = 0; i < x.dims(); ++i)
    if (i < shift || (shape[i - shift] == 1 && x.shape()[i] != 1)) axes.push_back(i);
  return reshape(axes.empty() ? x : sum(x, axes, true), shape);
}

}  // namespace minitorch
