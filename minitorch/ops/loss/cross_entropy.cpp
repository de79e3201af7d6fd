// SPDX-License-Identifier: MIT
// The losses of one class of many.
#include <cmath>

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/loss/loss.h"
#include "minitorch/ops/loss/loss_kernels.h"
#include "minitorch/ops/loss/reduction.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

// The sizes of scores (N, C, d1, ...) or (C): items of `classes` scores, which lie `inner` apart.
struct Sizes {
  int64_t rows, classes, inner;
  int axis;       // of the classes
  Shape targets;  // (N, d1, ...): the shape of class numbers and of single losses
};

Sizes sizes_of(const char* op, const Tensor& x) {
  if (x.dims() == 0)
    throw ShapeError(format("[%s] scores of shape (): expected (N, C), (N, C, d1, ...) or (C)", op));
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[%s] %s scores: expected a float type", op, name(x.dtype())),
                     "give the scores first, then the target");
  Sizes s{x.dims() > 1 ? x.shape()[0] : 1, 0, 1, x.dims() > 1 ? 1 : 0, x.shape()};
  s.classes = x.shape()[s.axis];
  for (int d = 2; d < x.dims(); ++d) s.inner *= x.shape()[d];
  s.targets.erase(s.axis);
  return s;
}

void check_target(const char* op, const Tensor& x, const Tensor& target, const Sizes& s) {
  check_same_device(op, x, target);
  if (target.dtype() != kInt64)
    throw DtypeError(format("[%s] a %s target: expected int64 class numbers", op, name(target.dtype())),
                     "convert it with .to(kInt64)");
  if (!(target.shape() == s.targets))
    throw ShapeError(
        format("[%s] scores %s and target %s: expected a target %s", op, to_string(x.shape()).c_str(),
               to_string(target.shape()).c_str(), to_string(s.targets).c_str()),
        "a target holds one class number for each item, not one column for each class");
}

// In float32, or undefined.
Tensor checked_weight(const char* op, const Tensor& x, const Tensor& weight, const Sizes& s) {
  if (!weight.defined()) return {};
  check_same_device(op, x, weight);
  if (!(weight.shape() == Shape{s.classes}))
    throw ShapeError(format("[%s] weight %s: expected one for each class, (%lld)", op,
                            to_string(weight.shape()).c_str(), static_cast<long long>(s.classes)));
  return contiguous(to(weight.detach(), kFloat32));
}

// Losses where there are no classes: 0 of ignored items; any other target is no class.
Tensor losses_of_no_class(const char* op, const Tensor& target, int64_t ignored) {
  const Tensor counted = target != ignored;
  if (target.device().is_cpu() && any(counted).item() != 0)
    throw IndexError(format("[%s] a target other than %lld, which ignores the item, and no classes", op,
                            static_cast<long long>(ignored)),
                     "the scores have size 0 along the axis of the classes");
  return where(counted, NAN, zeros(target.shape(), {kFloat32, target.device()}));
}

