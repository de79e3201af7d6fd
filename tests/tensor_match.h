// SPDX-License-Identifier: MIT
// Comparing tensors in tests: says the shape, how many elements differ, the first of them, and the tolerance.
#pragma once
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch::testing {

/// "" when equal within tolerance * max(1, |expected|), otherwise what differs.
inline std::string difference(const Shape& shape, const std::vector<double>& expected, const Tensor& got,
                              double tolerance) {
  if (!got.defined()) return "the tensor is undefined";
  if (!(got.shape() == shape)) return "shape " + to_string(got.shape()) + ", expected " + to_string(shape);
  const auto values = got.to_vector<double>();
  if (expected.size() != values.size())
    return format("the test lists %zu values for %zu elements", expected.size(), values.size());
  std::size_t wrong = 0, first = 0;
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::fabs(values[i] - expected[i]) / std::max(1.0, std::fabs(expected[i]));
    const bool same = values[i] == expected[i] || (std::isnan(values[i]) && std::isnan(expected[i]));
    if (same || error <= tolerance) continue;
    if (!wrong++) first = i;
    largest = std::max(largest, error);
  }
  if (!wrong) return "";
  std::string at;
  for (int64_t d = shape.dims() - 1, rest = static_cast<int64_t>(first); d >= 0;
       rest /= shape[static_cast<int>(d--)])
    at = (d ? ", " : "") + std::to_string(rest % shape[static_cast<int>(d)]) + at;
  return format(
      "%zu of %zu elements of %s differ; first at (%s): expected %.9g, got %.9g; largest relative error "
      "%.3g, tolerance %g",
      wrong, values.size(), to_string(shape).c_str(), at.c_str(), expected[first], values[first], largest,
      tolerance);
}

inline std::string difference(const Tensor& expected, const Tensor& got, double tolerance) {
  return difference(expected.shape(), expected.to_vector<double>(), got, tolerance);
}

}  // namespace minitorch::testing

/// CHECK that a tensor equals another (or a list of values in row-major order) within a relative tolerance.
#define CHECK_TENSOR(got, expected, tolerance) \
  CHECK(::minitorch::testing::difference(expected, got, tolerance) == "")
#define CHECK_VALUES(got, shape, tolerance, ...)                                                          \
  CHECK(::minitorch::testing::difference(::minitorch::Shape shape, std::vector<double>{__VA_ARGS__}, got, \
                                         tolerance) == "")
