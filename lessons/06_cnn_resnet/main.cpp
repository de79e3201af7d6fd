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
    std::vector<Tensor> x, y;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      const auto all_files = (folder / classes[c]).ls();
      const auto files = all_files.slice(0, {}, every);
      x.push_back(stack_grey_images(files).unsqueeze(1));
      y.push_back(full({files.size()}, double(c), {.dtype = kInt64}));
    }
    return tensor_loader(
        (cat(x) - 0.1307) / 0.3081, cat(y),
        {.bs = bs, .shuffle = shuffle, .targets = {TargetKind::category, int64_t(classes.size()), classes}});
  };
  return DataLoaders({part(train, true), part(valid, false)});
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

static void cnn_lesson(Lesson& lesson) {
  const Path sample = lesson.data(urls::MNIST_SAMPLE), digits = lesson.data(urls::MNIST);
  const Path published = sample / "train" / "3" / "12.png";  // the course's picture is in its full set
  const Path three = published.exists() ? published : (sample / "train" / "3").ls()[12];
  kernel_by_hand(lesson, stack_grey_images({three})[0]);
  const auto train = [&](Learner& learn, int64_t epochs, double lr, bool one_cycle) {
    learn.add_cbs(RunReport(lesson));
    if (one_cycle) learn.fit_one_cycle(epochs, lr);
    else learn.fit(epochs, lr);
    return learn.recorder->latest("accuracy").value();
  };

  lesson.section("Threes and sevens: 6,722 parameters");
  //! [train_simple]
  const DataLoaders two = pictures(sample / "train", sample / "valid", {"3", "7"}, 64, 1);
  Learner learn(two, simple_cnn(), {.metrics = accuracy});
  lesson.print("%d parameters\n", int(learn.model->parameter_count()));
  lesson.metric("3 or 7", train(learn, lesson.epochs(8, 4), 0.01, true));
  //! [train_simple]

  const std::vector<std::string> names{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  const int64_t every = lesson.quick() ? 4 : 1;
  const DataLoaders ten = pictures(digits / "training", digits / "testing", names,
                                   std::max<int64_t>(2, lesson.bs(512) / every), every);
  const DataLoaders ten_small =
      pictures(digits / "training", digits / "testing", names, lesson.bs(64), every);
  std::vector<std::vector<std::string>> rows;
  const int64_t epochs = lesson.epochs(5, 3);
  const auto told = [&](const char* name, const DataLoaders& data, nn::ModulePtr net, double lr,
                        bool one_cycle, Callbacks cbs = {}) {
    lesson.section(name);
    manual_seed(static_cast<uint64_t>(lesson.options().seed));
    Learner learn(data, net, {.cbs = cbs, .metrics = accuracy});
    const double reached = train(learn, epochs, lr, one_cycle);
    rows.push_back({name, std::to_string(net->parameter_count()), format("%.3f", reached)});
    lesson.metric(name, reached);
    return learn;
  };
  //! [ten]
  std::vector<Plot> colours;
  const auto watched = [&](const char* name, bool norm, bool one_cycle) {
    const auto net = ten_digits(norm);
    const auto stats = watch_convolutions(*net);
    told(name, ten, net, 0.06, one_cycle, stats);
    say_last(lesson, *stats);
    colours.push_back(stats->color_dim(-2));
    colours.back().title = name;
  };
  watched("Ten digits, plain", false, false);
  watched("Ten digits, one cycle", false, true);
  watched("Ten digits, batch norm", true, true);
  //! [ten]
  lesson.figure(
      "activations", Figure{.plots = colours, .columns = 3},
      "What the fourth convolution puts out: batches from left to right, large numbers at the top.");

  //! [residual]
  const int64_t blocks = lesson.quick() ? 1 : 4;
  told("Deep, without shortcuts", ten_small, residual_net(blocks, false), 0.01, true);
  auto best = told("Deep, with shortcuts", ten_small, residual_net(blocks, true), 0.01, true);
  //! [residual]

  lesson.section("A resnet18, from random weights");
  //! [resnet18]
  const auto dls = ImageDataLoaders::from_folder(sample, {.bs = 64});
  auto resnet = vision_learner(dls, models::resnet18, {.pretrained = false, .metrics = accuracy});
  lesson.metric("3 or 7, resnet18", train(resnet, lesson.epochs(4, 1), 1e-3, true));
  //! [resnet18]

  lesson.section("What is taken for what");
  //! [confused]
  const auto interp = ClassificationInterpretation::from_learner(best);
  for (const auto& [actual, predicted, count] : interp.most_confused(2))
    lesson.print("%3d times %s taken for %s\n", int(count), actual.c_str(), predicted.c_str());
  //! [confused]
  lesson.figure("confusion", interp.plot_confusion_matrix(), "Rows: what it is. Columns: what the net says.");
  lesson.section("All of them");
  lesson.table({"net", "parameters", "accuracy"}, rows);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "06_cnn_resnet", .title = "Lesson 6: convolutions and residual nets"}, argc,
                    argv, cnn_lesson);
}
