// SPDX-License-Identifier: MIT
// Cycles, fine-tuning, frozen layers, rates for groups.
#include "fastcore/learn/learner.h"

#include <cmath>
#include <cstdint>

#include "fastcore/data/data_block.h"
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/lr_finder.h"
#include "fastcore/learn/schedule.h"
#include "fastcore/learn/tracker.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// Two groups: a body with batch norm, and a head.
struct TwoParts : nn::Module {
  nn::Sequential body = add("body", nn::Sequential(nn::Linear(1, 4), nn::BatchNorm1d(4)));
  nn::Linear head = add("head", nn::Linear(4, 1));
  Tensor forward(const Tensor& x) override { return head(body(x)); }
};
optim::Groups two_groups(nn::Module& model) {
  auto& net = dynamic_cast<TwoParts&>(model);
  return std::vector<std::vector<Tensor>>{net.body->parameters(), net.head->parameters()};
}
Learner two_part_learner(const nn::ModulePtr& net, LearnerOptions options = {}) {
  options.splitter = two_groups;
  return Learner(line_data(40, 4), net, std::move(options));
}
struct Rates : Callback {
  std::vector<std::vector<double>> seen;
  void before_step(Learner& learn) override {
    std::vector<double> rates;
    for (auto& group : learn.opt->groups()) rates.push_back(group.hypers.lr);
    seen.push_back(rates);
  }
};

}  // namespace

TEST_CASE("groups that leave a parameter out are refused, unless it is not to be trained") {
  const nn::Sequential net(nn::Linear(1, 2), nn::Linear(2, 2), nn::Linear(2, 1));
  const Splitter last = [](nn::Module& m) {
    return optim::Groups(std::vector<std::vector<Tensor>>{{}, m.get_submodule("2")->parameters()});
  };
  Learner learn(line_data(40, 4), net, {.splitter = last});
  CHECK_THROWS_WITH(learn.create_opt(),
                    "[Learner] the splitter's groups lack 4 parameters of the model: "
                    "0.weight, 0.bias, 1.weight, ...");
  for (const char* part : {"0", "1"})
    for (Tensor p : net->get_submodule(part)->parameters()) p.requires_grad_(false);
  learn.create_opt();
  CHECK(learn.opt->groups()[1].params.size() == 2);
}

TEST_CASE("one cycle of ten batches sets fastai's rates and momentum") {
  const QuietTerminal quiet;
  Learner learn(line_data(40, 4), line_model());
  learn.fit_one_cycle(1, 1e-3);
  const auto &lr = learn.recorder->hps["lr"], &mom = learn.recorder->hps["mom"];
  REQUIRE(lr.size() == 10);
  CHECK(lr[0] == Approx(4.000000e-5));
  CHECK(lr[3] == Approx(9.890739e-4));
  CHECK(lr[9] == Approx(4.323687e-5));
  CHECK(mom[0] == Approx(.95));
  CHECK(mom[9] == Approx(.945677));
  CHECK(learn.recorder->lrs == lr);
}

TEST_CASE("training on nothing is told: no batch in the loader, or every item left out by a transform") {
  const QuietTerminal quiet;
  const auto learner_of = [](const Transform& tfm) {
    return Learner(DataBlock{.blocks = {TransformBlock{.item_tfms = {}}, RegressionBlock{}},
                             .splitter = IndexSplitter{.valid_idx = {0}},
                             .get_x = [](const std::string&) { return zeros({1}); },
                             .get_y = [](const std::string&) { return 1.0; },
                             .item_tfms = {tfm}}
                       .dataloaders(Items{std::string("a"), std::string("b"), std::string("c")}, {.bs = 2}),
                   line_model(), {.loss_func = MSELossFlat{}});
  };
  Learner none = learner_of([](const Tensor&) -> Tensor { throw SkipItem("none will do"); });
  CHECK_THROWS_WITH(none.fit(1), "[DataLoader] every item is left out: each of the 2 ended in a SkipItem");
  Learner some = learner_of([](const Tensor& x) { return x; });
  CHECK_NOTHROW(some.fit(1));
}

TEST_CASE("one cycle over two epochs is one cycle") {
  const QuietTerminal quiet;
  Learner learn(line_data(20, 4), line_model());
  learn.fit_one_cycle(2, 1e-3);
  REQUIRE(learn.recorder->hps["lr"].size() == 10);
  CHECK(learn.recorder->hps["lr"][5] == Approx(7.500025e-4));
}

TEST_CASE("groups have rates of their own") {
  const QuietTerminal quiet;
  auto rates = std::make_shared<Rates>();
  Learner learn = two_part_learner(nn::make<TwoParts>());
  learn.fit(1, slice(1e-4, 1e-2), {.cbs = rates});
  CHECK(rates->seen[0][0] == Approx(1e-4));
  CHECK(rates->seen[0][1] == Approx(1e-2));
  rates->seen.clear();
  learn.fit_one_cycle(1, slice(1e-2), {.cbs = rates});
  CHECK(rates->seen[0][0] == Approx(1e-3 / 25));
  CHECK(rates->seen[0][1] == Approx(1e-2 / 25));
}

