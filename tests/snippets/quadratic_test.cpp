// SPDX-License-Identifier: MIT
// "How does a neural net really work?": the quadratic of lesson 3, to the digits that the course prints.
#include <catch2/catch.hpp>
#include <cmath>

#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"

namespace {

using namespace minitorch;
using Figures = std::vector<double>;

//! [functions]
Tensor quadratic(const Tensor& abc, const Tensor& x) { return abc[0] * square(x) + abc[1] * x + abc[2]; }
Tensor mae(const Tensor& preds, const Tensor& acts) { return mean(abs(preds - acts)); }

// First the 20 factors, then the 20 summands, as numpy draws them.
Tensor noise(int64_t n, double scale) {
  Figures draws;
  for (int64_t i = 0; i < n; ++i) draws.push_back(numpy::normal(0, scale));
  return tensor(draws);
}
Tensor add_noise(const Tensor& x, double mult, double add) {
  const Tensor factors = noise(x.numel(), mult) + 1;
  return x * factors + noise(x.numel(), add);
}
//! [functions]

double rounded(double x, int digits) { return std::round(x * std::pow(10, digits)) / std::pow(10, digits); }

Figures rounded(const Tensor& x, int digits) {
  Figures all;
  for (double value : x.to_vector<double>()) all.push_back(rounded(value, digits));
  return all;
}

struct Points {
  Tensor x = linspace(-2, 2, 20), y;
  Points() {
    numpy::seed(42);
    y = add_noise(quadratic(tensor({3., 2., 1.}), x), 0.15, 1.5);
  }
};

// The losses of ten steps of 0.01 after a first one.
Figures descend(bool zero) {
  const Points points;
  const Tensor abc = tensor({1.1, 1.1, 1.1}).requires_grad_();
  Figures losses;
  for (int i = 0; i < 11; ++i) {
    const Tensor loss = mae(quadratic(abc, points.x), points.y);
    loss.backward();
    const NoGrad no_grad;
    abc.sub_(abc.grad() * 0.01);
    if (zero) abc.zero_grad();
    if (i > 0) losses.push_back(rounded(loss.item(), 2));
  }
  return losses;
}

}  // namespace

TEST_CASE("a quadratic: numpy's noise, the first loss and its gradient") {
  const Points points;
  CHECK(rounded(points.y, 4) == Figures{11.8690, 6.5433, 5.9396, 2.6304, 1.7947,  1.9010, -.2977,
                                        1.4315,  -.2804, .4521,  .2547,  4.5743,  2.9681, 1.3385,
                                        5.3754,  4.8878, 8.2467, 9.2462, 10.2612, 13.6939});
  const Tensor abc = tensor({1.1, 1.1, 1.1}).requires_grad_();
  const Tensor loss = mae(quadratic(abc, points.x), points.y);
  CHECK(rounded(loss.item(), 4) == 2.4219);
  loss.backward();
  CHECK(rounded(abc.grad(), 4) == Figures{-1.3529, -.0316, -.5});
}

TEST_CASE("a quadratic: ten steps with a gradient that is never zeroed") {
  CHECK(descend(false) == Figures{2.40, 2.36, 2.30, 2.21, 2.11, 1.98, 1.85, 1.72, 1.58, 1.46});
  CHECK(descend(true).back() > 2.1);  // zeroed, it falls more slowly
}

TEST_CASE("a rectified line, and two of them") {
  const auto rectified_linear = [](double m, double b, const Tensor& x) { return relu(x * m + b); };
  const Tensor x = tensor({-2., -1., 0., 2.});
  CHECK(rounded(rectified_linear(1, 1, x), 6) == Figures{0, 0, 1, 3});
  CHECK(rounded(rectified_linear(-1.5, -1.5, x) + rectified_linear(1.5, 1.5, x), 6) ==
        Figures{1.5, 0, 1.5, 4.5});
}
