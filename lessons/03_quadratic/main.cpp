// SPDX-License-Identifier: MIT
// Lesson 3: fit a quadratic, first by trying numbers, then by gradient descent.
#include "fastcore/image/png.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

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

// The points and the curve that abc describes.
Plot picture(const Tensor& abc, const Tensor& x, const Tensor& y, const std::string& title) {
  const Tensor fine = linspace(-2.1, 2.1, 100);
  Plot plot(title);
  plot.x_axis.label = "x";
  plot.y_axis = {.label = "y", .low = -3, .high = 15};
  plot.scatter(x.to_vector<double>(), y.to_vector<double>());
  plot.line(fine.to_vector<double>(), quadratic(abc.detach(), fine).to_vector<double>());
  return plot;
}

static void fit_quadratic(Lesson& lesson) {
  lesson.section("Data");
  //! [data]
  numpy::seed(42);                       // the course's own noise, digit for digit
  const Tensor x = linspace(-2, 2, 20);  // (20)
  const Tensor y = add_noise(quadratic(tensor({3, 2, 1}), x), 0.15, 1.5);  // (20)
  //! [data]
  lesson.print("20 noisy points of 3x^2 + 2x + 1; the first five:\n  x %s\n  y %s\n",
               to_string(x.slice(0, 0, 5)).c_str(), to_string(y.slice(0, 0, 5)).c_str());

  lesson.section("The gradient by hand");
  //! [mse]
  const auto quad_mse = [&](const Tensor& abc) { return mean(square(quadratic(abc, x) - y)); };
  // How it grows with a, with b and with c.
  const auto quad_mse_gradient = [&](const Tensor& abc) {
    const Tensor error = quadratic(abc, x) - y;                                         // (20)
    return stack({mean(2 * error * square(x)), mean(2 * error * x), mean(2 * error)});  // (3)
  };
  //! [mse]
  //! [by_hand]
  Tensor guess = tensor({1.1, 1.1, 1.1});
  lesson.print("the gradient at the guess: %s\n", to_string(quad_mse_gradient(guess)).c_str());
  for (int step = 0; step < 5; ++step) {
    lesson.log(step, {{"mse", quad_mse(guess)}});
    guess -= quad_mse_gradient(guess) * 0.01;
  }
  //! [by_hand]

  lesson.section("The same by backward");
  //! [backward]
  guess = tensor({1.1, 1.1, 1.1}).requires_grad_();
  quad_mse(guess).backward();
  lesson.print("the gradient at the guess: %s\n", to_string(guess.grad()).c_str());
  //! [backward]

  lesson.section("A guess");
  //! [guess]
  Tensor abc = tensor({1.1, 1.1, 1.1}).requires_grad_();
  Tensor loss = mae(quadratic(abc, x), y);
  loss.backward();
  //! [guess]
  lesson.print("abc = %s\n  loss     %.4f\n  gradient %s\n", to_string(abc.detach()).c_str(), loss.item(),
               to_string(abc.grad()).c_str());
  lesson.figure("guess", picture(abc, x, y, "A guess: 1.1, 1.1, 1.1"), "The guess is too flat.");

  //! [step]
  {
    NoGrad no_grad;
    abc -= abc.grad() * 0.01;
    lesson.print("after one step of 0.01 against the gradient: loss = %.2f\n",
                 mae(quadratic(abc, x), y).item());
  }
  //! [step]

  lesson.section("Ten more steps, the gradient never zeroed");
  //! [descend]
  for (int step = 0; step < 10; ++step) {
    loss = mae(quadratic(abc, x), y);
    loss.backward();  // adds to abc.grad()
    NoGrad no_grad;
    abc -= abc.grad() * 0.01;
    lesson.log(step, {{"loss", loss}});
  }
  //! [descend]
  lesson.metric("loss after ten steps", loss.item(), "training set");

  lesson.section("The same from the start, the gradient zeroed each time");
  //! [zeroed]
  abc = tensor({1.1, 1.1, 1.1}).requires_grad_();
  for (int step = 0; step < 10; ++step) {
    abc.zero_grad();
    loss = mae(quadratic(abc, x), y);
    loss.backward();
    NoGrad no_grad;
    abc -= abc.grad() * 0.01;
    lesson.log(step, {{"zeroed", loss}});
  }
  //! [zeroed]

  lesson.section("All the way down");
  const int64_t steps = lesson.epochs(400, 200);
  const double lr = lesson.lr(0.1);
  std::vector<Frame> frames;
  const auto draw_every_20th = [&](int64_t step) {
    if (step % 20) return;
    const std::string title = format("step %3d   loss %.3f", int(step), loss.item());
    frames.push_back({picture(abc, x, y, title).draw(), 150});
  };
  //! [train]
  for (int64_t step = 0;; ++step) {
    abc.zero_grad();
    loss = mae(quadratic(abc, x), y);
    draw_every_20th(step);
    if (step == steps) break;
    loss.backward();
    NoGrad no_grad;
    abc -= abc.grad() * lr;
  }
  //! [train]
  lesson.print("%d steps of %g: loss = %.4f, abc = %s\n", int(steps), lr, loss.item(),
               to_string(abc.detach()).c_str());
  lesson.print("the curve the points were made from has a loss of %.4f\n",
               mae(quadratic(tensor({3, 2, 1}), x), y).item());
  lesson.metric("loss at the end", loss.item(), "training set");
  lesson.figure("fit", picture(abc, x, y, "The fit"), "What gradient descent found.");
  lesson.animation("descent", frames, "The fit, from the guess to the end.");
}

int main(int argc, char** argv) {
  return run_lesson({.name = "03_quadratic", .title = "Lesson 3: fit a quadratic"}, argc, argv,
                    fit_quadratic);
}
