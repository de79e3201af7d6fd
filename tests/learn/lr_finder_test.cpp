// SPDX-License-Identifier: MIT
#include "fastcore/learn/lr_finder.h"

#include <cmath>

#include "fastcore/basics/interrupt.h"
#include "fastcore/learn/tracker.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// 85 points of a loss that falls, then explodes; `wave` adds ripples.
LrCurve example(double wave) {
  LrCurve c;
  for (int i = 0; i < 85; ++i) {
    c.lrs.push_back(1e-7 * std::pow(1e8, (i + 10) / 100.));
    const double fall = 1 / (1 + std::exp(-(i - 45) / 6.)), rise = std::max(0., (i - 75) / 10.);
    c.losses.push_back(2.3 - 1.5 * fall + 3 * rise * rise + wave * std::sin(1.7 * i));
  }
  return c;
}

}  // namespace

TEST_CASE("suggestions as fastai computes them") {
  const LrCurve smooth = example(0), rippled = example(.02);
  CHECK(smooth.valley() == Approx(4.786e-4).epsilon(2e-4));
  CHECK(smooth.slide() == Approx(8.318e-4).epsilon(2e-4));
  CHECK(smooth.minimum() == Approx(6.310e-2).epsilon(2e-4));
  // The curve is symmetrical about point 45: the steps before and after it are equally steep but for
  // rounding in float32.
  CHECK(smooth.steep() == Approx(2.512e-3).epsilon(2e-4));
  CHECK(rippled.valley() == Approx(4.365e-3).epsilon(2e-4));
  CHECK(rippled.slide() == Approx(8.318e-4).epsilon(2e-4));
  CHECK(rippled.minimum() == Approx(4.365e-2).epsilon(2e-4));
  CHECK(rippled.steep() == Approx(1.4454e-3).epsilon(2e-4));
}

TEST_CASE("what suggestions look at: without the ends, up to the first loss that is no number") {
  LrCurve c;
  for (int i = 0; i < 30; ++i) c.lrs.push_back(i), c.losses.push_back(i == 20 ? NAN : 1);
  const LrCurve used = c.trimmed(30);
  CHECK(used.lrs.front() == 3);
  CHECK(used.lrs.back() == 19);
  CHECK_THROWS_WITH((LrCurve{{1, 2}, {1, 2}}.slide()), "[slide] 2 points: expected 16 or more");
  CHECK(LrCurve{{1, 2, 3}, {1, 2, 3}}.valley() == 1);  // never falls
}

TEST_CASE("lr_find tries rates from small to large and puts everything back") {
  const QuietTerminal quiet;
  const auto model = line_model();
  Learner learn(line_data(64, 4, true), model, {.cbs = SaveModelCallback()});  // takes no part
  learn.fit(1, 1e-3);
  const Tensor weight = model->weight.detach().clone();
  const auto averages = learn.opt->state_dict();
  std::vector<Tensor> copies;
  for (auto& [name, t] : averages) copies.push_back(t.detach().clone());
  const double mom = learn.opt->hyper("mom");

  const SuggestedLRs found = learn.lr_find({.stop_div = false});
  CHECK(found.curve.lrs.size() == 100);
  CHECK(found.curve.lrs.front() == Approx(1e-7));
  CHECK(found.curve.lrs.back() == Approx(1e-7 * std::pow(1e8, .99)));
  CHECK(found.valley.has_value());
  CHECK(found.slide.has_value());
  CHECK(found.repr().substr(0, 20) == "SuggestedLRs(valley=");
  CHECK_TENSOR(model->weight.detach(), weight, 0);
  CHECK(learn.opt->hyper("lr") == 1e-3);
  CHECK(learn.opt->hyper("mom") == mom);
  const auto after = learn.opt->state_dict();
  REQUIRE(after.size() == averages.size());
  for (std::size_t i = 0; i < after.size(); ++i) CHECK_TENSOR(after[i].second, copies[i], 0);
}

TEST_CASE("lr_find stops when the loss explodes, and at once when it is no number") {
  const QuietTerminal quiet;
  Learner learn(line_data(64, 4), line_model(), {.opt_func = SGD});
  const SuggestedLRs found = learn.lr_find({.start_lr = 1e-2, .end_lr = 1e4});
  CHECK(found.curve.losses.size() < 90);
  CHECK(std::isfinite(found.curve.losses.back()));
  CHECK_THROWS_WITH(learn.lr_find({.num_it = 5}), "[lr_find] num_it = 5: expected 6 or more");
}

TEST_CASE("lr_find says when it is the data that make the loss no number") {
  const QuietTerminal quiet;
  const auto learner_of = [](int64_t bad) {
    Tensor x = linspace(-1, 1, 64).reshape({64, 1});
    const Tensor y = x * 2 + 3;
    x.select(0, bad).fill_(NAN);
    return Learner(DataLoaders({tensor_loader(x, y, {.bs = 4}), tensor_loader(x, y, {.bs = 4})}),
                   line_model());
  };
  Learner at_once = learner_of(1);
  CHECK_THROWS_WITH(at_once.lr_find(), Catch::Contains("the batch itself holds nan"));
  CHECK(at_once.model->parameters()[0].item() == 0);
  Learner later = learner_of(30);
  CHECK_THROWS_WITH(later.lr_find(),
                    "[lr_find] after 7 rates, too few for a suggestion, the loss was no number");
}

TEST_CASE("lr_find after Ctrl-C: suggestions from what there is, or an end that says why") {
  struct Press : Callback {
    int64_t at;
    explicit Press(int64_t batch) : at(batch) {}
    void after_batch(Learner& learn) override {
      if (learn.train_iter == at) set_interrupted(true);
    }
  };
  QuietTerminal terminal;
  Learner learn(line_data(64, 4), line_model());
  SuggestedLRs found;
  {
    const Scope cbs = learn.added_cbs(Press(40));
    found = learn.lr_find({.stop_div = false});
  }
  set_interrupted(false);
  CHECK(found.curve.lrs.size() == 40);
  CHECK(found.valley.has_value());
  CHECK(terminal.lines.back() == "lr_find was stopped after 40 of 100 rates: suggestions are from those");
  const Scope cbs = learn.added_cbs(Press(3));
  CHECK_THROWS_AS(learn.lr_find(), Interrupted);
  set_interrupted(false);
}
