// SPDX-License-Identifier: MIT
// Lesson 6: convolutions, and the residual net built from them.
#include <algorithm>
#include <memory>

#include "fastcore/basics/external.h"
#include "fastcore/data/factories.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/learner.h"
#include "lessons/06_cnn_resnet/nets.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- a kernel by hand ----------------------------------------------------------------------------------

//! [kernels]
static const Tensor kTopEdge = tensor({{-1., -1., -1.}, {0., 0., 0.}, {1., 1., 1.}});
static const Tensor kLeftEdge = tensor({{-1., 1., 0.}, {-1., 1., 0.}, {-1., 1., 0.}});

// The 3 x 3 pixels around (row, col), each times its weight, added up.
static double apply_kernel(const Tensor& picture, int64_t row, int64_t col, const Tensor& kernel) {
  return (picture(Slice{row - 1, row + 2}, Slice{col - 1, col + 2}) * kernel).sum().item();
}
//! [kernels]

//! [as_product]
// The same for all places at once: every 3 x 3 patch becomes a column, and the kernels a matrix.
static Tensor conv_as_product(const Tensor& picture, const Tensor& kernels) {  // (h, w), (k, 3, 3)
  const int64_t h = picture.size(0) - 2, w = picture.size(1) - 2;
  const Tensor patches = unfold(picture.view({1, 1, h + 2, w + 2}), {.kernel = {3, 3}});  // (1, 9, places)
  return matmul(kernels.view({-1, 9}), patches.select(0, 0)).view({-1, h, w});            // (k, h, w)
}
//! [as_product]

static void kernel_by_hand(Lesson& lesson, const Tensor& three) {
  lesson.section("A kernel by hand");
  const Tensor pixels = three * 255;
  lesson.print("top edge at (5, 7): %.0f, at (8, 18): %.0f\n", apply_kernel(pixels, 5, 7, kTopEdge),
               apply_kernel(pixels, 8, 18, kTopEdge));
  //! [edges]
  const Tensor kernels = stack({kTopEdge, kLeftEdge});  // (2, 3, 3)
  const Tensor edges = conv_as_product(three, kernels);
  const Tensor same = conv2d(three.view({1, 1, 28, 28}), kernels.unsqueeze(1)).select(0, 0);
  //! [edges]
  lesson.print("as a matrix product and as conv2d, the largest difference is %.6f\n",
               abs(edges - same).max().item());
  auto shown = [](const Tensor& x) { return to_image((x + 3) / 6); };
  lesson.figure("edges",
                ImageGrid{.items = {{to_image(three), "a digit"},
                                    {shown(edges[0]), "top edges"},
                                    {shown(edges[1]), "left edges"}},
                          .rows = 1,
                          .cell = 130},
                "White where the kernel says yes, black where it says the opposite.");
}

// --- training ------------------------------------------------------------------------------------------

static DataLoaders pictures(const Path& train, const Path& valid, const std::vector<std::string>& classes,
                            int64_t bs, int64_t every) {
  const auto part = [&](const Path& folder, bool shuffle) {
    const auto [x, y] = stack_class_folders(folder, {.every = every});
    return tensor_loader(
        (x - 0.1307) / 0.3081, y,
        {.bs = bs, .shuffle = shuffle, .targets = {TargetKind::category, int64_t(classes.size()), classes}});
  };
  return DataLoaders({part(train, true), part(valid, false)});
}

static void three_or_seven(Lesson& lesson, const Path& sample) {
  lesson.section("Threes and sevens: 6,722 parameters");
  const int64_t epochs = lesson.epochs(8, 4);
  //! [train_simple]
  const DataLoaders dls = pictures(sample / "train", sample / "valid", {"3", "7"}, 64, 1);
  Learner learn(dls, simple_cnn(), {.cbs = RunReport(lesson), .metrics = accuracy});
  lesson.print("%d parameters\n", int(learn.model->parameter_count()));
  learn.fit_one_cycle(epochs, 0.01);
  //! [train_simple]
  lesson.metric("3 or 7", learn.recorder->latest("accuracy").value());
}

//! [stats]
// A callback that looks at what comes out of each convolution, batch by batch: mean, deviation, histogram.
static std::shared_ptr<ActivationStats> watch_convolutions(nn::Module& net) {
  ActivationStatsOptions options{.with_hist = true};
  for (auto& [name, module] : net.named_modules())
    if (module->type_name() == "Conv2d") options.modules.push_back(module);
  return std::make_shared<ActivationStats>(options);
}
//! [stats]

static void say_last(Lesson& lesson, const ActivationStats& watched) {
  std::vector<std::vector<std::string>> rows;
  for (const LayerStats& layer : watched.stats.back())
    rows.push_back({std::to_string(rows.size()), format("%.2f", layer.mean), format("%.2f", layer.std),
                    format("%.2f", layer.near_zero)});
  lesson.table({"convolution", "mean", "std", "near zero"}, rows);
}

