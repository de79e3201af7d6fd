// SPDX-License-Identifier: MIT
#include "fastcore/learn/hooks.h"

#include <algorithm>
#include <cmath>

#include "fastcore/learn/metrics.h"
#include "fastcore/learn/predictions.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

TEST_CASE("statistics of layers, batch by batch") {
  const QuietTerminal quiet;
  const auto net = nn::Sequential(nn::Linear(1, 20), nn::ReLU(), nn::Linear(20, 1));
  Learner learn(line_data(40, 4), net);
  auto stats = std::make_shared<ActivationStats>(ActivationStats({.with_hist = true}));
  learn.fit(2, {.cbs = stats});
  CHECK(stats->names == Lines{"0 Linear", "2 Linear"});
  REQUIRE(stats->stats.size() == 20);
  REQUIRE(stats->layer_stats(-1).size() == 20);
  CHECK(stats->layer_stats(0)[0].hist.size() == 40);
  CHECK(stats->layer_stats(0)[0].near_zero > 0);
  CHECK(stats->plot_layer_stats(0).plots.size() == 3);
  const Plot colours = stats->color_dim(0);
  REQUIRE(colours.heat());
  CHECK(colours.heat()->rows == 40);
  CHECK(colours.heat()->columns == 20);
  CHECK_THROWS_WITH(stats->layer_stats(2), "[ActivationStats] layer 2 of 2");

  CHECK(histc(tensor({-1., 0., .1, .25, 9.99, 10., 11.}), 40, 0, 10)[0] == 2);
  CHECK(histc(tensor({-1., 0., .1, .25, 9.99, 10., 11.}), 40, 0, 10)[39] == 2);

  auto some = std::make_shared<ActivationStats>(
      ActivationStats({.modules = {&*net->children()[1].second}, .every = 5}));
  learn.fit(1, {.cbs = some});
  REQUIRE(some->stats.size() == 2);
  CHECK(some->layer_stats(0)[0].mean >= 0);  // behind the ReLU
  CHECK_THROWS_AS(some->color_dim(0), ValueError);
}

TEST_CASE("a batch that is cancelled before its outputs counts for nothing") {
  const QuietTerminal quiet;
  struct CancelFirst : Callback {
    int64_t batch;
    bool training;
    CancelFirst(int64_t which, bool train) : batch(which), training(train) {}
    void before_batch(Learner& learn) override {
      if (learn.iter == batch && learn.training == training) throw CancelBatch{};
    }
  };
  for (const bool training : {true, false})
    for (const int64_t batch : {0, 1}) {
      Learner learn(line_data(10, 4), line_model(), {.metrics = mae});
      auto stats = std::make_shared<ActivationStats>();
      auto preds = std::make_shared<GatherPredsCallback>(false, false);
      learn.fit(1, {.cbs = {stats, preds, CancelFirst(batch, training)}});
      CHECK(learn.recorder->losses.size() == (training ? 2 : 3));
      CHECK(stats->layer_stats(0).size() == (training ? 2 : 3));
      CHECK(preds->all().preds.size(0) == (training ? 10 : 6));
    }
}

TEST_CASE("a layer that some batches go past has no numbers for them") {
  struct Sometimes : nn::Module {
    nn::Linear first = add("first", nn::Linear(1, 8)), some = add("some", nn::Linear(8, 8)),
               never = add("never", nn::Linear(8, 8)), last = add("last", nn::Linear(8, 1));
    int batches = 0;
    Tensor forward(const Tensor& x) override {
      const Tensor h = relu(first(x));
      return last(is_training() && batches++ % 3 ? h : h + some(h));
    }
  };
  const QuietTerminal quiet;
  Learner learn(line_data(40, 8), nn::make<Sometimes>());
  const auto stats = std::make_shared<ActivationStats>(ActivationStats({.with_hist = true}));
  learn.fit(1, {.cbs = stats});
  const auto layer = stats->layer_stats(1);
  REQUIRE(layer.size() == 5);
  for (std::size_t batch = 0; batch < 5; ++batch) {
    CHECK(std::isnan(layer[batch].mean) == (batch % 3 != 0));
    CHECK(layer[batch].hist.empty() == (batch % 3 != 0));
  }
  const Plot some = stats->color_dim(1), never = stats->color_dim(2);
  CHECK((some.heat()->rows == 40 && some.heat()->columns == 5));
  CHECK(*std::max_element(some.heat()->values.begin(), some.heat()->values.end()) > 0);
  CHECK(never.heat()->values == std::vector<double>(200));
  CHECK(stats->plot_layer_stats(1).svg().find("nan") == std::string::npos);
}

TEST_CASE("layers cannot be looked at every 0 batches") {
  CHECK_THROWS_WITH(ActivationStats({.every = 0}), "[HookCallback] every = 0: expected 1 or more");
  CHECK_NOTHROW(ActivationStats({.every = 1}));
}

TEST_CASE("names of layers stand beside their statistics, in whatever order they were given") {
  const QuietTerminal quiet;
  const auto net = nn::Sequential(nn::Linear(1, 20), nn::ReLU(), nn::Linear(20, 1));
  const auto stats = std::make_shared<ActivationStats>(ActivationStats(
      {.with_hist = true, .modules = {&*net->children()[2].second, &*net->children()[1].second}}));
  Learner(line_data(), net).fit(1, {.cbs = stats});
  CHECK(stats->names == Lines{"2 Linear", "1 ReLU"});
  CHECK(stats->color_dim(-1).title == "Outputs of 1 ReLU");
  CHECK(stats->plot_layer_stats(0).plots[0].title == "2 Linear: mean");
}

TEST_CASE("a hook keeps what a layer puts out") {
  const auto first = nn::Linear(2, 3);
  const auto net = nn::Sequential(first, nn::ReLU());
  const Tensor x = ones({1, 2});
  {
    const Hook hook(*first);
    net(x);
    CHECK_TENSOR(relu(hook.stored).detach(), net(x).detach(), 0);
  }
  CHECK(leaf_modules(*net).size() == 2);
  CHECK(leaf_modules(*net, true).size() == 1);
}

TEST_CASE("after an error no layer is hooked any more") {
  struct Fail : Callback {
    void after_pred(Learner&) override { throw ValueError("no"); }
  };
  struct Count : HookCallback {
    int calls = 0;
    void hook(std::size_t, nn::Module&, const Tensor&) override { ++calls; }
  };
  const QuietTerminal quiet;
  Learner learn(line_data(), line_model());
  const auto count = std::make_shared<Count>();
  CHECK_THROWS_AS(learn.fit(1, {.cbs = {count, Fail{}}}), ValueError);
  CHECK(count->calls == 1);
  (*learn.model)(ones({1, 1}));
  CHECK(count->calls == 1);
}
