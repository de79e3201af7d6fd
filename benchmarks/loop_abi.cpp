// SPDX-License-Identifier: MIT
// What loop.py calls: the same small steps once in a bare loop, once under a Learner.
#include <chrono>
#include <exception>

#include "fastcore/basics/terminal.h"
#include "fastcore/learn/learn.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

namespace {

struct Setup {
  std::vector<Batch> batches;
  nn::Linear model{4, 2};
  explicit Setup(int64_t count) {
    manual_seed(42);
    for (int64_t i = 0; i < count; ++i) batches.push_back({{randn({8, 4})}, {randint(0, 2, {8})}});
  }
};

template <class F>
double seconds(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double bare_loop(int64_t count) {
  Setup s(count);
  optim::Adam opt(s.model->parameters());
  double last = 0;
  return seconds([&] {
           for (const Batch& batch : s.batches) {
             const Tensor loss = cross_entropy(s.model(batch.x[0]), batch.y[0]);
             loss.backward();
             opt.step();
             opt.zero_grad();
             last += loss.item();
           }
         }) /
         static_cast<double>(count);
}

double learner_loop(int64_t count) {
  Setup s(count);
  const Targets targets{TargetKind::category, 2, {"no", "yes"}};
  const auto train = batches_loader(s.batches, targets), valid = batches_loader({s.batches[0]}, targets);
  Learner learn(DataLoaders({train, valid}), s.model, {.metrics = accuracy});
  const Scope silent = learn.no_logging();
  return seconds([&] { learn.fit_one_cycle(1, 1e-3); }) / static_cast<double>(count);
}

}  // namespace

/// Seconds a batch: of the bare loop, or (with_learner) of Learner::fit_one_cycle. Below 0: it failed.
extern "C" double loop_run(int with_learner, int threads, int64_t batches) {
  try {
    set_num_threads(threads);
    return with_learner ? learner_loop(batches) : bare_loop(batches);
  } catch (const std::exception& error) {
    report_error(error);
    return -1;
  }
}
