// SPDX-License-Identifier: MIT
// Lesson 5: stochastic gradient descent, and 3 against 7.
#include <algorithm>
#include <chrono>

#include "fastcore/basics/external.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/image/png.h"
#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "lessons/05_sgd/optimizers.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

static Tensor mse(const Tensor& y_hat, const Tensor& y) { return mean(square(y_hat - y)); }

static Plot line_plot(const Tensor& x, const Tensor& y, const Tensor& a, const std::string& title) {
  Plot plot(title);
  plot.x_axis.label = "x";
  plot.y_axis = {.label = "y", .low = -3, .high = 7};
  plot.scatter(x(all, 0).to_vector<double>(), y.to_vector<double>(), {.radius = 2});
  const Values w = a.detach().to_vector<double>();
  return plot.line({-1, 1}, {w[1] - w[0], w[1] + w[0]});
}

// --- a line through a hundred points, then in batches --------------------------------------------------

static void fit_line(Lesson& lesson) {
  lesson.section("A line through a hundred points");
  //! [points]
  const int64_t n = 100;
  const Tensor x = ones({n, 2});
  x(all, 0).uniform_(-1., 1);
  const Tensor y = matmul(x, tensor({3., 2.})) + randn({n}) * 0.25;
  //! [points]
  //! [update]
  Tensor a = tensor({-1., 1.}).requires_grad_();
  auto update = [&](const Tensor& x, const Tensor& y, double lr) {
    const Tensor loss = mse(matmul(x, a), y);
    loss.backward();
    NoGrad no_grad;
    a.sub_(a.grad() * lr);
    a.zero_grad();
    return loss.item();
  };
  //! [update]
  std::vector<Frame> frames;
  for (int t = 0; t < 100; ++t) {
    if (t % 4 == 0) frames.push_back({line_plot(x, y, a, format("step %d", t)).draw({.scale = 1}), 120});
    const double loss = update(x, y, 0.1);
    if (t % 10 == 0) lesson.log(t, {{"loss", loss}});
  }
  lesson.print("a = %s, drawn from (3, 2)\n", to_string(a.detach()).c_str());
  lesson.animation("line", frames, "The line finds the points.");

  lesson.section("The same in batches of ten");
  //! [batches]
  a = tensor({-1., 1.}).requires_grad_();
  auto loader = tensor_loader(x, y, {.bs = 10, .shuffle = true});
  for (int epoch = 0; epoch < 10; ++epoch) {
    for (Batch& batch : *loader) update(batch.x[0], batch.y[0], 0.1);
    lesson.log(epoch, {{"batches", mse(matmul(x, a), y)}});
  }
  //! [batches]
}

// --- threes and sevens ---------------------------------------------------------------------------------

struct Digits {
  Tensor train_x, train_y, valid_x, valid_y;  // (n, 784), (n, 1): 1 for a three
};

//! [digits]
static Tensor label_column(int64_t threes, int64_t sevens) {
  return cat({ones({threes}), zeros({sevens})}).unsqueeze(1);
}

