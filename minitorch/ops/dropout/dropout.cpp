// SPDX-License-Identifier: MIT
#include "minitorch/ops/dropout/dropout.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/dropout/dropout_kernels.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

void check_arguments(const char* op, const Tensor& x, double p) {
  if (!(p >= 0 && p <= 1)) throw ValueError(format("[%s] p = %g: expected a probability, 0 to 1", op, p));
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[%s] a %s tensor: expected a floating-point one", op, name(x.dtype())),
                     "convert it with .to(kFloat32)");
}

// x with items dropped by the rule; rows of `group` items share a word when group is above 1.
Tensor dropped(const Tensor& x, const DropoutRule& rule, int64_t group) {
  const Tensor from = contiguous(to(x, kFloat32));
  Tensor y = empty(x.shape(), {kFloat32, x.device()});
  if (group == 1) {
    const Tensor flat = reshape(from, {-1}), out = reshape(y, {-1});
    MT_DISPATCH(x.device(), dropout, (view_of<const float, 1>(flat)), (view_of<float, 1>(out)), rule);
  } else {
    const Tensor rows = reshape(from, {x.numel() / group, group}), out = reshape(y, rows.shape());
    MT_DISPATCH(x.device(), dropout_rows, (view_of<const float, 2>(rows)), (view_of<float, 2>(out)), rule);
  }
  return to(y, x.dtype());
}

Tensor dropout_by(const char* op, const Tensor& x, double p, int64_t group) {
  const DropoutRule rule = draw_dropout(p, x.device());
  return with_gradients(dropped(x.detach(), rule, group), op,
                        wrt(x, [=](const Tensor& dy) { return dropped(dy, rule, group); }));
}

}  // namespace

DropoutRule draw_dropout(double p, Device device) {
  const CudaGraph* graph = CudaGraph::recording(device);
  return {default_generator().random64(), static_cast<uint32_t>(std::ceil(p * 0x1p24)),
          p < 1 ? static_cast<float>(1 / (1 - p)) : 0.0f, graph ? graph->replays() : nullptr};
}

Tensor dropout(const Tensor& x, double p, bool training) {
  check_arguments("dropout", x, p);
  return training && p > 0 ? dropout_by("dropout", x, p, 1) : x;
}

Tensor dropout2d(const Tensor& x, double p, bool training) {
  check_arguments("dropout2d", x, p);
  if (x.dims() < 3)
    throw ShapeError("[dropout2d] a tensor of shape " + to_string(x.shape()) + ": expected (N, C, ...)",
                     "dropout() drops single items");
  if (!training || p == 0 || x.numel() == 0) return x;
  return dropout_by("dropout2d", x, p, x.numel() / (x.shape()[0] * x.shape()[1]));
}

Tensor dropout_mask(const Shape& shape, double p, TensorOptions options) {
  return dropout(ones(shape, options), p).detach();
}

}  // namespace minitorch