// -sum_c w[c] p[c] log_softmax(x)[c], the target being probabilities.
Tensor soft_cross_entropy(const Tensor& x, const Tensor& target, const CrossEntropyOptions& options,
                          const Sizes& s) {
  check_same_device("cross_entropy", x, target);
  const Tensor weight = checked_weight("cross_entropy", x, options.weight, s);
  const double eps = options.label_smoothing;
  Tensor p = eps > 0 ? target * (1 - eps) + eps / static_cast<double>(s.classes) : target;
  if (weight.defined()) {
    Shape column = Shape::filled(x.dims(), 1);
    column[s.axis] = s.classes;
    p = p * reshape(weight, column);
  }
  const Tensor losses = neg(sum(p * log_softmax(x, s.axis), {s.axis}));
  // The mean is over the items, whatever they weigh.
  return reduce_losses(losses, options.reduction);
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& options) {
  if (needs_full_precision(logits)) return cross_entropy(in_full_precision(logits), target, options);
  const Sizes s = sizes_of("cross_entropy", logits);
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw ValueError(
        format("[cross_entropy] label_smoothing = %g: expected 0 to 1", options.label_smoothing));
  if (is_floating(target.dtype()) && target.shape() == logits.shape())
    return soft_cross_entropy(logits, target, options, s);
  check_target("cross_entropy", logits, target, s);
  const Tensor weight = checked_weight("cross_entropy", logits, options.weight, s);

  const Shape rows = {s.rows, s.inner};
  const Tensor x = reshape(contiguous(to(logits.detach(), kFloat32)), {s.rows, s.classes, s.inner});
  const Tensor numbers = reshape(target, rows);
  const auto smoothing = static_cast<float>(options.label_smoothing);
  const Tensor weight_sum =
      smoothing > 0 && weight.defined() ? sum(weight) : Tensor();  // stays on the device
  const auto labels = [=, ignored = options.ignore_index](const Tensor& numbers, const Tensor& weight) {
    return Labels{view_of<const int64_t, 2>(numbers), weight.defined() ? weight.data<float>() : nullptr,
                  weight_sum.defined() ? weight_sum.data<float>() : nullptr, smoothing, ignored};
  };
  const bool record = needs_graph(logits);
  const bool classless = s.classes == 0;
  const Tensor each = classless ? losses_of_no_class("cross_entropy", numbers, options.ignore_index)
                                : empty(rows, x.options()),
               counts = classless ? to(numbers != options.ignore_index, kFloat32) : empty_like(each),
               totals = empty_like(each);
  const Tensor exps = record ? empty_like(x) : Tensor();
  if (x.numel() > 0)
    MT_DISPATCH(x.device(), cross_entropy, (view_of<const float, 3>(x)), labels(numbers, weight),
                (view_of<float, 2>(each)), (view_of<float, 2>(counts)),
                (record ? view_of<float, 3>(exps) : View<float, 3>{}), (view_of<float, 2>(totals)));
  Tensor divisor;  // of the mean; losses without reduction, and their sum, are not divided
  if (options.reduction == Reduction::mean) divisor = sum(counts);
  Tensor y = options.reduction == Reduction::none ? reshape(each, s.targets) : sum(each);
  if (divisor.defined()) y = y / divisor;
  y = to(y, logits.dtype());
  if (!record) return y;
  return with_gradients(y, "cross_entropy",
                        wrt(logits, [=, shape = logits.shape(), numbers = Saved(numbers),
                                     weight = weight.defined() ? Saved(weight) : Saved(numbers),
                                     weighted = weight.defined()](const Tensor& dy) {
                          const Tensor each = to(divisor.defined() ? dy / divisor : dy, kFloat32);
                          const Tensor dloss = each.dims() == 0 && !s.targets.empty() ? expand(each, rows)
                                                                                      : reshape(each, rows);
                          const Tensor dx = empty_like(exps);
                          if (dx.numel() > 0)
                            MT_DISPATCH(dx.device(), cross_entropy_backward, (view_of<const float, 3>(exps)),
                                        (view_of<const float, 2>(totals)),
                                        labels(numbers(), weighted ? weight() : Tensor()),
                                        (view_of<const float, 2>(dloss)), (view_of<float, 3>(dx)));
                          return to(reshape(dx, shape), dy.dtype());
                        }));
}

Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target, const NllOptions& options) {
  if (needs_full_precision(log_probabilities))
    return nll_loss(in_full_precision(log_probabilities), target, options);
  const Sizes s = sizes_of("nll_loss", log_probabilities);
  check_target("nll_loss", log_probabilities, target, s);
  const Tensor weight = checked_weight("nll_loss", log_probabilities, options.weight, s);
  const Tensor counted = target != options.ignore_index, safe = where(counted, target, 0);
  const bool classless = s.classes == 0;
  if (!classless && target.device().is_cpu() && target.numel() > 0 &&
      (amin(safe).item() < 0 || amax(safe).item() >= static_cast<double>(s.classes)))
    throw IndexError(
        format("[nll_loss] targets from %g to %g: expected 0 to %lld, or %lld to ignore the item",
               amin(safe).item(), amax(safe).item(), static_cast<long long>(s.classes - 1),
               static_cast<long long>(options.ignore_index)),
        "targets are class numbers from 0: compare the number of classes with the size of the last layer");
  const Tensor scores =
      classless
          ? sum(log_probabilities, {s.axis}) + losses_of_no_class("nll_loss", target, options.ignore_index)
          : squeeze(gather(log_probabilities, s.axis, unsqueeze(safe, s.axis)), s.axis);
  Tensor w = to(counted, kFloat32);
  if (weight.defined() && !classless)
    w = w * reshape(index_select(weight, 0, reshape(safe, {-1})), s.targets);
  const Tensor losses = to(where(counted, neg(scores) * w, 0.0), log_probabilities.dtype());
  if (options.reduction != Reduction::mean) return reduce_losses(losses, options.reduction);
  return to(sum(losses) / sum(w), losses.dtype());
}

}  // namespace minitorch
