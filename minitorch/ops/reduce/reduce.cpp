// SPDX-License-Identifier: MIT
#include "minitorch/ops/reduce/reduce.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/reduce/axes.h"
#include "minitorch/ops/reduce/reduce_kernels.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/indexing.h"

namespace minitorch {

Axes split_axes(const char* op, const Tensor& x, const Shape& axes) {
  bool reduced[Shape::kMaxDims] = {};
  for (int64_t axis : axes) {
    bool& mark = reduced[normalize_axis(op, axis, x.dims())];
    if (mark) throw ShapeError(format("[%s] axis %lld is named twice", op, static_cast<long long>(axis)));
    mark = true;
  }
  Axes out;
  for (int i = 0; i < x.dims(); ++i) {
    const bool drop = axes.empty() || reduced[i];
    out.kept.push_back(drop ? 1 : x.shape()[i]);
    if (drop) out.count *= x.shape()[i];
    else out.dropped.push_back(x.shape()[i]);
  }
  return out;
}

void check_floating(const char* op, const Tensor& x) {
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[%s] a %s tensor: expected a float type", op, name(x.dtype())),
                     "convert it with .to(kFloat32)");
}

namespace {

// op(x) / divisor outside the graph, of shape a.kept, in the type it was computed in.
Tensor compute(ReduceOp op, const Tensor& x, const Axes& a, double divisor = 1, const Tensor& shift = {}) {
  const Tensor from = to(x.detach(), is_floating(x.dtype()) ? kFloat32 : kInt64);
  Tensor y = empty(a.kept, from.options());
  MT_DISPATCH(x.device(), reduce, op, view_of(from), shift.defined() ? view_of(shift) : AnyView{}, divisor,
              view_of(y));
  return y;
}

// Half types get their type back.
Tensor in_type_of(const Tensor& x, const Tensor& y) { return is_floating(x.dtype()) ? to(y, x.dtype()) : y; }

}  // namespace

Tensor sum(const Tensor& x, const Shape& axes, bool keepdim) {
  const Axes a = split_axes("sum", x, axes);
  const Tensor y = in_type_of(x, a.result(compute(ReduceOp::Sum, x, a), keepdim));
  return with_gradients(
      y, "sum", wrt(x, [a, shape = x.shape()](const Tensor& dy) { return expand(a.spread(dy), shape); }));
}

Tensor mean(const Tensor& x, const Shape& axes, bool keepdim) {
  check_floating("mean", x);
  const Axes a = split_axes("mean", x, axes);
  const Tensor y =
      in_type_of(x, a.result(compute(ReduceOp::Sum, x, a, static_cast<double>(a.count)), keepdim));
  return with_gradients(y, "mean", wrt(x, [a, shape = x.shape()](const Tensor& dy) {
                          return expand(a.spread(dy / a.count), shape);
                        }));
}

Tensor prod(const Tensor& x, const Shape& axes, bool keepdim) {
  const Axes a = split_axes("prod", x, axes);
  const Tensor y = in_type_of(x, a.result(compute(ReduceOp::Prod, x, a), keepdim));
  if (!needs_graph(x)) return y;
  // The product of the others is the product of all that are not 0, over x; where one element is 0 only that
  // one has a gradient, where more are, none has.
  return with_gradients(
      y, "prod", wrt(x, [a, axes, saved = Saved(x.detach())](const Tensor& dy) {
        const Tensor& x = saved();
        const Tensor zero = x == 0, zeros = sum(zero, axes, true), rest = where(zero, 1.0, x);
        const Tensor others = where(zero, zeros == 1, zeros == 0) * prod(rest, axes, true) / rest;
        return to(others * a.spread(dy), x.dtype());
      }));
}

namespace {

// Mean and variance of shape a.kept, the variance in units of unit^2 where that is defined.
struct Spread {
  Tensor centre, variance, unit;
};

// The power of two below each peak, for numbers that lie between -2 and 2 in units of it; on the CPU.
Tensor units_below(const Tensor& peaks) {
  Tensor units = empty_like(peaks);
  const float* peak = peaks.data<float>();
  for (int64_t i = 0; i < peaks.numel(); ++i)
    units.data<float>()[i] = std::isnormal(peak[i]) ? std::ldexp(1.f, std::ilogb(peak[i])) : 1;
  return units;
}

// Squares leave float32 for elements above 1.8e19 and vanish for those below 1e-19. PyTorch sums in double on
// the CPU; here what came out so is computed again in units of the largest element, so that ordinary numbers
// pay nothing.
Spread spread_of(const Tensor& x, const Axes& a, double divisor) {
  const auto count = static_cast<double>(a.count);
  const auto around_mean = [&](const Tensor& from) {
    const Tensor centre = compute(ReduceOp::Sum, from, a, count);
    return Spread{centre, compute(ReduceOp::SumSquaredDifferences, from, a, divisor, centre), {}};
  };
  Spread s = around_mean(x);
  if (!x.device().is_cpu() || !(divisor > 0)) return s;
  const float *centre = s.centre.data<float>(), *variance = s.variance.data<float>();
  bool lost = false;
  for (int64_t i = 0; i < s.variance.numel(); ++i)
    lost |= !(variance[i] <= FLT_MAX) || (variance[i] < 1e-30f && std::fabs(centre[i]) < 1e-11f);
  if (!lost) return s;
  const Tensor peaks = compute(ReduceOp::MaxAbs, x, a);
  const float* peak = peaks.data<float>();
  lost = false;
  for (int64_t i = 0; i < peaks.numel(); ++i)
    lost |= std::isnormal(peak[i]) && !(variance[i] <= FLT_MAX && variance[i] >= 1e-30f);
  if (!lost) return s;
  const Tensor unit = units_below(peaks);
  s = around_mean(to(x.detach(), kFloat32) / unit);
  return {s.centre * unit, s.variance, unit};
}

}  // namespace

