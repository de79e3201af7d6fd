// SPDX-License-Identifier: MIT
#include "minitorch/ops/interpolate/interpolate.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/interpolate/interpolate_kernels.h"
#include "minitorch/ops/movement/movement.h"

namespace minitorch {
namespace {

void check_options(const Tensor& x, const InterpolateOptions& o) {
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[interpolate] a %s tensor: expected a floating-point one", name(x.dtype())),
                     "convert it with .to(kFloat32)");
  if (x.dims() != 3 && x.dims() != 4)
    throw ShapeError("[interpolate] a tensor of shape " + to_string(x.shape()) +
                     ": expected (N, C, W) or (N, C, H, W)");
  const int axes = x.dims() - 2, sizes = o.size.dims(), scales = static_cast<int>(o.scale.size());
  if ((sizes == 0) == (scales == 0))
    throw ValueError("[interpolate] exactly one of size and scale must be given");
  if (const int given = sizes + scales; given != 1 && given != axes)
    throw ValueError(format("[interpolate] %d sizes or scales for %d spatial axes", given, axes),
                     "give one for each axis, or one for all");
  if (o.align_corners && o.mode != Resample::kLinear)
    throw ValueError("[interpolate] aligned corners are for linear interpolation alone");
  for (double scale : o.scale)
    if (!(scale > 0 && std::isfinite(scale)))
      throw ValueError(format("[interpolate] a scale of %g: expected more than 0", scale));
}

// How the k-th spatial axis, `in` long, is resized.
AxisMap map_axis(const InterpolateOptions& o, const Shape& shape, int k) {
  const int64_t in = shape[2 + k];
  int64_t out;
  double step;
  if (o.size.empty()) {
    const double scale = o.scale.size() == 1 ? o.scale[0] : o.scale[static_cast<std::size_t>(k)];
    const double size = std::floor(static_cast<double>(in) * scale);
    out = size < 0x1p40 ? static_cast<int64_t>(size) : -1;
    step = 1 / scale;
  } else {
    out = o.size.dims() == 1 ? o.size[0] : o.size[k];
    step = static_cast<double>(in) / static_cast<double>(out);
  }
  if (in < 1 || out < 1 || in >= INT32_MAX || out >= INT32_MAX)
    throw ShapeError(
        format("[interpolate] axis %d of %s to a size of %lld: both must be 1 or more, below 2^31", 2 + k,
               to_string(shape).c_str(), static_cast<long long>(out)));
  if (o.align_corners) step = out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0;
  return {o.mode, o.align_corners, in, out, static_cast<float>(step)};
}

Tensor as_planes(const Tensor& x, const AxisMap& rows, const AxisMap& cols, bool out) {
  const int64_t height = out ? rows.out : rows.in, width = out ? cols.out : cols.in;
  return reshape(contiguous(to(x, kFloat32)), {x.shape()[0] * x.shape()[1], height, width});
}

}  // namespace

Tensor interpolate(const Tensor& x, const InterpolateOptions& options) {
  check_options(x, options);
  const bool picture = x.dims() == 4;
  const AxisMap rows =
      picture ? map_axis(options, x.shape(), 0) : AxisMap{Resample::kNearest, false, 1, 1, 1};
  const AxisMap cols = map_axis(options, x.shape(), picture ? 1 : 0);
  Shape shape = x.shape();
  if (picture) shape[2] = rows.out;
  shape[x.dims() - 1] = cols.out;

  const Tensor from = as_planes(x.detach(), rows, cols, false);
  const Tensor y = empty(shape, {kFloat32, x.device()}), out = as_planes(y, rows, cols, true);
  MT_DISPATCH(x.device(), resample, (view_of<const float, 3>(from)), (view_of<float, 3>(out)), rows, cols);
  return with_gradients(to(y, x.dtype()), "interpolate", wrt(x, [=, from = x.shape()](const Tensor& dy) {
                          Tensor dx = empty(from, {kFloat32, dy.device()});
                          const Tensor d = as_planes(dy, rows, cols, true),
                                       planes = as_planes(dx, rows, cols, false);
                          MT_DISPATCH(dy.device(), resample_backward, (view_of<const float, 3>(d)),
                                      (view_of<float, 3>(planes)), rows, cols);
                          return to(dx, dy.dtype());
                        }));
}

}  // namespace minitorch
