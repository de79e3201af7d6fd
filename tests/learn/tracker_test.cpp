// SPDX-License-Identifier: MIT
// Callbacks that watch a metric.
#include "fastcore/learn/tracker.h"

#include "fastcore/learn/losses.h"
#include "fastcore/learn/metrics.h"
#include "tests/learn/synth.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// Puts prescribed validation losses into the table.
struct Script : Callback {
  std::vector<double> losses;
  explicit Script(std::vector<double> all) : losses(std::move(all)) { order = 55; }
  void after_epoch(Learner& learn) override {
    learn.recorder->values.back()[1] = losses.at(static_cast<std::size_t>(learn.epoch));
  }
};

// In the validation of epoch e the items e .. e + 12 are right, and no others. All targets are 0.
struct ThirteenRight : Callback {
  void after_pred(Learner& learn) override {
    if (learn.training) return;
    std::vector<int64_t> answers;
    for (int64_t i = 0; i < learn.pred.size(0); ++i) {
      const int64_t item = 16 * learn.iter + i;
      answers.push_back(item >= learn.epoch && item < learn.epoch + 13 ? 0 : 1);
    }
    learn.pred = one_hot(tensor(answers), 2).to(kFloat32);
  }
};

}  // namespace

TEST_CASE("as many right answers in other batches are the same accuracy, and no better model") {
  QuietTerminal terminal;
  const Folder folder;
  const auto loader = [] {
    return tensor_loader(zeros({23, 1}), zeros({23}, {.dtype = kInt64}), {.bs = 16});
  };
  Learner learn(DataLoaders({loader(), loader()}), nn::Linear(1, 2),
                {.loss_func = CrossEntropyLossFlat{}, .metrics = accuracy, .path = folder.path});
  learn.fit(11, {.cbs = {ThirteenRight(), SaveModelCallback({.monitor = "accuracy"})}});
  for (const auto& row : learn.recorder->values) CHECK(*row[2] == 13.f / 23.f);
  CHECK(told(terminal) == Lines{"Better model found at epoch 0 with accuracy value: 0.5652173757553101."});
  learn.fit(11, {.cbs = {ThirteenRight(), EarlyStoppingCallback({.monitor = "accuracy", .patience = 10})}});
  CHECK(told(terminal).back() == "No improvement since epoch 0: early stopping");
}

TEST_CASE("training stops when the loss does not improve") {
  QuietTerminal terminal;
  Learner learn = line_learner();
  learn.fit(6, {.cbs = {Script({5, 4, 4.5, 4.2, 3, 2}), EarlyStoppingCallback({.patience = 2})}});
  CHECK(learn.recorder->values.size() == 4);
  CHECK(told(terminal) == Lines{"No improvement since epoch 1: early stopping"});
  learn.fit(3, {.cbs = {Script({5, 4.95, 4.9}), EarlyStoppingCallback({.min_delta = .1})}});
  CHECK(learn.recorder->values.size() == 2);
  CHECK_THROWS_WITH(
      learn.fit(1, {.cbs = EarlyStoppingCallback({.monitor = "accuracy"})}),
      "in callback EarlyStoppingCallback at before_fit: [Recorder] there is no metric 'accuracy'");
}

TEST_CASE("an epoch that improves stops nothing and lowers no rate, whatever the patience") {
  QuietTerminal terminal;
  for (const int patience : {1, 0, -3}) {
    Learner learn = line_learner();
    learn.fit(4, {.cbs = {Script({5, 4, 3, 3.5}), EarlyStoppingCallback({.patience = patience})}});
    CHECK(learn.recorder->values.size() == 4);
    learn.fit(4, {.lr = .5, .cbs = {Script({5, 4, 3, 2}), ReduceLROnPlateau({.patience = patience})}});
    CHECK(learn.recorder->lrs == std::vector<double>(8, .5));
  }
  CHECK(told(terminal) == Lines(3, "No improvement since epoch 2: early stopping"));
}

TEST_CASE("a best that lasts over several fits is the one that each of them ends with") {
  QuietTerminal terminal;
  const Folder folder;
  for (const bool reset : {false, true}) {
    Learner learn = line_learner({.path = folder.path});
    struct Weights : Callback {
      std::vector<double> seen;
      void after_epoch(Learner& l) override { seen.push_back(l.model->parameters()[0].item()); }
    };
    auto weights = std::make_shared<Weights>();
    const CallbackPtr best = std::make_shared<SaveModelCallback>(SaveModelOptions{.reset_on_fit = reset});
    learn.fit(2, {.cbs = {Script({5, 2}), weights, best}});
    learn.fit(2, {.cbs = {Script({4, 3}), weights, best}});
    CHECK(learn.model->parameters()[0].item() == weights->seen[reset ? 3 : 1]);
  }
}

TEST_CASE("the best model is kept") {
  QuietTerminal terminal;
  const Folder folder;
  Learner learn = line_learner({.path = folder.path});
  struct Weights : Callback {
    std::vector<double> seen;
    void after_epoch(Learner& l) override { seen.push_back(l.model->parameters()[0].item()); }
  };
  auto weights = std::make_shared<Weights>();
  learn.fit(3, {.cbs = {Script({5, 4, 4.5}), weights, SaveModelCallback()}});
  CHECK(told(terminal) == Lines{"Better model found at epoch 0 with valid_loss value: 5.0.",
                                "Better model found at epoch 1 with valid_loss value: 4.0."});
  CHECK(learn.model->parameters()[0].item() == weights->seen[1]);
  CHECK(weights->seen[1] != weights->seen[2]);
  learn.fit(3, {.cbs = SaveModelCallback({.fname = "each", .every_epoch = 2})});
  CHECK((folder.path / "models").ls().attrgot(&Path::name) ==
        L{"each_0.safetensors", "each_2.safetensors", "model.safetensors"});
}

TEST_CASE("the learning rate falls on a plateau") {
  QuietTerminal terminal;
  Learner learn = line_learner();
  learn.fit(4, {.lr = .5, .cbs = {Script({5, 5, 5, 5}), ReduceLROnPlateau({.factor = 5, .min_lr = .05})}});
  CHECK(learn.recorder->lrs == std::vector<double>{.5, .5, .5, .5, .1, .1, .05, .05});
  CHECK(told(terminal) == Lines{"Epoch 1: reducing lr to 0.1", "Epoch 2: reducing lr to 0.05"});
}
