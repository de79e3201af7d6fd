// SPDX-License-Identifier: MIT
// The cases of whose training steps are timed: a net, a batch, a loss.
#pragma once
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include "benchmarks/steps_nets.h"

namespace minitorch::bench {

struct Job {
  ModulePtr net;
  Tensors inputs;
  Tensor target;
  std::function<Tensor(const Tensor&, const Tensor&)> loss = [](const Tensor& y, const Tensor& t) {
    return cross_entropy(y, t);
  };
  bool sgd = false;
};

inline Tensor pictures(int64_t n, int64_t c, int64_t h, int64_t w) { return randn({n, c, h, w}); }

inline Tensor columns(int64_t n, const int64_t (*sizes)[2], int count) {
  std::vector<Tensor> out;
  for (int i = 0; i < count; ++i) out.push_back(randint(0, sizes[i][0], {n}));
  return stack(out, 1);
}

/// "mnist b512", "resnet18 b32 64px", ... @throws ValueError for another name
inline Job make_job(const std::string& name) {
  int64_t batch = 64, size = 28;
  if (auto at = name.find(" b"); at != std::string::npos) batch = std::atoi(name.c_str() + at + 2);
  if (auto at = name.find("px"); at != std::string::npos)
    size = std::atoi(name.c_str() + name.rfind(' ', at) + 1);
  const std::string kind = name.substr(0, name.find(' '));
  const Tensor labels = randint(0, 10, {batch});
  if (kind == "mlp") return {.net = mlp(), .inputs = {randn({batch, 784})}, .target = labels, .sgd = true};
  if (kind == "mnist")
    return {.net = mnist(), .inputs = {pictures(batch, 1, 28, 28)}, .target = labels, .sgd = true};
  if (kind == "resnet18")
    return {.net = resnet18(), .inputs = {pictures(batch, 3, size, size)}, .target = labels};
  if (kind == "efficientnet_lite0")
    return {.net = efficientnet_lite0(), .inputs = {pictures(batch, 3, size, size)}, .target = labels};
  if (kind == "unet")
    return {.net = std::make_shared<Unet>(),
            .inputs = {pictures(batch, 3, 96, 128)},
            .target = randint(0, 32, {batch, 96, 128})};
  if (kind == "tabular")
    return {.net = std::make_shared<Tabular>(),
            .inputs = {columns(batch, Tabular::kSizes, 8), randn({batch, 3})},
            .target = randint(0, 2, {batch})};
  if (kind == "collab") {
    const int64_t sizes[2][2] = {{944, 0}, {1665, 0}};
    return {.net = std::make_shared<Collab>(),
            .inputs = {columns(batch, sizes, 2)},
            .target = rand({batch}) * 5,
            .loss = [](const Tensor& y, const Tensor& t) { return mse_loss(y, t); }};
  }
  throw ValueError("no case named '" + name + "'");
}

inline std::unique_ptr<optim::Optimizer> make_optimizer(const Job& job) {
  if (job.sgd) return std::make_unique<optim::SGD>(job.net->parameters(), optim::SgdOptions{.lr = 1e-3});
  return std::make_unique<optim::Adam>(job.net->parameters(), optim::AdamOptions{.lr = 1e-3});
}

}  // namespace minitorch::bench
