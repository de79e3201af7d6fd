// SPDX-License-Identifier: MIT
#include "fastcore/learn/learner.h"

#include <new>
#include <vector>

#include "fastcore/basics/interrupt.h"
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/lr_finder.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/random.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

using Names = std::vector<std::string>;

// Throws a cancel exception at one event.
template <class Exception>
struct CancelAt : Trace {
  std::string event;
  explicit CancelAt(std::string at) : event(std::move(at)) {}
  void note(Learner& learn, const char* name) override {
    Trace::note(learn, name);
    if (event == name) throw Exception{};
  }
};

template <class T>
Names events_of(T trace, int64_t n = 4) {
  const QuietTerminal quiet;
  auto cb = std::make_shared<T>(std::move(trace));
  Learner learn(line_data(n, 4), line_model());
  learn.fit(1, {.lr = 0.1, .cbs = cb});
  return cb->seen;
}

}  // namespace

TEST_CASE("events of one epoch with two training batches") {
  const Names expected = {"before_fit",      "before_epoch",   "before_train",    "before_batch",
                          "after_pred",      "after_loss",     "before_backward", "after_backward",
                          "before_step",     "after_step",     "after_batch",     "before_batch",
                          "after_pred",      "after_loss",     "before_backward", "after_backward",
                          "before_step",     "after_step",     "after_batch",     "after_train",
                          "before_validate", "before_batch",   "after_pred",      "after_loss",
                          "after_batch",     "before_batch",   "after_pred",      "after_loss",
                          "after_batch",     "after_validate", "after_epoch",     "after_fit"};
  CHECK(events_of(Trace{}, 8) == expected);
  const QuietTerminal quiet;
  auto trace = std::make_shared<Trace>();
  Learner(line_data(), line_model(), {.cbs = trace});
  CHECK(trace->seen == Names{"after_create"});
}

TEST_CASE("a cancel exception skips the rest of its section") {
  const Names start = {"before_fit", "before_epoch", "before_train"};
  const Names validation = {"before_validate", "before_batch",   "after_pred",  "after_loss",
                            "after_batch",     "after_validate", "after_epoch", "after_fit"};
  const auto between = [&](const Names& middle, bool validates = true) {
    Names all = start;
    all.insert(all.end(), middle.begin(), middle.end());
    if (validates) all.insert(all.end(), validation.begin(), validation.end());
    return all;
  };
  CHECK(events_of(CancelAt<CancelStep>("before_step")) ==
        between({"before_batch", "after_pred", "after_loss", "before_backward", "after_backward",
                 "before_step", "after_cancel_step", "after_step", "after_batch", "after_train"}));
  CHECK(events_of(CancelAt<CancelBackward>("before_backward")) ==
        between({"before_batch", "after_pred", "after_loss", "before_backward", "after_cancel_backward",
                 "after_backward", "before_step", "after_step", "after_batch", "after_train"}));
  CHECK(events_of(CancelAt<CancelBatch>("before_step")) ==
        between({"before_batch", "after_pred", "after_loss", "before_backward", "after_backward",
                 "before_step", "after_cancel_batch", "after_batch", "after_train"}));
  CHECK(events_of(CancelAt<CancelTrain>("before_train")) == between({"after_cancel_train", "after_train"}));
  CHECK(events_of(CancelAt<CancelEpoch>("before_batch")) ==
        between({"before_batch", "after_cancel_epoch", "after_epoch", "after_fit"}, false));
  CHECK(events_of(CancelAt<CancelFit>("before_batch")) ==
        between({"before_batch", "after_cancel_fit", "after_fit"}, false));
  CHECK(events_of(CancelAt<CancelValid>("before_validate")) ==
        between({"before_batch", "after_pred", "after_loss", "before_backward", "after_backward",
                 "before_step", "after_step", "after_batch", "after_train", "before_validate",
                 "after_cancel_validate", "after_validate", "after_epoch", "after_fit"},
                false));
}

TEST_CASE("a step that was cancelled leaves the weights, CancelBatch the gradients too") {
  const QuietTerminal quiet;
  const auto model = line_model();
  Learner learn(line_data(), model);
  learn.fit(1, {.lr = 0.1, .cbs = CancelAt<CancelStep>("before_step")});
  CHECK(model->weight.item() == 0);
  CHECK_FALSE(model->weight.grad().defined());
  learn.fit(1, {.lr = 0.1, .cbs = CancelAt<CancelBatch>("before_step")});
  CHECK(model->weight.grad().defined());
}

