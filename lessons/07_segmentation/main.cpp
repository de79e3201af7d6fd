// SPDX-License-Identifier: MIT
// Lesson 7: what is each pixel? A U-Net from parts, and then the library's.
#include <cmath>
#include <set>

#include "fastcore/basics/external.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/factories.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/learner.h"
#include "lessons/07_segmentation/judge.h"
#include "lessons/07_segmentation/masks.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- a U-Net from parts ----------------------------------------------------------------------------------

//! [parts]
// (N, ni, H, W) -> (N, nf, H, W): every pixel looks at its neighbours, twice.
static nn::Sequential two_convs(int64_t ni, int64_t nf) {
  return nn::Sequential(nn::Conv2d(ni, nf, 3, {.padding = 1, .bias = false}),
                        nn::BatchNorm2d(nf, {.activation = Activation::relu}),
                        nn::Conv2d(nf, nf, 3, {.padding = 1, .bias = false}),
                        nn::BatchNorm2d(nf, {.activation = Activation::relu}));
}
static Tensor half(const Tensor& x) { return max_pool2d(x, {2, 2}); }
static Tensor twice(const Tensor& x) { return interpolate(x, {.size = {2 * x.size(2), 2 * x.size(3)}}); }
//! [parts]

//! [unet]
// Down to an eighth of the size and up again. A bridge lays what was there on the way down beside what comes
// up; without bridges, all that the way up knows has gone through the small middle.
struct SmallUnet : nn::Module {
  SmallUnet(int64_t n_out, bool bridges) : bridges(bridges) {
    const int64_t b = bridges ? 1 : 0;
    down1 = add("down1", two_convs(3, 16));
    down2 = add("down2", two_convs(16, 32));
    down3 = add("down3", two_convs(32, 64));
    middle = add("middle", two_convs(64, 128));
    up3 = add("up3", two_convs(128 + b * 64, 64));
    up2 = add("up2", two_convs(64 + b * 32, 32));
    up1 = add("up1", two_convs(32 + b * 16, 16));
    last = add("last", nn::Sequential(nn::Conv2d(16, n_out, 1)));
  }
  Tensor beside(const Tensor& up, const Tensor& kept) const { return bridges ? cat({up, kept}, 1) : up; }
  Tensor forward(const Tensor& x) override {  // (N, 3, H, W)
    const Tensor a = down1(x);                // (N, 16, H, W)
    const Tensor b = down2(half(a));          // (N, 32, H/2, W/2)
    const Tensor c = down3(half(b));          // (N, 64, H/4, W/4)
    Tensor y = middle(half(c));               // (N, 128, H/8, W/8)
    y = up3(beside(twice(y), c));             // (N, 64, H/4, W/4)
    y = up2(beside(twice(y), b));             // (N, 32, H/2, W/2)
    return last(up1(beside(twice(y), a)));    // (N, n_out, H, W)
  }
  bool bridges;
  nn::Sequential down1{}, down2{}, down3{}, middle{}, up3{}, up2{}, up1{}, last{};
};
//! [unet]

// --- street scenes ---------------------------------------------------------------------------------------

