// SPDX-License-Identifier: MIT
// The losses of one prediction and one target: differences, and yes or no.
#include "minitorch/ops/loss/loss.h"

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/loss/loss_kernels.h"
#include "minitorch/ops/loss/reduction.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/unary/unary.h"

namespace minitorch {

Tensor reduce_losses(const Tensor& losses, Reduction reduction) {
  switch (reduction) {
    case Reduction::none: return losses;
    case Reduction::sum: return sum(losses);
    case Reduction::mean: return mean(losses);
  }
  return losses;
}

namespace {

void check_pair(const char* op, const Tensor& x, const Tensor& t) {
  check_same_device(op, x, t);
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[%s] %s predictions: expected a float type", op, name(x.dtype())),
                     "convert them with .to(kFloat32)");
  if (!(x.shape() == t.shape()))
    throw ShapeError(format("[%s] prediction %s and target %s: the shapes differ", op,
                            to_string(x.shape()).c_str(), to_string(t.shape()).c_str()),
                     "reshape one of them, for example with squeeze(1) or unsqueeze(1)");
}

using TargetSlope = Tensor (*)(const Tensor& x, const Tensor& t, const Tensor& dx, const Tensor& dy);

// The losses of all items, and the rule for both inputs: dx by a kernel, dt from dx or from the inputs.
Tensor pointwise(const char* op, LossOp which, const Tensor& prediction, const Tensor& target,
                 double parameter, TargetSlope dt) {
  check_pair(op, prediction, target);
  if (needs_full_precision(prediction))
    return pointwise(op, which, in_full_precision(prediction), in_full_precision(target), parameter, dt);
  const auto a = static_cast<float>(parameter);
  const Tensor x = to(prediction.detach(), kFloat32), t = to(target.detach(), kFloat32),
               losses = empty_like(x);
  MT_DISPATCH(x.device(), pointwise_loss, which, a, view_of(x), view_of(t), view_of(losses));
  const Tensor y = to(losses, prediction.dtype());
  if (!needs_graph(prediction, target)) return y;
  const auto rule = [=, x = Saved(x), t = Saved(t), types = std::array{prediction.dtype(), target.dtype()}](
                        const Tensor& dy, const std::array<bool, 2>& needed) {
    const Tensor dloss = to(dy, kFloat32), dx = empty_like(x());
    MT_DISPATCH(dx.device(), pointwise_loss_backward, which, a, view_of(x()), view_of(t()), view_of(dloss),
                view_of(dx));
    return std::array{to(dx, types[0]), needed[1] ? to(dt(x(), t(), dx, dloss), types[1]) : Tensor()};
  };
  return with_gradients(y, op, together(rule, prediction, target));
}
Tensor opposite(const Tensor&, const Tensor&, const Tensor& dx, const Tensor&) { return neg(dx); }

}  // namespace

Tensor mse_loss(const Tensor& prediction, const Tensor& target, LossOptions options) {
  return reduce_losses(pointwise("mse_loss", LossOp::SquaredError, prediction, target, 0, opposite),
                       options.reduction);
}

Tensor l1_loss(const Tensor& prediction, const Tensor& target, LossOptions options) {
  return reduce_losses(pointwise("l1_loss", LossOp::AbsoluteError, prediction, target, 0, opposite),
                       options.reduction);
}

Tensor smooth_l1_loss(const Tensor& prediction, const Tensor& target, SmoothL1Options options) {
  if (!(options.beta >= 0))
    throw ValueError(format("[smooth_l1_loss] beta = %g: expected 0 or more", options.beta));
  const LossOp op = options.beta == 0 ? LossOp::AbsoluteError : LossOp::SmoothL1;
  return reduce_losses(pointwise("smooth_l1_loss", op, prediction, target, options.beta, opposite),
                       options.reduction);
}

Tensor huber_loss(const Tensor& prediction, const Tensor& target, HuberOptions options) {
  if (!(options.delta > 0))
    throw ValueError(format("[huber_loss] delta = %g: expected more than 0", options.delta));
  return reduce_losses(pointwise("huber_loss", LossOp::Huber, prediction, target, options.delta, opposite),
                       options.reduction);
}

Tensor binary_cross_entropy(const Tensor& probabilities, const Tensor& target, const BceOptions& options) {
  const Tensor p = probabilities.detach();
  if (p.device().is_cpu() && is_floating(p.dtype()) && p.numel() > 0 &&
      !(amin(p).item() >= 0 && amax(p).item() <= 1))
    throw ValueError("[binary_cross_entropy] probabilities outside [0, 1]",
                     "apply sigmoid first, or use binary_cross_entropy_with_logits");
  const Tensor losses = pointwise("binary_cross_entropy", LossOp::Bce, probabilities, target, 0,
                                  [](const Tensor& p, const Tensor&, const Tensor&, const Tensor& dy) {
                                    return (maximum(log(1 - p), -100) - maximum(log(p), -100)) * dy;
                                  });
  return reduce_losses(options.weight.defined() ? losses * options.weight : losses, options.reduction);
}

Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const BceLogitsOptions& options) {
  const char* op = "binary_cross_entropy_with_logits";
  Tensor losses;
  if (options.pos_weight.defined()) {  // (1 - t) x + (1 + (pos_weight - 1) t) softplus(-x)
    check_pair(op, logits, target);
    losses = (1 - target) * logits + (1 + (options.pos_weight - 1) * target) * softplus(-logits);
  } else {
    losses = pointwise(
        op, LossOp::BceLogits, logits, target, 0,
        [](const Tensor& x, const Tensor&, const Tensor&, const Tensor& dy) { return neg(x) * dy; });
  }
  return reduce_losses(options.weight.defined() ? losses * options.weight : losses, options.reduction);
}

}  // namespace minitorch
