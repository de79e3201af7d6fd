// SPDX-License-Identifier: MIT
// Where a model errs, shown results, and looking into a net.
#include "fastcore/learn/interpret.h"

#include <cstdlib>
#include <limits>

#include "fastcore/basics/range.h"
#include "fastcore/data/data_block.h"
#include "fastcore/learn/visualize.h"
#include "minitorch/core/random.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

struct Echo : nn::Module {
  Tensor scale = add_parameter("scale", ones({1}));
  Tensor forward(const Tensor& x) override { return x * scale; }
};

// Eight items of three classes, three of them taken for another; scikit-learn's example in metrics_test.cpp.
Learner eight_items() {
  const std::vector<int64_t> said{0, 1, 2, 2, 1, 0, 1, 2}, truth{0, 1, 1, 2, 2, 0, 0, 2};
  std::vector<double> logits(24);
  for (std::size_t i = 0; i < 8; ++i)
    logits[i * 3 + static_cast<std::size_t>(said[i])] = 1 + static_cast<double>(i);
  const Targets targets{TargetKind::category, 3, {"ant", "bee", "caterpillar"}};
  const auto loader =
      tensor_loader(tensor(logits, {8, 3}), tensor(truth), {.bs = 3, .shuffle = true, .targets = targets});
  return Learner(DataLoaders({loader, loader}), nn::make<Echo>());
}

// Pictures: a bright spot at the left or at the right of the middle row, and a net that answers which.
const Targets kSides{TargetKind::category, 2, {"left", "right"}};
Tensor spots() {
  Tensor x = zeros({4, 1, 9, 9});
  for (int64_t i = 0; i < 4; ++i) x.data<float>()[i * 81 + 4 * 9 + (i % 2 ? 7 : 1)] = 1;
  return x;
}
struct Spots {
  nn::Conv2d conv{1, 2, 3, {.padding = 1, .bias = false}};
  nn::Linear head{2, 2};
  nn::Sequential net{conv, nn::ReLU(), nn::AdaptiveAvgPool2d(1), nn::Flatten(), head};
  Learner learner() {
    const NoGrad no_grad;
    conv->weight.zero_();
    conv->weight.data<float>()[4] = 1;  // channel 0: the picture itself; channel 1: nothing
    head->weight.copy_(tensor({{-1., 2.}, {3., 1.}}));
    head->bias.zero_();
    const auto loader = tensor_loader(spots(), tensor({0, 1, 0, 1}), {.bs = 2, .targets = kSides});
    return Learner(DataLoaders({loader, loader}), net);
  }
};

}  // namespace

TEST_CASE("a confusion matrix: rows are what was, columns what was said") {
  const QuietTerminal quiet;
  Learner learn = eight_items();
  const auto interp = ClassificationInterpretation::from_learner(learn);
  CHECK(interp.confusion_matrix() == std::vector<std::vector<int64_t>>{{2, 1, 0}, {0, 1, 1}, {0, 1, 2}});
  CHECK(interp.confusion_text() ==
        "actual               ant          bee  caterpillar\n"
        "ant                    2            1            0\n"
        "bee                    0            1            1\n"
        "caterpillar            0            1            2\n");
  const auto pairs = interp.most_confused();
  REQUIRE(pairs.size() == 3);
  CHECK((pairs[0].actual == "ant" && pairs[0].predicted == "bee" && pairs[0].count == 1));
  CHECK((pairs[1].actual == "bee" && pairs[1].predicted == "caterpillar"));
  CHECK(interp.most_confused(2).empty());
  const Plot plot = interp.plot_confusion_matrix({.normalize = true, .title = "Insects", .norm_dec = 3});
  REQUIRE(plot.heat());
  CHECK(plot.heat()->values[0] == Approx(2. / 3));
  CHECK(plot.svg().find(">0.667<") != std::string::npos);
  CHECK(plot.svg().find("Insects") != std::string::npos);
  // Two cells hold a 2; without numbers a scale stands beside them, and ends in 2.
  const auto twos = [](const Plot& p) { return split(p.svg(), ">2<").size() - 1; };
  CHECK(twos(interp.plot_confusion_matrix()) == 2);
  CHECK(twos(interp.plot_confusion_matrix({.plot_txt = false})) == 1);
}

