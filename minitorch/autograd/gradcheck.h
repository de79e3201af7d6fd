// SPDX-License-Identifier: MIT
// Are the gradients of a function right? Asked of finite differences.
//
//     const GradcheckResult result = gradcheck([](auto& in) { return my_op(in[0], in[1]); }, {x, w});
//     if (!result.ok()) std::puts(result.report.c_str());
//     // [gradcheck] input 1 of shape (50, 784): gradient at (3, 17): backward gives 0.5, differences give 1
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

struct GradcheckOptions {
  double step = 1e-2;       ///< how far an element is moved each way, times |x| where that is above 1
  double tolerance = 1e-2;  ///< of the difference, relative to max(1, |gradient|)
  int64_t elements = 200;   ///< looked at in each input, drawn at random where it has more; 0 means all
  uint64_t seed = 42;       ///< of the cotangent and of the elements looked at
};

struct GradcheckResult {
  std::string report = {};  ///< empty when all gradients agree; otherwise what differs, a line per input
  double worst = 0;         ///< the largest relative difference seen
  bool ok() const { return report.empty(); }
};

/// Compares backward() of f with central differences, for every floating-point input.
///
///     for a random cotangent c and each element x_i:  d(sum(c f(x))) / dx_i  against
///     (sum(c f(x + step e_i)) - sum(c f(x - step e_i))) / (2 step)
///
/// f takes all inputs and returns one float tensor of any shape; the inputs themselves are left alone. The
/// arithmetic is float32, so a step much below 1e-2 measures rounding; near a kink (relu at 0) the two sides
/// differ by right, so keep inputs a step away from it.
/// @throws ValueError when f is not a function: two calls on the same inputs give different results
/// @throws DtypeError when an input is a half type, or the result is not float32
GradcheckResult gradcheck(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                          const std::vector<Tensor>& inputs, GradcheckOptions options = {});

}  // namespace minitorch
