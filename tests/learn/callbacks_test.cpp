// SPDX-License-Identifier: MIT
#include "fastcore/learn/callbacks.h"

#include <cmath>
#include <cstdlib>

#include "fastcore/learn/diagnose.h"
#include "fastcore/learn/hooks.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/mixup.h"
#include "fastcore/learn/tracker.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/random.h"
#include "minitorch/nn/clip.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

using Lines = std::vector<std::string>;

struct Folder {
  Path path;
  Folder() {
    char name[] = "/tmp/learn_test_XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { path.remove(); }
};

// Puts prescribed validation losses into the table.
struct Script : Callback {
  std::vector<double> losses;
  explicit Script(std::vector<double> all) : losses(std::move(all)) { order = 55; }
  void after_epoch(Learner& learn) override {
    learn.recorder->values.back()[1] = losses.at(static_cast<std::size_t>(learn.epoch));
  }
};
Learner line_learner(LearnerOptions options = {}) {
  return Learner(line_data(), line_model(), std::move(options));
}
Lines told(const QuietTerminal& terminal) {  // what is no row of the table
  Lines lines;
  for (const auto& line : terminal.lines)
    if (line.substr(0, 5) != "epoch" && !std::isdigit(line[0])) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("gradients are clipped to a norm, all together") {
  const Tensor a = zeros({2}).requires_grad_(), b = zeros({1}).requires_grad_(),
               none = zeros({1}).requires_grad_();
  a.set_grad(tensor({3., 4.}));
  b.set_grad(tensor({12.}));
  CHECK(nn::clip_grad_norm_({a, none, b}, 1) == Approx(13));
  CHECK_VALUES(a.grad(), ({2}), 1e-6, .230769, .307692);
  CHECK_VALUES(b.grad(), ({1}), 1e-6, .923077);
  CHECK(nn::clip_grad_norm_({a, b}, 2) == Approx(1).epsilon(1e-5));  // small enough
  CHECK(a.grad().to_vector<double>()[0] == Approx(.230769).epsilon(1e-5));
  CHECK(nn::clip_grad_norm_({a, b}, .5, HUGE_VAL) == Approx(.923077).epsilon(1e-5));
  CHECK(b.grad().item() == Approx(.5).epsilon(1e-5));

  const QuietTerminal quiet;
  Learner learn = line_learner({.opt_func = SGD});
  learn.fit(1, {.lr = 1, .cbs = GradientClip({.max_norm = 0.001})});
  const auto p = learn.model->parameters();
  const double moved = std::hypot(p[0].item(), p[1].item());
  CHECK(moved > .001);  // two steps of length .001, not quite in one direction: the batches are shuffled
  CHECK(moved < .00201);
}

TEST_CASE("gradients of small batches add up to one large step") {
  const QuietTerminal quiet;
  Learner small(line_data(8, 2), line_model(), {.opt_func = SGD});
  small.fit(3, {.lr = .1, .cbs = GradientAccumulation({.n_acc = 8})});
  Learner large(line_data(8, 8), line_model(), {.opt_func = SGD});
  large.fit(3, .1);
  for (int i : {0, 1})
    CHECK_TENSOR(small.model->parameters()[i].detach(), large.model->parameters()[i].detach(), 1e-6);
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

TEST_CASE("the table as a file") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = line_learner({.metrics = mae, .path = folder.path});
  auto csv = std::make_shared<CSVLogger>();
  learn.fit(2, {.cbs = csv});
  const auto rows = csv->read_log(learn);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == Lines{"epoch", "train_loss", "valid_loss", "mae", "time"});
  CHECK(rows[2][0] == "1");
  CHECK(std::stod(rows[2][3]) == *learn.recorder->values[1][2]);  // all digits
  CHECK(rows[2][4] == "00:00");
  learn.fit(1, {.cbs = CSVLogger({.append = true})});
  CHECK(csv->read_log(learn).size() == 5);
}

TEST_CASE("a loss that is no number ends training, and is traced to its source") {
  QuietTerminal terminal;
  set_seed(42);  // a weight above 0, with which the exponential explodes
  const auto stops = [&](auto net, const Tensor& x, double lr) {
    const auto loader = tensor_loader(x, ones({x.size(0), 1}), {.bs = 2});
    Learner learn(DataLoaders({loader, loader}), net, {.opt_func = SGD});
    try {
      learn.fit(5, lr);
    } catch (const TrainingError& error) {
      CHECK(error.exit_code() == 1);
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  const auto exploding = nn::Lambda([](const Tensor& x) { return exp(x * 1000); });
  CHECK(stops(nn::Sequential(nn::Linear(1, 2), exploding, nn::Linear(2, 1)), tensor({{3.}, {9.}}), .1)
            .find("[fit] the loss is ") == 0);
  CHECK_THAT(
      stops(nn::Sequential(nn::Linear(1, 1), nn::Lambda([](const Tensor& x) { return log(x * 0 - 1); })),
            tensor({{3.}, {9.}}), .1),
      Catch::Equals(
          "[fit] the loss is nan at epoch 0, batch 0 (lr 0.1): the first layer to put out nan is 1 Lambda"));
  CHECK_THAT(stops(nn::Linear(1, 1), tensor({{3.}, {std::nan("")}}), .1),
             Catch::Contains("the batch itself holds nan"));
  CHECK_THAT(stops(nn::Linear(1, 1), tensor({{3.}, {9.}}), 1e20),
             Catch::Contains("(lr 1e+20): the ") || Catch::Contains("the step before was too large"));

  Learner learn(line_data(), line_model(),
                {.loss_func = [](const Tensor& p, const Tensor&) { return mean(log(p - 9)); }});
  learn.fit(2, {.cbs = TerminateOnNaNCallback()});
  CHECK(told(terminal) ==
        Lines{"Training stopped: the loss is nan at epoch 0, batch 0 (lr 0.001): the model's outputs are "
              "fine: it is the loss, a function of one's own"});
  CHECK(learn.model->parameters()[0].item() == 0);  // no step was made
}

TEST_CASE("what took the memory, and how many items might fit") {
  const auto net = nn::Sequential(nn::Linear(10, 1000), nn::ReLU(), nn::Linear(1000, 1));
  const auto loader = tensor_loader(zeros({64, 10}), zeros({64, 1}));
  Learner learn(DataLoaders({loader, loader}), net);
  learn.xb = {zeros({64, 10})};
  const MemoryReport report = describe_memory(learn);
  CHECK(report.text.find(
            "the largest outputs of layers for a batch of 64:\n       0.3 MB  0 Linear (64, 1000)\n") == 0);
  CHECK(report.batch_size >= 1);
  CHECK(report.batch_size <= 32);

  struct Hungry : Callback {
    void after_pred(Learner&) override { empty({int64_t{1} << 45}); }
  };
  const QuietTerminal quiet;
  learn.fit(1);
  const auto in_use = memory_stats(Device::cpu()).in_use;
  try {
    learn.fit(1, {.cbs = Hungry{}});
    FAIL("nothing was thrown");
  } catch (const OutOfMemory& error) {
    CHECK_THAT(error.what(),
               Catch::Contains("in callback Hungry at after_pred") && Catch::Contains("0 Linear (64, 1000)"));
    CHECK_THAT(error.hint(), Catch::Contains("instead of 64"));
    CHECK(error.exit_code() == 5);
  }
  CHECK(memory_stats(Device::cpu()).in_use <= in_use);  // what the step held is free again
}

TEST_CASE("short passes") {
  const QuietTerminal quiet;
  Learner learn(line_data(40, 4), line_model());
  auto trace = std::make_shared<Trace>();
  learn.fit(1, {.cbs = {ShortEpochCallback({.pct = 0.25}), trace}});
  CHECK(std::count(trace->seen.begin(), trace->seen.end(), "before_batch") == 8);  // 4 of each 10
  CHECK(learn.recorder->losses.size() == 3);  // the fourth ends the pass before Recorder hears of it
}

TEST_CASE("dropout stays on for Monte Carlo, frozen batch norms stop counting, models are reset") {
  const QuietTerminal quiet;
  const auto dropout = nn::Dropout(0.5);
  const auto norm = nn::BatchNorm1d(1);
  struct Memory : nn::Module, Resettable {
    int resets = 0;
    Tensor forward(const Tensor& x) override { return x; }
    void reset() override { ++resets; }
  };
  const auto memory = nn::make<Memory>();
  const auto net = nn::Sequential(nn::Linear(1, 1), norm, dropout, memory);
  Learner learn(line_data(), net);
  const auto masks = [&] { return learn.validate()[0]; };
  CHECK(masks() == masks());
  {
    const Scope mc = learn.added_cbs(MCDropoutCallback());
    CHECK(masks() != masks());
  }
  CHECK(masks() == masks());
  norm->requires_grad_(false);
  const double before = norm->running_mean.item();
  const int resets = memory->resets;
  learn.fit(1, {.cbs = {BnFreeze(), ModelResetter()}});
  CHECK(norm->running_mean.item() == before);
  CHECK(memory->resets == resets + 1 + 3);  // before_fit, then train, validate, after_fit
  learn.fit(1);
  CHECK(norm->running_mean.item() != before);
}

TEST_CASE("what ran is kept on request; the curve is drawn") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = line_learner({.path = folder.path});
  auto data = std::make_shared<CollectDataCallback>();
  learn.fit(1, {.cbs = {data, ShowGraphCallback()}});
  REQUIRE(data->data.size() == 4);
  CHECK(data->data[0].x[0].shape() == Shape{4, 1});
  CHECK((folder.path / "losses.png").size() > 1000);
}

TEST_CASE("MixUp and CutMix train on mixtures, and leave the loss as it was") {
  const QuietTerminal quiet;
  set_seed(1);
  const Tensor x = randn({8, 1, 4, 4}), y = tensor({0, 1, 0, 1, 0, 1, 0, 1});
  const DataLoaders dls({tensor_loader(x, y, {.bs = 8}), tensor_loader(x, y, {.bs = 8})});
  const auto net = nn::Sequential(nn::Flatten(), nn::Linear(16, 2));
  Learner learn(dls, net);
  const auto seen = [&](const Callbacks& mix) {
    auto data = std::make_shared<CollectDataCallback>();
    Callbacks cbs = mix;
    cbs.append(data);
    learn.fit(1, {.cbs = cbs});
    CHECK(learn.loss_func.name() == "FlattenedLoss of CrossEntropyLoss()");
    CHECK_TENSOR(data->data[1].x[0], x, 0);  // validation is not mixed
    CHECK_TENSOR(data->data[0].y[0], y, 0);
    const double plain = cross_entropy(data->data[0].pred, y).item();
    CHECK(data->data[0].loss.item() != plain);
    return data->data[0].x[0];
  };
  CHECK(minitorch::testing::difference(seen(MixUp()), x, 1e-3) != "");
  const Tensor cut = seen(CutMix());
  const int64_t kept = sum((cut == x).to(kInt64)).item();
  CHECK(kept > 0);  // outside of the box
  CHECK(kept < cut.numel());

  const Tensor numbers = tensor({{1.}, {2.}, {3.}, {4.}, {5.}, {6.}, {7.}, {8.}});
  const auto loader = tensor_loader(x.reshape({8, 16}), numbers, {.bs = 8});
  Learner regression(DataLoaders({loader, loader}), nn::Linear(16, 1));
  auto data = std::make_shared<CollectDataCallback>();
  regression.fit(1, {.cbs = {MixUp(), data}});
  CHECK(minitorch::testing::difference(data->data[0].y[0], numbers, 1e-3) !=
        "");  // targets are mixed themselves
}

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
