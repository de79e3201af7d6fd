// SPDX-License-Identifier: MIT
// Lesson 4: a net made of rectified lines, from scratch.
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

static Values values(const Tensor& x) { return x.detach().flatten().to_vector<double>(); }

//! [rectified]
Tensor rectified_linear(double m, double b, const Tensor& x) { return clamp(x * m + b, 0., HUGE_VAL); }

Tensor double_relu(double m1, double b1, double m2, double b2, const Tensor& x) {
  return rectified_linear(m1, b1, x) + rectified_linear(m2, b2, x);
}
//! [rectified]

//! [net]
// n rectified lines added up: relu(x w1 + b1) w2 + b2, with x a column. Every line starts with its bend
// somewhere on the curve.
struct Net {
  Tensor w1, b1, w2, b2;

  explicit Net(int64_t n)
      : w1(randn({1, n})),
        b1(w1[0] * (rand({n}) * 4 - 2)),
        w2(randn({n, 1}) / std::sqrt(double(n))),
        b2(zeros({1})) {
    for (const Tensor& p : parameters()) p.requires_grad_();
  }
  Tensor operator()(const Tensor& x) const {         // (rows, 1)
    const Tensor hidden = relu(matmul(x, w1) + b1);  // (rows, n)
    return matmul(hidden, w2) + b2;                  // (rows, 1)
  }
  std::vector<Tensor> parameters() const { return {w1, b1, w2, b2}; }
};
//! [net]

//! [by_hand]
// The same net one line at a time: what the two matrix products add up, written out for one x.
double by_hand(const Net& net, double x) {
  const Values w1 = values(net.w1), b1 = values(net.b1), w2 = values(net.w2);
  double y = net.b2.item();
  for (std::size_t i = 0; i < w1.size(); ++i) y += w2[i] * std::max(0., w1[i] * x + b1[i]);
  return y;
}
//! [by_hand]

//! [train]
// Gradient descent on the mean squared error. The steps are Adam's, which lesson 5 takes apart; `watch` is
// told the loss of each.
template <class Watch>
double train(const Net& net, const Tensor& x, const Tensor& y, int64_t steps, double lr, Watch watch) {
  optim::Adam opt(net.parameters(), {.lr = lr, .wd = 0});
  Tensor loss;
  for (int64_t step = 0; step < steps; ++step) {
    loss = mean(square(net(x) - y));
    watch(step, loss);
    loss.backward();
    opt.set_hyper("lr", lr * double(steps - step) / double(steps));  // smaller and smaller steps
    opt.step();
    opt.zero_grad();
  }
  return loss.item();
}
//! [train]

//! [curve]
// What the nets have to follow: two waves that get in each other's way.
Tensor wiggly(const Tensor& x) { return sin(x * 3) + cos(x * 7) * 0.4; }
//! [curve]

static Plot plot_of(const std::string& title, const Tensor& x, const Tensor& y) {
  Plot plot(title);
  plot.x_axis.label = "x";
  plot.y_axis.label = "y";
  plot.line(values(x), values(y));
  return plot;
}

static void relu_nets(Lesson& lesson) {
  lesson.section("A line, bent");
  const Tensor x = linspace(-2, 2, 100);
  Figure bends;
  bends.plots.push_back(plot_of("rectified_linear(1, 1, x)", x, rectified_linear(1, 1, x)));
  bends.plots.push_back(
      plot_of("double_relu(-1.5, -1.5, 1.5, 1.5, x)", x, double_relu(-1.5, -1.5, 1.5, 1.5, x)));
  bends.plots.push_back(plot_of("double_relu(-1.5, -1.5, 1.5, 0, x)", x, double_relu(-1.5, -1.5, 1.5, 0, x)));
  bends.columns = 3;
  lesson.figure("bends", bends, "One rectified line, and two added up: at one hinge, and at two.");
  lesson.print("x                     -2      -1       0       1       2\n");
  const Tensor five = linspace(-2, 2, 5);
  auto row = [&](const char* name, const Tensor& y) {
    std::string line = name;
    for (double v : values(y)) line += format("%8.2f", v);
    lesson.print("%s\n", line.c_str());
  };
  row("rectified         ", rectified_linear(1, 1, five));
  row("double, one hinge ", double_relu(-1.5, -1.5, 1.5, 1.5, five));
  row("double, two hinges", double_relu(-1.5, -1.5, 1.5, 0, five));

  lesson.section("A curve from 1, 2, 8, 64 bends");
  const Tensor grid = linspace(-2, 2, 200).unsqueeze(1);  // (200, 1)
  const Tensor wave = wiggly(grid);
  const int64_t steps = lesson.epochs(4000, 600);
  const double lr = lesson.lr(0.03);
  const auto seed = static_cast<uint64_t>(lesson.options().seed);
  std::vector<Net> nets;
  const auto report = [&](int64_t step, const Tensor& loss) {  // Ctrl-C ends here
    const std::string name = std::to_string(nets.back().w2.numel()) + " ReLUs";
    if (step % 10 == 0) lesson.record(name, step, {{"loss", loss}});
  };
  //! [sizes]
  Values errors;
  for (int64_t n : {1, 2, 8, 64}) {
    manual_seed(seed);
    nets.push_back(Net(n));
    errors.push_back(train(nets.back(), grid, wave, steps, lr, report));
  }
  //! [sizes]
  Figure fits;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    const int64_t n = nets[i].w2.numel();
    const Tensor fit = nets[i](grid);
    rows.push_back({std::to_string(n), std::to_string(3 * n + 1), format("%.4f", errors[i]),
                    format("%.3f", abs(fit - wave).mean().item())});
    fits.plots.push_back(plot_of(std::to_string(n) + (n == 1 ? " ReLU" : " ReLUs"), grid, wave));
    fits.plots.back().line(values(grid), values(fit));
    lesson.metric("squared error with " + std::to_string(n), errors[i], "training set");
  }
  lesson.table({"ReLUs", "parameters", "mean squared error", "mean distance"}, rows);
  const Tensor constant = wave.mean(), slope = (grid * wave).mean() / square(grid).mean();
  lesson.print("the best constant has a mean squared error of %.4f, the best straight line %.4f\n",
               square(wave - constant).mean().item(), square(wave - constant - grid * slope).mean().item());
  lesson.figure("fits", fits, "The curve (blue) and the nets (orange).");

  lesson.section("The same, written out");
  lesson.print("x      net(x)   by hand\n");
  for (double at : {-1.5, 0., 0.7})
    lesson.print("%4.1f %8.4f  %8.4f\n", at, nets.back()(tensor({at}).reshape({1, 1})).item(),
                 by_hand(nets.back(), at));
}

int main(int argc, char** argv) {
  return run_lesson({.name = "04_relu_nets", .title = "Lesson 4: a net of rectified lines"}, argc, argv,
                    relu_nets);
}
