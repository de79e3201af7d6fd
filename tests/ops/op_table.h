// SPDX-License-Identifier: MIT
// One row per op yields all its tests.
//
// Given inputs and a reference in double precision, check_op verifies on every device that is here:
//   - the result, for contiguous, strided and broadcast (stride 0) inputs;
//   - that no output element keeps what the memory held before (fresh memory is filled with NaN);
//   - the gradient of every float input, against central differences of the reference, with a random
//   cotangent.
// MT_TEST_DEVICE=cpu|sim|cuda limits the devices; each row prints the ones it ran on.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

namespace minitorch::testing {

/// An n-dimensional array of doubles for reference code: plain loops, no library.
struct Array {
  Shape shape;
  std::vector<double> values;

  explicit Array(const Shape& s = {}) : shape(s), values(static_cast<std::size_t>(s.numel())) {}
  Array(const Shape& s, std::vector<double> v) : shape(s), values(std::move(v)) {}
  template <class... I>
  double& operator()(I... index) {
    return values[offset({static_cast<int64_t>(index)...})];
  }
  template <class... I>
  double operator()(I... index) const {
    return values[offset({static_cast<int64_t>(index)...})];
  }
  int64_t size(int axis) const { return shape[axis < 0 ? axis + shape.dims() : axis]; }
  std::size_t offset(std::initializer_list<int64_t> index) const;
};

using Tensors = std::vector<Tensor>;
using Arrays = std::vector<Array>;

struct OpRow {
  const char* name;
  std::function<Tensor(const Tensors&)> op;
  /// Float inputs get gradients; whole-number and boolean inputs are passed as they are.
  Tensors inputs;
  /// The same function in double precision. Its finite differences are the expected gradient.
  std::function<Array(const Arrays&)> reference;
  double tolerance = 2e-5;           ///< of the result, relative to max(1, |expected|)
  double gradient_tolerance = 1e-4;  ///< of the gradients
  bool gradient = true;              ///< false for functions without one
  double step = 1e-4;                ///< of the central differences: keep kinks further away than this
};

void check_op(const OpRow& row);

/// The devices that tests run on.
std::vector<Device> test_devices();

/// Seeded normal numbers, the same on every run and platform, away from nothing in particular.
Tensor normal_input(const Shape& shape, double mean = 0, double std = 1);
/// Seeded uniform numbers.
Tensor uniform_input(const Shape& shape, double low, double high);
/// Where several cases run in one process: the next one has the inputs that it has by itself.
void restart_inputs();

/// f applied to every element.
Array elementwise(const Array& x, const std::function<double(double)>& f);
/// f of two arrays with broadcasting.
Array elementwise(const Array& a, const Array& b, const std::function<double(double, double)>& f);

}  // namespace minitorch::testing
