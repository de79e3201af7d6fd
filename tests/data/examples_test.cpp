// SPDX-License-Identifier: MIT
// Small data sets from end to end, on the bundled pictures: points on a picture, several labels of one
// picture, voices.
#include <catch2/catch.hpp>

#include "fastcore/data/augment.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/pipeline_spec.h"
#include "fastcore/data/show_batch.h"
#include "fastcore/data/sound_blocks.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/data/pictures.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::Shape;
using minitorch::Tensor;

// The middle of what a mask marks, and how much of the picture that is.
struct Marked {
  double x = 0, y = 0, share = 0;
};
Marked marked(const Mask& mask) {
  Marked m;
  double count = 0;
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x)
      if (mask(y, x) != 0) m.x += x, m.y += y, ++count;
  return {m.x / count, m.y / count, count / mask.height() / mask.width()};
}

Path mask_of(const Path& picture) {
  return picture.parent().parent().parent() / "masks" / picture.parent().name() / (picture.stem() + ".png");
}

L<Path> birds(const Path& path) { return get_image_files(path / "images" / "bird").slice(0, 40); }

TEST_CASE("points on a picture: where the bird is, and where it is after augmentation") {
  const Path path = testing::pictures();
  const auto middle = [](const Path& picture) {
    const Marked m = marked(Mask::open(mask_of(picture).str()));
    return std::vector<double>{m.x, m.y};
  };
  // The mask goes along, to see whether the point stays on it.
  const DataBlock block{.blocks = {ImageBlock{}, PointBlock{}, MaskBlock{}},
                        .get_items = birds,
                        .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
                        .get_y = {middle, mask_of},
                        .item_tfms = Resize{.size = {96, 128}, .method = squish},
                        .batch_tfms = aug_transforms({.size = 64, .pad_mode = PadMode::zeros}),
                        .n_inp = 1};
  minitorch::set_seed(1);
  auto dls = block.dataloaders(path, {.bs = 16});
  CHECK(dls.targets().kind == TargetKind::points);
  CHECK(dls.c() == 2);
  for (int64_t split : {0, 1}) {
    const Batch batch = dls[split].one_batch();
    const int64_t n = batch.size();
    CHECK(batch.x[0].shape() == Shape{n, 3, 64, 64});
    CHECK(batch.y[0].shape() == Shape{n, 1, 2});
    CHECK(batch.y[1].shape() == Shape{n, 64, 64});
    double worst = 0;
    for (int64_t i = 0; i < n; ++i) {
      const auto point = batch.y[0].select(0, i).to_vector<double>();
      const auto codes = batch.y[1].select(0, i).to_vector<int64_t>();
      double x = 0, y = 0, count = 0;
      for (int64_t k = 0; k < 64 * 64; ++k)
        if (codes[static_cast<std::size_t>(k)] != 0) x += double(k % 64), y += double(k / 64), ++count;
      worst = std::max({worst, std::fabs(point[0] - (2 * x / count / 63 - 1)),
                        std::fabs(point[1] - (2 * y / count / 63 - 1))});
    }
    // A zoom may cut a wing off, which moves the middle of the mask but not the point; else half a pixel is
    // .016.
    CHECK(worst < (split == 0 ? .25 : .03));
  }
  const testing::NamedFolder folder("points");
  dls.show_batch({.max_n = 6, .path = (folder.path / "points.png").str()});
  CHECK((folder.path / "points.png").exists());
}

TEST_CASE("several labels of one picture: what it shows, and how large") {
  const Path path = testing::pictures();
  const auto labels = [](const Path& picture) -> std::vector<std::string> {
    const double share = marked(Mask::open(mask_of(picture).str())).share;
    return {parent_label(picture), share > .25 ? "large" : share < .12 ? "small" : "middling"};
  };
  const auto some = [](const Path& folder) {
    L<Path> files;
    for (const char* kind : {"bird", "flower", "mammal"})
      for (const Path& file : get_image_files(folder / "images" / kind).slice(0, 30)) files.append(file);
    return files;
  };
  const DataBlock block{.blocks = {ImageBlock{}, MultiCategoryBlock{}},
                        .get_items = some,
                        .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
                        .get_y = labels,
                        .item_tfms = RandomResizedCrop{.size = 64, .min_scale = 0.35},
                        .batch_tfms = {aug_transforms(), Normalize::from_stats(imagenet_stats)}};
  minitorch::set_seed(2);
  auto dls = block.dataloaders(path, {.bs = 24});
  CHECK(dls.vocab() == std::vector<std::string>{"bird", "flower", "large", "mammal", "middling", "small"});
  CHECK(dls.targets().kind == TargetKind::multi_category);
  CHECK(dls.c() == 6);
  const Batch batch = dls.train().one_batch();
  CHECK(batch.y[0].shape() == Shape{24, 6});
  CHECK(batch.y[0].dtype() == minitorch::kFloat32);
  CHECK_TENSOR(batch.y[0].sum({1}), minitorch::full({24}, 2), 0);
  CHECK(std::fabs(batch.x[0].mean().item()) < 1);
  const ImageGrid grid = batch_grid(dls.valid(), {.max_n = 4});
  REQUIRE(grid.items.size() == 4);
  for (const GridItem& item : grid.items) CHECK(item.title.find(';') != std::string::npos);
}

TEST_CASE("voices as pictures: a block of sounds from its archive to a batch") {
  setenv("COURSE_DATA", "test_data_home", 1);
  const Path path = untar_data(urls::VOICES_SAMPLE, {.source = Source::kStandIn});
  const DataBlock block{
      .blocks = {SoundBlock{.rate = 8000, .seconds = 1, .mel = {.stft = {.n_fft = 256}, .n_mels = 40}},
                 CategoryBlock{}},
      .get_items = [](const Path& p) { return get_files(p, {.extensions = {".wav"}}); },
      .splitter = GrandparentSplitter{},
      .get_y = parent_label};
  auto dls = block.dataloaders(path, {.bs = 10});
  CHECK(dls.vocab() == std::vector<std::string>{"en", "fr"});
  CHECK(dls.train().items() == 110);
  CHECK(dls.valid().items() == 30);
  const Batch batch = dls.train().one_batch();
  CHECK(batch.x[0].shape() == Shape{10, 1, 40, 63});
  CHECK(batch.x[0].max().item() == 1);  // the loudest moment is white
  CHECK(batch.x[0].mean().item() > .1);
  // What an export keeps of it makes the same pictures of the same files.
  auto again = make_dataloaders(PipelineSpec::from_json(pipeline_spec(dls).to_json()));
  const auto files = get_files(path / "valid" / "fr", {.extensions = {".wav"}}).slice(0, 3);
  CHECK_TENSOR(again.test_dl(files)->one_batch().x[0], dls.test_dl(files)->one_batch().x[0], 0);
}

}  // namespace
}  // namespace fastcore
