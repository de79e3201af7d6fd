// SPDX-License-Identifier: MIT
// Lesson 6: convolutions, and the residual net built from them.
#include <algorithm>

#include "fastcore/basics/external.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
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

// --- nets ----------------------------------------------------------------------------------------------

//! [conv]
// Halves the picture: 3 x 3 with stride 2, then ReLU and, where asked, batch norm.
static nn::Sequential conv(int64_t ni, int64_t nf, int64_t ks = 3, bool act = true, bool norm = false) {
  auto layer = nn::Sequential(nn::Conv2d(ni, nf, ks, {.stride = 2, .padding = ks / 2}));
  if (act) layer->append(nn::ReLU());
  if (norm) layer->append(nn::BatchNorm2d(nf));
  return layer;
}
//! [conv]

//! [simple]
static nn::Sequential simple_cnn() {
  return nn::Sequential(conv(1, 4), conv(4, 8), conv(8, 16), conv(16, 32), conv(32, 2, 3, false),
                        nn::Flatten());
}
//! [simple]

//! [wider]
static nn::Sequential ten_digits(bool norm) {
  return nn::Sequential(conv(1, 8, 5, true, norm), conv(8, 16, 3, true, norm), conv(16, 32, 3, true, norm),
                        conv(32, 64, 3, true, norm), conv(64, 10, 3, false, norm), nn::Flatten());
}
//! [wider]

//! [resblock]
// relu(convs(x) + x): where the picture shrinks or gains channels, x goes through a pooling and a 1 x 1
// convolution of its own. Without the shortcut it is a plain block of two convolutions.
struct ResBlock : nn::Module {
  ResBlock(int64_t ni, int64_t nf, int64_t stride, bool shortcut) : shortcut(shortcut) {
    convs = add("convs",
                nn::Sequential(nn::Conv2d(ni, nf, 3, {.stride = stride, .padding = 1, .bias = false}),
                               nn::BatchNorm2d(nf), nn::ReLU(),
                               nn::Conv2d(nf, nf, 3, {.padding = 1, .bias = false}), nn::BatchNorm2d(nf)));
    if (stride > 1) path->append(nn::AvgPool2d(2, {.stride = 2, .ceil_mode = true}));
    if (ni != nf) path->append(nn::Conv2d(ni, nf, 1, {.bias = false})), path->append(nn::BatchNorm2d(nf));
    add("path", path);
  }
  Tensor forward(const Tensor& x) override { return shortcut ? relu(convs(x) + path(x)) : relu(convs(x)); }
  bool shortcut;
  nn::Sequential convs{}, path{};
};
static nn::Sequential residual_net(int64_t blocks, bool shortcut) {
  auto net = nn::Sequential(nn::Conv2d(1, 8, 3, {.stride = 2, .padding = 1, .bias = false}),
                            nn::BatchNorm2d(8), nn::ReLU());
  int64_t width = 8;
  for (int64_t stage = 0; stage < 3; ++stage)
    for (int64_t block = 0; block < blocks; ++block) {
      const bool first = block == 0 && stage > 0;
      net->append(nn::make<ResBlock>(width, first ? width * 2 : width, first ? 2 : 1, shortcut));
      if (first) width *= 2;
    }
  net->append(nn::AdaptiveAvgPool2d(1)).append(nn::Flatten()).append(nn::Linear(width, 10));
  return net;
}
//! [resblock]

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
// Mean and share of near zeros behind each convolution of a net, for one batch.
static std::vector<std::vector<std::string>> activation_rows(nn::Module& net, const Tensor& x) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::pair<nn::Module*, int>> hooks;
  for (auto& [name, module] : net.named_modules())
    if (module->type_name() == "Conv2d")
      hooks.emplace_back(
          module, module->register_forward_hook([&rows](nn::Module&, const nn::Tensors&, Tensor& out) {
            const double near_zero = (out.detach() <= 0.05).to(kFloat32).mean().item();
            rows.push_back({std::to_string(rows.size()), format("%.2f", out.mean().item()),
                            format("%.2f", out.detach().std().item()), format("%.2f", near_zero)});
          }));
  const NoGrad no_grad;
  net(x);
  for (auto& [module, id] : hooks) module->remove_hook(id);
  return rows;
}
//! [stats]

static void cnn_lesson(Lesson& lesson) {
  const Path sample = lesson.data(urls::MNIST_SAMPLE), digits = lesson.data(urls::MNIST);
  kernel_by_hand(lesson, stack_grey_images((sample / "train" / "3").ls())[12]);
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
                        bool one_cycle) {
    lesson.section(name);
    manual_seed(static_cast<uint64_t>(lesson.options().seed));
    Learner learn(data, net, {.metrics = accuracy});
    const double reached = train(learn, epochs, lr, one_cycle);
    rows.push_back({name, std::to_string(net->parameter_count()), format("%.3f", reached)});
    lesson.metric(name, reached);
    return learn;
  };
  //! [ten]
  auto first = told("Ten digits, plain", ten, ten_digits(false), 0.06, false);
  lesson.table({"convolution", "mean", "std", "near zero"},
               activation_rows(*first.model, ten.valid().one_batch().x[0]));
  told("Ten digits, one cycle", ten, ten_digits(false), 0.06, true);
  auto normed = told("Ten digits, batch norm", ten, ten_digits(true), 0.06, true);
  //! [ten]
  lesson.table({"convolution", "mean", "std", "near zero"},
               activation_rows(*normed.model, ten.valid().one_batch().x[0]));

  //! [residual]
  const int64_t blocks = lesson.quick() ? 1 : 4;
  told("Deep, without shortcuts", ten_small, residual_net(blocks, false), 0.01, true);
  auto best = told("Deep, with shortcuts", ten_small, residual_net(blocks, true), 0.01, true);
  //! [residual]
  //! [confused]
  lesson.section("What is taken for what");
  const Predictions preds = best.get_preds();
  const Tensor guess = preds.preds.argmax(1);
  std::vector<std::pair<int64_t, std::string>> pairs;
  for (int64_t is = 0; is < 10; ++is)
    for (int64_t said = 0; said < 10; ++said) {
      const Tensor both = (preds.targs == double(is)).to(kFloat32) * (guess == double(said)).to(kFloat32);
      const auto count = static_cast<int64_t>(both.sum().item());
      if (is != said && count) pairs.emplace_back(count, format("%d taken for %d", int(is), int(said)));
    }
  std::sort(pairs.rbegin(), pairs.rend());
  for (std::size_t i = 0; i < std::min<std::size_t>(5, pairs.size()); ++i)
    lesson.print("%3d times %s\n", int(pairs[i].first), pairs[i].second.c_str());
  //! [confused]
  lesson.section("All of them");
  lesson.table({"net", "parameters", "accuracy"}, rows);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "06_cnn_resnet", .title = "Lesson 6: convolutions and residual nets"}, argc,
                    argv, cnn_lesson);
}
