// SPDX-License-Identifier: MIT
#include "fastcore/learn/run_report.h"
#include "fastcore/basics/testing.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/range.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/learn/visualize.h"
#include "fastcore/plot/svg.h"
#include "minitorch/core/python_random.h"
#include "minitorch/minitorch.h"
#include "tests/learn/seeded.h"

using namespace fastcore;
using namespace minitorch;

namespace {

Learner small_learner(int64_t n) {
  manual_seed(1);
  const Tensor x = randn({n, 4}), y = (x.sum({1}) > 0).to(kInt64);
  DataLoaders dls({tensor_loader(x, y, {.bs = 8, .shuffle = true}), tensor_loader(x, y, {.bs = 8})});
  return Learner(dls, nn::Sequential(nn::Linear(4, 8), nn::ReLU(), nn::Linear(8, 2)), {.metrics = accuracy});
}

// The labels are drawn by lot: there is nothing to learn but the examples themselves.
Learner overfitting_learner() {
  manual_seed(1);
  const auto loader = [] { return tensor_loader(randn({32, 8}), randint(0, 2, {32}), {.bs = 8}); };
  const auto train = loader(), valid = loader();
  return Learner(DataLoaders({train, valid}),
                 nn::Sequential(nn::Linear(8, 64), nn::ReLU(), nn::Linear(64, 2)));
}

Path scratch() {
  static const TempFolder root;
  const Path folder = Path(root.path) / "run";
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
    learn.get_preds();  // no training, and so not told
    lesson.finish("done", "");
  }
  const std::string csv = (out / "metrics.csv").read_text();
  REQUIRE(csv.substr(0, csv.find('\n')) == "training,epoch,train_loss,valid_loss,accuracy");
  REQUIRE(std::count(csv.begin(), csv.end(), '\n') == 4);
  CHECK(csv.find("\ntraining 1 (Training),0,") != std::string::npos);
  const std::string html = (out / "report.html").read_text();
  REQUIRE(html.find("moved by") != std::string::npos);
  REQUIRE(html.find("valid_loss") != std::string::npos);
  set_quiet(false, false);
}

TEST_CASE("a training with a loss of one's own has its report: classes are the largest outputs") {
  set_quiet(true, true);
  const Path out = scratch();
  const LossFunc own = [](const Tensor& p, const Tensor& t) { return cross_entropy(p, t); };
  const LossFunc of_pairs = [](const Tensor& p, const Tensor& t) {
    if (p.size(0) < 2) throw ValueError("this loss compares items: two or more");
    return cross_entropy(p, t);
  };
  for (const LossFunc& loss : {own, of_pairs}) {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true, .force = true});
    Learner learn = small_learner(40);
    learn.loss_func = loss;
    learn.fit(2, {.lr = 1e-2, .cbs = RunReport(lesson)});
    const std::vector<double> counts = learn.recorder->losses;
    CHECK(counts.size() == 10);
    lesson.finish("done", "");
    const std::string html = (out / "report.html").read_text();
    CHECK(html.find("rows are what was, columns what was said") != std::string::npos);
  }
  set_quiet(false, false);
}

TEST_CASE("the loss of a short training is drawn from its first batch on") {
  set_quiet(true, true);
  const Path out = scratch();
  const auto points = [&](int64_t epochs) {  // of the training loss, whose line has the first of the colours
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true, .force = true});
    Learner learn = small_learner(40);
    learn.fit(epochs, {.cbs = RunReport(lesson)});
    lesson.finish("done", "");
    const std::string html = (out / "report.html").read_text();
    const auto colour = html.find("class=\"s7\""), line = html.rfind("points=\"", colour);
    const std::string places = html.substr(line, html.find('"', line + 8) - line);
    return std::count(places.begin(), places.end(), ',');
  };
  CHECK(points(1) == 5);
  CHECK(points(12) == 60 - 5);
  set_quiet(false, false);
}

TEST_CASE("epochs have their numbers in the report, too, where the first were skipped") {
  set_quiet(true, true);
  const Path out = scratch();
  {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
    Learner learn = small_learner(40);
    learn.fit(4, {.cbs = RunReport(lesson), .start_epoch = 2});
    lesson.finish("done", "");
  }
  const auto lines = split((out / "metrics.csv").read_text(), "\n");
  CHECK(lines[1].substr(0, 13) == "training 1,2,");
  CHECK(lines[2].substr(0, 13) == "training 1,3,");
  set_quiet(false, false);
}

