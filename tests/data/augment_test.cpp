// SPDX-License-Identifier: MIT
// The transforms of augmentation: draws beside PyTorch's, one resampling for all, pictures with masks and
// points. Literal numbers are fastai 2.7.18's, or PyTorch 2.15's and Python's generators called in fastai's
// order.
#include "fastcore/data/augment.h"

#include "fastcore/data/batch_transform.h"
#include "minitorch/core/python_random.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::Tensor, minitorch::tensor;

Tensor ramp() { return reshape(minitorch::arange(16), {1, 1, 4, 4}).to(minitorch::kFloat32) / 15; }

Tensor through(const Transform& transform, const Tensor& x, int split = 0) {
  Sample sample{TensorImage{x}};
  Context context(split);
  Pipeline({transform}).encode(sample, context);
  return std::get<TensorImage>(sample[0]).tensor;
}

void check_maps(const std::vector<PlaneMap>& got, const std::vector<PlaneMap>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    for (int k = 0; k < 9; ++k)
      CHECK(got[i].m[k / 3][k % 3] == Approx(expected[i].m[k / 3][k % 3]).margin(2e-6));
}

TEST_CASE("draws are torch's, number for number") {
  Context context(0);
  minitorch::manual_seed(42);
  check_maps(Rotate{.max_deg = 10, .p = 1}.maps(3, context),
             {rotate_mat(7.645385), rotate_mat(8.300079), rotate_mat(-2.342725)});
  check_maps(Zoom{.p = 1}.maps(3, context),
             {zoom_mat(1.095931, .256572, .133186), zoom_mat(1.039045, .793641, .934598),
              zoom_mat(1.060090, .940771, .593580)});
  check_maps(Warp{.p = 1}.maps(3, context),
             {warp_map(.147762, -.028238), warp_map(.027086, .154177), warp_map(.096438, .029562)});
  const auto bright = Brightness{.p = 1}.lights(3, context);
  for (int i = 0; i < 3; ++i)
    CHECK(bright[i].offset ==
          Approx(brightness(std::vector{.453316, .525490, .453926}[i]).offset).margin(1e-5));
  const auto contrasts = Contrast{.p = 1}.lights(3, context);
  for (int i = 0; i < 3; ++i)
    CHECK(contrasts[i].scale == Approx(std::vector{.974171, .913354, 1.159544}[i]).margin(1e-5));
  check_maps(Dihedral{.p = 1}.maps(3, context), {dihedral_mat(3), dihedral_mat(5), dihedral_mat(5)});
}

TEST_CASE("with probability 1 - p nothing changes, picture by picture or for the whole batch") {
  Context context(0);
  minitorch::manual_seed(0);
  int turned = 0;
  for (const PlaneMap& map : Rotate{.p = .25}.maps(1000, context)) turned += !(map == PlaneMap{});
  CHECK(turned > 200);
  CHECK(turned < 300);
  for (const PlaneMap& map : Flip{.p = 0}.maps(20, context)) CHECK(map == PlaneMap{});
  minitorch::python::seed(11);  // random.uniform(-10, 10) is -.952409, random.random() then .559772
  const auto same = Rotate{.p = .6, .batch = true}.maps(3, context);
  check_maps(same, {rotate_mat(-.952409), rotate_mat(-.952409), rotate_mat(-.952409)});
  minitorch::python::seed(11);
  CHECK(Rotate{.p = .5, .batch = true}.maps(3, context) == std::vector<PlaneMap>(3));
}