TEST_CASE("items that the loss leaves out are in no class of a confusion matrix") {
  const QuietTerminal quiet;
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader = tensor_loader(tensor({{2., 0.}, {0., 2.}, {2., 0.}, {0., 2.}}),
                                    tensor({0, -100, 1, -100}), {.bs = 2, .targets = targets});
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  const auto interp = ClassificationInterpretation::from_learner(learn);
  CHECK(interp.confusion_matrix() == std::vector<std::vector<int64_t>>{{1, 0}, {1, 0}});
  CHECK_THAT(interp.classification_report(), Catch::Contains("0.50         2\n"));
}

TEST_CASE("names of classes that are not English keep the columns straight") {
  const QuietTerminal quiet;
  const Targets birds{TargetKind::category, 2, {"Grünspecht", "Amsel"}};
  const auto loader = tensor_loader(tensor({{1., 0.}, {0., 1.}}), tensor({0, 1}), {.targets = birds});
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  const auto interp = ClassificationInterpretation::from_learner(learn);
  CHECK(interp.confusion_text() ==
        "actual      Grünspecht       Amsel\n"
        "Grünspecht           1           0\n"
        "Amsel                0           1\n");
  CHECK_THAT(interp.classification_report(), Catch::Contains("\n  Grünspecht       1.00 "));
}

TEST_CASE("another loader than the validation set's can be interpreted, and its results shown") {
  QuietTerminal terminal;
  Learner learn = eight_items();
  const auto two =
      tensor_loader(tensor({{9., 0., 0.}, {9., 0., 0.}}), tensor({0, 2}), {.targets = learn.dls.targets()});
  CHECK(ClassificationInterpretation::from_learner(learn, {.dl = two}).confusion_matrix() ==
        std::vector<std::vector<int64_t>>{{1, 0, 0}, {0, 0, 0}, {1, 0, 0}});
  learn.show_results({.dl = two, .shuffle = false});
  CHECK_THAT(terminal.lines.back(), Catch::Contains("caterpillar  ant"));
}

TEST_CASE("a classification report as scikit-learn prints it") {
  const QuietTerminal quiet;
  Learner learn = eight_items();
  CHECK(ClassificationInterpretation::from_learner(learn).classification_report() ==
        "              precision    recall  f1-score   support\n\n"
        "         ant       1.00      0.67      0.80         3\n"
        "         bee       0.33      0.50      0.40         2\n"
        " caterpillar       0.67      0.67      0.67         3\n\n"
        "    accuracy                           0.62         8\n"
        "   macro avg       0.67      0.61      0.62         8\n"
        "weighted avg       0.71      0.62      0.65         8\n");
}

TEST_CASE("classes that do not occur are in the report, and in its macro average") {
  const QuietTerminal quiet;
  const Targets insects{TargetKind::category, 3, {"ant", "bee", "cricket"}};
  const Tensor scores = tensor({{2., 0., 0.}, {2., 0., 0.}, {0., 2., 0.}}), truth = tensor({0, 1, 1});
  const auto report = [&](const Tensor& outputs, const Targets& targets) {
    const auto loader = tensor_loader(outputs, truth, {.targets = targets});
    Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
    return ClassificationInterpretation::from_learner(learn).classification_report();
  };
  const std::string expected =
      "              precision    recall  f1-score   support\n\n"
      "         ant       0.50      1.00      0.67         1\n"
      "         bee       1.00      0.50      0.67         2\n"
      "     cricket       0.00      0.00      0.00         0\n\n"
      "    accuracy                           0.67         3\n"
      "   macro avg       0.50      0.50      0.44         3\n"
      "weighted avg       0.83      0.67      0.67         3\n";
  CHECK(report(scores, insects) == expected);
  // An output more than there are names is no class.
  CHECK(report(cat({scores, zeros({3, 1})}, 1), insects) == expected);
}

TEST_CASE("the largest losses, and the smallest") {
  const QuietTerminal quiet;
  Learner learn = eight_items();
  const auto interp = Interpretation::from_learner(learn);
  const TopLosses top = interp.top_losses(3);
  CHECK(top.indices == std::vector<int64_t>{6, 4, 2});
  CHECK(top.losses[0] == Approx(7 + std::log(1 + 2 * std::exp(-7))).epsilon(1e-5));
  CHECK(top.items[0] == "6");
  CHECK(interp.top_losses(1, false).indices == std::vector<int64_t>{7});
  CHECK(interp.top_losses().indices.size() == 8);
  CHECK(sureness(false, .9) == "sure and wrong");
  CHECK(sureness(false, .7) == "wrong");
  CHECK(sureness(true, .55) == "right but unsure");
  CHECK(sureness(true, .9) == "right");
}

