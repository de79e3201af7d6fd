// SPDX-License-Identifier: MIT
// Augmentation: maps of the plane, one resampling, light. Literal numbers are fastai 2.7.18's on
// PyTorch 1.13.
#include "fastcore/image/augment.h"

#include "minitorch/core/parallel.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/indexing.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using minitorch::Tensor, minitorch::tensor;

namespace {

// Rows 1 and 2 of a map.
std::vector<double> rows(const PlaneMap& map) {
  std::vector<double> values(map.m[0].begin(), map.m[0].end());
  values.insert(values.end(), map.m[1].begin(), map.m[1].end());
  return values;
}
void check_rows(const PlaneMap& map, const std::vector<double>& expected) {
  const auto got = rows(map);
  for (std::size_t i = 0; i < 6; ++i) CHECK(got[i] == Approx(expected[i]).margin(1e-6));
  CHECK(map.is_affine());
}

// 0 to 15 over 15 as a picture of 4 x 4.
Tensor ramp() { return reshape(minitorch::arange(16), {1, 1, 4, 4}).to(minitorch::kFloat32) / 15; }

}  // namespace

TEST_CASE("affine maps have fastai's matrices") {
  check_rows(rotate_mat(30), {.866025, .5, 0, -.5, .866025, 0});
  check_rows(zoom_mat(1.2, .25, .75), {.833333, 0, -.083333, 0, .833333, .083333});
  check_rows(flip_mat(), {-1, 0, 0, 0, 1, 0});
  const double expected[8][4] = {{1, 0, 0, 1},   {-1, 0, 0, 1}, {1, 0, 0, -1}, {0, -1, 1, 0},
                                 {-1, 0, 0, -1}, {0, 1, -1, 0}, {0, 1, 1, 0},  {0, -1, -1, 0}};
  for (int k = 0; k < 8; ++k)
    check_rows(dihedral_mat(k), {expected[k][0], expected[k][1], 0, expected[k][2], expected[k][3], 0});
  CHECK_THROWS_WITH(dihedral_mat(8), "[dihedral_mat] k is 8: expected 0 to 7");
  CHECK_THROWS_WITH(zoom_mat(0, .5, .5), "[zoom_mat] a zoom of 0: expected a number above 0");
}

TEST_CASE("a warp is the perspective between its corners") {
  const PlaneMap map = warp_map(.2, -.1);
  const double expected[9] = {1, -.042105, -.204211, -.042105, 1, .108421, -.204211, .108421, 1};
  for (int i = 0; i < 9; ++i) CHECK(map.m[i / 3][i % 3] == Approx(expected[i]).margin(1e-6));
  const Place at = map({.5, -.25});
  CHECK(at.x == Approx(.351768).margin(1e-6));
  CHECK(at.y == Approx(-.186763).margin(1e-6));
  const Place corner = map({-.9, -1.2});
  CHECK(corner.x == Approx(-1));
  CHECK(corner.y == Approx(-1));
  CHECK(warp_map(0, 0) == PlaneMap{});
  CHECK_THROWS_WITH(warp_map(.5, .5),
                    Catch::StartsWith("[perspective] three of the four corners lie on a line"));
}

TEST_CASE("the inverse of a map leads back") {
  const PlaneMap map = warp_map(.1, .15) * for_shape(rotate_mat(20) * zoom_mat(1.3, .2, .9), {60, 100});
  const Place to = map({.3, -.8}), back = inverse(map)(to);
  CHECK(back.x == Approx(.3));
  CHECK(back.y == Approx(-.8));
  CHECK(inverse(rotate_mat(33)).is_affine());
  CHECK_THROWS_WITH(inverse(PlaneMap{{{{1, 1, 0}, {1, 1, 0}, {0, 0, 1}}}}),
                    Catch::StartsWith("[inverse] a map of determinant 0 has no inverse"));
}

TEST_CASE("pictures are resampled once, through the product of the maps") {
  CHECK_VALUES(transform_images(ramp(), {rotate_mat(90)}) * 15, ({1, 1, 4, 4}), 1e-5,  //
               12, 8, 4, 0, 13, 9, 5, 1, 14, 10, 6, 2, 15, 11, 7, 3);
  const PlaneMap affine = flip_mat() * rotate_mat(30) * zoom_mat(1.2, .25, .75);
  CHECK_VALUES(transform_images(ramp(), {warp_map(.2, -.1) * affine}), ({1, 1, 4, 4}), 2e-6,  //
               .497373, .369579, .208702, .071023, .749336, .567406, .410626, .274118,        //
               .895601, .723262, .572377, .439175, .802707, .849224, .704859, .585094);
  CHECK_TENSOR(transform_images(ramp(), {PlaneMap{}}), ramp(), 1e-6);
  CHECK_THROWS_WITH(
      transform_images(ramp(), {PlaneMap{}, PlaneMap{}}),
      "[transform_images] a batch of shape (1, 1, 4, 4) and 2 maps: expected (N, C, H, W) and N");
}

