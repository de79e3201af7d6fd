// SPDX-License-Identifier: MIT
#include "fastcore/learn/callbacks.h"

#include <cmath>

#include "fastcore/learn/metrics.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/core/random.h"
#include "minitorch/nn/clip.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

TEST_CASE("gradients are clipped to a norm, all together") {
  const Tensor a = zeros({2}).requires_grad_(), b = zeros({1}).requires_grad_(),
               none = zeros({1}).requires_grad_();
  a.set_grad(tensor({3., 4.}));
  b.set_grad(tensor({12.}));
  CHECK(nn::clip_grad_norm_({a, none, b}, 1).item() == Approx(13));
  CHECK_VALUES(a.grad(), ({2}), 1e-6, .230769, .307692);
  CHECK_VALUES(b.grad(), ({1}), 1e-6, .923077);
  CHECK(nn::clip_grad_norm_({a, b}, 2).item() == Approx(1).epsilon(1e-5));  // small enough
  CHECK(a.grad().to_vector<double>()[0] == Approx(.230769).epsilon(1e-5));
  CHECK(nn::clip_grad_norm_({a, b}, .5, HUGE_VAL).item() == Approx(.923077).epsilon(1e-5));
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

TEST_CASE("batches without targets add no gradients") {
  const QuietTerminal quiet;
  const Batch known{{ones({4, 1})}, {ones({4, 1})}}, unknown{{ones({4, 1})}, {}};
  const auto trained = [](std::vector<Batch> batches) {
    const auto loader = batches_loader(std::move(batches));
    Learner learn(DataLoaders({loader, loader}), line_model(), {.loss_func = MSELossFlat{}, .opt_func = SGD});
    learn.fit(1, {.lr = .1, .cbs = GradientAccumulation({.n_acc = 8})});
    return learn.model->parameters()[0].item();
  };
  CHECK(trained({unknown, known, unknown, known}) == trained({known, known}));
  CHECK(trained({known, known}) != 0);
  CHECK(trained({unknown}) == 0);
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

TEST_CASE("short passes") {
  const QuietTerminal quiet;
  Learner learn(line_data(40, 4), line_model());
  auto trace = std::make_shared<Trace>();
  learn.fit(1, {.cbs = {ShortEpochCallback({.pct = 0.25}), trace}});
  CHECK(std::count(trace->seen.begin(), trace->seen.end(), "before_batch") == 8);  // 4 of each 10
  CHECK(learn.recorder->losses.size() == 3);  // the fourth ends the pass before Recorder hears of it
}

TEST_CASE("epochs that are left out") {
  const QuietTerminal quiet;
  Learner learn(line_data(20, 4), line_model());
  learn.fit_one_cycle(2, 1e-3, {.cbs = SkipToEpoch(1)});
  REQUIRE(learn.recorder->values.size() == 2);
  CHECK_FALSE(learn.recorder->values[0][1].has_value());
  CHECK(learn.recorder->values[1][1].has_value());
  CHECK(learn.recorder->hps["lr"].size() == 5);
  CHECK(learn.recorder->hps["lr"][0] == Approx(7.500025e-4));  // the cycle goes on from there
  learn.add_cbs(SkipToEpoch(1));
  CHECK(learn.validate()[0] > 0);  // which has no epochs to leave out
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

TEST_CASE("Monte Carlo leaves on the dropout inside of other layers, and nothing else of training") {
  const QuietTerminal quiet;
  struct Own : nn::Module, nn::Drops {
    nn::BatchNorm1d norm = add("norm", nn::BatchNorm1d(4));
    Tensor forward(const Tensor& x) override { return dropout(norm(x), .5, is_training()); }
  };
  const auto own = nn::make<Own>();
  const auto check = [](const nn::ModulePtr& layer, const Tensor& x) {
    const auto loader = tensor_loader(x, x.clone(), {.bs = 4});
    Learner learn(DataLoaders({loader, loader}), layer, {.loss_func = MSELossFlat{}});
    const auto loss = [&] { return learn.validate()[0]; };
    CHECK(loss() == loss());
    {
      const Scope mc = learn.added_cbs(MCDropoutCallback());
      CHECK(loss() != loss());
    }
    CHECK(loss() == loss());
  };
  set_seed(1);
  const Tensor steps = randn({4, 3, 4});
  const nn::RecurrentOptions options{.num_layers = 2, .batch_first = true, .dropout = .5};
  check(nn::LSTM(4, 4, options), steps);
  check(nn::GRU(4, 4, options), steps);
  check(nn::RNN(4, 4, options), steps);
  check(nn::MultiheadAttention(4, 2, .5), steps);
  check(nn::Sequential(nn::Conv2d(8, 8, 1), nn::Dropout2d(.5)), randn({4, 8, 2, 2}));
  check(own, randn({4, 4}) + 3);
  CHECK_VALUES(own->norm->running_mean, ({4}), 0, 0, 0, 0, 0);  // it has counted nothing
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