TEST_CASE("gradients that a training has left without a step do not reach the next one") {
  const QuietTerminal quiet;
  const auto weight = [](const Callbacks& unfinished) {
    Learner learn = line_learner({.opt_func = SGD, .lr = 0.1});
    learn.fit(1, {.lr = 0, .cbs = unfinished});  // so that the weights are as they were
    learn.fit(1);
    return learn.model->parameters()[0].item();
  };
  CHECK(weight(CancelAt<CancelBatch>("before_step")) == weight({}));
  CHECK(weight(CancelAt<CancelFit>("before_step")) == weight({}));
  CHECK(weight(GradientAccumulation({.n_acc = 12})) == weight({}));  // there are 8 items
}

TEST_CASE("callbacks run in their order, and only in the batches they ask for") {
  const QuietTerminal quiet;
  static Names called;
  struct Named : Callback {
    std::string text;
    Named(std::string name, double place) : text(std::move(name)) { order = place; }
    void before_fit(Learner&) override { called.push_back(text); }
  };
  auto in_training = std::make_shared<Trace>(), never = std::make_shared<Trace>();
  in_training->run_valid = false;
  never->run = false;
  Learner learn(line_data(4, 4), line_model());
  learn.fit(1, {.lr = .1,
                .cbs = {Named("c", 2), Named("a", -20), Named("d", 2), Named("b", 0), in_training, never}});
  CHECK(called == Names{"a", "b", "c", "d"});
  CHECK(std::count(in_training->seen.begin(), in_training->seen.end(), "before_batch") == 1);
  CHECK(never->seen.empty());
  CHECK(never->run);  // from the next fit on
  CHECK(learn.cbs().size() == 3);
}

TEST_CASE("an error in a callback says which, and when, and keeps its type") {
  const QuietTerminal quiet;
  struct Careless : Callback {
    void after_epoch(Learner&) override { throw ValueError("no such thing", "look again"); }
  };
  Learner learn(line_data(), line_model());
  try {
    learn.fit(1, {.cbs = Careless{}});
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) == "in callback Careless at after_epoch: no such thing");
    CHECK(error.hint() == "look again");
  }
  CHECK(learn.cbs().size() == 3);  // the callbacks of the call are gone
  learn.fit(1);
  CHECK(learn.recorder->values.size() == 1);
}

TEST_CASE("an error of the standard library in a callback says which callback, too") {
  const QuietTerminal quiet;
  struct Careless : Callback {
    void after_epoch(Learner&) override { std::vector<int>(3).at(3) = 1; }
  };
  struct Hungry : Callback {
    void after_epoch(Learner&) override { throw std::bad_alloc(); }
  };
  Learner learn(line_data(), line_model());
  CHECK_THROWS_WITH(learn.fit(1, {.cbs = Careless{}}),
                    Catch::StartsWith("in callback Careless at after_epoch: vector::_M_range_check"));
  CHECK_THROWS_AS(learn.fit(1, {.cbs = Hungry{}}), std::bad_alloc);
}

TEST_CASE("whatever ends training, callbacks clean up, those of the call included") {
  struct Cleaner : Callback {
    int cleaned = 0;
    void clean_up(Learner&) noexcept override { ++cleaned; }
  };
  struct Careless : Callback {
    void after_loss(Learner&) override { throw ValueError("no such thing"); }
  };
  QuietTerminal terminal;
  const auto cleaner = std::make_shared<Cleaner>();
  Learner learn(line_data(), line_model());
  CHECK_THROWS_AS(learn.fit(1, {.cbs = {cleaner, Careless{}}}), ValueError);
  CHECK(cleaner->cleaned == 1);
  learn.add_cbs(cleaner);
  learn.validate();
  CHECK(cleaner->cleaned == 2);
  // The progress bar wrote the table, and has given that back.
  terminal.lines.clear();
  const Scope plain = learn.no_bar();
  learn.fit(1);
  REQUIRE(terminal.lines.size() == 1);
  CHECK(terminal.lines[0].substr(0, 4) == "[0, ");
}

TEST_CASE("without a loss and without targets there is nothing to train for") {
  const Tensor x = zeros({4, 1});
  const auto loader = std::make_shared<TensorLoader>(Tensors{x}, Tensors{});
  CHECK_THROWS_WITH(Learner(DataLoaders({loader, loader}), line_model()),
                    "[Learner] no loss was given, and the data have no targets that suggest one");
}

