// SPDX-License-Identifier: MIT
// Draws the pictures that the documentation shows: tool_pictures FOLDER. Each says what it is made by.
#include <cmath>

#include "fastcore/basics/external.h"
#include "fastcore/data/augment.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/mix.h"
#include "fastcore/data/sound_blocks.h"
#include "fastcore/data/wav.h"
#include "fastcore/plot/image_grid.h"
#include "minitorch/core/python_random.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

using namespace fastcore;
using minitorch::Tensor;

namespace {

// A photo as a batch of one: (1, 3, 160, 160) in [0, 1].
Tensor photo(const Path& path, const std::string& name) {
  const Image image = geometry::Resize{.size = {160, 160}}(Image::open((path / (name + ".jpg")).str()));
  return (to_tensor(image).to(minitorch::kFloat32) / 255).unsqueeze(0);
}

Tensor applied(const std::vector<Transform>& transforms, const Tensor& batch) {
  Sample sample{TensorImage{batch.clone()}};
  Context context(0);
  Pipeline(transforms).encode(sample, context);
  return std::get<TensorImage>(sample.front()).tensor;
}

// One photo under each augmentation, strong enough to be seen, and under all that aug_transforms does.
ImageGrid augmentations(const Path& photos) {
  const Tensor cat = photo(photos, "cat"), astronaut = photo(photos, "astronaut");
  ImageGrid grid{.items = {}, .columns = 6, .cell = 110};
  const auto show = [&](const Tensor& x, const std::string& title) {
    grid.items.push_back({to_image(x.select(0, 0)), title});
  };
  show(cat, "the photo");
  //! [each]
  const std::vector<std::pair<const char*, Transform>> each = {
      {"Flip", Flip{.p = 1}},
      {"Dihedral", Dihedral{.p = 1, .fixed = {3}}},
      {"Rotate", Rotate{.p = 1, .fixed = {25}}},
      {"Zoom", Zoom{.p = 1, .fixed = {1.6}, .fixed_x = {.4}, .fixed_y = {.5}}},
      {"Warp", Warp{.p = 1, .fixed_x = {.3}, .fixed_y = {.1}}},
      {"Brightness", Brightness{.p = 1, .fixed = {.7}}},
      {"Contrast", Contrast{.p = 1, .fixed = {1.8}}},
      {"Saturation", Saturation{.p = 1, .fixed = {.3}}},
      {"Hue", Hue{.p = 1, .fixed = {.35}}},
      {"RandomErasing", RandomErasing{.p = 1, .sl = .1}},
      {"RandomResized-\nCropGPU", RandomResizedCropGPU{.size = 160, .min_scale = .3}},
  };
  for (const auto& [title, transform] : each) show(applied({transform}, cat), title);
  //! [each]
  for (const PadMode mode : {PadMode::zeros, PadMode::border})
    show(applied({Rotate{.p = 1, .fixed = {25}, .how = {.pad_mode = mode}}}, cat),
         mode == PadMode::zeros ? "pad_mode zeros" : "pad_mode border");
  const Tensor both = minitorch::cat({cat, astronaut}, 0);
  MixUpBatch mix = MixUpBatch::draw(2, .4);
  mix.partner = minitorch::tensor(std::vector<int64_t>{1, 0});
  mix.lam = minitorch::tensor({.6, .6});
  show(mix(both), "MixUp");
  const CutMixBatch cut{.partner = mix.partner, .box = CutMixBatch::box_about(100, 60, .5, {160, 160})};
  show(cut(both), "CutMix");
  for (int i = 0; i < 2; ++i) show(applied(aug_transforms({.mult = 1.5}), cat), "aug_transforms");
  return grid;
}

// What a net sees of sound and of series.
ImageGrid pictures_of_numbers(const Path& voices) {
  ImageGrid grid{.items = {}, .columns = 3, .cell = 150};
  for (const char* name : {"en/agent-user", "en/agent-incorrect", "fr/agent-user"}) {
    const Path file = voices / "train" / (std::string(name) + ".wav");
    const Sound sound = CutSound{.seconds = 1.5}.encode(open_sound(file.str()), 0.5);
    grid.items.push_back({MelPicture{.mel = {.stft = {.n_fft = 256, .hop_length = 64}}}.encode(sound), name});
  }
  Numbers series;
  for (int i = 0; i < 200; ++i) series.values.push_back(std::sin(i * .08) + .3 * std::sin(i * .5) + i * .004);
  const std::pair<const char*, SeriesView> views[] = {{"line", SeriesView::line},
                                                      {"gramian_sum", SeriesView::gramian_sum},
                                                      {"gramian_difference", SeriesView::gramian_difference}};
  for (const auto& [title, view] : views)
    grid.items.push_back({SeriesPicture{.size = 96, .view = view}.encode(series), title});
  return grid;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2)
      throw minitorch::ValueError("[tool_pictures] expected a folder", "tool_pictures docs/pictures");
    minitorch::set_seed(9);
    const UntarOptions bundled{.source = Source::kStandIn};
    const std::string folder = argv[1];
    augmentations(untar_data(urls::PHOTOS, bundled)).save(folder + "/augmentations.png", {.scale = 1});
    pictures_of_numbers(untar_data(urls::VOICES_SAMPLE, bundled)).save(folder + "/sound.png", {.scale = 1});
    return 0;
  } catch (const std::exception& error) { return minitorch::report_error(error); }
}