TEST_CASE("a list of changes of place is one resampling") {
  const std::vector<Transform> merged = setup_aug_tfms(
      {Flip{.p = 1}, Warp{.p = 1, .fixed_x = {.2}, .fixed_y = {-.1}}, Rotate{.p = 1, .fixed = {30}},
       Zoom{.p = 1, .fixed = {1.2}, .fixed_x = {.25}, .fixed_y = {.75}}});
  REQUIRE(merged.size() == 1);
  CHECK_VALUES(through(merged[0], ramp()), ({1, 1, 4, 4}), 2e-6,                        //
               .497373, .369579, .208702, .071023, .749336, .567406, .410626, .274118,  //
               .895601, .723262, .572377, .439175, .802707, .849224, .704859, .585094);
  CHECK_TENSOR(through(merged[0], ramp(), 1), ramp(), 0);  // unchanged in validation
  CHECK_VALUES(through(Rotate{.p = 1, .fixed = {90}}, ramp()) * 15, ({1, 1, 4, 4}), 1e-5,  //
               12, 8, 4, 0, 13, 9, 5, 1, 14, 10, 6, 2, 15, 11, 7, 3);
}

TEST_CASE("light changes in training only") {
  const Tensor x = reshape(tensor({0., .2, .5, .9, 1.}), {1, 1, 1, 5});
  const LightingTfm both{{Brightness{.p = 1, .fixed = {.6}}, Contrast{.p = 1, .fixed = {1.2}}}};
  CHECK_TENSOR(through(both, x), lighting(x, {contrast(1.2) * brightness(.6)}), 0);
  CHECK_TENSOR(through(both, x, 1), x, 0);
  const Tensor rgb = reshape(tensor({.2, .5, .9}), {1, 3, 1, 1});
  CHECK_VALUES(through(Saturation{.p = 1, .fixed = {.5}}, rgb), ({1, 3, 1, 1}), 1e-6, .315380, .479526,
               .734324);
  CHECK_VALUES(through(Hue{.p = 1, .fixed = {.1}}, rgb), ({1, 3, 1, 1}), 2e-6, .319999, .2, .9);
  CHECK_TENSOR(through(Hue{.p = 0}, rgb), rgb, 1e-6);
}

TEST_CASE("aug_transforms puts fastai's list together") {
  const auto usual = aug_transforms();
  REQUIRE(usual.size() == 2);
  CHECK(
      usual[0].repr() ==
      "AffineCoordTfm -- {'steps': ['Flip(p=0.5, batch=False)', 'Warp(magnitude=0.2, p=0.75, batch=False)', "
      "'Rotate(max_deg=10.0, p=0.75, batch=False)', 'Zoom(min_zoom=1.0, max_zoom=1.1, p=0.75, "
      "batch=False)'], "
      "'size': (0, 0), 'mode': 'bilinear', 'pad_mode': 'reflection', 'align_corners': True}");
  CHECK(usual[1].repr() ==
        "LightingTfm -- {'steps': ['Brightness(max_lighting=0.2, p=0.75, batch=False)', "
        "'Contrast(max_lighting=0.2, p=0.75, batch=False)']}");

  const auto more = aug_transforms({.mult = 2,
                                    .flip_vert = true,
                                    .xtra_tfms = {Hue{}, Saturation{}, RandomErasing{}},
                                    .size = 64,
                                    .min_scale = .75});
  std::vector<std::string> names;
  for (const Transform& t : more) names.push_back(t.name());
  CHECK(names == std::vector<std::string>{"AffineCoordTfm", "LightingTfm", "RandomResizedCropGPU", "Hue",
                                          "RandomErasing"});
  const auto* affine = more[0].get_if<AffineCoordTfm>();
  REQUIRE(affine);
  CHECK(std::holds_alternative<Dihedral>(affine->steps[0]));
  CHECK(std::get<Warp>(affine->steps[1]).magnitude == .4);
  CHECK(std::get<Rotate>(affine->steps[2]).max_deg == 20);
  CHECK(affine->how.size == Size{0, 0});
  CHECK(more[1].get_if<LightingTfm>()->steps.size() == 3);
  CHECK(Pipeline(more).transforms()[1].name() == "RandomResizedCropGPU");  // order 30: before the light

  CHECK(aug_transforms({.do_flip = false, .max_rotate = 0, .max_zoom = 1, .max_lighting = 0, .max_warp = 0})
            .empty());
  CHECK(through(aug_transforms({.size = 8})[0], ramp(), 1).shape() == minitorch::Shape{1, 1, 8, 8});
  CHECK(through(aug_transforms({.size = 8})[0], ramp(), 0).shape() == minitorch::Shape{1, 1, 8, 8});
  CHECK_THROWS_WITH(aug_transforms({.min_scale = .5}),
                    "[aug_transforms] min_scale cuts pictures to one size, and none is given");
}

