// SPDX-License-Identifier: MIT
// Two small examples, which docs/points_and_labels.md shows: where a digit is on a picture, and several
// labels of one photo. Each has to beat what needs no pictures at all.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>

#include "fastcore/data/data_block.h"
#include "fastcore/learn/learn.h"
#include "fastcore/vision/layers.h"
#include "fastcore/vision/learner.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"
#include "tests/bundled.h"
#include "tests/data/pictures.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::NoGrad;
using minitorch::Shape;
using minitorch::Tensor;
using namespace minitorch::nn;
using testing::pictures;

// All targets of a loader, one below the other.
Tensor targets_of(DataLoader& loader) {
  std::vector<Tensor> all;
  for (const Batch& batch : loader) all.push_back(batch.y[0]);
  return minitorch::cat(all, 0);
}

// --- points ---

// Pictures of 64 x 64, each with a three and a seven from `digits` somewhere on it. The file's name says
// where the middle of the seven is: valid/12_31_40.png, at x = 31, y = 40.
void throw_digits(const Path& digits, const Path& to) {
  minitorch::numpy::RandomState random(1);
  const auto place = [&] { return static_cast<int>(random.randint(0, 64 - 28 + 1)); };
  for (const auto& [split, n] : {std::pair{"train", 2400}, {"valid", 400}}) {
    const auto threes = get_image_files(digits / split / "3").sorted();
    const auto sevens = get_image_files(digits / split / "7").sorted();
    (to / split).mkdir({.parents = true});
    for (int i = 0; i < n; ++i) {
      Image picture({64, 64}, 1, 0);
      int left = 0, top = 0;
      for (const Path& digit : {threes[i % threes.size()], sevens[i % sevens.size()]}) {
        const Image small = Image::open(digit.str()).convert(PixelMode::grey);
        left = place(), top = place();
        for (int y = 0; y < 28; ++y)
          for (int x = 0; x < 28; ++x) {
            uint8_t& pixel = picture(top + y, left + x);
            pixel = std::max(pixel, small(y, x));
          }
      }
      picture.save((to / split / minitorch::format("%d_%d_%d.png", i, left + 14, top + 14)).str());
    }
  }
}

//! [where]
// "12_31_40.png": the point (31, 40), in pixels from the upper left corner.
std::vector<double> where_the_seven_is(const Path& file) {
  double x = 0, y = 0;
  std::sscanf(file.name().c_str(), "%*d_%lf_%lf", &x, &y);
  return {x, y};
}
//! [where]

TEST_CASE("points on a picture: a net says where the seven is") {
  const testing::NamedFolder folder("thrown_digits");
  const Path path = folder.path;
  throw_digits(testing::bundled(urls::MNIST_SAMPLE), path);
  minitorch::set_seed(42);
  //! [points]
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{.mode = PixelMode::grey}, PointBlock{}},
          .get_items = get_image_files,
          .splitter = FuncSplitter{[](const Path& file) { return file.parent().name() == "valid"; }},
          .get_y = where_the_seven_is,
      }
          .dataloaders(path, {.bs = 64});
  Sequential net(ConvLayer(1, 8, {.ks = 5, .stride = 2}),  // (N, 8, 32, 32)
                 ConvLayer(8, 16, {.stride = 2}),          // (N, 16, 16, 16)
                 ConvLayer(16, 32, {.stride = 2}),         // (N, 32, 8, 8)
                 ConvLayer(32, 32, {.stride = 2}),         // (N, 32, 4, 4)
                 Flatten(), Linear(32 * 4 * 4, 2), SigmoidRange(-1, 1));
  Learner learn(dls, net, {.metrics = mae});
  learn.fit_one_cycle(6, 1e-2);
  //! [points]
  const Tensor known = targets_of(dls.train()), asked = targets_of(dls.valid());
  CHECK(asked.shape() == Shape{400, 1, 2});
  CHECK(asked.abs().max().item() < 1);
  const double guessed = (asked - known.mean({0}, true)).square().mean().item();  // the same point for all
  CHECK(guessed > 0.1);
  CHECK(learn.validate()[0] < guessed / 5);

  //! [ask]
  auto said = learn.get_preds({.with_decoded = true}).decoded.reshape({-1, 1, 2});  // from -1 to 1
  auto pixels = (said + 1) * 32;
  //! [ask]
  const Tensor off = (pixels - (asked + 1) * 32).square().sum({2}).sqrt();
  CHECK(off.mean().item() < 7);  // pixels; a guess is off by 15
  learn.show_results({.max_n = 3, .path = (path / "points.png").str()});
  CHECK((path / "points.png").exists());
}

// --- several labels ---

// The share of a photo that its mask marks.
double marked(const Path& file) {
  const Mask mask = Mask::open(file.str());
  int64_t count = 0;
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) count += mask(y, x) != 0;
  return static_cast<double>(count) / mask.height() / mask.width();
}

// The names of the photos to validate with: no thing on them is on those that train.
std::set<std::string> held_back(const Path& path) {
  std::set<std::string> names;
  std::ifstream file((path / "valid.txt").str());
  for (std::string name; std::getline(file, name);) names.insert(name);
  return names;
}

TEST_CASE("several labels of one photo: what it shows, and whether that is large") {
  const Path path = pictures();
  minitorch::set_seed(42);
  //! [labels]
  const auto some = [](const Path& folder) {
    return get_image_files(folder / "bird") + get_image_files(folder / "flower") +
           get_image_files(folder / "mammal");
  };
  const auto labels = [&](const Path& photo) {
    const Path mask = path / "masks" / parent_label(photo) / (photo.stem() + ".png");
    std::vector<std::string> all = {parent_label(photo)};
    if (marked(mask) > 0.2) all.push_back("large");
    return all;
  };
  const auto names = held_back(path);
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{}, MultiCategoryBlock{}},
          .get_items = some,
          .splitter = FuncSplitter{[&](const Path& photo) {
            return names.count(parent_label(photo) + "/" + photo.name()) > 0;
          }},
          .get_y = labels,
          .item_tfms = Resize{.size = 128, .method = squish},
      }
          .dataloaders(path / "images", {.bs = 16});
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0, {.metrics = accuracy_multi});
  learn.fine_tune(1, {.base_lr = 1e-2});
  //! [labels]
  CHECK(dls.vocab() == std::vector<std::string>{"bird", "flower", "large", "mammal"});
  const Tensor known = targets_of(dls.train()), asked = targets_of(dls.valid());
  CHECK(asked.shape() == Shape{108, 4});
  const Tensor often = (known.mean({0}, true) > 0.5).to(minitorch::kFloat32);  // the same labels for all
  const double guessed = 1 - (asked - often).abs().mean().item();
  CHECK(guessed < 0.7);
  CHECK(learn.validate()[1] > guessed + 0.1);

  const Path photo = path / "images" / "bird" / "bird_0004.jpg";
  //! [which]
  auto [said, flags, probabilities] = learn.predict(photo);  // "bird, large"
  //! [which]
  std::string expected;
  for (int64_t i = 0; i < 4; ++i) {
    CHECK((flags[i].item() != 0) == (probabilities[i].item() > 0.5));
    if (flags[i].item() != 0) expected += (expected.empty() ? "" : ", ") + dls.vocab()[std::size_t(i)];
  }
  CHECK(said == expected);
}

}  // namespace
}  // namespace fastcore