Tensor var(const Tensor& x, const Shape& axes, VarOptions options) {
  check_floating("var", x);
  const Axes a = split_axes("var", x, axes);
  const double divisor = static_cast<double>(std::max<int64_t>(0, a.count - options.correction));
  const auto [centre, variance, unit] = spread_of(x, a, divisor);
  const Tensor y =
      in_type_of(x, a.result(unit.defined() ? variance * unit * unit : variance, options.keepdim));
  if (!needs_graph(x)) return y;
  return with_gradients(y, "var",
                        wrt(x, [a, divisor, centre = centre, saved = Saved(x.detach())](const Tensor& dy) {
                          return to((saved() - centre) * a.spread(dy * (2 / divisor)), dy.dtype());
                        }));
}

Tensor stddev(const Tensor& x, const Shape& axes, VarOptions options) {
  check_floating("std", x);
  const Axes a = split_axes("std", x, axes);
  const double divisor = static_cast<double>(std::max<int64_t>(0, a.count - options.correction));
  const auto [centre, variance, unit] = spread_of(x, a, divisor);
  const Tensor deviation = unit.defined() ? sqrt(variance) * unit : sqrt(variance);
  const Tensor y = in_type_of(x, a.result(deviation, options.keepdim));
  if (!needs_graph(x)) return y;
  return with_gradients(y, "std",
                        wrt(x, [a, divisor, centre = centre, root = Saved(deviation.detach()),
                                saved = Saved(x.detach())](const Tensor& dy) {
                          const Tensor slope = where(root() == 0, 0.0, a.spread(dy) / (root() * divisor));
                          return to((saved() - centre) * slope, dy.dtype());
                        }));
}

Tensor norm(const Tensor& x, double p, const Shape& axes, bool keepdim) {
  check_floating("norm", x);
  if (!(p >= 0))
    throw ValueError(format("[norm] p = %g: expected 0 or more, HUGE_VAL for the largest |x|", p));
  if (p == 0)
    return with_gradients(to(sum(x.detach() != 0, axes, keepdim), x.dtype()), "norm",
                          wrt(x, [x = x.detach()](const Tensor&) { return zeros_like(x); }));
  const Axes a = split_axes("norm", x, axes);
  if (std::isinf(p)) return amax(abs(x), axes, keepdim);
  if (p == 1) {
    const Tensor y = in_type_of(x, a.result(compute(ReduceOp::SumAbs, x, a), keepdim));
    if (!needs_graph(x)) return y;
    return with_gradients(y, "norm", wrt(x, [a, saved = Saved(x.detach())](const Tensor& dy) {
                            return sign(saved()) * a.spread(dy);
                          }));
  }
  if (p != 2) return pow(sum(pow(abs(x), p), axes, keepdim), 1 / p);
  const Tensor length = sqrt(compute(ReduceOp::SumSquares, x, a));
  const Tensor y = in_type_of(x, a.result(length, keepdim));
  if (!needs_graph(x)) return y;
  return with_gradients(
      y, "norm", wrt(x, [a, root = Saved(length.detach()), saved = Saved(x.detach())](const Tensor& dy) {
        return to(saved() * where(root() == 0, 0.0, a.spread(dy) / root()), dy.dtype());
      }));
}

Tensor logsumexp(const Tensor& x, const Shape& axes, bool keepdim) {
  check_floating("logsumexp", x);
  const Axes a = split_axes("logsumexp", x, axes);
  if (x.numel() == 0) return log(sum(x, axes, keepdim));
  const Tensor largest = compute(ReduceOp::Max, x, a);
  const Tensor shift =
      where(abs(largest) == HUGE_VAL, 0.0, largest);  // an infinite shift would leave inf - inf
  const Tensor total = log(compute(ReduceOp::SumExp, x, a, 1, shift)) + shift;
  const Tensor y = in_type_of(x, a.result(total, keepdim));
  if (!needs_graph(x)) return y;
  return with_gradients(
      y, "logsumexp", wrt(x, [a, total = Saved(total.detach()), saved = Saved(x.detach())](const Tensor& dy) {
        return to(exp(saved() - total()) * a.spread(dy), dy.dtype());
      }));
}

Tensor All::operator()(const Tensor& x, const Shape& axes, bool keepdim) const {
  return logical_not(any(x == 0, axes, keepdim));
}

Tensor any(const Tensor& x, const Shape& axes, bool keepdim) {
  const Axes a = split_axes("any", x, axes);
  const Tensor from = x.dtype() == kBool ? x : x != 0;
  if (x.numel() == 0) return zeros(keepdim ? a.kept : a.dropped, from.options());
  return amax(from, axes, keepdim);
}

Tensor cumsum(const Tensor& x, int64_t axis) {
  const int d = normalize_axis("cumsum", axis, x.dims());
  const auto run = [d](const Tensor& from, bool reverse) {
    if (from.dims() == 0) return clone(from);
    Tensor y = empty_like(from);
    MT_DISPATCH(from.device(), cumsum, view_of(from), d, reverse, view_of(y));
    return y;
  };
  const Tensor y = in_type_of(x, run(to(x.detach(), is_floating(x.dtype()) ? kFloat32 : kInt64), false));
  return with_gradients(
      y, "cumsum", wrt(x, [run](const Tensor& dy) { return to(run(to(dy, kFloat32), true), dy.dtype()); }));
}

}  // namespace minitorch