TEST_CASE("a merged transform is written down and read back") {
  const Transform affine =
      aug_transforms({.max_rotate = 33.3, .size = {96, 128}, .pad_mode = PadMode::zeros})[0];
  const Transform again = Transform(AffineCoordTfm{}).with_settings(affine.settings());
  CHECK(again.repr() == affine.repr());
  CHECK(again.get_if<AffineCoordTfm>()->how.size == Size{96, 128});
  CHECK(std::get<Rotate>(again.get_if<AffineCoordTfm>()->steps[2]).max_deg == 33.3);
  const auto broken = [](const std::string& step) {
    Settings settings;
    settings["steps"] = std::vector<std::string>{step};
    return Transform(AffineCoordTfm{}).with_settings(settings);
  };
  CHECK_THROWS_WITH(broken("Shear(p=1)"), "[augment] there is no transform called 'Shear'");
  CHECK_THROWS_WITH(broken("Flip"), "[augment] 'Flip': expected a name and its settings in brackets");
  CHECK_THROWS_WITH(broken("Flip(p=one)"), "[augment] 'one' is not a number");
}

TEST_CASE("a picture, its mask and its points stay together") {
  // A bright square of 9 x 9 pixels about (23, 14) in 40 x 60; its mask, and its middle as a point.
  const Tensor picture = minitorch::zeros({2, 3, 40, 60}),
               mask = minitorch::zeros({2, 40, 60}, {minitorch::kInt64});
  picture.slice(2, 10, 19).slice(3, 19, 28).fill_(1);
  mask.slice(1, 10, 19).slice(2, 19, 28).fill_(3);
  const Tensor middle = reshape(tensor({2 * 23 / 59. - 1, 2 * 14 / 39. - 1}), {1, 1, 2}).expand({2, 1, 2});
  Sample sample{TensorImage{picture}, TensorMask{mask}, Points{middle.clone(), {40, 60}}};
  Context context(0);
  minitorch::manual_seed(12);
  Pipeline(aug_transforms({.mult = 1.5, .do_flip = true, .max_lighting = 0, .p_affine = 1}))
      .encode(sample, context);
  const Tensor moved = std::get<TensorImage>(sample[0]).tensor,
               codes = std::get<TensorMask>(sample[1]).tensor;
  const Tensor points = std::get<Points>(sample[2]).xy;
  CHECK(codes.dtype() == minitorch::kInt64);
  for (int64_t n = 0; n < 2; ++n) {
    double weight = 0, x = 0, y = 0, disagreeing = 0;
    for (int64_t i = 0; i < 40; ++i)
      for (int64_t j = 0; j < 60; ++j) {
        const double light = moved.data<float>()[(n * 3 * 40 + i) * 60 + j];
        const bool inside = codes.data<int64_t>()[(n * 40 + i) * 60 + j] == 3;
        weight += light, x += light * static_cast<double>(j), y += light * static_cast<double>(i);
        if (inside != (light > .5)) ++disagreeing;
      }
    CHECK(weight > 40);
    CHECK(disagreeing <= 8);  // of some 90: at the edge of the square both are about one half
    CHECK((points.data<float>()[2 * n] + 1) * 59 / 2 == Approx(x / weight).margin(.5));
    CHECK((points.data<float>()[2 * n + 1] + 1) * 39 / 2 == Approx(y / weight).margin(.5));
  }
}

