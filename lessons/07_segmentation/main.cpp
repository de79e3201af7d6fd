// SPDX-License-Identifier: MIT
// Lesson 7: what is each pixel? A U-Net from parts, and then the library's.
#include <algorithm>
#include <cmath>
#include <set>

#include "fastcore/basics/external.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/factories.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/learner.h"
#include "lessons/07_segmentation/judge.h"
#include "lessons/07_segmentation/masks.h"
#include "lessons/07_segmentation/unet.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

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
  const int top = mask.height() / 2, left = mask.width() / 2;
  for (int y = top; y < std::min(top + 5, mask.height()); ++y) {
    for (int x = left; x < std::min(left + 20, mask.width()); ++x) lesson.print("%3d", mask(y, x));
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
