// SPDX-License-Identifier: MIT
// One element of an LSTM step, once for all devices.
#pragma once
#include "minitorch/core/math.h"

namespace minitorch::functors {

using namespace minitorch::math;

template <class V>
struct LstmGates {
  V i, f, g, o;
};

template <class V>
MT_HD V logistic(V x) {
  return V(1) / (V(1) + exp(-x));
}

/// Sums in, activations out.
template <class V>
MT_HD LstmGates<V> lstm_activate(const LstmGates<V>& s) {
  return {logistic(s.i), logistic(s.f), tanh(s.g), logistic(s.o)};
}

/// The gradient of the four sums; dc becomes the gradient of c_before.
template <class V>
MT_HD LstmGates<V> lstm_gradient(const LstmGates<V>& a, V c_before, V c, V dy, V& dc) {
  const V t = tanh(c), total = dc + dy * a.o * (V(1) - t * t);
  dc = total * a.f;
  return {total * a.g * a.i * (V(1) - a.i), total * c_before * a.f * (V(1) - a.f),
          total * a.i * (V(1) - a.g * a.g), dy * t * a.o * (V(1) - a.o)};
}

}  // namespace minitorch::functors
