// SPDX-License-Identifier: MIT
// The table, and what is kept of training.
#include "fastcore/learn/recorder.h"

#include "fastcore/learn/default_callbacks.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/plot/plot.h"
#include "tests/learn/synth.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {
Learner sgd_learner(Metrics metrics = {}) {
  return Learner(line_data(8, 4), line_model(), {.opt_func = SGD, .lr = 0.1, .metrics = std::move(metrics)});
}
}  // namespace

TEST_CASE("the table of training") {
  QuietTerminal terminal;
  Learner learn = sgd_learner(mae);
  learn.fit(2);
  CHECK(terminal.lines == Lines{"epoch     train_loss  valid_loss  mae       time    ",
                                "0         9.713786    4.656553    1.854694  00:00     ",
                                "1         6.960706    2.154197    1.208243  00:00     "});
}

TEST_CASE("the table is fastai's, character for character") {
  // A console's real output: fastai 2.7, fit(1) with accuracy and error_rate, followed by fine_tune's second
  // table.
  struct Clock : QuietTerminal {
    double seconds = 0;
    double now() const override { return seconds; }
  } terminal;
  struct Second : Callback {  // a pass of training takes a second and a half
    void after_train(Learner&) override { dynamic_cast<Clock&>(Terminal::current()).seconds += 1.5; }
  };
  const auto constant = [](double value) { return [value](const Tensor&, const Tensor&) { return value; }; };
  // Losses that are what the console showed, whatever the model says.
  Learner* at_work = nullptr;
  const auto loss = [&](const Tensor& pred, const Tensor&) {
    return sum(pred) * 0 + (at_work->training ? 0.3959761 : 0.6947279);
  };
  Learner learn(line_data(8, 4), line_model(),
                {.loss_func = loss,
                 .metrics = {AvgMetric("accuracy", constant(0.5)), AvgMetric("error_rate", constant(0.5))}});
  at_work = &learn;
  learn.fit(1, {.cbs = Second()});
  CHECK(terminal.lines == Lines{"epoch     train_loss  valid_loss  accuracy  error_rate  time    ",
                                "0         0.395976    0.694728    0.500000  0.500000    00:01     "});
  terminal.lines.clear();
  learn.fine_tune(2, {.cbs = Second()});
  const std::string header = "epoch     train_loss  valid_loss  accuracy  error_rate  time    ",
                    row = "         0.395976    0.694728    0.500000  0.500000    00:01     ";
  CHECK(terminal.lines == Lines{header, "0" + row, header, "0" + row, "1" + row});
  terminal.lines.clear();
  const Scope bar = learn.no_bar();
  learn.fit(1, {.cbs = Second()});
  CHECK(terminal.lines.back().substr(0, 9) == "[0, 0.395");
  CHECK_THAT(terminal.lines.back(), Catch::EndsWith(", 0.5, 0.5, '00:01']"));
}

TEST_CASE("a row of training by hand") {
  // Both weights start at 0. Batch 1: x -1 to -1/7, y 1 to 19/7; the loss is the mean of y^2.
  QuietTerminal terminal;
  Learner learn = sgd_learner();
  learn.fit(1);
  const double first = (1. * 1 + 11. * 11 / 49 + 15. * 15 / 49 + 19. * 19 / 49) / 4;
  CHECK(learn.recorder->losses[0] == Approx(first));
  CHECK(learn.recorder->iters == std::vector<int64_t>{2});
  CHECK(learn.recorder->lrs == std::vector<double>{.1, .1});
}

TEST_CASE("metrics of training batches, and no metrics of validation") {
  QuietTerminal terminal;
  Learner learn = sgd_learner(mae);
  learn.recorder->train_metrics = true;
  learn.fit(1);
  CHECK(learn.recorder->metric_names ==
        Lines{"epoch", "train_loss", "train_mae", "valid_loss", "valid_mae", "time"});
  CHECK(learn.recorder->values[0].size() == 4);
  learn.recorder->train_metrics = learn.recorder->valid_metrics = learn.recorder->add_time = false;
  learn.fit(1);
  CHECK(learn.recorder->metric_names == Lines{"epoch", "train_loss"});
  CHECK(terminal.lines.back() == LogRow{.values = {learn.recorder->values[0]}}.cells()[0] + "         " +
                                     format("%.6f", *learn.recorder->values[0][0]) + "    ");
}

