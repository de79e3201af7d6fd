// SPDX-License-Identifier: MIT
// What the report of a training shows of data that are no pictures, of many classes, and of single layers.
#include <unistd.h>

#include <algorithm>

#include "fastcore/data/data_block.h"
#include "fastcore/learn/hooks.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/item_table.h"
#include "fastcore/learn/layer_view.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/learn/tracker.h"
#include "minitorch/core/random.h"
#include "tests/learn/seeded.h"
#include "tests/learn/synth.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// The report of one training.
struct Told {
  QuietTerminal terminal;
  Folder folder;

  template <class Train>
  std::string report(Learner& learn, Train train) {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, {.out = folder.path.str(), .quiet = true});
    const Scope told = learn.added_cbs(RunReport(lesson));
    lesson.section("Training");
    train(learn);
    lesson.finish("done", "");
    return (folder.path / "report.html").read_text();
  }
  std::string report(Learner& learn) {
    return report(learn, [](Learner& l) { l.fit(2, 0.1); });
  }
  bool has(const std::string& picture) const {
    return (folder.path / ("training_01_" + picture + ".png")).exists();
  }
};

DataLoaders points(const Targets& targets, int64_t n = 20) {
  std::vector<int64_t> y;
  for (int64_t i = 0; i < n; ++i) y.push_back(i % targets.c);
  const auto loader = tensor_loader(randn({n, 3}), tensor(y), {.bs = 8, .targets = targets});
  return DataLoaders({loader, loader});
}

// n pictures (1, 12, 12), light or dark.
DataLoaders pictures(int64_t n) {
  const Tensor x = rand({n, 1, 12, 12}), y = (x.mean({1, 2, 3}) > 0.5).to(kInt64);
  const auto loader =
      tensor_loader(x, y, {.bs = 64, .targets = {TargetKind::category, 2, {"dark", "light"}}});
  return DataLoaders({loader, loader});
}
nn::Sequential conv_net() {
  return nn::Sequential(nn::Conv2d(1, 4, 3, {.stride = 2, .padding = 1}), nn::ReLU(),
                        nn::Conv2d(4, 6, 3, {.padding = 1}), nn::ReLU(), nn::AdaptiveAvgPool2d(1),
                        nn::Flatten(), nn::Linear(6, 2));
}

}  // namespace

TEST_CASE("the rows of a batch tell each of several targets as what it is") {
  std::vector<Value> items;
  for (int i = 0; i < 4; ++i) items.emplace_back(std::to_string(i));
  const auto odd = [](const std::string& item) { return std::stoi(item) % 2 ? "odd" : "even"; };
  const auto half = [](const std::string& item) { return std::stoi(item) < 2 ? "low" : "high"; };
  const auto dls = DataBlock{.blocks = {RegressionBlock{}, CategoryBlock{}, CategoryBlock{}},
                             .splitter = IndexSplitter{.valid_idx = {3}},
                             .get_y = {odd, half},
                             .n_inp = 1}
                       .dataloaders(Items(items), {.bs = 3, .shuffle = false});
  const ItemTable table = batch_table(dls.train(), dls.one_batch(), 3);
  CHECK(table.header == Lines{"input", "target", "target"});
  CHECK(table.rows ==
        std::vector<Lines>{{"0.0000", "even", "low"}, {"1.0000", "odd", "low"}, {"2.0000", "even", "high"}});
}

TEST_CASE("items that are no pictures: batch, results and largest losses are tables") {
  manual_seed(1);
  Told told;
  Learner learn(points({TargetKind::category, 2, {"grün", "<rot>"}}), nn::Sequential(nn::Linear(3, 2)));
  const std::string html = told.report(learn);
  CHECK_THAT(html, Catch::Contains("Training set: what the model was given") &&
                       Catch::Contains(">input</th><th>target</th></tr>") &&
                       Catch::Contains(">input</th><th>target</th><th>prediction</th></tr>") &&
                       Catch::Contains("those with the largest losses") &&
                       Catch::Contains("<th>prediction</th><th>actual</th>") &&
                       Catch::Contains("&lt;rot&gt;"));
  CHECK_FALSE(told.has("batch"));
  CHECK(told.has("confusion"));

  Told numbers;
  Learner line(line_data(), line_model());
  CHECK_THAT(numbers.report(line),
             Catch::Contains("<th class=\"n\">actual</th><th class=\"n\">loss</th></tr>"));
}