TEST_CASE("constant rate then cosine; cycles with restarts") {
  const QuietTerminal quiet;
  Learner learn(line_data(40, 4), line_model());
  learn.fit_flat_cos(1, 1e-3);
  CHECK(learn.recorder->lrs[7] == Approx(1e-3));
  CHECK(learn.recorder->lrs[8] == Approx(9.0451e-4).epsilon(1e-4));
  learn.fit_sgdr(2, 1, {.lr_max = 1e-3});
  CHECK(learn.recorder->lrs.size() == 30);  // 1 + 2 epochs
  CHECK(learn.recorder->lrs[0] == Approx(1e-3));
  CHECK(learn.recorder->lrs[5] == Approx(5e-4));
  CHECK(learn.recorder->lrs[10] == Approx(1e-3));
  CHECK(learn.recorder->lrs[20] == Approx(5e-4));
  CHECK_THROWS_AS(learn.fit_sgdr(0, 1), ValueError);
}

TEST_CASE("cycles of equal length start at the full rate, each of them") {
  const QuietTerminal quiet;
  for (int64_t batches : {2, 3})
    for (int64_t n = 1; n <= 20; ++n) {
      Learner learn(line_data(4 * batches, 4), line_model());
      learn.fit_sgdr(n, 1, {.lr_max = 1, .cycle_mult = 1});
      const auto& lrs = learn.recorder->lrs;
      REQUIRE(lrs.size() == static_cast<std::size_t>(n * batches));
      for (std::size_t i = 0; i < lrs.size(); ++i) {
        CAPTURE(n, batches, i);
        const double way =
            static_cast<double>(i % static_cast<std::size_t>(batches)) / static_cast<double>(batches);
        CHECK(lrs[i] == Approx((1 + std::cos(M_PI * way)) / 2));
      }
    }
}

TEST_CASE("frozen weights that have had gradients decay on, under a new optimiser, too") {
  const QuietTerminal quiet;
  for (const bool reset : {false, true}) {
    const nn::Linear body(1, 2), head(2, 1);
    {
      const NoGrad no_grad;
      body->weight.copy_(tensor({{.5}, {-.25}}));
      body->bias.fill_(.5);
      head->weight.copy_(tensor({{.75, .5}}));
      head->bias.fill_(.25);
    }
    const auto splitter = [body, head](nn::Module&) {
      return optim::Groups(std::vector{body->parameters(), head->parameters()});
    };
    Learner learn(line_data(), nn::Sequential(body, head),
                  {.opt_func = SGD.with({.mom = .9}), .lr = .05, .splitter = splitter, .wd = .3});
    learn.fit(1);
    learn.freeze();
    learn.fit(2, {.reset_opt = reset});
    CHECK_TENSOR(body->weight, tensor({{.5286734700}, {-.1723679155}}), 1e-6);  // fastai's, of both
    CHECK_TENSOR(head->weight, tensor({{1.6443685293, .9156246781}}), 1e-6);
  }
}

TEST_CASE("fine_tune trains the head, then all, with two tables") {
  QuietTerminal terminal;
  auto rates = std::make_shared<Rates>();
  const auto net = nn::make<TwoParts>();
  Learner learn = two_part_learner(net);
  learn.fine_tune(2, 1e-2, {.cbs = rates});
  CHECK(terminal.lines.size() == 2 + 3);
  CHECK(terminal.lines[0] == terminal.lines[2]);
  // Frozen: slice(1e-2), the peak at 99 %. Then slice(5e-5, 5e-3), which starts at a fifth.
  CHECK(rates->seen[0][0] == Approx(1e-3 / 25));
  CHECK(rates->seen[0][1] == Approx(1e-2 / 25));
  CHECK(rates->seen[10][0] == Approx(5e-5 / 5));
  CHECK(rates->seen[10][1] == Approx(5e-3 / 5));
  CHECK(net->body->parameters()[0].requires_grad());
}