TEST_CASE("a callback that trains is told so: the outer loop would never end") {
  struct Trains : Callback {
    bool finds;
    explicit Trains(bool finds) : finds(finds) { run_lr_find = false; }
    void after_batch(Learner& learn) override { finds ? void(learn.lr_find({.num_it = 8})) : learn.fit(1); }
  };
  const QuietTerminal quiet;
  for (const bool finds : {false, true}) {
    Learner learn = line_learner();
    CHECK_THROWS_WITH(learn.fit(2, {.cbs = Trains(finds)}),
                      Catch::Contains("[fit] the learner is at work already"));
    learn.fit(1);
    CHECK(learn.recorder->losses.size() == 2);
  }
}

TEST_CASE("a callback may export in the middle of training, which goes on as without it") {
  struct Exports : Callback {
    void after_epoch(Learner& learn) override {
      if (learn.fitting) learn.export_learner("middle");
    }
  };
  const QuietTerminal quiet;
  const Folder folder;
  const auto losses = [&](const Callbacks& cbs) {
    set_seed(1);
    const auto net = nn::Sequential{nn::Linear(1, 8), nn::Dropout(.5), nn::Linear(8, 1)};
    Learner learn(line_data(), net, {.cbs = cbs, .path = folder.path});
    learn.fit(3);
    return learn.recorder->losses;
  };
  CHECK(losses(Exports()) == losses({}));
  CHECK((folder.path / "middle").exists());
}

TEST_CASE("fit says when the training data make no batch") {
  const QuietTerminal quiet;
  const Tensor x = minitorch::ones({5, 1});
  const auto rows = [&](bool drop_last) { return tensor_loader(x, x, {.bs = 64, .drop_last = drop_last}); };
  Learner learn(DataLoaders({rows(true), rows(false)}), line_model());
  try {
    learn.fit(1);
    FAIL("nothing was learned, and nobody said so");
  } catch (const minitorch::ValueError& error) {
    CHECK(std::string(error.what()) == "This DataLoader does not contain any batches");
    CHECK(error.hint().find(".bs = 5 or less") != std::string::npos);
  }
  CHECK(learn.validate().size() == 1);
  Learner alone(DataLoaders({rows(false)}), line_model());
  CHECK_THROWS_WITH(alone.fit(1),
                    Catch::StartsWith("[DataLoaders] there is a loader that trains, and none that "
                                      "validates"));
  CHECK(alone.recorder->losses.empty());  // told before an epoch has been spent
}

TEST_CASE("without targets there is no loss and no step, but its event") {
  const QuietTerminal quiet;
  const auto loader = std::make_shared<TensorLoader>(Tensors{zeros({4, 1})}, Tensors{});
  const auto trace = std::make_shared<Trace>();
  Learner learn(DataLoaders({loader, loader}), line_model(), {.loss_func = MSELossFlat{}, .cbs = trace});
  trace->seen.clear();
  learn.fit(1);
  CHECK(trace->seen == Names{"before_fit", "before_epoch", "before_train", "before_batch", "after_pred",
                             "after_loss", "after_batch", "after_train", "before_validate", "before_batch",
                             "after_pred", "after_loss", "after_batch", "after_validate", "after_epoch",
                             "after_fit"});
  CHECK_FALSE(learn.recorder->values.at(0).at(0).has_value());
}

TEST_CASE("the loss follows from the targets") {
  const auto loss = [](TargetKind kind) {
    const auto loader = tensor_loader(zeros({4, 1}), zeros({4, 1}), {.targets = {kind, 1, {}}});
    return Learner(DataLoaders({loader, loader}), line_model()).loss_func.name();
  };
  CHECK(loss(TargetKind::number) == "FlattenedLoss of MSELoss()");
  CHECK(loss(TargetKind::points) == "FlattenedLoss of MSELoss()");
  CHECK(loss(TargetKind::category) == "FlattenedLoss of CrossEntropyLoss()");
  CHECK(loss(TargetKind::mask) == "FlattenedLoss of CrossEntropyLoss()");
  CHECK(loss(TargetKind::multi_category) == "FlattenedLoss of BCEWithLogitsLoss()");
}