TEST_CASE("metrics.csv and --json have all digits, the table in the report six decimals") {
  set_quiet(true, true);
  const Path out = scratch();
  std::vector<std::optional<double>> values;
  const std::string printed = captured(1, [&] {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .json = true});
    Learner learn = small_learner(40);
    const auto tiny = [](const Tensor& p, const Tensor& t) { return cross_entropy(p, t) * 1e-7; };
    learn.loss_func = tiny;
    learn.fit(1, {.cbs = RunReport(lesson, {.brief = true})});
    values = learn.recorder->values.at(0);
    lesson.finish("done", "");
  });
  REQUIRE(values.size() == 3);
  const auto lines = split((out / "metrics.csv").read_text(), "\n");
  const auto cells = split(lines[1], ",");
  REQUIRE(cells.size() == 5);
  for (int i = 0; i < 3; ++i) CHECK(std::stod(cells[i + 2]) == *values[static_cast<std::size_t>(i)]);
  CHECK(*values[1] > 0);
  CHECK(*values[1] < 1e-6);
  CHECK(printed.find("\"valid_loss\": " + cells[3]) != std::string::npos);
  CHECK((out / "report.html").read_text().find(">0.000000<") != std::string::npos);
  set_quiet(false, false);
}

TEST_CASE("a metric of very many digits is short in the report; the terminal's table is fastai's") {
  const Path out = scratch();
  Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
  const auto huge = [](const Tensor&, const Tensor&) { return 1e300; };
  const auto large = [](const Tensor&, const Tensor&) { return 123456789.5; };
  Learner learn(small_learner(40).dls, nn::Linear(4, 2),
                {.metrics = {AvgMetric("huge", huge), AvgMetric("large", large)}});
  learn.fit(1, {.cbs = RunReport(lesson, {.brief = true})});
  lesson.finish("done", "");
  const std::string html = (out / "report.html").read_text();
  CHECK(html.find(">1.000000e+300<") != std::string::npos);
  CHECK(html.find(">123456789.500000<") != std::string::npos);
  CHECK(learn.recorder->row(0).cells().at(3).size() == 301 + 7);
}

TEST_CASE("what the model was given, and what it says about the validation set, stand in the report") {
  set_quiet(true, true);
  const Path out = scratch();
  const auto count = [](const std::string& text, const std::string& part) {
    int n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
  };
  {
    manual_seed(3);
    const Tensor x = rand({40, 1, 8, 8}), y = (x.mean({1, 2, 3}) > 0.5).to(kInt64);
    const Targets targets{TargetKind::category, 2, {"dark", "light"}};
    DataLoaders dls({tensor_loader(x, y, {.bs = 8, .shuffle = true, .targets = targets}),
                     tensor_loader(x, y, {.bs = 16, .targets = targets})});
    Learner learn(dls, nn::Sequential(nn::Flatten(), nn::Linear(64, 2)), {.metrics = accuracy});
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
    learn.add_cbs(RunReport(lesson));
    lesson.section("Training");
    learn.fit(2, 0.1);
    const auto interp = ClassificationInterpretation::from_learner(learn);  // no training: nothing is added
    learn.lr_find({.num_it = 10});
    lesson.finish("done", "");
    const std::string html = (out / "report.html").read_text();
    CHECK(count(html, "moved by") == 1);
    CHECK(count(html, "Training set: what the model was given") == 1);
    CHECK(count(html, "Validation set, 40 items: some of them") == 1);
    CHECK(count(html, "Validation set, 40 items: rows are what was") == 1);
    CHECK(count(html, "Validation set, 40 items: those with the largest losses") == 1);
    CHECK(html.find("Linear                                    130        True") != std::string::npos);
    CHECK(html.find("Loss function: FlattenedLoss of CrossEntropyLoss()") != std::string::npos);
    CHECK(html.find("<h3>training 1</h3>") != std::string::npos);
    CHECK(html.find("<summary>the model: 2 layers, 130 parameters</summary>\n<pre>") != std::string::npos);
    CHECK(html.find("train_loss: the training set, 40 items") != std::string::npos);
    CHECK(html.find(">validation set<") != std::string::npos);
    for (const char* name : {"losses", "batch", "results", "confusion", "top_losses"})
      CHECK((out / ("training_01_" + std::string(name) + ".png")).size() > 500);
    // The counts are those of a pass of its own.
    const auto pairs = interp.most_confused();
    if (!pairs.empty()) {
      CHECK(html.find("Taken for another most often: " + pairs[0].actual + " for " + pairs[0].predicted +
                      " (" + std::to_string(pairs[0].count) + ")") != std::string::npos);
    }
  }
  set_quiet(false, false);
}

