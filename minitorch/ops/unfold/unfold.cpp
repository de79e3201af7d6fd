// SPDX-License-Identifier: MIT
#include "minitorch/ops/unfold/unfold.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/unfold/unfold_kernels.h"

namespace minitorch {
namespace {

SlidingAxis sliding(const char* op, const UnfoldOptions& o, const Shape& picture, int k) {
  for (const Shape* option : {&o.kernel, &o.dilation, &o.padding, &o.stride})
    if (option->dims() != 2 || (*option)[k] < (option == &o.padding ? 0 : 1) || (*option)[k] > INT32_MAX)
      throw ValueError(
          format("[%s] kernel %s, dilation %s, padding %s, stride %s: expected {vertical, horizontal}, 1 or "
                 "more, padding 0 or more",
                 op, to_string(o.kernel).c_str(), to_string(o.dilation).c_str(), to_string(o.padding).c_str(),
                 to_string(o.stride).c_str()));
  SlidingAxis axis{picture[k], 0, o.kernel[k], o.dilation[k], o.padding[k], o.stride[k]};
  const int64_t room = axis.in + 2 * axis.padding - axis.dilation * (axis.size - 1) - 1;
  if (room < 0)
    throw ShapeError(
        format("[%s] a kernel of %s with dilation %s does not fit into a picture of %s padded by %s", op,
               to_string(o.kernel).c_str(), to_string(o.dilation).c_str(), to_string(picture).c_str(),
               to_string(o.padding).c_str()));
  axis.out = room / axis.stride + 1;
  return axis;
}

Tensor ready(const Tensor& x, const Shape& shape) {
  return reshape(contiguous(to(x.detach(), kFloat32)), shape);
}

}  // namespace

Tensor unfold(const Tensor& x, const UnfoldOptions& options) {
  if (x.dims() != 4)
    throw ShapeError("[unfold] a tensor of shape " + to_string(x.shape()) + ": expected (N, C, H, W)");
  const Shape size{x.shape()[2], x.shape()[3]};
  const SlidingAxis rows = sliding("unfold", options, size, 0), cols = sliding("unfold", options, size, 1);
  const int64_t n = x.shape()[0], planes = n * x.shape()[1], taps = rows.size * cols.size;
  const Tensor y = empty({n, x.shape()[1] * taps, rows.out * cols.out}, {kFloat32, x.device()});
  const Tensor pictures = ready(x, {planes, rows.in, cols.in}),
               columns = ready(y, {planes * taps, rows.out * cols.out});
  MT_DISPATCH(x.device(), unfold, (view_of<const float, 3>(pictures)), (view_of<float, 2>(columns)), rows,
              cols);
  return with_gradients(to(y, x.dtype()), "unfold",
                        wrt(x, [=](const Tensor& dy) { return fold(dy, size, options); }));
}

Tensor fold(const Tensor& x, const Shape& size, const UnfoldOptions& options) {
  if (size.dims() != 2)
    throw ShapeError("[fold] a size of " + to_string(size) + ": expected {height, width}");
  const SlidingAxis rows = sliding("fold", options, size, 0), cols = sliding("fold", options, size, 1);
  const int64_t taps = rows.size * cols.size, places = rows.out * cols.out;
  if (x.dims() != 3 || x.shape()[1] % taps != 0 || x.shape()[2] != places)
    throw ShapeError(format("[fold] %s: expected (N, C %lld, %lld) for a picture of %s",
                            to_string(x.shape()).c_str(), static_cast<long long>(taps),
                            static_cast<long long>(places), to_string(size).c_str()));
  const int64_t channels = x.shape()[1] / taps, planes = x.shape()[0] * channels;
  const Tensor y = empty({x.shape()[0], channels, size[0], size[1]}, {kFloat32, x.device()});
  const Tensor columns = ready(x, {planes * taps, places}), pictures = ready(y, {planes, rows.in, cols.in});
  MT_DISPATCH(x.device(), fold, (view_of<const float, 2>(columns)), (view_of<float, 3>(pictures)), rows,
              cols);
  return with_gradients(to(y, x.dtype()), "fold",
                        wrt(x, [=](const Tensor& dy) { return unfold(dy, options); }));
}

}  // namespace minitorch
