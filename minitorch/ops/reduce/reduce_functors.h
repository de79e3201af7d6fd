// SPDX-License-Identifier: MIT
// Every reduction once for all devices: what is done to an element, and how two results join. V is a float in
// a CUDA thread and in the simulator, a vector of floats on the CPU, or a whole number; `s` is the output's
// shift.
#pragma once
#include "minitorch/core/math.h"

namespace minitorch::functors {

using namespace minitorch::math;
using math::max, math::min;  // beside those below, which would hide them

MT_HD uint8_t max(uint8_t a, uint8_t b) { return a > b ? a : b; }
MT_HD uint8_t min(uint8_t a, uint8_t b) { return a < b ? a : b; }

/// The smallest or largest value of a type: where a maximum or a minimum begins.
template <class T>
struct Range;
template <>
struct Range<float> {
  static MT_HD float lowest() { return -__builtin_inff(); }
  static MT_HD float highest() { return __builtin_inff(); }
};
template <>
struct Range<int64_t> {
  static MT_HD int64_t lowest() { return INT64_MIN; }
  static MT_HD int64_t highest() { return INT64_MAX; }
};
template <>
struct Range<uint8_t> {
  static MT_HD uint8_t lowest() { return 0; }
  static MT_HD uint8_t highest() { return 255; }
};

/// What the results of whole blocks of floats are joined in: double where rounding would add up.
template <class T>
struct WideTotal {
  using type = T;
};
template <>
struct WideTotal<float> {
  using type = double;
};

template <bool kShift>
struct Adds {
  static constexpr bool kShifted = kShift;
  template <class T>
  using Total = typename WideTotal<T>::type;
  template <class T>
  static MT_HD T start() {
    return T(0);
  }
  template <class V>
  static MT_HD V join(V a, V b) {
    return a + b;
  }
};

struct Sum : Adds<false> {
  template <class V>
  static MT_HD V map(V x, V) {
    return x;
  }
};
struct SumSquares : Adds<false> {
  template <class V>
  static MT_HD V map(V x, V) {
    return x * x;
  }
};
struct SumAbs : Adds<false> {
  template <class V>
  static MT_HD V map(V x, V) {
    return abs(x);
  }
};
/// (x - s)^2
struct SumSquaredDifferences : Adds<true> {
  template <class V>
  static MT_HD V map(V x, V s) {
    return (x - s) * (x - s);
  }
};
/// e^(x - s)
struct SumExp : Adds<true> {
  template <class V>
  static MT_HD V map(V x, V s) {
    return exp(x - s);
  }
};

struct Prod {
  static constexpr bool kShifted = false;
  template <class T>
  using Total = typename WideTotal<T>::type;
  template <class T>
  static MT_HD T start() {
    return T(1);
  }
  template <class V>
  static MT_HD V map(V x, V) {
    return x;
  }
  template <class V>
  static MT_HD V join(V a, V b) {
    return a * b;
  }
};
struct Max {
  static constexpr bool kShifted = false;
  template <class T>
  using Total = T;
  template <class T>
  static MT_HD T start() {
    return Range<T>::lowest();
  }
  template <class V>
  static MT_HD V map(V x, V) {
    return x;
  }
  template <class V>
  static MT_HD V join(V a, V b) {
    return max(a, b);
  }
};
struct Min {
  static constexpr bool kShifted = false;
  template <class T>
  using Total = T;
  template <class T>
  static MT_HD T start() {
    return Range<T>::highest();
  }
  template <class V>
  static MT_HD V map(V x, V) {
    return x;
  }
  template <class V>
  static MT_HD V join(V a, V b) {
    return min(a, b);
  }
};
struct MaxAbs : Max {
  template <class V>
  static MT_HD V map(V x, V) {
    return abs(x);
  }
};

}  // namespace minitorch::functors
