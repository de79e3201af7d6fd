// SPDX-License-Identifier: MIT
// A training in which everything that can draws or remembers, and all that it comes to.
#pragma once
#include "fastcore/basics/interrupt.h"
#include "fastcore/learn/checkpoint.h"
#include "minitorch/core/random.h"
#include "tests/learn/synth.h"

namespace fastcore::testing {

using namespace minitorch;

/// A net with dropout, batch norm and a frozen group, on shuffled data: everything that draws or remembers.
inline Learner seeded_learner(const Path& folder) {
  set_seed(42);
  const Tensor x = randn({40, 4}), y = randint(0, 3, {40});
  const DataLoaders dls({tensor_loader(x, y, {.bs = 8, .shuffle = true}), tensor_loader(x, y, {.bs = 16})});
  const auto net =
      nn::Sequential(nn::Linear(4, 16), nn::BatchNorm1d(16), nn::ReLU(), nn::Dropout(0.3), nn::Linear(16, 3));
  const Splitter splitter = [](nn::Module& m) {
    const auto p = m.parameters();
    return std::vector<std::vector<Tensor>>{{p[0], p[1], p[2], p[3]}, {p[4], p[5]}};
  };
  return Learner(dls, net, {.splitter = splitter, .cbs = CheckpointCallback(), .path = folder});
}
/// Weights, the optimiser's state, the recorder's history, and what would be drawn next.
inline std::vector<double> everything(Learner& learn) {
  std::vector<double> all;
  for (const auto& [name, t] : learn.model->state_dict())
    for (double value : t.to_vector<double>()) all.push_back(value);
  for (const auto& [name, t] : learn.opt->state_dict())
    for (double value : t.to_vector<double>()) all.push_back(value);
  for (const auto* list : {&learn.recorder->losses, &learn.recorder->lrs, &learn.recorder->hps["mom"]})
    all.insert(all.end(), list->begin(), list->end());
  for (const auto& row : learn.recorder->values)
    for (const auto& value : row) all.push_back(value.value_or(-1));
  all.push_back(default_generator().uniform());
  return all;
}

/// The training that an interrupted and resumed one, or one on other threads, has to equal.
inline std::vector<double> in_one_go() {
  const Folder folder;
  Learner learn = seeded_learner(folder.path);
  learn.fine_tune(2, 1e-2);
  return everything(learn);
}

/// Presses Ctrl-C after so many training batches, counted over all fits, or in the validation after them.
struct PressAt : Callback {
  int64_t left;
  bool in_validation;
  PressAt(int64_t batches, bool validation) : left(batches), in_validation(validation) { order = 80; }
  void after_batch(Learner& learn) override {
    if (learn.training) --left;
    if (left == 0 && learn.training != in_validation) set_interrupted(true);
  }
};
/// A training that a PressAt may end; Ctrl-C is forgotten.
template <class Training>
void may_be_pressed(const Training& train) {
  try {
    train();
  } catch (const Interrupted&) {}
  set_interrupted(false);
}

}  // namespace fastcore::testing