static void streets(Lesson& lesson) {
  lesson.section("Masks");
  const Path path = lesson.data(urls::CAMVID_TINY);
  const auto count = lesson.quick() ? std::optional<int64_t>(20) : std::nullopt;  // else all
  const int64_t bs = lesson.bs(4);
  //! [data]
  const auto files = get_image_files(path / "images").sorted().slice(0, count);
  const auto codes = (path / "codes.txt").readlines();
  const auto mask_of = [path](const Path& o) { return path / "labels" / (o.stem() + "_P" + o.suffix()); };
  auto dls = SegmentationDataLoaders::from_label_func(
      path, files, mask_of, codes,
      {.seed = 42, .item_tfms = {Resize{.size = {72, 96}, .method = squish}}, .bs = bs});
  //! [data]
  lesson.print("%d pictures to learn from, %d to be judged by\nthe middle of the first mask:\n",
               int(dls.train().items()), int(dls.valid().items()));
  //! [look]
  const Mask mask = Mask::open(mask_of(files[0]).str());
  for (int y = mask.height() / 2; y < mask.height() / 2 + 5; ++y) {
    for (int x = mask.width() / 2; x < mask.width() / 2 + 20; ++x) lesson.print("%3d", mask(y, x));
    lesson.print("\n");
  }
  //! [look]
  const Doubles shares = pixel_shares(files.map(mask_of), codes.size());
  const Legend legend(codes.items(), shares);
  lesson.figure("batch", batch_grid(dls.train(), {.max_n = 4}), "Street scenes, masks laid over them.");
  lesson.figure("legend", legend.grid(), "The kinds of pixels that occur, each in its colour.");

  const auto seed = static_cast<uint64_t>(lesson.options().seed);
  int64_t epochs = lesson.epochs(12, 2);
  double lr = lesson.lr(1e-2);
  //! [from_parts]
  const ForegroundAcc named{.bkg_idx = 30};  // the share of right pixels, without those that have no name
  const auto from_parts = [&](const char* name, bool bridges) {
    set_seed(seed);
    Learner learn(dls, nn::make<SmallUnet>(codes.size(), bridges),
                  {.loss_func = CrossEntropyLossFlat{.axis = 1}, .metrics = named});
    return judged(lesson, name, std::move(learn), [&](Learner& learn) { learn.fit_one_cycle(epochs, lr); });
  };
  const Judged straight = from_parts("From parts, without bridges", false);
  const Judged bridged = from_parts("From parts, with bridges", true);
  //! [from_parts]

  epochs = lesson.epochs(6, 2), lr = lesson.lr(1e-3);
  const int64_t tuning_epochs = lesson.epochs(5, 1);
  //! [library]
  const auto& arch = models::tf_efficientnet_lite0;
  set_seed(seed);
  auto learn = unet_learner(dls, arch, {.pretrained = false, .metrics = named});
  const Judged random = judged(lesson, "unet_learner, from random", std::move(learn),
                               [&](Learner& learn) { learn.fit_one_cycle(epochs, lr); });
  set_seed(seed);
  auto knowing = unet_learner(dls, arch, {.metrics = named});
  const Judged pretrained = judged(lesson, "unet_learner, pretrained", std::move(knowing),
                                   [&](Learner& learn) { learn.fine_tune(tuning_epochs, lr); });
  //! [library]
  lesson.figure("results", side_by_side(dls.valid(), pretrained, legend, 1),
                "Pictures that no net has learned from.");

  lesson.section("Kind by kind");
  std::vector<std::vector<std::string>> rows;
  for (std::size_t code = 0; code < shares.size(); ++code) {
    const auto score = [&](const Judged& net) {
      return std::isfinite(net.iou[code]) ? format("%.2f", net.iou[code]) : std::string("-");
    };
    if (shares[code] > 0)
      rows.push_back({codes[int64_t(code)], format("%.2f %%", 100 * shares[code]), score(straight),
                      score(bridged), score(random), score(pretrained)});
  }
  lesson.table({"kind", "pixels", "straight", "bridged", "random", "pretrained"}, rows);

  lesson.section("All of them");
  rows.clear();
  for (const Judged* net : {&straight, &bridged, &random, &pretrained}) {
    rows.push_back({net->name, std::to_string(net->parameters), format("%.3f", net->accuracy),
                    format("%.3f", mean_of(net->iou)), format("%.0f s", net->seconds)});
    lesson.metric(net->name, net->accuracy);
  }
  lesson.table({"net", "parameters", "pixel accuracy", "mean IoU", "time"}, rows);
}

// --- pictures with exact masks ---------------------------------------------------------------------------

static void pictures(Lesson& lesson) {
  lesson.section("Pictures with exact masks");
  const Path path = lesson.data(urls::PICTURES_SAMPLE);
  const int64_t every = lesson.quick() ? 8 : 1;  // pictures are left out to be quick
  const int64_t bs = lesson.bs(16), epochs = lesson.epochs(6, 1);
  const double lr = lesson.lr(1e-3);
  const auto seed = static_cast<uint64_t>(lesson.options().seed);
  //! [pictures]
  const auto names = (path / "valid.txt").readlines();
  const auto kept_back = [names = std::set<std::string>(names.begin(), names.end())](const Path& file) {
    return names.count(file.parent().name() + "/" + file.name()) > 0;  // no photograph stands on both sides
  };
  const auto mask_of = [path](const Path& o) {
    return path / "masks" / o.parent().name() / (o.stem() + ".png");
  };
  const auto codes = (path / "codes.txt").readlines();
  const auto files = get_image_files(path / "images", {.folders = {"bird", "flower"}}).slice(0, {}, every);
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{}, MaskBlock{codes.items()}},
          .splitter = FuncSplitter{kept_back},
          .get_y = mask_of,
          .item_tfms = {Resize{.size = 64, .method = squish}},
      }
          .dataloaders(files, {.bs = bs});
  set_seed(seed);
  auto learn =
      unet_learner(dls, models::resnet18, {.pretrained = false, .metrics = ForegroundAcc{.bkg_idx = 0}});
  const Judged net = judged(lesson, "Birds and flowers", std::move(learn),
                            [&](Learner& learn) { learn.fit_one_cycle(epochs, lr); });
  //! [pictures]
  const Doubles shares = pixel_shares(files.map(mask_of), codes.size());
  std::vector<std::vector<std::string>> rows;
  for (std::size_t code = 0; code < shares.size(); ++code)
    if (shares[code] > 0)
      rows.push_back(
          {codes[int64_t(code)], format("%.1f %%", 100 * shares[code]), format("%.2f", net.iou[code])});
  lesson.table({"kind", "pixels", "IoU"}, rows);
  const Legend legend(codes.items(), shares);
  lesson.figure("pictures", side_by_side(dls.valid(), net, legend, dls.valid().items() / 4),
                "Cut out along the masks, pasted elsewhere.");
  lesson.figure("pictures_legend", legend.grid(), "The three kinds of pixels.");
  lesson.metric("birds and flowers", net.accuracy);
}

static void segmentation(Lesson& lesson) {
  streets(lesson);
  pictures(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "07_segmentation", .title = "Lesson 7: what is each pixel?"}, argc, argv,
                    segmentation);
}
