// SPDX-License-Identifier: MIT
#include "minitorch/ops/pixel_shuffle/pixel_shuffle.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/pixel_shuffle/pixel_shuffle_kernels.h"

namespace minitorch {
namespace {

[[noreturn]] void throw_shape(const char* op, const Tensor& x, int64_t r, const char* rule) {
  throw ShapeError(
      format("[%s] %s by %lld: %s", op, to_string(x.shape()).c_str(), static_cast<long long>(r), rule));
}

void check_arguments(const char* op, const Tensor& x, int64_t r) {
  if (r < 1 || r > 1 << 15)
    throw ValueError(format("[%s] a factor of %lld: expected 1 or more", op, static_cast<long long>(r)));
  if (x.dims() != 4) throw_shape(op, x, r, "expected (N, C, H, W)");
}

// x as float32 planes, without the graph.
Tensor planes_of(const Tensor& x) {
  return reshape(contiguous(to(x.detach(), kFloat32)),
                 {x.shape()[0] * x.shape()[1], x.shape()[2], x.shape()[3]});
}

}  // namespace

Tensor pixel_shuffle(const Tensor& x, int64_t r) {
  check_arguments("pixel_shuffle", x, r);
  const Shape& s = x.shape();
  if (s[1] % (r * r) != 0) throw_shape("pixel_shuffle", x, r, "the factor's square must divide the channels");
  const Tensor from = planes_of(x),
               y = empty({s[0], s[1] / (r * r), s[2] * r, s[3] * r}, {kFloat32, x.device()}),
               to_planes = planes_of(y);
  MT_DISPATCH(x.device(), pixel_shuffle, (view_of<const float, 3>(from)), (view_of<float, 3>(to_planes)), r);
  return with_gradients(to(y, x.dtype()), "pixel_shuffle",
                        wrt(x, [r](const Tensor& dy) { return pixel_unshuffle(dy, r); }));
}

Tensor pixel_unshuffle(const Tensor& x, int64_t r) {
  check_arguments("pixel_unshuffle", x, r);
  const Shape& s = x.shape();
  if (s[2] % r != 0 || s[3] % r != 0)
    throw_shape("pixel_unshuffle", x, r, "the factor must divide height and width");
  const Tensor from = planes_of(x),
               y = empty({s[0], s[1] * r * r, s[2] / r, s[3] / r}, {kFloat32, x.device()}),
               to_planes = planes_of(y);
  MT_DISPATCH(x.device(), pixel_unshuffle, (view_of<const float, 3>(from)), (view_of<float, 3>(to_planes)),
              r);
  return with_gradients(to(y, x.dtype()), "pixel_unshuffle",
                        wrt(x, [r](const Tensor& dy) { return pixel_shuffle(dy, r); }));
}

}  // namespace minitorch