TEST_CASE(
    "the report of a convolutional net: shapes of its layers, filters before and after, time by operation") {
  set_quiet(true, true);
  const Path out = scratch();
  manual_seed(3);
  const Tensor x = rand({48, 1, 8, 8}), y = (x.mean({1, 2, 3}) > 0.5).to(kInt64);
  const Targets targets{TargetKind::category, 2, {"dark", "light"}};
  const auto loader = tensor_loader(x, y, {.bs = 12, .targets = targets});
  const auto report_of = [&](const nn::ModulePtr& net) {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
    Learner learn(DataLoaders({loader, loader}), net, {.cbs = RunReport(lesson)});
    lesson.section("Training");
    learn.fit(1, 0.1);
    lesson.finish("done", "");
    return (out / "report.html").read_text();
  };
  const auto net = nn::Sequential(nn::Conv2d(1, 4, 3, {.stride = 2, .padding = 1}), nn::ReLU(), nn::Flatten(),
                                  nn::Linear(64, 2));
  const auto filters = [&](const char* title) {
    ImageGrid grid = filter_grid(net->parameters()[0]);
    grid.title = title;
    grid.columns = 4;
    return grid.svg(SvgShade::automatic);
  };
  const std::string before = filters("Before training"), html = report_of(net);
  const auto at = html.find("Sequential (Input shape: 12 x 1 x 8 x 8)");
  REQUIRE(at != std::string::npos);
  for (const char* line :
       {"                     12 x 4 x 4 x 4      \nConv2d                                    40 ",
        "                     12 x 64             \nFlatten", "Total params: 170\n", "  - RunReport\n"})
    CHECK(html.find(line, at) != std::string::npos);
  CHECK(html.find(before) != std::string::npos);
  CHECK(html.find(filters("After training")) != std::string::npos);
  CHECK(filters("Before training") != before);  // training has changed them
  CHECK(html.find("3 batches of training, from the second on") != std::string::npos);
  CHECK(html.find("\nconv2d backward ") != std::string::npos);
  CHECK(html.find("peak of memory: ") != std::string::npos);

  const auto plain = nn::Sequential(nn::Flatten(), nn::Linear(64, 2));
  CHECK(report_of(plain).find("After training") == std::string::npos);
  set_quiet(false, false);
}

TEST_CASE("the report draws no random numbers: training with it is training without it") {
  set_quiet(true, true);
  const Path out = scratch();
  python::seed(7);
  Learner plain = small_learner(40);
  plain.fit(2, 0.1);
  {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
    python::seed(7);
    Learner told = small_learner(40);
    told.add_cbs(RunReport(lesson));
    told.fit(2, 0.1);
    lesson.finish("done", "");
    CHECK(told.recorder->losses == plain.recorder->losses);
  }
  set_quiet(false, false);
}

TEST_CASE("an interrupted training is told in the report before it ends the lesson") {
  set_quiet(true, true);
  const Path out = scratch();
  Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true});
  Learner learn = small_learner(40);
  learn.add_cbs({RunReport(lesson, {.name = "cut short"}), fastcore::testing::PressAt(3, false)});
  REQUIRE_THROWS_AS(learn.fit(2), Interrupted);
  set_interrupted(false);
  lesson.finish("interrupted", "");
  CHECK_THAT((out / "report.html").read_text(), Catch::Contains("cut short"));
  set_quiet(false, false);
}

TEST_CASE("Ctrl-C in a lesson: the step ends, a checkpoint and the report are written, the code is 130") {
  struct Press : Callback {
    void after_pred(Learner& learn) override {
      if (learn.training && learn.epoch == 1) raise(SIGINT);
    }
  };
  const Path out = scratch();
  std::vector<std::string> words{"lesson", "--out", out.str(), "--quiet", "--force"};
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  const auto body = [](Lesson& lesson) {
    Learner learn = small_learner(40);
    learn.path = lesson.folder();
    learn.add_cbs({RunReport(lesson), CheckpointCallback(), Press()});
    learn.fit(5);
    lesson.print("never reached\n");
  };
  CHECK(run_lesson({.name = "00_test", .title = "A lesson"}, static_cast<int>(pointers.size()),
                   pointers.data(), body) == 130);
  set_interrupted(false);
  set_quiet(false, false);
  signal(SIGINT, SIG_DFL), signal(SIGTERM, SIG_DFL);
  const Checkpoint place = Checkpoint::load((out / "models" / "checkpoint.safetensors").str());
  CHECK(place.epoch == 1);
  CHECK(place.batch == 1);
  const std::string html = (out / "report.html").read_text();
  CHECK(html.find("moved by") != std::string::npos);
  CHECK(html.find("stopped by Ctrl-C") != std::string::npos);
  CHECK(html.find("never reached") == std::string::npos);
  CHECK((out / "run.json").read_text().find("\"status\": \"interrupted\"") != std::string::npos);
}

