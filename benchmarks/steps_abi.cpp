// SPDX-License-Identifier: MIT
// Whole training steps, timed: loaded by steps.py, each case in a process of its own.
#include <chrono>
#include <cstring>
#include <memory>

#include "benchmarks/steps_nets.h"
#include "minitorch/core/parallel.h"

namespace {

using namespace minitorch;
using namespace minitorch::bench;

struct Job {
  ModulePtr net;
  Tensors inputs;
  Tensor target;
  std::function<Tensor(const Tensor&, const Tensor&)> loss = [](const Tensor& y, const Tensor& t) {
    return cross_entropy(y, t);
  };
  bool sgd = false;
};

Tensor pictures(int64_t n, int64_t c, int64_t h, int64_t w) { return randn({n, c, h, w}); }

Tensor columns(int64_t n, const int64_t (*sizes)[2], int count) {
  std::vector<Tensor> out;
  for (int i = 0; i < count; ++i) out.push_back(randint(0, sizes[i][0], {n}));
  return stack(out, 1);
}

// "mnist b512", "resnet18 b32 64px", ...
Job make_job(const std::string& name) {
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

}  // namespace

/// Runs training steps of a case for `seconds` and writes the time of each; the loss of the last goes to
/// *loss. Returns how many steps were timed, or -1 for an unknown case.
extern "C" int steps_run(const char* name, int threads, double seconds, double* times, int capacity,
                         double* loss) try {
  set_num_threads(threads);
  manual_seed(1);
  Job job = make_job(name);
  std::unique_ptr<optim::Optimizer> opt;
  if (job.sgd) opt = std::make_unique<optim::SGD>(job.net->parameters(), optim::SgdOptions{.lr = 1e-3});
  else opt = std::make_unique<optim::Adam>(job.net->parameters(), optim::AdamOptions{.lr = 1e-3});
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  int count = 0;
  for (; count < capacity; ++count) {
    const auto before = Clock::now();
    if (count > 3 && std::chrono::duration<double>(before - start).count() > seconds) break;
    const Tensor l = job.loss((*job.net)(job.inputs), job.target);
    l.backward();
    opt->step();
    opt->zero_grad();
    times[count] = std::chrono::duration<double>(Clock::now() - before).count();
    *loss = l.item();
  }
  return count;
} catch (const std::exception& error) {
  report_error(error);
  return -1;
}