static Digits threes_and_sevens(const Path& path, Lesson& lesson) {
  const Tensor train_3 = stack_grey_images((path / "train" / "3").ls()),
               train_7 = stack_grey_images((path / "train" / "7").ls());
  const Tensor valid_3 = stack_grey_images((path / "valid" / "3").ls()),
               valid_7 = stack_grey_images((path / "valid" / "7").ls());
  //! [digits]
  lesson.print("training: %d threes, %d sevens; validation: %d and %d\n", int(train_3.size(0)),
               int(train_7.size(0)), int(valid_3.size(0)), int(valid_7.size(0)));
  //! [baseline]
  const Tensor mean_3 = train_3.mean({0}), mean_7 = train_7.mean({0});  // (28, 28)
  auto distance = [](const Tensor& digits, const Tensor& ideal) {
    return mean(abs(digits - ideal), {-1, -2});
  };
  auto is_3 = [&](const Tensor& digits) { return distance(digits, mean_3) < distance(digits, mean_7); };
  const double right_3 = is_3(valid_3).to(kFloat32).mean().item();
  const double right_7 = 1 - is_3(valid_7).to(kFloat32).mean().item();
  //! [baseline]
  lesson.figure("ideal",
                ImageGrid{.items = {{to_image(mean_3), "the mean three"},
                                    {to_image(mean_7), "the mean seven"},
                                    {to_image(train_3[1]), "a three"}},
                          .rows = 1,
                          .cell = 110},
                "The mean digits.");
  lesson.print("nearer to its own mean: %.4f of the threes, %.4f of the sevens, %.4f in the mean\n", right_3,
               right_7, (right_3 + right_7) / 2);
  lesson.metric("baseline accuracy", (right_3 + right_7) / 2);
  return {cat({train_3, train_7}).view({-1, 784}), label_column(train_3.size(0), train_7.size(0)),
          cat({valid_3, valid_7}).view({-1, 784}), label_column(valid_3.size(0), valid_7.size(0))};
}

//! [loss]
static Tensor mnist_loss(const Tensor& prediction, const Tensor& is_three) {
  const Tensor p = sigmoid(prediction);
  return where(is_three == 1, 1 - p, p).mean();
}
static double accuracy(const Tensor& prediction, const Tensor& is_three) {
  return ((prediction > 0).to(kFloat32) == is_three).to(kFloat32).mean().item();
}
//! [loss]

//! [epoch]
template <class Model, class Step>
std::vector<double> train(Lesson& lesson, const char* name, const Digits& digits, int64_t epochs,
                          bool shuffle, Model model, Step step) {
  auto loader = tensor_loader(digits.train_x, digits.train_y, {.bs = 64, .shuffle = shuffle});
  std::vector<double> accuracies;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    for (Batch& batch : *loader) {
      mnist_loss(model(batch.x[0]), batch.y[0]).backward();
      step();
    }
    NoGrad no_grad;
    const Tensor train_loss = mnist_loss(model(digits.train_x), digits.train_y);
    accuracies.push_back(accuracy(model(digits.valid_x), digits.valid_y));
    lesson.record(name, epoch, {{"train_loss", train_loss}, {"accuracy", accuracies.back()}});
  }
  return accuracies;
}
//! [epoch]

static void compare_models(Lesson& lesson, const Digits& digits) {
  lesson.section("A linear model and a net");
  const int64_t epochs = lesson.epochs(20, 5);
  Plot plot("Accuracy on the validation set");
  plot.x_axis.label = "epoch";
  plot.y_axis.label = "accuracy";
  std::vector<std::vector<std::string>> rows;
  auto told = [&](const char* name, const std::vector<double>& accuracies) {
    plot.curve(accuracies, {.label = name});
    rows.push_back({name, format("%.3f", accuracies.front()),
                    format("%.3f", accuracies[std::min<std::size_t>(2, accuracies.size() - 1)]),
                    format("%.3f", accuracies.back())});
    lesson.metric(name, accuracies.back());
  };
  auto linear = [&](const char* name, bool shuffle) {
    //! [linear]
    manual_seed(uint64_t(lesson.options().seed));
    const Tensor w = randn({784, 1}).requires_grad_(), b = randn({1}).requires_grad_();
    auto model = [&](const Tensor& x) { return matmul(x, w) + b; };  // (n, 1)
    return train(lesson, name, digits, epochs, shuffle, model, [&] {
      NoGrad no_grad;
      for (const Tensor& p : {w, b}) {
        p.sub_(p.grad() * lesson.lr(1));
        p.zero_grad();
      }
    });
    //! [linear]
  };
  for (const bool shuffle : {false, true}) {
    const char* name = shuffle ? "linear, shuffled" : "linear, threes first";
    told(name, linear(name, shuffle));
  }
  //! [net]
  manual_seed(uint64_t(lesson.options().seed));
  auto net = nn::Sequential(nn::Linear(784, 30), nn::ReLU(), nn::Linear(30, 1));
  optim::SGD opt(net->parameters(), {.lr = lesson.lr(0.1) * 5});
  const char* name = "784-30-1 net";
  told(name, train(lesson, name, digits, epochs, true, net, [&] { opt.step(), opt.zero_grad(); }));
  //! [net]
  lesson.table({"model", "epoch 1", "epoch 3", "last"}, rows);
  lesson.figure("accuracy", plot, "Shuffling first, then a layer more.");
}