TEST_CASE("without a bar, rows are lists; without logging there are none") {
  QuietTerminal terminal;
  Learner learn = sgd_learner();
  {
    const Scope bar = learn.no_bar();
    learn.fit(1);
  }
  CHECK(terminal.lines.size() == 1);
  CHECK(terminal.lines[0].substr(0, 5) == "[0, 9");
  CHECK(terminal.lines[0].substr(terminal.lines[0].size() - 9) == " '00:00']");
  {
    const Scope silent = learn.no_logging();
    learn.fit(1);
  }
  CHECK(terminal.lines.size() == 1);
  learn.fit(1);
  CHECK(terminal.lines.size() == 3);  // header and row
  {
    const Scope passes = no_mbar(learn);
    learn.fit(1);
  }
  REQUIRE(terminal.lines.size() == 4);
  CHECK(terminal.lines[3].substr(0, 4) == "[0, ");
  learn.fit(1);
  CHECK(terminal.lines.size() == 6);
}

TEST_CASE("a metric without a value prints None") {
  CHECK(LogRow{.epoch = 3, .values = {0.5, std::nullopt}, .time = "00:01"}.cells() ==
        Lines{"3", "0.500000", "None", "00:01"});
  CHECK(LogRow{.epoch = 3, .values = {0.5, std::nullopt}}.list() == "[3, 0.5, None]");
}

TEST_CASE("a metric that is no number prints nan, whatever its sign") {
  const LogRow row{.values = {NAN, -NAN, 1.}};
  CHECK(row.cells() == Lines{"0", "nan", "nan", "1.000000"});
  CHECK(row.list() == "[0, nan, nan, 1.0]");
}

TEST_CASE("a cancelled pass leaves gaps in its row") {
  QuietTerminal terminal;
  struct NoValidation : Callback {
    void before_epoch(Learner&) override { throw CancelEpoch{}; }
  };
  Learner learn = sgd_learner(mae);
  learn.fit(1, {.cbs = NoValidation{}});
  CHECK(terminal.lines.back() == "0         None        None        None      00:00     ");
}

TEST_CASE("metrics of one name have a column each") {
  const QuietTerminal quiet;
  const Tensor x = tensor({{3., -3.}, {1., 1.}}), y = tensor({{1., 0.}, {1., 0.}});
  const auto loader = tensor_loader(x, y, {.bs = 2});
  Learner learn(DataLoaders({loader, loader}), nn::Sequential(nn::Identity(), nn::Linear(2, 2)),
                {.loss_func = BCEWithLogitsLossFlat{},
                 .metrics = {AccuracyMulti{.thresh = 0.1}, AccuracyMulti{.thresh = 0.9}, accuracy_multi}});
  learn.fit(1, 1e-9);
  CHECK(learn.recorder->metric_names == Lines{"epoch", "train_loss", "valid_loss", "accuracy_multi",
                                              "accuracy_multi_2", "accuracy_multi_3", "time"});
  CHECK(learn.recorder->column("accuracy_multi_2") == 3);
  CHECK(learn.recorder->metrics == Lines{"accuracy_multi", "accuracy_multi_2", "accuracy_multi_3"});
}

TEST_CASE("columns by their names") {
  QuietTerminal terminal;
  Learner learn = sgd_learner(mae);
  learn.fit(1);
  CHECK(learn.recorder->latest("mae") == learn.recorder->values[0][2]);
  try {
    learn.recorder->column("accuracy");
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) == "[Recorder] there is no metric 'accuracy'");
    CHECK(error.hint() == "there are: train_loss, valid_loss, mae");
  }
}

TEST_CASE("plots of loss and schedules") {
  QuietTerminal terminal;
  Learner learn = sgd_learner();
  learn.fit_one_cycle(4, 0.1);
  const Plot loss = learn.recorder->plot_loss(5);
  REQUIRE(loss.series().size() == 2);
  CHECK(loss.series()[0].x == std::vector<double>{5, 6, 7});
  CHECK(loss.series()[1].x == std::vector<double>{6, 8});
  CHECK(learn.recorder->plot_loss(100).series().size() == 1);  // no name in the legend without a curve
  CHECK(learn.recorder->plot_sched().size() == 1);             // SGD without momentum keeps to its rate
  Learner adam(line_data(), line_model());
  adam.fit_one_cycle(1, 0.1);
  CHECK(adam.recorder->plot_sched().size() == 2);
}
