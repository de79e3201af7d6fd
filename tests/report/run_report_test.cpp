// SPDX-License-Identifier: MIT
#include "fastcore/report/run_report.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learn.h"
#include "minitorch/minitorch.h"

using namespace fastcore;
using namespace minitorch;

namespace {

Learner small_learner(int64_t n) {
  manual_seed(1);
  const Tensor x = randn({n, 4}), y = (x.sum({1}) > 0).to(kInt64);
  DataLoaders dls({tensor_loader(x, y, {.bs = 8, .shuffle = true}), tensor_loader(x, y, {.bs = 8})});
  return Learner(dls, nn::Sequential(nn::Linear(4, 8), nn::ReLU(), nn::Linear(8, 2)), {.metrics = accuracy});
}

Path scratch() {
  Path folder = Path("/tmp") / ("run_report_test_" + std::to_string(getpid()));
  folder.mkdir({.parents = true, .exist_ok = true, .overwrite = true});
  return folder;
}

}  // namespace

TEST_CASE("a training stands in the report and in metrics.csv") {
  set_quiet(true, true);
  const Path out = scratch();
  {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
    Learner learn = small_learner(40);
    learn.add_cbs(RunReport(lesson));
    lesson.section("Training");
    learn.fit_one_cycle(3, 1e-2);
    lesson.finish("done", "");
  }
  const std::string csv = (out / "metrics.csv").read_text();
  REQUIRE(csv.substr(0, csv.find('\n')) == "epoch,train_loss,valid_loss,accuracy");
  REQUIRE(std::count(csv.begin(), csv.end(), '\n') == 4);
  const std::string html = (out / "report.html").read_text();
  REQUIRE(html.find("moved by") != std::string::npos);
  REQUIRE(html.find("valid_loss") != std::string::npos);
  set_quiet(false, false);
}

TEST_CASE("an interrupted training is told in the report before it ends the lesson") {
  set_quiet(true, true);
  const Path out = scratch();
  Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
  Learner learn = small_learner(40);
  learn.add_cbs(RunReport(lesson));
  set_interrupted(true);
  REQUIRE_THROWS_AS(learn.fit(2), Interrupted);
  set_interrupted(false);
  set_quiet(false, false);
}

TEST_CASE("overfitting is said in words, and only then") {
  REQUIRE(overfitting_note({1, .5, .3, .2, .1}, {1, .6, .55, .7, .9})
              .find("epoch 2 (0.5500) and has risen to 0.9000") != std::string::npos);
  REQUIRE(overfitting_note({1, .5, .3, .2, .1}, {1, .6, .55, .54, .53}).empty());
  REQUIRE(overfitting_note({1, .9, .8}, {1.2, 1.1, 1.15}).empty());
  REQUIRE(overfitting_note({}, {}).empty());
}
