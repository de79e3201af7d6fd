// SPDX-License-Identifier: MIT
// Every loss of one prediction x and one target t, with its derivative by x, once for all devices: V is a
// float in a CUDA thread and in the simulator, a vector of floats on the CPU. `a` is the loss's parameter, if
// it has one.
#pragma once
#include "minitorch/core/math.h"

namespace minitorch::functors {

using namespace minitorch::math;

struct LossFunctor {
  float a;
};

struct SquaredError : LossFunctor {
  template <class V>
  MT_HD V loss(V x, V t) const {
    return (x - t) * (x - t);
  }
  template <class V>
  MT_HD V slope(V x, V t) const {
    return V(2) * (x - t);
  }
};
struct AbsoluteError : LossFunctor {
  template <class V>
  MT_HD V loss(V x, V t) const {
    return abs(x - t);
  }
  template <class V>
  MT_HD V slope(V x, V t) const {
    return select(x > t, V(1), select(x < t, V(-1), V(0)));
  }
};
struct SmoothL1 : LossFunctor {
  template <class V>
  MT_HD V loss(V x, V t) const {
    const V d = abs(x - t);
    return select(d < V(a), V(0.5f) * d * d / V(a), d - V(0.5f * a));
  }
  template <class V>
  MT_HD V slope(V x, V t) const {
    return min(max((x - t) / V(a), V(-1)), V(1));
  }
};
struct Huber : LossFunctor {
  template <class V>
  MT_HD V loss(V x, V t) const {
    const V d = abs(x - t);
    return select(d < V(a), V(0.5f) * d * d, V(a) * (d - V(0.5f * a)));
  }
  template <class V>
  MT_HD V slope(V x, V t) const {
    return min(max(x - t, V(-a)), V(a));
  }
};
struct Bce : LossFunctor {
  template <class V>
  MT_HD V loss(V x, V t) const {
    return (t - V(1)) * max(log1p(-x), V(-100)) - t * max(log(x), V(-100));
  }
  template <class V>
  MT_HD V slope(V x, V t) const {
    return (x - t) / max(x * (V(1) - x), V(1e-12f));
  }
};
struct BceLogits : LossFunctor {
  template <class V>
  MT_HD V loss(V x, V t) const {
    return max(x, V(0)) - x * t + log1p(exp(-abs(x)));
  }
  template <class V>
  MT_HD V slope(V x, V t) const {
    return V(1) / (V(1) + exp(-x)) - t;
  }
};

}  // namespace minitorch::functors
