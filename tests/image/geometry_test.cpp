// SPDX-License-Identifier: MIT
#include "fastcore/image/geometry.h"

#include <deque>

#include "tests/image/pictures.h"

namespace fastcore {
namespace {

using geometry::RandomResizedCrop;
using geometry::Resize;

// A picture whose byte values count 0, 1, 2 ... over rows, columns and channels.
Image counting(int height, int width, int channels) {
  Image image = Image::uninitialized({height, width}, channels);
  for (int64_t i = 0; i < image.bytes(); ++i) image.data()[i] = static_cast<uint8_t>(i);
  return image;
}

std::vector<int> red_row(const Image& image, int y) {
  std::vector<int> row;
  for (int x = 0; x < image.width(); ++x) row.push_back(image(y, x, 0));
  return row;
}

using Row = std::vector<int>;

TEST_CASE("Resize: fastai's numbers for a picture 10 wide and 6 high") {
  Image image = counting(6, 10, 3);
  Resize squish{.size = {4, 4}, .method = ResizeMethod::squish};
  Resize crop{.size = {4, 4}};
  Resize pad{.size = {4, 4}, .method = ResizeMethod::pad, .pad_mode = PadMode::zeros};
  CHECK(red_row(squish(image), 0) == Row{14, 21, 28, 35});
  CHECK(red_row(crop(image), 0) == Row{18, 22, 27, 31});
  CHECK(red_row(crop(image, .134364, .847434), 0) == Row{12, 16, 21, 25});
  CHECK(red_row(pad(image), 0) == Row{2, 4, 6, 8});
}

TEST_CASE("Resize: regions") {
  Resize crop{.size = {4, 8}};  // 4 high, 8 wide
  CHECK(crop.region({100, 100}, 0.5, 0.5) == Region{0, 25, 100, 50});
  CHECK(crop.region({100, 100}, 0, 0.99) == Region{0, 49, 100, 50});
  Resize pad{.size = {10, 10}, .method = ResizeMethod::pad};
  CHECK(pad.region({30, 60}, 0.5, 0.5) == Region{0, -15, 60, 60});
  CHECK(pad.region({30, 60}, 0.5, 0.01) == Region{0, 0, 60, 60});  // int() goes towards zero
  Image out = crop(noise(33, 57, 3));
  CHECK(out.size() == Size{4, 8});
}

TEST_CASE("padding: black, the edge, or mirrored without repeating the edge") {
  Image image = counting(1, 4, 1);
  Region wide{-3, 0, 10, 1};
  CHECK(red_row(crop_pad(image, wide, PadMode::zeros), 0) == Row{0, 0, 0, 0, 1, 2, 3, 0, 0, 0});
  CHECK(red_row(crop_pad(image, wide, PadMode::border), 0) == Row{0, 0, 0, 0, 1, 2, 3, 3, 3, 3});
  CHECK(red_row(crop_pad(image, wide, PadMode::reflection), 0) == Row{3, 2, 1, 0, 1, 2, 3, 2, 1, 0});
  // More padding than picture: the mirror goes on.
  CHECK(red_row(crop_pad(image, {-5, 0, 6, 1}, PadMode::reflection), 0) == Row{1, 2, 3, 2, 1, 0});
  Image one = counting(1, 1, 1);
  CHECK(red_row(crop_pad(one, {-2, 0, 4, 1}, PadMode::reflection), 0) == Row{0, 0, 0, 0});
  CHECK(crop_pad(noise(9, 9, 3), {2, 3, 4, 5}, PadMode::zeros)(0, 0, 1) == noise(9, 9, 3)(3, 2, 1));
  CHECK_THROWS_AS(crop_pad(image, {0, 0, 0, 1}, PadMode::zeros), minitorch::ValueError);
}

TEST_CASE("regions in the middle round down, also below zero") {
  CHECK(center_region({5, 5}, {8, 2}) == Region{1, -2, 2, 8});
  CHECK(center_region({6, 9}, {5, 5}) == Region{2, 0, 5, 5});
  CHECK(ratio_size({300, 400}, 128) == Size{96, 128});
  CHECK(ratio_size({500, 333}, 100) == Size{100, 66});
  CHECK(ratio_size({1, 1000}, 10) == Size{1, 10});  // never without pixels
}

TEST_CASE("the eight symmetries") {
  Image image = counting(2, 3, 1);  // 0 1 2 / 3 4 5
  auto rows = [&](int k) {
    Image out = dihedral(image, k);
    Row all{out.height()};
    for (int64_t i = 0; i < out.bytes(); ++i) all.push_back(out.data()[i]);
    return all;
  };
  CHECK(rows(0) == Row{2, 0, 1, 2, 3, 4, 5});
  CHECK(rows(1) == Row{2, 2, 1, 0, 5, 4, 3});
  CHECK(rows(2) == Row{2, 3, 4, 5, 0, 1, 2});
  CHECK(rows(3) == Row{3, 2, 5, 1, 4, 0, 3});
  CHECK(rows(4) == Row{2, 5, 4, 3, 2, 1, 0});
  CHECK(rows(5) == Row{3, 3, 0, 4, 1, 5, 2});
  CHECK(rows(6) == Row{3, 0, 3, 1, 4, 2, 5});
  CHECK(rows(7) == Row{3, 5, 2, 4, 1, 3, 0});
  CHECK(flip(image) == dihedral(image, 1));
  CHECK(refusal<minitorch::ValueError>([&] { dihedral(image, 8); }) ==
        "[dihedral] k: expected 0 to 7, got 8 | ");
}

// Hands out prepared numbers and records what was asked for.
struct Script {
  std::deque<double> numbers;
  std::vector<double> asked;
  double next(double low, double high) {
    asked.push_back(low);
    asked.push_back(high);
    double number = numbers.front();
    numbers.pop_front();
    return number;
  }
  double uniform(double low, double high) { return next(low, high); }
  int64_t randint(int64_t low, int64_t high) { return static_cast<int64_t>(next(low, high)); }
};

TEST_CASE("RandomResizedCrop: draws, attempts and the fallback") {
  RandomResizedCrop rrc{.size = {224, 224}};
  // area 0.25 of 100 x 100 = 2500, shape 1 -> 50 x 50.
  CHECK(rrc.attempt({100, 100}, 0.25, 0) == Size{50, 50});
  CHECK(rrc.attempt({100, 100}, 0.5, std::log(4.0 / 3)) ==
        Size{61, 82});  // sqrt(6666.7) = 81.65, sqrt(3750) = 61.24
  CHECK_FALSE(rrc.attempt({100, 100}, 1, std::log(4.0 / 3)));
  Script script{{1, std::log(4.0 / 3), 0.25, 0, 50, 7}, {}};
  CHECK(rrc.region({100, 100}, script) == Region{50, 7, 50, 50});
  CHECK(script.asked == std::vector<double>{0.08, 1, std::log(0.75), std::log(4.0 / 3), 0.08, 1,
                                            std::log(0.75), std::log(4.0 / 3), 0, 50, 0, 50});
  Script stubborn{{}, {}};
  for (int i = 0; i < 10; ++i) stubborn.numbers.insert(stubborn.numbers.end(), {1.0, 0.2});
  CHECK(rrc.region({100, 400}, stubborn) == Region{133, 0, 133, 100});  // 400 / 100 is wider than 4 / 3
  CHECK(rrc.fallback({400, 100}) == Region{0, 133, 100, 133});
  CHECK(rrc.fallback({100, 110}) == Region{0, 0, 110, 100});
}

TEST_CASE("RandomResizedCrop: validation squishes 224 to 256, then takes the middle") {
  RandomResizedCrop rrc{.size = {224, 224}};
  CHECK(rrc.validation_size() == Size{256, 256});
  Image image = noise(50, 80, 3);
  Image expected = crop_pad(resize(image, {256, 256}), {16, 16, 224, 224}, PadMode::zeros);
  CHECK(rrc.validation(image) == expected);
  CHECK(rrc(image, {5, 6, 30, 20}).size() == Size{224, 224});
  Mask mask(noise(50, 80, 1));
  CHECK(rrc.validation(mask).size() == Size{224, 224});
}

}  // namespace
}  // namespace fastcore
