// SPDX-License-Identifier: MIT
#include "fastcore/image/resample.h"

#include "tests/image/pictures.h"

namespace fastcore {
namespace {

struct ResizeGolden {
  Filter filter;
  int channels;
  Size from, to;
  uint64_t hash;
};
#include "tests/image/resize_goldens.inc"

std::string row_text(const Image& image, int y) {
  std::string text;
  for (int64_t i = 0; i < image.stride(); ++i) text += (i ? " " : "") + std::to_string(image.row(y)[i]);
  return text;
}

TEST_CASE("resize gives the bytes of Pillow, every filter, channel count and shape") {
  for (const auto& golden : kResizeGoldens) {
    Image out =
        resize(noise(golden.from.height, golden.from.width, golden.channels), golden.to, golden.filter);
    INFO("filter " << static_cast<int>(golden.filter) << ", " << golden.channels << " channels, "
                   << golden.from.height << " x " << golden.from.width << " -> " << golden.to.height << " x "
                   << golden.to.width);
    REQUIRE(out.size() == golden.to);
    REQUIRE(out.channels() == golden.channels);
    REQUIRE(fnv(out) == golden.hash);
  }
}

TEST_CASE("resize of a region equals resize of its copy") {
  Image image = noise(60, 80, 3);
  Region region{13, 7, 41, 29};
  Image copy = Image::uninitialized({29, 41}, 3);
  for (int y = 0; y < 29; ++y)
    for (int x = 0; x < 41; ++x)
      for (int c = 0; c < 3; ++c) copy(y, x, c) = image(7 + y, 13 + x, c);
  for (auto filter : {Filter::nearest, Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos})
    REQUIRE(resize(image, region, {20, 50}, filter) == resize(copy, {20, 50}, filter));
}

TEST_CASE("resize by hand: a step of two pixels doubled and halved") {
  uint8_t step[] = {0, 100};
  Image image = Image::create({1, 2}, 1, step);
  REQUIRE(row_text(resize(image, {1, 4}), 0) == "0 25 75 100");
  REQUIRE(row_text(resize(image, {1, 1}), 0) == "50");
  REQUIRE(row_text(resize(image, {1, 4}, Filter::nearest), 0) == "0 0 100 100");
}

TEST_CASE("a transparent pixel's colour does not leak into its neighbours") {
  uint8_t pixels[] = {255, 0, 0, 0, 0, 0, 255, 255};  // invisible red beside blue
  Image out = resize(Image::create({1, 2}, 4, pixels), {1, 1});
  REQUIRE(row_text(out, 0) == "0 0 255 128");
}

TEST_CASE("masks are picked, never mixed") {
  uint8_t codes[] = {3, 9};
  Mask mask(Image::create({1, 2}, 1, codes));
  REQUIRE(row_text(resize(mask, {1, 6}).codes(), 0) == "3 3 3 9 9 9");
}

TEST_CASE("resize refuses what has no pixels") {
  Image image = noise(4, 4, 1);
  REQUIRE(refusal<minitorch::ValueError>([&] {
            resize(image, {0, 3});
          }) ==
          "[resize] to 0 x 3: each side needs at least one pixel | say the size you want: Resize{.size = "
          "224}, or resize(image, {192, 256}), the height first");
  REQUIRE(refusal<minitorch::ValueError>([&] {
            resize(image, {1, 0, 4, 4}, {2, 2});
          }) == "[resize] the region at row 0, column 1 of 4 x 4 is not inside the picture of 4 x 4 | ");
  REQUIRE_THROWS_AS(resize(Image(), {2, 2}), minitorch::ValueError);
}

}  // namespace
}  // namespace fastcore