TEST_CASE("a turned picture that is not square is not sheared") {
  // Half a turn by four eighths of one: what would be sheared on the way would not come back.
  const PlaneMap map = for_shape(rotate_mat(90), {2, 4});
  check_rows(map, {0, .5, 0, -2, 0, 0});
  check_rows(map * map, {-1, 0, 0, 0, -1, 0});
}

TEST_CASE("another size is a plain resize, and much smaller ones are averaged first") {
  // F.interpolate(x, scale_factor=1/4, mode='area'), then grid_sample on the identity grid of 2 x 2.
  const Tensor x = reshape(minitorch::arange(256), {1, 1, 16, 16}).to(minitorch::kFloat32);
  const Tensor small = transform_images(x, {PlaneMap{}}, {.size = {2, 2}});
  CHECK_VALUES(small, ({1, 1, 2, 2}), 1e-6, 25.5, 37.5, 217.5, 229.5);
  const Tensor picked = transform_images(x, {PlaneMap{}}, {.size = {2, 2}, .mode = SampleMode::kNearest});
  CHECK_VALUES(picked, ({1, 1, 2, 2}), 1e-6, 0, 15, 240, 255);
  CHECK(transform_images(x, {PlaneMap{}}, {.size = {20, 24}}).shape() == minitorch::Shape{1, 1, 20, 24});
}

TEST_CASE("masks keep their codes and points move with the picture") {
  Tensor mask = minitorch::zeros({2, 8, 8}, {minitorch::kInt64});
  mask.data<int64_t>()[3 * 8 + 1] = 7;
  mask.data<int64_t>()[64 + 3 * 8 + 1] = 200;
  const std::vector<PlaneMap> maps = {flip_mat(), PlaneMap{}};
  const Tensor flipped = transform_masks(mask, maps);
  CHECK(flipped.dtype() == minitorch::kInt64);
  CHECK(flipped.data<int64_t>()[3 * 8 + 6] == 7);
  CHECK(flipped.data<int64_t>()[64 + 3 * 8 + 1] == 200);
  CHECK(flipped.sum().item() == 207);

  // What lies at `at` in the picture lies at the result's place that looks there.
  const PlaneMap map = warp_map(.1, -.05) * rotate_mat(15) * zoom_mat(1.1, .4, .6);
  const Place at = map({.25, -.5});
  const Tensor points = reshape(tensor({at.x, at.y, 0., 0.}), {1, 2, 2});
  const Tensor moved = transform_points(points, {map});
  CHECK(moved.data<float>()[0] == Approx(.25f));
  CHECK(moved.data<float>()[1] == Approx(-.5f));
  CHECK_VALUES(transform_points(reshape(tensor({.5, .25}), {1, 1, 2}), {rotate_mat(90)}), ({1, 1, 2}), 1e-6,
               -.25, .5);
}

TEST_CASE("brightness and contrast act on logits") {
  const Tensor x = reshape(tensor({0., .2, .5, .9, 1.}), {1, 1, 1, 5});
  CHECK_VALUES(lighting(x, {brightness(.6)}), ({1, 1, 1, 5}), 1e-6, 0, .272727, .6, .931034, 1);
  CHECK_VALUES(lighting(x, {contrast(1.2)}), ({1, 1, 1, 5}), 1e-6, 0, .159286, .5, .933185, 1);
  CHECK_TENSOR(lighting(x, {contrast(1.2) * brightness(.6)}),
               lighting(lighting(x, {brightness(.6)}), {contrast(1.2)}), 1e-6);
  CHECK_TENSOR(lighting(x, {Light{}}), x, 0);
  CHECK_THROWS_WITH(brightness(1), "[brightness] a change of 1: expected one between 0 and 1");
  CHECK_THROWS_WITH(
      lighting(x, {saturation(.5)}),
      "[lighting] pictures of shape (1, 1, 1, 5): colours need 3 channels, red, green and blue");
  CHECK_THROWS_WITH(lighting(to(x, minitorch::kUint8), {Light{}}),
                    "[lighting] uint8 pictures: expected floats from 0 to 1");
}

