// SPDX-License-Identifier: MIT
// Lesson 3: fit a quadratic, first by trying numbers, then by gradient descent.
#include <cstdio>
#include <string>

#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"

using namespace minitorch;

//! [functions]
Tensor quadratic(const Tensor& abc, const Tensor& x) { return abc[0] * square(x) + abc[1] * x + abc[2]; }
Tensor mae(const Tensor& prediction, const Tensor& target) { return mean(abs(prediction - target)); }
//! [functions]

//! [noise]
// y (1 + n1) + n2 with n1 ~ N(0, mult) and n2 ~ N(0, add), drawn in numpy's order.
Tensor add_noise(const Tensor& y, double mult, double add) {
  auto draw = [&](double scale) {
    std::vector<double> noise;
    for (int64_t i = 0; i < y.numel(); ++i) noise.push_back(numpy::normal(0, scale));
    return tensor(noise);
  };
  const Tensor n1 = draw(mult), n2 = draw(add);
  return y * (n1 + 1) + n2;
}
//! [noise]

static void run() {
  //! [data]
  numpy::seed(42);                       // the course's own noise, digit for digit
  const Tensor x = linspace(-2, 2, 20);  // (20)
  const Tensor y = add_noise(quadratic(tensor({3, 2, 1}), x), 0.15, 1.5);  // (20)
  //! [data]
  std::printf("20 noisy points of 3x^2 + 2x + 1; the first five:\n  x %s\n  y %s\n\n",
              to_string(x.slice(0, 0, 5)).c_str(), to_string(y.slice(0, 0, 5)).c_str());

  //! [guess]
  Tensor abc = tensor({1.1, 1.1, 1.1}).requires_grad_();
  Tensor loss = mae(quadratic(abc, x), y);
  loss.backward();
  //! [guess]
  std::printf("a guess: abc = %s\n  loss     %.4f\n  gradient %s\n\n", to_string(abc.detach()).c_str(),
              loss.item(), to_string(abc.grad()).c_str());

  //! [step]
  {
    NoGrad no_grad;
    abc -= abc.grad() * 0.01;
    std::printf("one step against the gradient: loss = %.2f\n\n", mae(quadratic(abc, x), y).item());
  }
  //! [step]

  //! [descend]
  std::printf("ten more, the gradient never zeroed:\n");
  for (int step = 0; step < 10; ++step) {
    loss = mae(quadratic(abc, x), y);
    loss.backward();  // adds to abc.grad()
    NoGrad no_grad;
    abc -= abc.grad() * 0.01;
    std::printf("  step=%d; loss=%.2f\n", step, loss.item());
  }
  //! [descend]

  //! [zeroed]
  abc = tensor({1.1, 1.1, 1.1}).requires_grad_();
  std::printf("\nthe same from the start with the gradient zeroed each time:\n");
  for (int step = 0; step < 10; ++step) {
    abc.zero_grad();
    loss = mae(quadratic(abc, x), y);
    loss.backward();
    NoGrad no_grad;
    abc -= abc.grad() * 0.01;
    std::printf("  step=%d; loss=%.2f\n", step, loss.item());
  }
  //! [zeroed]
}

int main(int argc, char** argv) {
  const std::string option = argc > 1 ? argv[1] : "";
  if (!option.empty()) {
    const bool help = option == "--help" || option == "-h";
    std::fprintf(help ? stdout : stderr,
                 "%susage: lesson_03_quadratic\n\nFits a quadratic to 20 noisy points by gradient descent.\n",
                 help ? "" : ("error: unknown option " + option + "\n").c_str());
    return help ? 0 : 2;
  }
  try {
    run();
  } catch (const std::exception& error) { return report_error(error); }
  return 0;
}
