// SPDX-License-Identifier: MIT
// Lesson 5: stochastic gradient descent, and 3 against 7.
#include "fastcore/basics/external.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/image/png.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "lessons/05_sgd/digits.h"
#include "lessons/05_sgd/optimizers.h"
#include "lessons/05_sgd/pictures.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

static Tensor mse(const Tensor& y_hat, const Tensor& y) { return mean(square(y_hat - y)); }

// --- gradients, and a curve ----------------------------------------------------------------------------

static void follow_gradients(Lesson& lesson) {
  lesson.section("Gradients of squares");
  //! [squares]
  const Tensor one = tensor(3.).requires_grad_(), three = tensor({3., 4., 10.}).requires_grad_();
  square(one).backward();
  square(three).sum().backward();
  lesson.print("of x * x at 3: %s\n", to_string(one.grad()).c_str());
  lesson.print("at 3, 4, 10:   %s\n", to_string(three.grad()).c_str());
  //! [squares]

  lesson.section("The speed of a roller coaster");
  //! [speed]
  const Tensor time = arange(20).to(kFloat32);
  const Tensor speed = randn({20}) * 3 + square(time - 9.5) * 0.75 + 1;
  const Tensor params = randn({3}).requires_grad_();
  auto f = [](const Tensor& t, const Tensor& abc) { return abc[0] * square(t) + abc[1] * t + abc[2]; };
  std::vector<Tensor> curves{f(time, params).detach()};
  for (int step = 0; step < 10; ++step) {
    const Tensor loss = mse(f(time, params), speed);
    lesson.log(step, {{"loss", loss}});
    loss.backward();
    NoGrad no_grad;
    params.sub_(params.grad() * 1e-5);
    params.zero_grad();
    curves.push_back(f(time, params));
  }
  //! [speed]
  lesson.figure("speed", speed_plot(time, speed, curves), "The parabola after so many steps.");
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

static void nearest_mean(Lesson& lesson, const Pictures& pictures) {
  const auto& [train_3, train_7, valid_3, valid_7] = pictures;
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
  lesson.figure("ideal", mean_digits(mean_3, mean_7, train_3[1]), "The mean digits.");
  //! [distances]
  for (const auto& [name, ideal] : {std::pair{"three", mean_3}, std::pair{"seven", mean_7}})
    lesson.print("threes[1] to the mean %s: L1 %.4f, RMSE %.4f\n", name, distance(train_3[1], ideal).item(),
                 mean(square(train_3[1] - ideal)).sqrt().item());
  //! [distances]
  lesson.print("nearer to its own mean: %.4f of the threes, %.4f of the sevens, %.4f in the mean\n", right_3,
               right_7, (right_3 + right_7) / 2);
  lesson.metric("baseline accuracy", (right_3 + right_7) / 2);
}

static void compare_models(Lesson& lesson, const Digits& digits) {
  lesson.section("A linear model, by hand and with a layer");
  const auto seed = static_cast<uint64_t>(lesson.options().seed);
  const int64_t epochs = lesson.epochs(20, 5);
  const double lr = lesson.lr(1), net_lr = lesson.lr(0.1) * 5;
  Comparison all_models;
  const auto trained = [&](const char* name, bool shuffle, auto model, auto step) {
    const auto watch = [&](int64_t epoch, const Tensor& train_loss, double accuracy) {  // Ctrl-C ends here
      lesson.record(name, epoch, {{"train_loss", train_loss}, {"accuracy", accuracy}});
    };
    all_models.add(lesson, name, train(digits, epochs, shuffle, model, step, watch));
  };
  //! [linear]
  for (const bool shuffle : {false, true}) {
    manual_seed(seed);
    const Tensor w = randn({784, 1}).requires_grad_(), b = randn({1}).requires_grad_();
    auto model = [&](const Tensor& x) { return matmul(x, w) + b; };  // (n, 1)
    auto step = [&] {
      NoGrad no_grad;
      for (const Tensor& p : {w, b}) {
        p.sub_(p.grad() * lr);
        p.zero_grad();
      }
    };
    trained(shuffle ? "linear, shuffled" : "linear, threes first", shuffle, model, step);
  }
  //! [linear]
  //! [own]
  set_seed(seed);
  const nn::Linear layer(784, 1);
  Descent own{layer->parameters(), lr};
  trained("nn::Linear, own optimiser", true, layer, [&] { own.step(), own.zero_grad(); });
  //! [own]
  //! [library]
  set_seed(seed);
  const nn::Linear again(784, 1);
  optim::SGD opt(again->parameters(), {.lr = lr});
  trained("nn::Linear, optim::SGD", true, again, [&] { opt.step(), opt.zero_grad(); });
  //! [library]
  //! [net]
  manual_seed(seed);
  auto net = nn::Sequential{nn::Linear(784, 30), nn::ReLU(), nn::Linear(30, 1)};
  optim::SGD descent(net->parameters(), {.lr = net_lr});
  trained("784-30-1 net", true, net, [&] { descent.step(), descent.zero_grad(); });
  //! [net]
  lesson.section("The same with a Learner");
  set_seed(seed);
  //! [learner]
  const DataLoaders dls({tensor_loader(digits.train_x, digits.train_y, {.bs = 64, .shuffle = true}),
                         tensor_loader(digits.valid_x, digits.valid_y, {.bs = 64})});
  Learner learn(dls, nn::Linear(784, 1),
                {.loss_func = mnist_loss,
                 .opt_func = SGD,
                 .cbs = RunReport(lesson),
                 .metrics = AvgMetric("accuracy", batch_accuracy)});
  learn.fit(epochs, lr);
  //! [learner]
  std::vector<double> accuracies;
  for (const LogValues& epoch : learn.recorder->values) accuracies.push_back(*epoch.back());
  all_models.add(lesson, "Learner::fit", accuracies);
  lesson.section("Models of threes and sevens");
  all_models.show(lesson);
}

static void sgd_lesson(Lesson& lesson) {
  follow_gradients(lesson);
  fit_line(lesson);
  lesson.section("Threes and sevens: nearer to which mean?");
  const Pictures pictures = load_pictures(lesson.data(urls::MNIST_SAMPLE));
  nearest_mean(lesson, pictures);
  const Digits digits = as_rows(pictures);
  compare_models(lesson, digits);
  compare_optimizers(lesson, digits);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "05_sgd", .title = "Lesson 5: stochastic gradient descent"}, argc, argv,
                    sgd_lesson);
}
