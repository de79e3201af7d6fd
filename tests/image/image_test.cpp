// SPDX-License-Identifier: MIT
#include "fastcore/image/image.h"

#include "tests/image/pictures.h"

namespace fastcore {
namespace {

TEST_CASE("a picture is a value") {
  Image a = noise(3, 4, 3), b = a;
  REQUIRE(a == b);
  b(1, 2, 0) ^= 1;
  REQUIRE_FALSE(a == b);
  Image c = std::move(b);
  CHECK(b.empty());
  CHECK(c.height() == 3);
  b = a;
  CHECK(b == a);
  b = std::move(c);
  CHECK_FALSE(b == a);
  CHECK(Image().empty());
  CHECK(Image(Image()).empty());
}

TEST_CASE("grey from RGB as Pillow computes it, and back") {
  uint8_t colors[] = {255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 30};
  Image grey = Image::create({1, 5}, 3, colors).convert(PixelMode::grey);
  int expected[] = {255, 76, 150, 29, 124};
  for (int x = 0; x < 5; ++x) CHECK(grey(0, x) == expected[x]);
  Image back = grey.convert(PixelMode::rgb);
  CHECK(back.channels() == 3);
  CHECK(back(0, 4, 2) == 124);
  CHECK(noise(2, 2, 4).convert(PixelMode::rgb)(1, 1, 2) == noise(2, 2, 4)(1, 1, 2));
}

TEST_CASE("pictures without pixels or with odd channels are refused") {
  using minitorch::ValueError;
  CHECK(refusal<ValueError>([] {
          Image({0, 3}, 3, 0);
        }) == "[Image] 0 x 3: a picture needs at least one pixel | ");
  CHECK(refusal<ValueError>([] { Image({3, 3}, 2, 0); }) == "[Image] channels: expected 1, 3 or 4, got 2 | ");
  CHECK(refusal<ValueError>([] { Mask(noise(2, 2, 3)); }) ==
        "[Mask] channels: expected 1 code a pixel, got 3 | ");
}

TEST_CASE("save chooses the format by the ending and leaves nothing half written") {
  TempFolder folder;
  Image image = noise(16, 24, 3);
  image.save(folder / "a.png");
  CHECK(Image::open(folder / "a.png") == image);
  Image smooth(Size{16, 24}, 3, 90);
  smooth.save(folder / "a.JPG", {.quality = 95});
  Image again = Image::open(folder / "a.JPG");
  for (int c = 0; c < 3; ++c) CHECK(std::abs(again(7, 7, c) - 90) <= 1);
  CHECK(refusal<minitorch::ValueError>([&] { image.save(folder / "a.webp"); }) ==
        "[Image::save] " + (folder / "a.webp") + ": unknown ending 'webp' | end the name in .png or .jpg");
  CHECK(refusal<minitorch::ValueError>([&] { image.save(folder / "b.jpg", {.quality = 0}); }) ==
        "[encode_jpeg] quality: expected 1 to 100, got 0 | ");
  CHECK(refusal<minitorch::ValueError>([&] { Image().save(folder / "b.jpg"); }) ==
        "[encode_jpeg] the picture is empty (0 x 0) | ");
  CHECK(refusal<minitorch::ValueError>([&] {
          Image({1, 70'000}, 3, 9).save(folder / "b.jpg");
        }) ==
        "[encode_jpeg] 1 x 70000 pixels: a JPEG holds at most 65535 a side | end the name in .png, or shrink "
        "the picture first: resize(image, size)");
  CHECK_FALSE(std::filesystem::exists(folder / "b.jpg"));
  Image({1, 65'535}, 1, 9).save(folder / "b.jpg");
  CHECK(Image::open(folder / "b.jpg").width() == 65'535);
  std::filesystem::remove(folder / "b.jpg");
  CHECK(refusal([&] { image.save(folder / "none/a.png"); }).find("check that the folder exists") !=
        std::string::npos);
  int files = 0;
  for (auto& entry : std::filesystem::directory_iterator(folder.path)) files += entry.is_regular_file();
  CHECK(files == 2);
}

}  // namespace
}  // namespace fastcore
