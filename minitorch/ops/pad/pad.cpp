// SPDX-License-Identifier: MIT
#include "minitorch/ops/pad/pad.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/arrange/arrange.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/pad/pad_kernels.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch {
namespace {

[[noreturn]] void throw_width(int64_t width, int axis, const Shape& shape, const char* rule) {
  throw ShapeError(format("[pad] a width of %lld on axis %d of %s: %s", static_cast<long long>(width), axis,
                          to_string(shape).c_str(), rule));
}

void check_width(PaddingMode mode, int64_t width, int axis, const Shape& shape) {
  const int64_t n = shape[axis];
  if (mode == PaddingMode::kReflect && width >= n)
    throw_width(width, axis, shape, "a mirrored border must be narrower than the axis");
  if (mode == PaddingMode::kCircular && width > n)
    throw_width(width, axis, shape, "a continued border cannot be wider than the axis");
  if (mode == PaddingMode::kReplicate && width > 0 && n == 0)
    throw_width(width, axis, shape, "there is no edge to repeat");
}

// What a border of dy, `before` and `after` wide, adds to the inside of one axis; n is the size of the
// inside.
Tensor fold_axis(const Tensor& dy, int axis, int64_t before, int64_t after, int64_t n, PaddingMode mode) {
  const auto part = [&](const Tensor& t, int64_t begin, int64_t size) {
    return slice(t, axis, begin, begin + size);
  };
  const int64_t low = std::max<int64_t>(before, 0), high = std::max<int64_t>(after, 0);
  // The inside of dy, with zeros where a negative width cut x.
  Tensor dx = pad(part(dy, low, dy.shape()[axis] - low - high), [&] {
    std::vector<int64_t> widths(2 * static_cast<std::size_t>(dy.dims() - axis));
    widths[widths.size() - 2] = low - before;
    widths[widths.size() - 1] = high - after;
    return widths;
  }());
  if (low == 0 && high == 0) return dx;
  const Tensor left = part(dy, 0, low), right = part(dy, dy.shape()[axis] - high, high);
  switch (mode) {
    case PaddingMode::kReflect:
      part(dx, 1, low).add_(flip(left, {axis}));
      part(dx, n - 1 - high, high).add_(flip(right, {axis}));
      break;
    case PaddingMode::kReplicate:
      part(dx, 0, 1).add_(sum(left, {axis}, true));
      part(dx, n - 1, 1).add_(sum(right, {axis}, true));
      break;
    case PaddingMode::kCircular:
      part(dx, n - low, low).add_(left);
      part(dx, 0, high).add_(right);
      break;
    case PaddingMode::kConstant: break;
  }
  return dx;
}

}  // namespace

Tensor pad(const Tensor& x, const std::vector<int64_t>& widths, PaddingMode mode, double value) {
  const int count = static_cast<int>(widths.size() / 2);
  if (widths.size() % 2 || count > x.dims())
    throw ShapeError(format("[pad] %zu widths for %s: expected two for each of its last axes", widths.size(),
                            to_string(x.shape()).c_str()),
                     "from the last axis on: {left, right, top, bottom}");
  check_fill("pad", x.dtype(), value);
  if (count == 0) return x;
  PadPlan plan;
  plan.mode = mode;
  Shape shape = x.shape();
  for (int d = 0; d < x.dims(); ++d) {
    const int k = x.dims() - 1 - d;
    const int64_t before = k < count ? widths[2 * k] : 0, after = k < count ? widths[2 * k + 1] : 0;
    check_width(mode, before, d, x.shape());
    check_width(mode, after, d, x.shape());
    shape[d] += before + after;
    if (shape[d] < 0) throw_width(std::min(before, after), d, x.shape(), "more is cut off than there is");
    plan.axes[d] = {before, x.shape()[d]};
  }
  const Tensor from = contiguous(x.detach());
  Tensor y = empty(shape, x.options());
  MT_DISPATCH(x.device(), pad, view_of(from), view_of(y), plan, value);
  return with_gradients(y, "pad", wrt(x, [=, inside = x.shape()](const Tensor& dy) {
                          Tensor dx = dy;
                          for (int k = 0; k < count; ++k) {
                            const int axis = inside.dims() - 1 - k;
                            if (widths[2 * k] || widths[2 * k + 1])
                              dx = fold_axis(dx, axis, widths[2 * k], widths[2 * k + 1], inside[axis], mode);
                          }
                          return dx;
                        }));
}

}  // namespace minitorch
