// SPDX-License-Identifier: MIT
#include "fastcore/vision/measure.h"

#include <algorithm>
#include <chrono>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/profile.h"
#include "minitorch/ops/loss/loss.h"
#include "minitorch/optim/optimizer.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

namespace {

// The median time of a call, which runs once before.
template <class F>
double median_seconds(double at_least, F&& f) {
  using Clock = std::chrono::steady_clock;
  f();
  std::vector<double> times;
  double sum = 0;
  while (times.size() < 3 || sum < at_least) {
    const auto start = Clock::now();
    f();
    times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    sum += times.back();
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

template <class F>
double peak_bytes(F&& f) {
  const auto cpu = minitorch::Device::cpu();
  minitorch::reset_peak_memory(cpu);
  f();
  return static_cast<double>(minitorch::memory_stats(cpu).peak);
}

double multiply_adds_of(nn::Module& net, const Tensor& picture) {
  minitorch::Profile profile({.trace = "", .print = false});
  net(picture);
  double flops = 0;
  for (const auto& row : profile.stop().rows) flops += row.flops_per_second * row.seconds;
  return flops / 2;
}

}  // namespace

ModelCosts measure_model(const Architecture& a, const MeasureOptions& o) {
  const auto cpu = minitorch::Device::cpu();
  const auto before = static_cast<double>(minitorch::memory_stats(cpu).in_use);
  const NetSize published;
  const nn::ModulePtr net = a.make(published);
  const Tensor x = minitorch::randn({o.bs, 3, o.size, o.size});
  const Tensor y = minitorch::randint(0, published.classes, {o.bs});
  ModelCosts costs{.parameters = net->parameter_count()};
  {
    const minitorch::NoGrad no_grad;
    net->eval();
    costs.multiply_adds = multiply_adds_of(*net, x.slice(0, 0, 1).contiguous());
    const auto predict = [&] { (*net)(x); };
    costs.predict_bytes = peak_bytes(predict) - before;
    costs.predicts_per_second = static_cast<double>(o.bs) / median_seconds(o.seconds, predict);
  }
  net->train();
  minitorch::optim::Adam opt(net->parameters(), {.lr = 1e-4});
  const auto train = [&] {
    minitorch::cross_entropy((*net)(x), y).backward();
    opt.step();
    opt.zero_grad();
  };
  train();  // makes Adam's averages
  costs.train_bytes = peak_bytes(train) - before;
  costs.trains_per_second = static_cast<double>(o.bs) / median_seconds(o.seconds, train);
  return costs;
}

}  // namespace fastcore
