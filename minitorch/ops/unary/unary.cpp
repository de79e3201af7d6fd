// SPDX-License-Identifier: MIT
#include "minitorch/ops/unary/unary.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/unary/unary_kernels.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

using functors::Saves;

// Forward and gradient of every function in the list.
template <UnaryOp op, class F>
Tensor apply(const char* name, const Tensor& x, double a = 0, double b = 0) {
  if (x.dtype() != kFloat32) {  // computed in float32; half types are rounded back
    const Tensor y = apply<op, F>(name, to(x, kFloat32), a, b);
    return is_floating(x.dtype()) ? to(y, x.dtype()) : y;
  }
  const float pa = static_cast<float>(a), pb = static_cast<float>(b);
  Tensor y = empty_like(x);
  MT_DISPATCH(x.device(), unary, op, pa, pb, view_of(x), view_of(y));
  if (!needs_graph(x)) return y;
  const Saved saved(F::saves == Saves::output ? y.detach() : x.detach());
  return with_gradients(y, name, wrt(x, [=](const Tensor& dy) {
                          Tensor dx = empty_like(dy);
                          const Tensor& s = F::saves == Saves::nothing ? dy : saved();
                          MT_DISPATCH(dy.device(), unary_backward, op, pa, pb, view_of(s), view_of(dy),
                                      view_of(dx));
                          return dx;
                        }));
}

}  // namespace

#define MT_DEFINE(function, Functor) \
  Tensor function(const Tensor& x) { return apply<UnaryOp::Functor, functors::Functor>(#function, x); }
MT_DEFINE(sign, Sign)
MT_DEFINE(exp, Exp)
MT_DEFINE(log, Log)
MT_DEFINE(log1p, Log1p)
MT_DEFINE(sqrt, Sqrt)
MT_DEFINE(rsqrt, Rsqrt)
MT_DEFINE(reciprocal, Reciprocal)
MT_DEFINE(sin, Sin)
MT_DEFINE(cos, Cos)
MT_DEFINE(tanh, Tanh)
MT_DEFINE(sigmoid, Sigmoid)
MT_DEFINE(relu, Relu)
MT_DEFINE(erf, Erf)
MT_DEFINE(floor, Floor)
MT_DEFINE(round, Round)
MT_DEFINE(gelu, Gelu)
MT_DEFINE(silu, Silu)
MT_DEFINE(softplus, Softplus)
MT_DEFINE(mish, Mish)
#undef MT_DEFINE

// Whole numbers stay whole where the function keeps them so.
static bool is_whole(const Tensor& x) { return x.dtype() == kInt64 || x.dtype() == kUint8; }
Tensor neg(const Tensor& x) {
  if (x.dtype() == kBool)
    throw DtypeError("[neg] a boolean tensor has no negative", "use ~x, or x.to(kFloat32) for numbers");
  if (is_whole(x)) return mul(x, -1);
  return apply<UnaryOp::Neg, functors::Neg>("neg", x);
}
Tensor abs(const Tensor& x) {
  if (x.dtype() == kUint8) return clone(x);
  if (x.dtype() == kInt64) return maximum(x, neg(x));
  return apply<UnaryOp::Abs, functors::Abs>("abs", x);
}
Tensor square(const Tensor& x) {
  if (is_whole(x)) return mul(x, x);
  return apply<UnaryOp::Square, functors::Square>("square", x);
}

Tensor leaky_relu(const Tensor& x, double slope) {
  return apply<UnaryOp::LeakyRelu, functors::LeakyRelu>("leaky_relu", x, slope);
}
Tensor elu(const Tensor& x, double alpha) { return apply<UnaryOp::Elu, functors::Elu>("elu", x, alpha); }

Tensor clamp(const Tensor& x, double lowest, double highest) {
  if (lowest > highest)
    throw ValueError(format("[clamp] the lowest value %g lies above the highest %g", lowest, highest));
  const Scalar low = as_written(lowest), high = as_written(highest);
  const bool no_low = lowest == -INFINITY, no_high = highest == INFINITY;
  if (is_whole(x) && (low.whole || no_low) && (high.whole || no_high)) {
    const Tensor above = no_low ? clone(x) : maximum(x, low);
    return no_high ? above : minimum(above, high);
  }
  return apply<UnaryOp::Clamp, functors::Clamp>("clamp", x, lowest, highest);
}

// Whole numbers (and booleans, as 0 and 1) to a whole power.
static Tensor whole_pow(const Tensor& x, double exponent) {
  if (exponent < 0)
    throw ValueError(format("[pow] whole numbers to the power %g would be fractions", exponent),
                     "convert them first with .to(kFloat32)");
  const Tensor y = pow(x, full({}, exponent, {kInt64, x.device()}));
  return x.dtype() == kBool ? y : to(y, x.dtype());
}

Tensor pow(const Tensor& x, double exponent) {
  if (!is_floating(x.dtype()) && as_written(exponent).whole) return whole_pow(x, exponent);
  if (exponent == 2) return square(x);
  if (exponent == 0.5) return sqrt(x);
  if (exponent == -1) return reciprocal(x);
  return apply<UnaryOp::Pow, functors::Pow>("pow", x, exponent);
}

Tensor relu_(const Tensor& x) { return finish_in_place("relu_", x, relu(x)); }
Tensor clamp_(const Tensor& x, double lowest, double highest) {
  const Tensor before = needs_graph(x) ? clone(x) : x;  // the gradient needs it
  return finish_in_place("clamp_", x, clamp(before, lowest, highest));
}

}  // namespace minitorch