TEST_CASE("saturation moves colours to their grey, hue turns them") {
  const Tensor x = reshape(tensor({.2, .5, .9}), {1, 3, 1, 1});
  CHECK_VALUES(lighting(x, {saturation(.5)}), ({1, 3, 1, 1}), 1e-6, .315380, .479526, .734324);
  CHECK_VALUES(shift_hue(x, {.1}), ({1, 3, 1, 1}), 2e-6, .319999, .2, .9);
  CHECK_TENSOR(shift_hue(x, {1.}), x, 1e-6);
  const Light both = saturation(.7) * contrast(1.3) * saturation(1.4) * brightness(.45);
  Tensor one_by_one = x;
  for (const Light& light : {brightness(.45), saturation(1.4), contrast(1.3), saturation(.7)})
    one_by_one = lighting(one_by_one, {light});
  CHECK_TENSOR(lighting(x, {both}), one_by_one, 1e-6);
}

TEST_CASE("colours survive the way to hue, saturation and value and back") {
  minitorch::manual_seed(1);
  Tensor x = minitorch::rand({2, 3, 5, 7});
  x(0) = 0.5;  // grey has no hue
  x(1, minitorch::all, 0) = 0;
  CHECK_TENSOR(hsv_to_rgb(rgb_to_hsv(x)), x, 1e-6);
  const Tensor red = reshape(tensor({1., 0., 0., 0., 1., 0., 0., 0., 1.}), {3, 3, 1, 1});
  CHECK_VALUES(rgb_to_hsv(red), ({3, 3, 1, 1}), 1e-6, 0, 1, 1, 1. / 3, 1, 1, 2. / 3, 1, 1);
}

TEST_CASE("every device makes the same pictures") {
  minitorch::manual_seed(3);
  const Tensor x = minitorch::rand({2, 3, 9, 11});
  const std::vector<PlaneMap> maps = {warp_map(.1, -.2) * for_shape(rotate_mat(25), {9, 11}),
                                      zoom_mat(1.4, .1, .8)};
  const std::vector<Light> lights = {saturation(.6) * brightness(.55), contrast(1.2)};
  const Tensor there = x.to(minitorch::Device::sim());
  CHECK_TENSOR(transform_images(there, maps).cpu(), transform_images(x, maps), 1e-5);
  CHECK_TENSOR(lighting(there, lights).cpu(), lighting(x, lights), 1e-5);
  CHECK_TENSOR(shift_hue(there, {.1, .9}).cpu(), shift_hue(x, {.1, .9}), 1e-5);
}

TEST_CASE("the number of threads changes nothing") {
  minitorch::manual_seed(4);
  const Tensor x = minitorch::rand({3, 3, 67, 129});
  const std::vector<PlaneMap> maps(3, warp_map(.15, .1) * for_shape(rotate_mat(9), {67, 129}));
  const std::vector<Light> lights = {saturation(.6), contrast(1.2), Light{}};
  const int threads = minitorch::num_threads();
  minitorch::set_num_threads(1);
  const Tensor pictures = transform_images(x, maps), lit = lighting(x, lights);
  minitorch::set_num_threads(3);
  CHECK_TENSOR(transform_images(x, maps), pictures, 0);
  CHECK_TENSOR(lighting(x, lights), lit, 0);
  minitorch::set_num_threads(threads);
}

TEST_CASE("erasing fills rectangles with noise and leaves the rest") {
  minitorch::manual_seed(5);
  const Tensor x = minitorch::full({2, 3, 6, 8}, .25);
  const Tensor erased = cutout_gaussian(x, {{2, 1, 3, 4}});
  CHECK(erased(0, 0, 0, 0).item() == .25);
  CHECK(to(erased != x, minitorch::kInt64).sum().item() == 2 * 3 * 12);
  // PyTorch's normal_() of such a part, which has gaps in memory, after manual_seed(5).
  const Tensor part = erased(minitorch::all, minitorch::all, minitorch::Slice{1, 5}, minitorch::Slice{2, 5});
  CHECK_VALUES(part.reshape({72})(minitorch::Slice{0, 6}), ({6}), 1e-6, -.4867808, -.6038216, -.5580962,
               .6675243, -.1974151, 1.942783);
  CHECK(part(1, 2, 3, 2).item() == Approx(-.99498546).epsilon(1e-6));
  CHECK(x(0, 0, 1, 2).item() == .25);
  CHECK_THROWS_WITH(
      cutout_gaussian(x, {{6, 1, 3, 4}}),
      "[cutout_gaussian] a rectangle from (6, 1), 3 wide and 4 high, in pictures of shape (2, 3, 6, 8)");
}