TEST_CASE("the largest losses of a loss of one's own have the answers and probabilities of its scores") {
  const auto table_of = [](const LossFunc& loss) {
    Told told;
    set_seed(3);
    Learner learn(points({TargetKind::category, 2, {"no", "yes"}}), nn::Sequential(nn::Linear(3, 2)),
                  {.loss_func = loss});
    const std::string html = told.report(learn);
    const auto at = html.find(">probability<");
    REQUIRE(at != std::string::npos);
    return html.substr(at, html.find("</table>", at) - at);
  };
  const std::string own = table_of([](const Tensor& p, const Tensor& t) { return cross_entropy(p, t); });
  CHECK(own.find("0.") != std::string::npos);
  CHECK(own == table_of(CrossEntropyLossFlat{}));
}

TEST_CASE("a loss with an activation and no decodes: the answer is the largest") {
  struct Activated {
    Tensor operator()(const Tensor& p, const Tensor& t) const { return cross_entropy(p, t); }
    Tensor activation(const Tensor& p) const { return softmax(p, 1); }
  };
  const Targets insects{TargetKind::category, 3, {"ant", "bee", "cricket"}};
  const auto loader = tensor_loader(eye(3) * 4, tensor({0, 2, 2}), {.bs = 2, .targets = insects});
  Told told;
  nn::Linear echo(3, 3);
  {
    const NoGrad no_grad;
    echo->weight.copy_(eye(3));
    echo->bias.zero_();
  }
  Learner learn(DataLoaders({loader, loader}), nn::Sequential(echo), {.loss_func = Activated{}});
  const std::string html = told.report(learn, [](Learner& l) { l.fit(1, 1e-6); });
  CHECK_THAT(html, Catch::Contains("Taken for another most often: cricket for bee (1).") &&
                       Catch::Contains("sure and wrong") && Catch::Contains("<td>cricket</td><td>bee</td>"));
  CHECK(told.has("confusion"));
}

TEST_CASE("a single output of which the loss says nothing is no class") {
  manual_seed(1);
  const LossFunc own = [](const Tensor& p, const Tensor& t) {
    const Tensor yes = sigmoid(p.squeeze(1));
    return where(t == 1, 1 - yes, yes).mean();
  };
  Told told;
  Learner learn(points({TargetKind::category, 2, {"ant", "bee"}}), nn::Sequential(nn::Linear(3, 1)),
                {.loss_func = own});
  const std::string html = told.report(learn);
  CHECK_FALSE(told.has("confusion"));
  CHECK_THAT(html, Catch::Contains("does not say which class an output stands for") &&
                       Catch::Contains("those with the largest losses"));
  CHECK(html.find("sure and wrong") == std::string::npos);

  struct Yes {  // one that says it, one answer for each item in a column
    Tensor operator()(const Tensor& p, const Tensor& t) const {
      return binary_cross_entropy_with_logits(p.squeeze(1), t.to(kFloat32));
    }
    Tensor activation(const Tensor& p) const { return sigmoid(p); }
    Tensor decodes(const Tensor& p) const { return p > 0.5; }
  };
  Told answered;
  learn.loss_func = Yes{};
  CHECK_THAT(answered.report(learn), Catch::Contains("rows are what was, columns what was said"));
  CHECK(answered.has("confusion"));
}