// --- four optimisers, by hand and fused ---

static void compare_optimizers(Lesson& lesson, const Digits& digits) {
  lesson.section("Four optimisers, by hand and fused");
  struct Entry {
    const char* name;
    Rule rule;
    double lr;
    std::function<std::unique_ptr<optim::Optimizer>(optim::Groups)> fused;
  };
  //! [fused]
  const std::vector<Entry> entries{
      {"SGD", sgd, 0.5, [](auto g) { return std::make_unique<optim::SGD>(g); }},
      {"momentum", momentum, 0.1,
       [](auto g) { return std::make_unique<optim::SGD>(g, optim::SgdOptions{.mom = 0.9}); }},
      {"RMSProp", rms_prop, 0.003, [](auto g) { return std::make_unique<optim::RMSProp>(g); }},
      {"Adam", adam, 0.003,
       [](auto g) { return std::make_unique<optim::Adam>(g, optim::AdamOptions{.wd = 0}); }}};
  //! [fused]
  const int64_t steps = lesson.epochs(300, 60);
  std::vector<std::vector<std::string>> rows;
  for (const Entry& entry : entries) {
    double losses[2], micros[2];
    for (int fused = 0; fused < 2; ++fused) {
      manual_seed(uint64_t(lesson.options().seed));
      auto net = nn::Sequential(nn::Linear(784, 30), nn::ReLU(), nn::Linear(30, 1));
      const auto params = net->parameters();
      std::vector<Kept> kept;
      for (const Tensor& p : params) kept.push_back({zeros_like(p), zeros_like(p)});
      auto opt = entry.fused(two_groups(params));
      opt->set_hyper("lr", {entry.lr / 10, entry.lr});
      std::vector<double> times;
      const std::string name = std::string(entry.name) + (fused ? ", fused" : ", by hand");
      for (int64_t step = 0; step < steps; ++step) {
        const Tensor loss = mnist_loss(net(digits.train_x), digits.train_y);
        loss.backward();
        losses[fused] = loss.item();
        lesson.record(name, step, {{"loss", losses[fused]}});
        const auto start = std::chrono::steady_clock::now();
        if (fused) opt->step(), opt->zero_grad();
        else step_by_hand(entry.rule, params, kept, entry.lr);
        times.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
      }
      std::nth_element(times.begin(), times.begin() + steps / 2, times.end());
      micros[fused] = times[static_cast<std::size_t>(steps / 2)];  // the median
    }
    rows.push_back({entry.name, format("%.4f", losses[0]), format("%.4f", losses[1]),
                    format("%.0f us", micros[0]), format("%.0f us", micros[1])});
  }
  lesson.table({"rule", "loss by hand", "loss fused", "step by hand", "step fused"}, rows);
}

static void sgd_lesson(Lesson& lesson) {
  fit_line(lesson);
  lesson.section("Threes and sevens: nearer to which mean?");
  const Path path = lesson.data(urls::MNIST_SAMPLE);
  const Digits digits = threes_and_sevens(path, lesson);
  compare_models(lesson, digits);
  compare_optimizers(lesson, digits);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "05_sgd", .title = "Lesson 5: stochastic gradient descent"}, argc, argv,
                    sgd_lesson);
}
