// SPDX-License-Identifier: MIT
// One optimiser step for one weight, once for all devices: V is a float in a CUDA thread, a vector on the
// CPU. The constants c0, c1, ... are worked out once per parameter in optimizer.cpp.
#pragma once
#include "minitorch/core/math.h"

namespace minitorch::functors {

using namespace minitorch::math;

/// What a step may read and write: the weight, its gradient, and up to two running averages.
template <class V>
struct WeightState {
  V p, g, m, v;
};

/// Numbers that are the same for all weights of a parameter.
struct StepConstants {
  float decay;  ///< weights are first multiplied by this: decoupled weight decay
  float l2;     ///< and this share of the weight is added to the gradient: L2
  float c[8];
};

template <class V>
MT_HD void apply_decay(WeightState<V>& w, const StepConstants& k) {
  w.p = w.p * V(k.decay);
  w.g = w.g + V(k.l2) * w.p;
}
/// Adam's averages: m = mom m + (1 - mom) g, v = sqr v + (1 - sqr) g^2;  c: ..., mom, sqr
template <class V>
MT_HD void average(WeightState<V>& w, const StepConstants& k) {
  w.m = V(k.c[1]) * w.m + V(1 - k.c[1]) * w.g;
  w.v = V(k.c[2]) * w.v + V(1 - k.c[2]) * w.g * w.g;
}

// p -= lr g;  c: lr
struct SgdStep {
  static constexpr int averages = 0;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    w.p = w.p - V(k.c[0]) * w.g;
  }
};
// m = mom m + (1 - dampening) g;  p -= lr m;  c: lr, mom, 1 - dampening
struct MomentumStep {
  static constexpr int averages = 1;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    w.m = V(k.c[1]) * w.m + V(k.c[2]) * w.g;
    w.p = w.p - V(k.c[0]) * w.m;
  }
};
// v = sqr v + (1 - sqr) g^2;  m = mom m + g;  p -= lr m / (sqrt v + eps);  c: lr, mom, sqr, eps
struct RmsPropStep {
  static constexpr int averages = 2;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    w.v = V(k.c[2]) * w.v + V(1 - k.c[2]) * w.g * w.g;
    w.m = V(k.c[1]) * w.m + w.g;
    w.p = w.p - V(k.c[0]) * w.m / (sqrt(w.v) + V(k.c[3]));
  }
};
// m = mom m + (1 - mom) g;  v = sqr v + (1 - sqr) g^2;  p -= a m / (sqrt(v) b + eps)
// c: a = lr / (1 - mom^t), mom, sqr, eps, b = 1 / sqrt(1 - sqr^t)
struct AdamStep {
  static constexpr int averages = 2;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    average(w, k);
    w.p = w.p - V(k.c[0]) * w.m / (sqrt(w.v) * V(k.c[4]) + V(k.c[3]));
  }
};
// Adam with a denominator that goes smoothly to log(2) / beta where gradients vanish, not to eps:
// p -= a m / softplus(sqrt(v) b + eps), softplus(d) = log(1 + e^(beta d)) / beta;  c: as AdamStep, then beta
struct SoftplusAdamStep {
  static constexpr int averages = 2;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    average(w, k);
    const V d = sqrt(w.v) * V(k.c[4]) + V(k.c[3]), beta = V(k.c[5]);  // d >= 0: nothing overflows
    w.p = w.p - V(k.c[0]) * w.m / (d + log1p(exp(-beta * d)) / beta);
  }
};
// RAdam before the variance can be trusted: Adam's averages, p -= a m
struct RadamWarmupStep {
  static constexpr int averages = 2;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    average(w, k);
    w.p = w.p - V(k.c[0]) * w.m;
  }
};
// A gradient and its average mixed: p -= lr (c6 g + c4 m) / (sqrt(c7 g^2 + c5 v) + eps)
// c: lr, mom, sqr, eps, c4 = nu1 / (1 - mom^t), c5 = nu2 / (1 - sqr^t), c6 = 1 - nu1, c7 = 1 - nu2
struct QhAdamStep {
  static constexpr int averages = 2;
  template <class V>
  MT_HD static void step(WeightState<V>& w, const StepConstants& k) {
    apply_decay(w, k);
    average(w, k);
    const V mixed = V(k.c[6]) * w.g + V(k.c[4]) * w.m, size = V(k.c[7]) * w.g * w.g + V(k.c[5]) * w.v;
    w.p = w.p - V(k.c[0]) * mixed / (sqrt(size) + V(k.c[3]));
  }
};

}  // namespace minitorch::functors

#define MT_STEPS(X) \
  X(SgdStep) X(MomentumStep) X(RmsPropStep) X(AdamStep) X(SoftplusAdamStep) X(RadamWarmupStep) X(QhAdamStep)