TEST_CASE("masks of a loss of one's own: the largest score, and nothing where there is only one") {
  manual_seed(1);
  const auto loader = tensor_loader(rand({4, 3, 8, 8}), randint(0, 2, {4, 8, 8}),
                                    {.bs = 2, .targets = {TargetKind::mask, 2, {"no", "yes"}}});
  const auto results_of = [&](const LossFunc& loss) {
    Told told;
    manual_seed(1);
    Learner learn(DataLoaders({loader, loader}), nn::Sequential(nn::Conv2d(3, 2, 1)), {.loss_func = loss});
    told.report(learn, [](Learner& l) { l.fit(1, 0.1); });
    return (told.folder.path / "training_01_results.png").read_text();
  };
  const auto scores = [](const Tensor& p, const Tensor& t) { return cross_entropy(p, t); };
  CHECK((results_of(scores) == results_of(CrossEntropyLossFlat{.axis = 1})));

  const LossFunc one = [](const Tensor& p, const Tensor& t) {
    return square(p.squeeze(1) - t.to(kFloat32)).mean();
  };
  Told silent;
  Learner single(DataLoaders({loader, loader}), nn::Sequential(nn::Conv2d(3, 1, 1)), {.loss_func = one});
  CHECK_THAT(silent.report(single), Catch::Contains("does not say which class an output stands for"));
  CHECK_FALSE(silent.has("results"));
}

TEST_CASE("items that the loss leaves out are in no class, and stop no report") {
  manual_seed(1);
  Told told;
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader =
      tensor_loader(randn({6, 3}), tensor({0, 1, -100, 0, 1, -100}), {.bs = 3, .targets = targets});
  Learner learn(DataLoaders({loader, loader}), nn::Sequential(nn::Linear(3, 2)));
  CHECK_THAT(told.report(learn), Catch::Contains("Validation set, 6 items: rows are what was"));
  CHECK(told.has("confusion"));
}

TEST_CASE("losses that are no numbers stand first among the largest, as in Interpretation") {
  Told told;
  const Tensor y = tensor(std::vector<double>{5, INFINITY, 100, NAN, 7, 8, 9, 10}, {8, 1});
  const auto valid = tensor_loader(linspace(-1, 1, 8).reshape({8, 1}), y, {.bs = 2});
  Learner learn(DataLoaders({line_data()[0].with({}), valid}), line_model());
  const std::string html = told.report(learn);
  const auto table = html.find("<table", html.find("those with the largest losses"));
  const auto rows = html.find("<td", table), largest = html.find(">100", table);
  const auto infinite = html.find(">inf<", table), none = html.find(">nan<", table);
  REQUIRE(largest < html.find("</table>", table));
  CHECK((rows < none && none < infinite && infinite < largest));
}

TEST_CASE("many classes: no picture of all pairs, but the pairs in words, and the largest losses") {
  manual_seed(1);
  Told told;
  Targets many{TargetKind::category, 41, {}};
  for (int i = 0; i < 41; ++i) many.vocab.push_back("class " + std::to_string(i));
  Learner learn(points(many, 82), nn::Sequential(nn::Linear(3, 41)));
  const std::string html = told.report(learn);
  CHECK_FALSE(told.has("confusion"));
  CHECK_THAT(html, Catch::Contains("of 41 classes, too many for a picture") &&
                       Catch::Contains("Taken for another most often: class ") &&
                       Catch::Contains("those with the largest losses"));
}

TEST_CASE("the largest losses of masks stand as input, target and prediction") {
  manual_seed(1);
  Told told;
  const Tensor x = rand({4, 3, 8, 8}), y = randint(0, 2, {4, 8, 8});
  const auto loader = tensor_loader(x, y, {.bs = 2, .targets = {TargetKind::mask, 2, {"no", "yes"}}});
  Learner learn(DataLoaders({loader, loader}), nn::Sequential(nn::Conv2d(3, 2, 1)));
  CHECK_THAT(told.report(learn), Catch::Contains("Input / Target / Prediction"));
  CHECK(told.has("top_losses"));
}

TEST_CASE("captions say which set each column is about") {
  manual_seed(1);
  const auto caption = [](bool train, bool valid) {
    Told told;
    Learner learn(line_data(), line_model(), {.metrics = mae});
    learn.recorder->train_metrics = train;
    learn.recorder->valid_metrics = valid;
    return told.report(learn);
  };
  const std::string usual = caption(false, true), both = caption(true, true), training = caption(true, false);
  CHECK_THAT(usual, Catch::Contains("smoothed over batches. All others: the validation set, 8 items"));
  CHECK_THAT(both, Catch::Contains("Metrics that begin with train_: the same items") &&
                       Catch::Contains("All others: the validation set") &&
                       Catch::Contains(">training set<") && Catch::Contains(">validation set<"));
  CHECK_THAT(training, Catch::Contains("Metrics: the same items"));
  CHECK(training.find("the validation set, 8 items, at the end") == std::string::npos);
}