TEST_CASE("a training that an error ends is told in the report: its rows, its losses, the model") {
  struct Spoil : Callback {  // in the second epoch, where a weight becomes nan
    void before_batch(Learner& learn) override {
      if (learn.training && learn.epoch == 1 && learn.iter == 3)
        learn.model->parameters()[0].detach().fill_(NAN);
    }
  };
  set_quiet(true, true);
  const Path out = scratch();
  for (const bool brief : {false, true}) {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .quiet = true, .force = true});
    Learner learn = small_learner(40);
    learn.add_cbs({RunReport(lesson, {.brief = brief}), Spoil()});
    CHECK_THROWS_AS(learn.fit(3, 1e-2), minitorch::Error);
    lesson.finish("failed", "the loss is nan");
    const std::string html = (out / "report.html").read_text();
    CHECK(html.find("An error ended this training in epoch 1, after 8 batches.") != std::string::npos);
    CHECK(html.find(">batch</text>") != std::string::npos);
    CHECK((html.find("Total params: 58") != std::string::npos) == !brief);
    const auto lines = split((out / "metrics.csv").read_text(), "\n");
    CHECK(lines[1].substr(0, 13) == "training 1,0,");
    CHECK(lines[2].empty());
    CHECK_NOTHROW(learn.validate());  // which is no training and tells nothing
  }
  set_quiet(false, false);
}

TEST_CASE("a remark stands once, at the end, in lines of 80 columns; passes that train nothing add none") {
  const Path out = scratch();
  const std::string text = captured(1, [&] {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = out.str(), .force = true});
    Learner learn = overfitting_learner();
    learn.add_cbs(RunReport(lesson));
    learn.fine_tune(12, 0.05);
    learn.validate();
    learn.get_preds();
    lesson.finish("done", "");
  });
  const auto at = text.find("The validation loss was lowest in epoch");
  REQUIRE(at != std::string::npos);
  CHECK(text.find("The validation loss was lowest", at + 1) == std::string::npos);
  for (const std::string& line : split(text.substr(at), "\n")) CHECK(line.size() <= 80);
  const std::string html = (out / "report.html").read_text();
  std::size_t tables = 0;
  for (auto place = html.find("moved by"); place != std::string::npos;
       place = html.find("moved by", place + 1))
    ++tables;
  CHECK(tables == 2);  // fine_tune's two trainings
}

TEST_CASE("overfitting is said in words, and only then") {
  const std::vector<double> falls{1, .5, .3, .2, .1}, turns{1, .6, .55, .7, .9};
  REQUIRE_THAT(overfitting_note(falls, turns, 0),
               Catch::Contains("epoch 2 (0.5500) and has risen to 0.9000"));
  REQUIRE_THAT(overfitting_note(falls, turns, 10), Catch::Contains("epoch 12 (0.5500)"));
  REQUIRE(overfitting_note(falls, {1, .6, .55, .54, .53}, 0).empty());
  REQUIRE(overfitting_note({1, .9, .8}, {1.2, 1.1, 1.15}, 0).empty());
  REQUIRE(overfitting_note({.07, .045, .042}, {.0047, .0072, .0077}, 0).empty());  // no error anywhere
  REQUIRE_THAT(
      overfitting_note({3.6, 1.1, .4, .15, .08, .05}, {1.2, .5, .25, .3, .36, .42}, 0),  // a hard beginning
      Catch::Contains("epoch 2 (0.2500) and has risen to 0.4200"));
  REQUIRE(overfitting_note({3.6, .4, .05, .02, .01}, {.5, .02, .01, .013, .019}, 0).empty());
  REQUIRE(overfitting_note({}, {}, 0).empty());
  const double none = std::nan("");  // of epochs that were left out
  REQUIRE_THAT(overfitting_note({none, none, 1, .5, .3, .2, .1}, {none, .1, 1, .6, .55, .7, .9}, 0),
               Catch::Contains("epoch 4 (0.5500) and has risen to 0.9000"));
  REQUIRE(overfitting_note({none, .2, .1}, {none, .1, .2}, 0).empty());
  REQUIRE(overfitting_note({none, none, none}, {none, none, none}, 0).empty());
}
