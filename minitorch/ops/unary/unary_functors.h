// SPDX-License-Identifier: MIT
// Every elementwise function of one argument with its derivative, once for all devices: V is a float in a
// CUDA thread and in the simulator, and a vector of floats on the CPU. `a` and `b` are the function's
// parameters, if it has any.
//
// forward(x) gives y. backward(s, dy) gives dx, where s is x or y, whichever `saves` names.
#pragma once
#include "minitorch/core/math.h"

namespace minitorch::functors {

using namespace minitorch::math;

enum class Saves { nothing, input, output };

#define MT_FORWARD   \
  template <class V> \
  MT_HD V forward([[maybe_unused]] V x) const
#define MT_BACKWARD  \
  template <class V> \
  MT_HD V backward([[maybe_unused]] V s, [[maybe_unused]] V dy) const

struct UnaryFunctor {
  float a, b;
};

struct Neg : UnaryFunctor {
  static constexpr Saves saves = Saves::nothing;
  MT_FORWARD { return -x; }
  MT_BACKWARD { return -dy; }
};
struct Abs : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return abs(x); }
  MT_BACKWARD { return select(s > V(0), dy, select(s < V(0), -dy, V(0))); }
};
struct Sign : UnaryFunctor {
  static constexpr Saves saves = Saves::nothing;
  MT_FORWARD { return select(x > V(0), V(1), select(x < V(0), V(-1), V(0))); }
  MT_BACKWARD { return V(0); }
};
struct Exp : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return exp(x); }
  MT_BACKWARD { return s * dy; }
};
struct Log : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return log(x); }
  MT_BACKWARD { return dy / s; }
};
struct Log1p : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return log1p(x); }
  MT_BACKWARD { return dy / (V(1) + s); }
};
struct Sqrt : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return sqrt(x); }
  MT_BACKWARD { return dy / (V(2) * s); }
};
struct Rsqrt : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return V(1) / sqrt(x); }
  MT_BACKWARD { return V(-0.5f) * s * s * s * dy; }
};
struct Square : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return x * x; }
  MT_BACKWARD { return V(2) * s * dy; }
};
struct Reciprocal : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return V(1) / x; }
  MT_BACKWARD { return -(s * s) * dy; }
};
struct Sin : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return sin(x); }
  MT_BACKWARD { return cos(s) * dy; }
};
struct Cos : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return cos(x); }
  MT_BACKWARD { return -sin(s) * dy; }
};
struct Tanh : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return tanh(x); }
  MT_BACKWARD { return (V(1) - s * s) * dy; }
};
struct Sigmoid : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return V(1) / (V(1) + exp(-x)); }
  MT_BACKWARD { return s * (V(1) - s) * dy; }
};
struct Relu : UnaryFunctor {
  static constexpr Saves saves = Saves::output;
  MT_FORWARD { return max(x, V(0)); }
  MT_BACKWARD { return select(s <= V(0), V(0), dy); }  // dy at NaN
};
struct Erf : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return erf(x); }
  MT_BACKWARD { return V(1.12837917f) * exp(-s * s) * dy; }
};
struct Floor : UnaryFunctor {
  static constexpr Saves saves = Saves::nothing;
  MT_FORWARD { return floor(x); }
  MT_BACKWARD { return V(0); }
};
struct Round : UnaryFunctor {
  static constexpr Saves saves = Saves::nothing;
  MT_FORWARD { return round(x); }
  MT_BACKWARD { return V(0); }
};
struct Gelu : UnaryFunctor {  // x Phi(x) with Phi(x) = (1 + erf(x / sqrt 2)) / 2
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return V(0.5f) * x * (V(1) + erf(x * V(0.70710678f))); }
  MT_BACKWARD {
    const V cdf = V(0.5f) * (V(1) + erf(s * V(0.70710678f))), pdf = V(0.39894228f) * exp(V(-0.5f) * s * s);
    return (cdf + s * pdf) * dy;
  }
};
struct Silu : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return x / (V(1) + exp(-x)); }
  MT_BACKWARD {
    const V g = V(1) / (V(1) + exp(-s));
    return g * (V(1) + s * (V(1) - g)) * dy;
  }
};
struct Softplus : UnaryFunctor {  // max(x, 0) + log(1 + e^-|x|): never overflows
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return select(x > V(20), x, max(x, V(0)) + log1p(exp(-abs(x)))); }
  MT_BACKWARD { return dy / (V(1) + exp(-s)); }
};
struct Mish : UnaryFunctor {
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return x * tanh(Softplus{}.forward(x)); }
  MT_BACKWARD {
    const V th = tanh(Softplus{}.forward(s)), g = V(1) / (V(1) + exp(-s));
    return (th + s * g * (V(1) - th * th)) * dy;
  }
};
struct LeakyRelu : UnaryFunctor {  // a: slope below 0
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return select(x > V(0), x, V(a) * x); }
  MT_BACKWARD { return select(s > V(0), dy, V(a) * dy); }
};
struct Elu : UnaryFunctor {  // a: alpha
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return select(x > V(0), x, V(a) * expm1(x)); }
  MT_BACKWARD { return select(s <= V(0), V(a) * exp(s) * dy, dy); }
};
struct Clamp : UnaryFunctor {  // a, b: bounds
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return min(max(x, V(a)), V(b)); }
  MT_BACKWARD { return select(s > V(a), select(s < V(b), dy, V(0)), V(0)); }  // 0 at NaN
};
struct Pow : UnaryFunctor {  // a: exponent
  static constexpr Saves saves = Saves::input;
  MT_FORWARD { return pow(x, V(a)); }
  MT_BACKWARD {  // x^0 is 1 everywhere, at 0 too
    if (a == 0) return V(0);
    return V(a) * pow(s, V(a - 1)) * dy;
  }
};

}  // namespace minitorch::functors

/// The list that kernels and tests go through: a new function is a functor above and a word here.
// clang-format off
#define MT_UNARY_OPS(X)                                                                                        \
  X(Neg) X(Abs) X(Sign) X(Exp) X(Log) X(Log1p) X(Sqrt) X(Rsqrt) X(Square) X(Reciprocal) X(Sin) X(Cos) X(Tanh)  \
  X(Sigmoid) X(Relu) X(Erf) X(Floor) X(Round) X(Gelu) X(Silu) X(Softplus) X(Mish) X(LeakyRelu) X(Elu) X(Clamp) \
  X(Pow)
// clang-format on
