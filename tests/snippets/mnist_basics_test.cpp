// SPDX-License-Identifier: MIT
// Chapter 4 of the course's book, recipe by recipe, on the bundled threes and sevens: 2,102 of its 14,434, so
// that figures are not the book's; they are what PyTorch gives for these pictures and this seed.
#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/data/factories.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/vision/learner.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"
#include "tests/bundled.h"
#include "tests/learn/synth.h"

namespace fastcore {
namespace {

using namespace minitorch;
using Figures = std::vector<double>;

const Path& sample() {
  static const Path path = testing::bundled(urls::MNIST_SAMPLE);
  return path;
}
Tensor digits(const char* folder) { return stack_grey_images((sample() / folder).ls().sorted()); }

struct Digits {
  Tensor threes = digits("train/3"), sevens = digits("train/7");
  Tensor valid_3 = digits("valid/3"), valid_7 = digits("valid/7");
};
const Digits& all_digits() {
  static const Digits digits;
  return digits;
}

//! [loaders]
Tensor labels(const Tensor& threes, const Tensor& sevens) {
  return cat({ones({threes.size(0)}), zeros({sevens.size(0)})}).unsqueeze(1);
}
// Not shuffled, as in the book: all threes come before all sevens.
DataLoaders threes_and_sevens() {
  const auto& d = all_digits();
  const auto part = [](const Tensor& threes, const Tensor& sevens) {
    return tensor_loader(cat({threes, sevens}).view({-1, 28 * 28}), labels(threes, sevens), {.bs = 256});
  };
  return DataLoaders({part(d.threes, d.sevens), part(d.valid_3, d.valid_7)});
}
//! [loaders]

//! [loss]
Tensor mnist_loss(const Tensor& predictions, const Tensor& targets) {
  const Tensor p = sigmoid(predictions);
  return where(targets == 1, 1 - p, p).mean();
}
Tensor batch_accuracy(const Tensor& xb, const Tensor& yb) {
  return ((sigmoid(xb) > 0.5).to(kFloat32) == yb).to(kFloat32).mean();
}
//! [loss]

//! [by_hand]
template <class Model>
double validate_epoch(Model& model, DataLoader& valid) {
  const NoGrad no_grad;
  double sum = 0;
  for (Batch& batch : valid) sum += batch_accuracy(model(batch.x[0]), batch.y[0]).item();
  return sum / static_cast<double>(valid.size());
}
template <class Model, class Step>
Figures train_model(Model& model, DataLoaders dls, int epochs, Step step) {
  Figures accuracies;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    for (Batch& batch : dls.train()) {
      mnist_loss(model(batch.x[0]), batch.y[0]).backward();
      step();
    }
    accuracies.push_back(validate_epoch(model, dls.valid()));
  }
  return accuracies;
}
//! [by_hand]

// The rounding of another machine may put one digit of 421 on the other side.
void check_accuracies(const Figures& got, const Figures& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("epoch " << i);
    CHECK(got[i] == Approx(wanted[i]).margin(1. / 165 / 2 + 1e-4));
  }
}

}  // namespace

TEST_CASE("chapter 4: pictures as tensors, the ideal digits, and distances to them") {
  const auto& [threes, sevens, valid_3, valid_7] = all_digits();
  CHECK(threes.shape() == Shape{825, 28, 28});
  CHECK(sevens.size(0) == 856);
  //! [ideal]
  const Tensor mean3 = threes.mean({0}), mean7 = sevens.mean({0});
  const Tensor a_3 = threes[1];
  const double l1 = l1_loss(a_3, mean3).item(), l2 = mse_loss(a_3, mean3).sqrt().item();
  //! [ideal]
  CHECK(l1 == Approx(.1048).margin(5e-5));
  CHECK(l2 == Approx(.1859).margin(5e-5));
  CHECK(l1_loss(a_3, mean7).item() == Approx(.1455).margin(5e-5));
  CHECK(mse_loss(a_3, mean7).sqrt().item() == Approx(.2790).margin(5e-5));
  //! [baseline]
  auto mnist_distance = [](const Tensor& a, const Tensor& b) { return abs(a - b).mean({-1, -2}); };
  auto is_3 = [&](const Tensor& x) { return mnist_distance(x, mean3) < mnist_distance(x, mean7); };
  const double accuracy_3s = is_3(valid_3).to(kFloat32).mean().item();
  const double accuracy_7s = 1 - is_3(valid_7).to(kFloat32).mean().item();
  //! [baseline]
  CHECK(accuracy_3s == Approx(177. / 207));
  CHECK(accuracy_7s == Approx(213. / 214));
}

TEST_CASE("chapter 4: gradients, and a speed that gradient descent fits") {
  //! [gradient]
  auto f = [](const Tensor& x) { return square(x); };
  Tensor xt = tensor(3.).requires_grad_();
  Tensor yt = f(xt);
  yt.backward();
  //! [gradient]
  CHECK(yt.item() == 9);
  CHECK(xt.grad().item() == 6);
  xt = tensor({3., 4., 10.}).requires_grad_();
  f(xt).sum().backward();
  CHECK(xt.grad().to_vector<double>() == Figures{6, 8, 20});

  //! [speed]
  manual_seed(42);
  const Tensor time = arange(0, 20).to(kFloat32);
  const Tensor speed = randn({20}) * 3 + 0.75 * square(time - 9.5) + 1;
  Tensor params = randn({3}).requires_grad_();
  auto curve = [](const Tensor& t, const Tensor& p) { return p[0] * square(t) + p[1] * t + p[2]; };
  auto apply_step = [&] {
    const Tensor loss = mse_loss(curve(time, params), speed);
    loss.backward();
    const NoGrad no_grad;
    params.sub_(params.grad() * 1e-5);
    params.zero_grad();
    return loss.item();
  };
  //! [speed]
  for (double wanted : Figures{25823.8086, 5435.5356, 1577.4492, 847.3778, 709.2225, 683.0758, 678.1244,
                               677.1839, 677.0024, 676.9645, 676.9537})
    CHECK(apply_step() == Approx(wanted).epsilon(1e-4));
}

