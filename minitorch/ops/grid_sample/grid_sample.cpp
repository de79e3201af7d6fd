// SPDX-License-Identifier: MIT
#include "minitorch/ops/grid_sample/grid_sample.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/grid_sample/grid_sample_kernels.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

void check_shapes(const Tensor& x, const Tensor& grid) {
  const bool fits =
      x.dims() == 4 && grid.dims() == 4 && grid.shape()[3] == 2 && grid.shape()[0] == x.shape()[0];
  if (!fits)
    throw ShapeError("[grid_sample] a picture of shape " + to_string(x.shape()) + " and a grid of shape " +
                         to_string(grid.shape()) + ": expected (N, C, H, W) and (N, H', W', 2)",
                     "the grid's last axis holds x and y");
  if (x.shape()[2] * x.shape()[3] == 0 || x.shape()[2] * x.shape()[3] > INT32_MAX)
    throw ShapeError("[grid_sample] pictures of shape " + to_string(x.shape()) +
                     ": expected 1 to 2^31 - 1 pixels each");
  for (const Tensor* t : {&x, &grid})
    if (!is_floating(t->dtype()))
      throw DtypeError(format("[grid_sample] a %s tensor: expected floating-point ones", name(t->dtype())),
                       "convert it with .to(kFloat32)");
  check_same_device("grid_sample", x, grid);
}

Tensor ready(const Tensor& x) { return contiguous(to(x.detach(), kFloat32)); }

// Coordinates along an axis of n pixels, shaped (1, n, 1, 1) or (1, 1, n, 1) to go with dgrid.
Tensor coordinates(int64_t n, bool aligned, const Shape& shape, Device device) {
  const Tensor out = empty({n});
  for (int64_t i = 0; i < n; ++i) out.data<float>()[i] = grid_coordinate(i, n, aligned);
  return reshape(out, shape).to(device);
}

}  // namespace

Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners) {
  const bool fits = theta.dims() == 3 && theta.shape()[1] == 2 && theta.shape()[2] == 3 && size.dims() == 4 &&
                    size[0] == theta.shape()[0] && size[2] > 0 && size[3] > 0;
  if (!fits)
    throw ShapeError("[affine_grid] theta of shape " + to_string(theta.shape()) + " for a size of " +
                     to_string(size) + ": expected (N, 2, 3) and (N, C, H, W)");
  const Tensor from = ready(theta);
  const int64_t h = size[2], w = size[3];
  Tensor grid = empty({size[0], h, w, 2}, {kFloat32, theta.device()});
  MT_DISPATCH(theta.device(), affine_grid, (view_of<const float, 3>(from)), (view_of<float, 4>(grid)),
              align_corners);
  return with_gradients(to(grid, theta.dtype()), "affine_grid", wrt(theta, [=](const Tensor& dgrid) {
                          const Tensor x = coordinates(w, align_corners, {1, 1, w, 1}, dgrid.device());
                          const Tensor y = coordinates(h, align_corners, {1, h, 1, 1}, dgrid.device());
                          return to(
                              stack({sum(dgrid * x, {1, 2}), sum(dgrid * y, {1, 2}), sum(dgrid, {1, 2})}, 2),
                              dgrid.dtype());
                        }));
}

Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& options) {
  check_shapes(x, grid);
  const GridRule rule{options.mode, options.padding, options.align_corners};
  const Tensor from = ready(x), at = ready(grid);
  Tensor y = empty({x.shape()[0], x.shape()[1], grid.shape()[1], grid.shape()[2]}, {kFloat32, x.device()});
  const auto places = view_of<const float, 4>(at);
  MT_DISPATCH(x.device(), grid_sample, (view_of<const float, 4>(from)), places, (view_of<float, 4>(y)), rule);
  if (!needs_graph(x, grid)) return to(y, x.dtype());
  return with_gradients(
      to(y, x.dtype()), "grid_sample",
      wrt(x,
          [=, at = Saved(at), shape = x.shape()](const Tensor& dy) {
            Tensor dx = zeros(shape, {kFloat32, dy.device()});
            const Tensor d = ready(dy);
            MT_DISPATCH(dy.device(), grid_sample_dx, (view_of<const float, 4>(d)),
                        (view_of<const float, 4>(at())), (view_of<float, 4>(dx)), rule);
            return to(dx, dy.dtype());
          }),
      wrt(grid, [=, at = Saved(at), from = Saved(from), type = grid.dtype()](const Tensor& dy) {
        Tensor dgrid = zeros(at().shape(), {kFloat32, dy.device()});
        if (rule.mode == SampleMode::kNearest) return to(dgrid, type);
        const Tensor d = ready(dy);
        MT_DISPATCH(dy.device(), grid_sample_dgrid, (view_of<const float, 4>(d)),
                    (view_of<const float, 4>(from())), (view_of<const float, 4>(at())),
                    (view_of<float, 4>(dgrid)), rule);
        return to(dgrid, type);
      }));
}

}  // namespace minitorch