TEST_CASE("a convolutional net: what excites its layers, and where it looked, when that costs little") {
  manual_seed(1);
  Told told;
  Learner learn(pictures(1600), conv_net());
  const std::string html = told.report(learn);
  for (const char* name : {"patches_1_before", "patches_1_after", "patches_2_after", "grad_cam"})
    CHECK(told.has(name));
  CHECK_THAT(html, Catch::Contains("0 Conv2d before training") &&
                       Catch::Contains("2 Conv2d after training") && Catch::Contains("Grad-CAM") &&
                       Catch::Contains("parts of 32 pictures"));
  CHECK_FALSE(learn.model->parameters()[0].grad().defined());  // as training has left it

  Told column;  // a single output: no answer is the largest
  const LossFunc near_truth = [](const Tensor& p, const Tensor& t) {
    return square(p.squeeze(1) - t.to(kFloat32)).mean();
  };
  nn::Sequential net = conv_net();
  net->append(nn::Linear(2, 1));
  Learner single(pictures(1600), net, {.loss_func = near_truth});
  column.report(single);
  CHECK(column.has("patches_1_before"));
  CHECK_FALSE(column.has("grad_cam"));

  Told few;
  Learner small(pictures(100), conv_net());
  few.report(small);
  CHECK_FALSE(few.has("patches_1_before"));
}

TEST_CASE("of a set that is sorted by class, pictures of all classes are shown") {
  set_seed(1);  // the lot is drawn by Python's numbers, too
  Told told;
  const Tensor x = cat({rand({800, 1, 12, 12}) * 0.4, rand({800, 1, 12, 12}) * 0.4 + 0.6});
  const auto loader = tensor_loader(x, cat({zeros({800}, {kInt64}), ones({800}, {kInt64})}),
                                    {.bs = 64, .targets = {TargetKind::category, 2, {"dark", "light"}}});
  // The last convolution's maps have one place only: Grad-CAM looks at the one before.
  const auto net = nn::Sequential(nn::Conv2d(1, 4, 3, {.stride = 2, .padding = 1}), nn::ReLU(),
                                  nn::Conv2d(4, 6, 3, {.stride = 2, .padding = 1}), nn::ReLU(),
                                  nn::Conv2d(6, 2, 3), nn::Flatten());
  Learner learn(DataLoaders({loader, loader}), net);
  const std::string html = told.report(learn);
  const auto lines = [&](const std::string& caption, const std::string& line) {  // of the titles of a figure
    const auto end = html.find(caption), begin = html.rfind("<figure>", end);
    REQUIRE(end != std::string::npos);
    int n = 0;
    for (auto at = html.find(line, begin); at < end; at = html.find(line, at + 1)) ++n;
    return n;
  };
  for (const char* line : {">dark<", ">light<"}) {
    CHECK(lines("some of them, with truth and answer", line) >= 3);  // the truths alone
    CHECK(lines("Grad-CAM", line) > 0);
  }
  CHECK_THAT(html, Catch::Contains("what 2 Conv2d contributes to it (Grad-CAM)"));
}

TEST_CASE("looking at layers changes nothing in training") {
  const auto losses = [](bool looked_at) {
    manual_seed(1);
    Told told;
    Learner learn(pictures(1600), conv_net());
    const auto train = [](Learner& l) { l.fit(1, 0.1); };
    if (looked_at) told.report(learn, train);
    else train(learn);
    CHECK(told.has("patches_2_after") == looked_at);
    return learn.recorder->losses;
  };
  CHECK(losses(true) == losses(false));
}