TEST_CASE("a loss that is NaN is the largest, and hides no other") {
  const std::vector<double> losses{3.05, .31, NAN, 9, NAN, .007};
  CHECK(loss_order(losses) == std::vector<int64_t>{2, 4, 3, 0, 1, 5});
  CHECK(loss_order(losses, false) == std::vector<int64_t>{5, 1, 0, 3, 2, 4});
  const QuietTerminal quiet;
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader = tensor_loader(tensor({{1., 0.}, {double(NAN), 0.}, {9., 0.}, {3., 0.}}),
                                    tensor({1, 1, 1, 1}), {.bs = 4, .targets = targets});
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  const auto interp = Interpretation::from_learner(learn);
  CHECK(interp.top_losses(3).indices == std::vector<int64_t>{1, 2, 3});
  CHECK(interp.top_losses(1, false).indices == std::vector<int64_t>{0});
}

TEST_CASE("numbers of tables: NaN has no sign") {
  CHECK(number_cell(-1.25, 1) == "-1.2");
  CHECK(number_cell(-std::numeric_limits<double>::quiet_NaN(), 6) == "nan");
}

TEST_CASE("regressions have no confusion matrix") {
  const QuietTerminal quiet;
  Learner learn(line_data(), line_model());
  CHECK_THROWS_WITH(ClassificationInterpretation::from_learner(learn),
                    "[ClassificationInterpretation] the targets are no classes, one for each item");
  CHECK(Interpretation::from_learner(learn).top_losses(1).indices == std::vector<int64_t>{7});
}

TEST_CASE("a loss that does not say what an output stands for is named, one that does is enough") {
  const QuietTerminal quiet;
  Learner learn = eight_items();
  learn.loss_func = [](const Tensor& p, const Tensor& t) { return cross_entropy(p, t); };
  CHECK_THROWS_WITH(
      ClassificationInterpretation::from_learner(learn),
      "[ClassificationInterpretation] the loss (a function of one's own) does not say which class "
      "an output stands for: its answers are (8, 3)");
  struct Own {
    Tensor operator()(const Tensor& p, const Tensor& t) const { return cross_entropy(p, t); }
    Tensor decodes(const Tensor& p) const { return argmax(p, -1); }
  };
  learn.loss_func = Own{};
  CHECK(ClassificationInterpretation::from_learner(learn).confusion_matrix() ==
        std::vector<std::vector<int64_t>>{{2, 1, 0}, {0, 1, 1}, {0, 1, 2}});
}

TEST_CASE("of a loss without answers nothing is called right or wrong") {
  const QuietTerminal quiet;
  Spots spots;
  Learner learn = spots.learner();
  learn.loss_func = [](const Tensor& p, const Tensor& t) { return cross_entropy(p, t); };
  const ImageGrid grid = Interpretation::from_learner(learn).plot_top_losses(1);
  CHECK(grid.items[0].title.find("/left\n0.72") != std::string::npos);
  CHECK(grid.items[0].title.find("wrong") == std::string::npos);
  CHECK(grid.items[0].ink != Ink::bad);
}

TEST_CASE("top losses and results as pictures") {
  const QuietTerminal quiet;
  const Folder folder;
  Spots spots;
  Learner learn = spots.learner();
  const auto interp = ClassificationInterpretation::from_learner(learn);
  const ImageGrid grid = interp.plot_top_losses(2);
  REQUIRE(grid.items.size() == 2);
  CHECK(grid.title == "Prediction/Actual/Loss/Probability");
  CHECK(grid.items[0].title == "right/left\n0.72 / 0.51\nwrong");
  CHECK(grid.items[0].ink == Ink::bad);
  CHECK(grid.items[0].image.size() == Size{9, 9});
  CHECK(interp.plot_top_losses(1, {.largest = false}).items[0].title ==
        "right/right\n0.67 / 0.51\nright but unsure");
  const ImageGrid later = interp.plot_top_losses(L<int64_t>{1, 3});
  REQUIRE(later.items.size() == 2);
  CHECK(later.items[0].title == grid.items[1].title);
  CHECK(later.items[1].title == "right/right\n0.67 / 0.51\nright but unsure");
  CHECK_THROWS_WITH(interp.plot_top_losses(L<int64_t>{4}), "[plot_top_losses] rank 4 of 4 items");
  learn.show_results({.shuffle = false, .path = (folder.path / "results.png").str()});
  CHECK((folder.path / "results.png").size() > 500);
}