TEST_CASE("rectangles to erase are drawn as Python draws them") {
  minitorch::python::seed(6);
  const RandomErasing erasing{.p = .5, .max_count = 2};
  const Sample sample{TensorImage{minitorch::zeros({2, 3, 20, 30})}};
  Context context(0);
  CHECK(erasing.draw(sample, context).empty());
  CHECK(erasing.draw(sample, context).empty());
  CHECK(erasing.draw(sample, context) == std::vector<Region>{{15, 18, 3, 1}, {0, 5, 7, 12}});
  CHECK(erasing.draw(sample, context) == std::vector<Region>{{17, 8, 13, 10}});
  CHECK_THROWS_WITH(
      (RandomErasing{.sl = .5}.draw(sample, context)),
      Catch::StartsWith("[RandomErasing] sl 0.5, sh 0.3, min_aspect 0.3, max_count 1: expected"));
}

TEST_CASE("erasing comes last, behind Normalize, and in training only") {
  const Pipeline pipeline({Normalize::from_stats({{.5}, {.25}}), RandomErasing{.p = 1}});
  CHECK(pipeline.repr().find("Normalize") < pipeline.repr().find("RandomErasing"));
  minitorch::python::seed(1);
  const Tensor x = minitorch::full({2, 1, 20, 30}, .75);
  for (int split : {0, 1}) {
    Sample sample{TensorImage{x}};
    Context context(split);
    pipeline.encode(sample, context);
    const Tensor y = std::get<TensorImage>(sample[0]).tensor;
    const double erased = (y != 1).to(minitorch::kInt64).sum().item();  // (.75 - .5) / .25
    CHECK((split == 0 ? erased > 0 && erased < 2 * 600 * .5 : erased == 0));
  }
}

TEST_CASE("RandomResizedCropGPU cuts one part of the whole batch") {
  minitorch::python::seed(3);
  const RandomResizedCropGPU crop{.size = 10};
  Sample sample{TensorImage{minitorch::rand({2, 3, 40, 60})}, TensorMask{minitorch::ones({2, 40, 60})}};
  Context training(0), validation(1);
  CHECK(crop.draw(sample, training).region == Region{30, 5, 27, 26});
  CHECK(crop.draw(sample, training).region == Region{35, 8, 16, 13});
  CHECK(crop.draw(sample, training).region == Region{17, 15, 31, 23});
  CHECK(crop.draw(sample, validation).region == Region{3, 0, 53, 40});  // 3 : 2 is wider than 4 : 3 allows
  Transform(crop).encode(sample, training);
  CHECK(std::get<TensorImage>(sample[0]).tensor.shape() == minitorch::Shape{2, 3, 10, 10});
  CHECK(std::get<TensorMask>(sample[1]).tensor.sum().item() == 200);
  // The middle of the part comes to lie in the middle of the result.
  const Points points =
      crop.encode({reshape(tensor({0., -.5}), {1, 1, 2}), {40, 60}}, {{20, 5, 20, 10}, {40, 60}});
  CHECK_VALUES(points.xy, ({1, 1, 2}), 1e-6, 0, 0);
  CHECK(points.picture == Size{10, 10});
  CHECK_THROWS_WITH(RandomResizedCropGPU{}.draw(sample, training), "[RandomResizedCropGPU] a size of 0 x 0");
}

TEST_CASE("settings that make no sense are refused") {
  Context context(0);
  CHECK_THROWS_WITH((Rotate{.p = 1.5}.maps(2, context)),
                    "[Rotate] p is 1.5: a probability lies between 0 and 1");
  CHECK_THROWS_WITH((Zoom{.min_zoom = 2}.maps(2, context)), "[Zoom] no number lies between 2 and 1.1");
  CHECK_THROWS_WITH((Contrast{.max_lighting = 1}.lights(2, context)),
                    "[Contrast] the strongest change is 1: expected at least 0 and below 1");
  CHECK_THROWS_WITH((Rotate{.fixed = {1, 2}}.maps(3, context)), "[Rotate] 2 fixed numbers for a batch of 3");
}

}  // namespace
}  // namespace fastcore