TEST_CASE("Ctrl-C ends the step at hand; after_fit still comes") {
  const QuietTerminal quiet;
  struct Press : Trace {
    void after_pred(Learner& learn) override { set_interrupted(learn.train_iter == 1); }
  };
  auto press = std::make_shared<Press>();
  Learner learn(line_data(16, 4), line_model());
  CHECK_THROWS_WITH(learn.fit(3, {.lr = .1, .cbs = press}), "stopped by Ctrl-C");
  CHECK(learn.recorder->losses.size() == 2);
  CHECK_THROWS_AS(learn.fit(3), Interrupted);  // not begun
  CHECK(learn.recorder->losses.size() == 2);
  set_interrupted(false);
  CHECK(Names(press->seen.end() - 3, press->seen.end()) ==
        Names{"after_batch", "after_cancel_fit", "after_fit"});
}

TEST_CASE("Ctrl-C ends a pass that trains nothing, but not one that a callback has asked for in training") {
  struct Press : Callback {
    int64_t seen = 0;
    void after_batch(Learner& learn) override {
      if (!learn.training && ++seen == 3) set_interrupted(true);
    }
  };
  struct Curious : Callback {
    int64_t rows = 0;
    void after_train(Learner& learn) override { rows = learn.get_preds().preds.size(0); }
  };
  const QuietTerminal quiet;
  Learner learn(line_data(40, 4), line_model());
  auto press = std::make_shared<Press>();
  {
    const Scope cbs = learn.added_cbs(press);
    CHECK_THROWS_AS(learn.get_preds(), Interrupted);
    CHECK(press->seen == 3);
    set_interrupted(false);
    press->seen = 0;
    CHECK_THROWS_AS(learn.tta({.n = 2}), Interrupted);
    CHECK(press->seen == 3);
    set_interrupted(false);
  }
  press->seen = 0;
  auto curious = std::make_shared<Curious>();
  CHECK_THROWS_AS(learn.fit(2, {.cbs = {press, curious}}), Interrupted);
  CHECK(curious->rows == 40);
  CHECK(learn.recorder->values.size() < 2);
  set_interrupted(false);
  CHECK(learn.get_preds().preds.size(0) == 40);
}

TEST_CASE("every pass draws its bar on a terminal: training, validation, predictions, lr_find") {
  struct Drawing : QuietTerminal {
    int64_t drawn = 0;
    bool can_redraw() const override { return true; }
    void draw(const std::string& text) override { drawn += text.find('%') != std::string::npos; }
    int64_t of(const std::function<void()>& pass) {
      drawn = 0;
      pass();
      return drawn;
    }
  };
  Drawing terminal;
  Learner learn(line_data(40, 4), line_model());
  CHECK(terminal.of([&] { learn.fit(1); }) > 0);
  CHECK(terminal.of([&] { learn.get_preds(); }) > 0);
  CHECK(terminal.of([&] { learn.validate(); }) > 0);
  CHECK(terminal.of([&] { learn.tta({.n = 2}); }) > 0);
  CHECK(terminal.of([&] { learn.lr_find(); }) > 0);
  CHECK(terminal.of([&] { learn.predict(tensor({1.})); }) == 0);
}

TEST_CASE("a line is learned, by hand and by Learner, to the same digits") {
  const QuietTerminal quiet;
  const auto model = line_model();
  Learner learn(line_data(8, 4), model, {.opt_func = SGD, .metrics = {mae, rmse}});
  learn.fit(5, 0.1);

  const Tensor x = linspace(-1, 1, 8).reshape({8, 1}), y = x * 2 + 3;
  const Tensor w = zeros({1, 1}).requires_grad_(), b = zeros({1}).requires_grad_();
  for (int epoch = 0; epoch < 5; ++epoch)
    for (int at : {0, 4}) {
      const Tensor rows = x.slice(0, at, at + 4);
      mse_loss(matmul(rows, w.t()) + b, y.slice(0, at, at + 4)).backward();
      NoGrad no_grad;
      for (const Tensor& p : {w, b}) {
        p.sub_(p.grad() * 0.1);
        p.zero_grad();
      }
    }
  CHECK_TENSOR(model->weight.detach(), w.detach(), 1e-6);
  CHECK_TENSOR(model->bias.detach(), b.detach(), 1e-6);
  NoGrad no_grad;
  const Tensor error = matmul(x, w.t()) + b - y;
  const auto& last = learn.recorder->values.back();
  CHECK(*last[1] == Approx(mean(square(error)).item()));
  CHECK(*last[2] == Approx(mean(abs(error)).item()));
  CHECK(*last[3] == Approx(std::sqrt(mean(square(error)).item())));
  CHECK(learn.validate() == std::vector<double>{*last[1], *last[2], *last[3]});
  CHECK(learn.recorder->losses.size() == 10);  // validate() leaves the history alone
}