TEST_CASE("results that are no pictures are a table") {
  QuietTerminal terminal;
  Learner learn = eight_items();
  learn.show_results({.max_n = 2, .shuffle = false});
  const std::string& text = terminal.lines.back();
  CHECK(text.find("input" + std::string(19, ' ') + "target  prediction\n1.0000, 0.0000, 0.0000  ") == 0);
  CHECK(text.substr(text.size() - 3) == "bee");
  CHECK_THROWS_WITH(Interpretation::from_learner(learn).plot_top_losses(2),
                    Catch::Contains("[plot_top_losses] there is no picture among the inputs"));
}

TEST_CASE("masks: target and prediction side by side, and in top losses") {
  const QuietTerminal quiet;
  const Folder folder;
  const Tensor x = rand({2, 3, 8, 8}), y = randint(0, 2, {2, 8, 8});
  const auto loader = tensor_loader(x, y, {.bs = 2, .targets = {TargetKind::mask, 2, {"no", "yes"}}});
  Learner learn(DataLoaders({loader, loader}), nn::Sequential(nn::Conv2d(3, 2, 1)));
  learn.show_results({.path = (folder.path / "masks.svg").str()});
  CHECK((folder.path / "masks.svg").read_text().find("Target/Prediction") != std::string::npos);
  const ImageGrid grid = Interpretation::from_learner(learn).plot_top_losses(2);
  REQUIRE(grid.items.size() == 6);
  CHECK(grid.items[2].title.find("pred; loss = ") == 0);
}

TEST_CASE("class activation maps: what speaks for a class, and where") {
  Spots spots_net;
  Learner learn = spots_net.learner();
  const Tensor maps = class_activation_map(*spots_net.net, *spots_net.conv, spots_net.head->weight, spots());
  REQUIRE(maps.shape() == Shape{4, 2, 9, 9});
  CHECK(maps.select(0, 0).select(0, 1).argmax().item() == 4 * 9 + 1);
  CHECK(maps.select(0, 1).select(0, 1).argmax().item() == 4 * 9 + 7);
  CHECK(maps.select(0, 0).select(0, 0).argmin().item() == 4 * 9 + 1);  // weight -1: it speaks against class 0
  CHECK(amax(maps).item() == 3);
  CHECK_THROWS_WITH(class_activation_map(*spots_net.net, *spots_net.head, spots_net.head->weight, spots()),
                    "[class_activation_map] the layer gives (4, 2): expected maps (n, channels, h, w)");
}

TEST_CASE("Grad-CAM weighs channels by their gradient, and leaves gradients alone") {
  Spots spots_net;
  Learner learn = spots_net.learner();
  spots_net.head->bias.set_grad(tensor({5., 6.}));
  const Tensor map = grad_cam(*spots_net.net, *spots_net.conv, spots(), 1);
  REQUIRE(map.shape() == Shape{4, 9, 9});
  // d output / d activation is weight / 81 where the ReLU is open, that is at the spot alone.
  CHECK(amax(map).item() == Approx(3. / 81 / 81));
  CHECK(map.select(0, 3).argmax().item() == 4 * 9 + 7);
  CHECK_VALUES(spots_net.head->bias.grad(), ({2}), 0, 5, 6);
  CHECK_FALSE(spots_net.conv->weight.grad().defined());
}

TEST_CASE("a map over a picture, and filters as pictures") {
  const Image grey({4, 4}, 1, 100);
  const Image heat = heat_overlay(grey, tensor({{0., 1.}, {0., 1.}}));
  CHECK(heat.channels() == 3);
  CHECK(heat(0, 0) != heat(0, 3));
  CHECK(heat_overlay(grey, zeros({2, 2}), 0) == grey.convert(PixelMode::rgb));
  CHECK(filter_grid(randn({5, 3, 7, 7})).items.size() == 5);
  CHECK(filter_grid(randn({5, 8, 3, 3}), 2).items[0].image.size() == Size{3, 3});
}