TEST_CASE("where the best weights are put back the report is of these, validation's answers, too") {
  struct Losses : Callback {  // the first epoch is said to be the best
    int passes = 0;
    Losses() { order = 55; }
    void after_epoch(Learner& learn) override { learn.recorder->values.back()[1] = learn.epoch; }
    void after_validate(Learner&) override { ++passes; }
  };
  const Targets letters{TargetKind::category, 3, {"a", "b", "c"}};
  const auto train = [&](bool best, bool reported, std::string& html) {
    set_seed(1);
    Told told;
    const Folder models;
    Learner learn(points(letters, 90), nn::Sequential(nn::Linear(3, 3)), {.path = models.path});
    const auto losses = std::make_shared<Losses>();
    Callbacks cbs = losses;
    if (best) cbs.append(SaveModelCallback());
    const auto fit = [&](Learner& l) { l.fit(4, {.lr = 0.3, .cbs = cbs}); };
    if (reported) html = told.report(learn, fit);
    else fit(learn);
    CHECK(losses->passes == 4 + (best && reported));
    std::vector<double> all = learn.recorder->losses;
    for (const auto& value : learn.recorder->final_record) all.push_back(value.value_or(-1));
    all.push_back(default_generator().uniform());
    const auto pairs = ClassificationInterpretation::from_learner(learn).most_confused();
    REQUIRE_FALSE(pairs.empty());
    if (reported)
      CHECK_THAT(html, Catch::Contains("Taken for another most often: " + pairs[0].actual + " for " +
                                       pairs[0].predicted + " (" + std::to_string(pairs[0].count) + ")"));
    return all;
  };
  std::string with, without, none;
  CHECK(train(true, true, with) == train(true, false, none));
  train(false, true, without);
  CHECK_THAT(with, Catch::Contains("those of epoch 0, which SaveModelCallback has put back"));
  CHECK_THAT(without, !Catch::Contains("The weights that the model has now"));
  const auto often = [](const std::string& html) {
    const auto at = html.find("Taken for another most often");
    return html.substr(at, html.find('<', at) - at);
  };
  CHECK(often(with) != often(without));  // else the test shows nothing
}

TEST_CASE("stopped by Ctrl-C, the report says that validation's answers are of other weights") {
  struct Moves : Callback {
    void after_fit(Learner& learn) override {
      if (learn.fitting) learn.model->parameters()[0].detach().mul_(2);
    }
  };
  Told told;
  Learner learn(points({TargetKind::category, 2, {"a", "b"}}, 40), nn::Linear(3, 2));
  const std::string html = told.report(learn, [](Learner& l) {
    CHECK_THROWS_AS(l.fit(3, {.cbs = {Moves(), PressAt(7, false)}}), Interrupted);
  });
  set_interrupted(false);
  CHECK_THAT(html, Catch::Contains("others than at the end of the last epoch; answers and losses below are "
                                   "of the last validation"));
}

TEST_CASE("of a resumed training the plots of activations say with which batch they begin") {
  const Folder folder;
  const QuietTerminal quiet;
  const auto report = [&](const LessonOptions& options, const Callbacks& more) {
    Lesson lesson({.name = "00_test", .title = "A lesson"}, options);
    Learner learn(points({TargetKind::category, 2, {"a", "b"}}, 40), nn::Sequential(nn::Linear(3, 2)),
                  {.cbs = {RunReport(lesson), ActivationStats()}});
    learn.add_cbs(more);
    if (more.begin() == more.end()) learn.fit(2);
    else CHECK_THROWS_AS(learn.fit(2), Interrupted);
    set_interrupted(false);
    lesson.finish("interrupted", "");
    return (folder.path / "report.html").read_text();
  };
  CHECK_THAT(report({.out = folder.path.str(), .quiet = true}, PressAt(6, false)),
             Catch::Contains("Outputs of layers") && !Catch::Contains("Only of this run"));
  CHECK_THAT(report({.resume = folder.path.str(), .quiet = true}, {}),
             Catch::Contains("Only of this run: batch 0 is batch 6 of the training."));
}

TEST_CASE(
    "with ActivationStats the report shows outputs of layers by batch, and their histograms in colours") {
  manual_seed(1);
  Told told;
  Learner learn(pictures(100), conv_net());
  const std::string html =
      told.report(learn, [](Learner& l) { l.fit(1, {.cbs = ActivationStats({.with_hist = true})}); });
  CHECK(told.has("activations"));
  CHECK(told.has("histograms"));
  CHECK_THAT(html, Catch::Contains("Outputs of 0 Conv2d") && Catch::Contains("2 Conv2d: share near zero") &&
                       Catch::Contains("Outputs of 6 Linear"));
}