TEST_CASE("chapter 4: a linear model by hand, with nn::Linear, with the library's SGD, and as a Learner") {
  const DataLoaders dls = threes_and_sevens();
  //! [linear]
  manual_seed(42);
  const Tensor weights = randn({28 * 28, 1}).requires_grad_(), bias = randn({1}).requires_grad_();
  auto linear1 = [&](const Tensor& xb) { return matmul(xb, weights) + bias; };
  const Figures accuracies = train_model(linear1, dls, 21, [&] {
    const NoGrad no_grad;
    for (const Tensor& p : {weights, bias}) {
      p.sub_(p.grad() * 1.);
      p.zero_grad();
    }
  });
  //! [linear]
  check_accuracies(accuracies, {.6741, .7522, .8058, .8469, .8586, .8722, .8801, .8868, .8985, .8985, .9015,
                                .8985, .9044, .9094, .9133, .9152, .9202, .9232, .9232, .9252, .9321});

  //! [basic_optim]
  struct BasicOptim {
    Tensors params;
    double lr;
    void step() {
      const NoGrad no_grad;
      for (const Tensor& p : params) p.sub_(p.grad() * lr);
    }
    void zero_grad() {
      for (const Tensor& p : params) p.zero_grad();
    }
  };
  manual_seed(42);
  auto linear_model = nn::Linear(28 * 28, 1);
  BasicOptim opt{linear_model->parameters(), 1};
  const Figures own = train_model(linear_model, dls, 20, [&] { opt.step(), opt.zero_grad(); });
  //! [basic_optim]
  check_accuracies(own, {.4043, .4043, .4043, .4043, .4043, .4043, .4043, .9277, .9277, .9395,
                         .9403, .9423, .9481, .9501, .9501, .952,  .954,  .956,  .9579, .9599});

  manual_seed(42);
  auto model = nn::Linear(28 * 28, 1);
  optim::SGD sgd(model->parameters(), {.lr = 1});
  check_accuracies(train_model(model, dls, 20, [&] { sgd.step(), sgd.zero_grad(); }), own);

  //! [learner]
  manual_seed(42);
  auto learn = Learner(dls, nn::Linear(28 * 28, 1),
                       {.loss_func = mnist_loss, .opt_func = SGD, .metrics = metric<batch_accuracy>});
  //! [learner]
  const testing::QuietTerminal quiet;
  learn.fit(10, 1);
  Figures seen;
  for (const auto& row : learn.recorder->values) seen.push_back(*row[2]);
  check_accuracies(seen, {.4917, .4917, .4917, .4917, .4917, .4917, .4917, .9121, .9121, .9264});
  CHECK(learn.recorder->metric_names ==
        std::vector<std::string>{"epoch", "train_loss", "valid_loss", "batch_accuracy", "time"});
}

TEST_CASE("chapter 4: a layer more") {
  const testing::QuietTerminal quiet;
  //! [net]
  manual_seed(42);
  auto simple_net = nn::Sequential{nn::Linear(28 * 28, 30), nn::ReLU(), nn::Linear(30, 1)};
  auto learn = Learner(threes_and_sevens(), simple_net,
                       {.loss_func = mnist_loss, .opt_func = SGD, .metrics = metric<batch_accuracy>});
  learn.fit(40, 0.1);
  //! [net]
  // In braces, layers draw their weights from left to right; in parentheses the compiler is free to choose.
  Figures seen;
  for (const auto& row : learn.recorder->values) seen.push_back(*row[2]);
  check_accuracies(
      seen, {.7078, .8266, .8622, .9026, .9192, .9240, .9264, .9311, .9382, .9382, .9382, .9477, .9477, .9477,
             .9501, .9525, .9501, .9501, .9501, .9501, .9501, .9501, .9501, .9501, .9501, .9501, .9525, .9525,
             .9525, .9525, .9525, .9525, .9549, .9549, .9549, .9549, .9549, .9549, .9549, .9549});
  CHECK(*learn.recorder->values.back()[1] == Approx(.0514).margin(2e-4));
}

// With a seventh of the book's pictures one epoch is too short: it takes two, at a tenth of the rate.
TEST_CASE("chapter 4: eighteen layers, from a folder") {
  const testing::QuietTerminal quiet;
  set_seed(42);
  //! [resnet]
  auto dls = ImageDataLoaders::from_folder(sample());
  auto learn = vision_learner(
      dls, models::resnet18, {.pretrained = false, .loss_func = CrossEntropyLossFlat{}, .metrics = accuracy});
  learn.fit_one_cycle(2, 0.01);
  //! [resnet]
  CHECK(*learn.recorder->latest("accuracy") > 0.9);
}

}  // namespace fastcore
