// SPDX-License-Identifier: MIT
// Four rules for a step of training, on tensors, how they are applied to groups of parameters, and how they
// compare with the library's.
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lessons/05_sgd/digits.h"
#include "minitorch/minitorch.h"

using namespace minitorch;

//! [rules]
// What is kept for one parameter, and four rules for a step with it.
struct Kept {
  Tensor m, v;
  int t = 0;
};
using Rule = void (*)(const Tensor& p, const Tensor& g, Kept& kept, double lr);

inline void sgd(const Tensor& p, const Tensor& g, Kept&, double lr) { p -= g * lr; }

inline void momentum(const Tensor& p, const Tensor& g, Kept& kept, double lr) {
  kept.m = kept.m * 0.9 + g;
  p -= kept.m * lr;
}
inline void rms_prop(const Tensor& p, const Tensor& g, Kept& kept, double lr) {
  kept.v = kept.v * 0.99 + g * g * 0.01;
  p -= g * lr / (sqrt(kept.v) + 1e-8);
}
inline void adam(const Tensor& p, const Tensor& g, Kept& kept, double lr) {
  kept.m = kept.m * 0.9 + g * 0.1;
  kept.v = kept.v * 0.99 + g * g * 0.01;
  ++kept.t;
  p -= kept.m * (lr / (1 - std::pow(0.9, kept.t))) / (sqrt(kept.v / (1 - std::pow(0.99, kept.t))) + 1e-5);
}
//! [rules]

//! [descent]
// Plain descent as a class: what every optimiser of the library offers.
struct Descent {
  std::vector<Tensor> params;
  double lr;
  void step() {
    NoGrad no_grad;
    for (const Tensor& p : params) p.sub_(p.grad() * lr);
  }
  void zero_grad() {
    for (const Tensor& p : params) p.zero_grad();
  }
};
//! [descent]

//! [groups]
// One step over two groups of parameters: the first layer's rate is a tenth of the last's.
inline void step_by_hand(Rule rule, const std::vector<Tensor>& params, std::vector<Kept>& kept, double lr) {
  NoGrad no_grad;
  for (std::size_t i = 0; i < params.size(); ++i) {
    rule(params[i], params[i].grad(), kept[i], i < 2 ? lr / 10 : lr);
    params[i].zero_grad();
  }
}
inline optim::Groups two_groups(const std::vector<Tensor>& p) {
  return std::vector<std::vector<Tensor>>{{p[0], p[1]}, {p[2], p[3]}};
}
//! [groups]

inline void compare_optimizers(Lesson& lesson, const Digits& digits) {
  lesson.section("Four optimisers, by hand and fused");
  struct Entry {
    const char* name;
    int lines;  // of the rule in optimizers.h
    Rule rule;
    double lr;
    std::function<std::unique_ptr<optim::Optimizer>(optim::Groups)> fused;
  };
  //! [fused]
  const std::vector<Entry> entries{
      {"SGD", 1, sgd, 0.5, [](auto g) { return std::make_unique<optim::SGD>(g); }},
      {"momentum", 2, momentum, 0.1,
       [](auto g) { return std::make_unique<optim::SGD>(g, optim::SgdOptions{.mom = 0.9}); }},
      {"RMSProp", 2, rms_prop, 0.003, [](auto g) { return std::make_unique<optim::RMSProp>(g); }},
      {"Adam", 4, adam, 0.003,
       [](auto g) { return std::make_unique<optim::Adam>(g, optim::AdamOptions{.wd = 0}); }}};
  //! [fused]
  const int64_t steps = lesson.epochs(300, 60);
  std::vector<std::vector<std::string>> rows;
  for (const Entry& entry : entries) {
    double losses[2], micros[2];
    for (int fused = 0; fused < 2; ++fused) {
      manual_seed(uint64_t(lesson.options().seed));
      auto net = nn::Sequential{nn::Linear(784, 30), nn::ReLU(), nn::Linear(30, 1)};
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
    rows.push_back({entry.name, std::to_string(entry.lines), format("%.4f", losses[0]),
                    format("%.4f", losses[1]), format("%.0f us", micros[0]), format("%.0f us", micros[1])});
  }
  lesson.table({"rule", "lines", "loss by hand", "loss fused", "step by hand", "step fused"}, rows);
}