TEST_CASE("frozen groups keep their weights, but their batch norm trains") {
  const QuietTerminal quiet;
  const auto net = nn::make<TwoParts>();
  Learner learn = two_part_learner(net);
  learn.freeze();
  const auto before = net->body->parameters();
  std::vector<Tensor> copies;
  for (const Tensor& p : before) copies.push_back(p.detach().clone());
  learn.fit(1, 1e-2);
  CHECK_TENSOR(before[0].detach(), copies[0], 0);  // the linear layer
  CHECK_TENSOR(before[1].detach(), copies[1], 0);
  CHECK_FALSE(before[0].requires_grad());
  CHECK(minitorch::testing::difference(copies[2], before[2].detach(), 0) != "");  // the batch norm
  CHECK(minitorch::testing::difference(copies[3], before[3].detach(), 0) != "");

  Learner strict = two_part_learner(nn::make<TwoParts>(), {.train_bn = false});
  strict.freeze();
  CHECK_FALSE(strict.opt->groups()[0].params[2].requires_grad());
  CHECK_THROWS_WITH(learn.freeze_to(3), "[freeze_to] group 3: there are 2 groups");
}

TEST_CASE("weight decay spares biases and norms unless asked") {
  const auto net = nn::make<TwoParts>();
  const auto decays = [&](bool all) {
    Learner learn = two_part_learner(net, {.wd_bn_bias = all});
    learn.create_opt();
    std::vector<bool> wd;
    for (auto& group : learn.opt->groups())
      for (auto& p : group.params) wd.push_back(learn.opt->state(p).do_wd);
    return wd;
  };
  CHECK(decays(false) == std::vector<bool>{true, false, false, false, true, false});
  CHECK(decays(true) == std::vector<bool>(6, true));
}

TEST_CASE("weight decay: the call's, the learner's, or the optimiser's own") {
  const QuietTerminal quiet;
  Learner learn(line_data(), line_model());
  learn.fit(1);
  CHECK(learn.opt->hyper("wd") == 0.01);
  learn.fit(1, {.wd = 0.2});
  CHECK(learn.opt->hyper("wd") == 0.2);
  Learner own(line_data(), line_model(), {.opt_func = SGD.with({.mom = 0.9}), .wd = 0.1});
  own.fit(1);
  CHECK(own.opt->hyper("wd") == 0.1);
  CHECK(own.opt->hyper("mom") == 0.9);
}

TEST_CASE("a hyper-parameter is set before the first fit") {
  const QuietTerminal quiet;
  Learner learn = line_learner();
  learn.set_hyper("eps", 0.5);
  CHECK(learn.opt->hyper("eps") == 0.5);
  learn.fit(1);
  CHECK(learn.opt->hyper("eps") == 0.5);
}

TEST_CASE("epochs before start_epoch are skipped, schedules go on from there") {
  QuietTerminal terminal;
  Learner learn(line_data(20, 4), line_model());
  learn.fit_one_cycle(2, 1e-3, {.start_epoch = 1});
  CHECK(terminal.lines.size() == 2);
  CHECK(terminal.lines[1].substr(0, 3) == "1  ");
  CHECK(learn.recorder->hps["lr"][0] == Approx(7.500025e-4));
}

TEST_CASE("numbers that no training can have are refused, saying what they mean") {
  const QuietTerminal quiet;
  Learner learn = line_learner();
  CHECK_THROWS_WITH(learn.fit_one_cycle(1, {.pct_start = 2}),
                    "[fit_one_cycle] pct_start = 2: expected 0 to 1");
  CHECK_THROWS_WITH(learn.fit_flat_cos(1, {.pct_start = -0.1}),
                    "[fit_flat_cos] pct_start = -0.1: expected 0 to 1");
  CHECK_THROWS_WITH(learn.fine_tune(1, {.pct_start = 2}), "[fine_tune] pct_start = 2: expected 0 to 1");
  CHECK(learn.fit_count() == 0);  // before the frozen epochs
  CHECK_THROWS_WITH(combined_cos(2, 0, 1, 0), "[combined_cos] pct = 2: expected 0 to 1");
  const char* many = "that is more than 1000000 epochs";
  CHECK_THROWS_WITH(learn.fit_sgdr(70, 1), Catch::Contains(many));
  CHECK_THROWS_WITH(learn.fit_sgdr(2, INT64_MAX), Catch::Contains(many));
  CHECK_THROWS_WITH(learn.fit_sgdr(2, 2, {.cycle_mult = INT64_MAX}), Catch::Contains(many));
  CHECK_THROWS_WITH(learn.fit_sgdr(INT64_MAX, 1, {.cycle_mult = 1}), Catch::Contains(many));
  for (const auto& [start, end] : {std::pair(0., 10.), std::pair(-1., 1.), std::pair(1., 0.1)})
    CHECK_THROWS_WITH(learn.lr_find({.start_lr = start, .end_lr = end}),
                      Catch::StartsWith("[lr_find] rates"));
  CHECK_THROWS_WITH(GradientAccumulation({.n_acc = 0}),
                    "[GradientAccumulation] n_acc = 0: expected 1 or more");
  for (const double factor : {0., 0.1, 1.})
    CHECK_THROWS_WITH(ReduceLROnPlateau({.factor = factor}),
                      Catch::StartsWith("[ReduceLROnPlateau] factor = "));
}
