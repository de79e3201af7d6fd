// SPDX-License-Identifier: MIT
#include "fastcore/plot/image_grid.h"

#include "tests/image/pictures.h"

namespace fastcore {
namespace {

TEST_CASE("grid shapes are fastai's: int(sqrt(n)) rows") {
  CHECK(grid_shape(9, 0, 0) == Size{3, 3});
  CHECK(grid_shape(10, 0, 0) == Size{3, 4});
  CHECK(grid_shape(6, 0, 0) == Size{2, 3});
  CHECK(grid_shape(3, 0, 0) == Size{1, 3});
  CHECK(grid_shape(5, 1, 0) == Size{1, 5});
  CHECK(grid_shape(5, 0, 2) == Size{3, 2});
  CHECK(grid_shape(0, 0, 0) == Size{0, 0});
}

TEST_CASE("a grid shows every picture and title, right in green, wrong in red") {
  ImageGrid grid{.items = {{noise(28, 28, 1), "3\nactual 3", Ink::good}, {noise(40, 20, 3), "7", Ink::bad}},
                 .title = "Prediction"};
  std::string svg = grid.svg();
  CHECK(svg.find(">actual 3<") != std::string::npos);
  CHECK(svg.find(">7<") != std::string::npos);
  CHECK(svg.find("#1a7f37") != std::string::npos);
  CHECK(svg.find("#cf222e") != std::string::npos);
  CHECK(svg.find("image-rendering:pixelated") != std::string::npos);
  Image drawn = grid.draw({.scale = 1});
  CHECK(drawn.width() == 12 + 2 * (150 + 12));
  CHECK_NOTHROW(ImageGrid{}.draw());
  CHECK_NOTHROW(ImageGrid{.items = {{Image(), "lost"}}}.svg());
}

TEST_CASE("a picture keeps its shape in its cell") {
  Image wide(Size{10, 40}, 3, 200);
  Image drawn = ImageGrid{.items = {{wide}}, .cell = 80}.draw({.scale = 1});
  int coloured = 0;
  for (int64_t i = 0; i < drawn.bytes(); i += 3) coloured += drawn.data()[i] == 200;
  CHECK(coloured == 80 * 20);
  CHECK(drawn.height() == 12 + 20 + 12);  // no empty space above and below wide pictures
  Image tall(Size{40, 10}, 3, 200);
  CHECK(ImageGrid{.items = {{wide}, {tall}}, .cell = 80}.draw({.scale = 1}).height() == 12 + 80 + 12);
}

TEST_CASE("a tiny picture that is as white as the page has a frame") {
  const auto frames = [](int pixels) {
    const std::string svg = ImageGrid{.items = {{Image(Size{pixels, pixels}, 3, 255)}}}.svg();
    return svg.find("<polyline") != std::string::npos;
  };
  CHECK(frames(5));
  CHECK_FALSE(frames(64));
}

TEST_CASE("mask over picture: half of each, codes spread over the 20 colours") {
  Image grey(Size{1, 3}, 1, 100);
  uint8_t codes[] = {0, 1, 3};
  Mask mask(Image::create({1, 3}, 1, codes));
  Image out = overlay_mask(grey, mask, 4);
  for (int x = 0; x < 3; ++x)
    for (int c = 0; c < 3; ++c) CHECK(out(0, x, c) == (100 + kMaskColors[codes[x] * 5][c] + 1) / 2);
  CHECK(overlay_mask(grey, mask, 4, 0) == grey.convert(PixelMode::rgb));
  CHECK(mask_picture(mask, 4)(0, 2, 0) == kMaskColors[15][0]);
  CHECK(mask_color(255, 10) == kMaskColors[19]);  // codes beyond the list keep the last colour
  CHECK(refusal<minitorch::ShapeError>([&] { overlay_mask(noise(2, 3, 3), mask, 4); }) ==
        "[overlay_mask] a picture of 2 x 3 and a mask of 1 x 3: both need the same size | ");
}

}  // namespace
}  // namespace fastcore