using Rows = std::vector<std::vector<std::string>>;

static Learner ten_digits_deeper(Lesson& lesson, const Path& digits, Rows& rows) {
  const std::vector<std::string> names{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  const int64_t every = lesson.quick() ? 4 : 1, blocks = lesson.quick() ? 1 : 4;
  const int64_t epochs = lesson.epochs(5, 3), bs = std::max<int64_t>(2, lesson.bs(512) / every);
  const DataLoaders large = pictures(digits / "training", digits / "testing", names, bs, every);
  const DataLoaders small = pictures(digits / "training", digits / "testing", names, lesson.bs(64), every);
  std::vector<Plot> colours;
  const auto trained = [&](const char* name, const DataLoaders& dls, auto make_net, auto fit,
                           bool watched = false) {
    lesson.section(name);
    manual_seed(static_cast<uint64_t>(lesson.options().seed));
    nn::ModulePtr net = make_net();
    Learner learn(dls, net, {.cbs = RunReport(lesson), .metrics = accuracy});
    const auto stats = watch_convolutions(*net);
    if (watched) learn.add_cbs(stats);
    fit(learn);
    if (watched && !stats->stats.empty()) {  // --resume passes over trainings that are complete
      say_last(lesson, *stats);
      colours.push_back(stats->color_dim(-2));
      colours.back().title = name;
    }
    const double reached = learn.recorder->latest("accuracy").value();
    rows.push_back({name, std::to_string(net->parameter_count()), format("%.3f", reached)});
    lesson.metric(name, reached);
    return learn;
  };
  //! [ten]
  const auto plain = [] { return ten_digits(false); };
  const auto normed = [] { return ten_digits(true); };
  const auto flat = [&](Learner& learn) { learn.fit(epochs, 0.06); };
  const auto one_cycle = [&](Learner& learn) { learn.fit_one_cycle(epochs, 0.06); };
  trained("Ten digits, plain", large, plain, flat, true);
  trained("Ten digits, one cycle", large, plain, one_cycle, true);
  trained("Ten digits, batch norm", large, normed, one_cycle, true);
  //! [ten]
  if (!colours.empty())
    lesson.figure(
        "activations", Figure{.plots = colours, .columns = 3},
        "What the fourth convolution puts out: batches from left to right, large numbers at the top.");

  //! [residual]
  const auto smaller_steps = [&](Learner& learn) { learn.fit_one_cycle(epochs, 0.01); };
  const auto without = [&] { return residual_net(blocks, false); };
  const auto with = [&] { return residual_net(blocks, true); };
  trained("Deep, without shortcuts", small, without, smaller_steps);
  auto best = trained("Deep, with shortcuts", small, with, smaller_steps);
  //! [residual]
  return best;
}

static void known_to_everybody(Lesson& lesson, const Path& sample) {
  lesson.section("A resnet18, from random weights");
  const int64_t epochs = lesson.epochs(4, 1);
  set_seed(static_cast<uint64_t>(lesson.options().seed));
  //! [resnet18]
  const auto dls = ImageDataLoaders::from_folder(sample, {.bs = 64});
  auto learn = vision_learner(dls, models::resnet18,
                              {.pretrained = false, .cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit_one_cycle(epochs, 1e-3);
  //! [resnet18]
  lesson.metric("3 or 7, resnet18", learn.recorder->latest("accuracy").value());
}

static void cnn_lesson(Lesson& lesson) {
  const Path sample = lesson.data(urls::MNIST_SAMPLE), digits = lesson.data(urls::MNIST);
  const Path published = sample / "train" / "3" / "12.png";  // the course's picture is in its full set
  const Path three = published.exists() ? published : (sample / "train" / "3").ls()[12];
  kernel_by_hand(lesson, stack_grey_images({three})[0]);
  three_or_seven(lesson, sample);
  Rows rows;
  Learner best = ten_digits_deeper(lesson, digits, rows);
  known_to_everybody(lesson, sample);

  lesson.section("All of them");
  lesson.table({"net", "parameters", "accuracy"}, rows);

  lesson.section("What is taken for what");
  //! [confused]
  const auto interp = ClassificationInterpretation::from_learner(best);
  for (const auto& [actual, predicted, count] : interp.most_confused(2))
    lesson.print("%3d times %s taken for %s\n", int(count), actual.c_str(), predicted.c_str());
  //! [confused]
  lesson.figure("confusion", interp.plot_confusion_matrix(), "Rows: what it is. Columns: what the net says.");
}

int main(int argc, char** argv) {
  return run_lesson({.name = "06_cnn_resnet", .title = "Lesson 6: convolutions and residual nets"}, argc,
                    argv, cnn_lesson);
}
