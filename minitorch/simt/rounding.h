// SPDX-License-Identifier: MIT
// Simulator: float arithmetic that rounds to zero, down or up. The nearest float is computed first, and what
// it leaves over: the rest says whether the neighbour is wanted instead.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace minitorch::simt {

enum class Round { kNearest, kToZero, kDown, kUp };

/// `nearest` is the float nearest to an exact number that lies `rest` (of which only the sign counts) above
/// it.
inline float stepped(float nearest, double rest, Round way) {
  if (way == Round::kNearest || !(rest < 0 || rest > 0)) return nearest;
  const bool up = way == Round::kUp || (way == Round::kToZero && (nearest < 0 || (nearest == 0 && rest < 0)));
  if (up != (rest > 0)) return nearest;
  const float infinity = std::numeric_limits<float>::infinity();
  return std::nextafter(nearest, up ? infinity : -infinity);
}
/// value + rest, of which the second is less than the last bit of the first.
inline float float_rounded(double value, double rest, Round way) {
  const float nearest = static_cast<float>(value);
  const double cut = value - static_cast<double>(nearest);  // exact, or infinite: too large for a float
  return stepped(nearest, cut < 0 || cut > 0 ? cut : rest, way);
}
/// a b + c in two parts: the nearest double, and what it leaves over.
struct Sum {
  double value, rest;
};
inline Sum exact_fma(float a, float b, float c) {
  const double product = static_cast<double>(a) * b, sum = product + c;  // of floats a product is exact
  const double added = sum - product;
  return {sum, (product - (sum - added)) + (c - added)};
}
/// a b + c
inline float fma_rounded(float a, float b, float c, Round way) {
  if (way == Round::kNearest) return std::fma(a, b, c);
  const Sum sum = exact_fma(a, b, c);
  return float_rounded(sum.value, sum.rest, way);
}
inline float mul_rounded(float a, float b, Round way) {
  return way == Round::kNearest ? a * b : fma_rounded(a, b, -0.0f, way);
}
inline float add_rounded(float a, float b, Round way) {
  return way == Round::kNearest ? a + b : fma_rounded(a, 1.0f, b, way);
}
inline float div_rounded(float a, float b, Round way) {
  const float nearest = a / b;
  if (way == Round::kNearest || !std::isfinite(nearest)) return nearest;
  const double rest = static_cast<double>(a) - static_cast<double>(nearest) * b;  // exact: 48 bits
  return stepped(nearest, b < 0 ? -rest : rest, way);
}
inline float sqrt_rounded(float a, Round way) {
  const float nearest = std::sqrt(a);
  if (way == Round::kNearest || !std::isfinite(nearest)) return nearest;
  return stepped(nearest, static_cast<double>(a) - static_cast<double>(nearest) * nearest, way);
}
/// Of 64 bits, more than a double holds.
template <class Integer>
float integer_rounded(Integer x, Round way) {
  const float nearest = static_cast<float>(x);
  if (way == Round::kNearest) return nearest;
  __extension__ typedef __int128 Wide;
  const Wide rest = static_cast<Wide>(x) - static_cast<Wide>(nearest);
  return stepped(nearest, rest < 0 ? -1 : rest > 0 ? 1 : 0, way);
}

/// A whole number as an Integer: the nearest that there is, and 0 for NaN.
template <class Integer>
Integer saturated(double x) {
  using Limits = std::numeric_limits<Integer>;
  const double beyond = std::ldexp(1.0, Limits::digits);
  if (x != x) return 0;
  if (x >= beyond) return Limits::max();
  return x < static_cast<double>(Limits::min()) ? Limits::min() : static_cast<Integer>(x);
}

}  // namespace minitorch::simt
