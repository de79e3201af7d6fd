// SPDX-License-Identifier: MIT
#include "fastcore/image/png.h"

#include <algorithm>
#include <cstring>

#include "fastcore/image/decode.h"
#include "tests/image/pictures.h"

namespace fastcore {
namespace {

uint32_t big32(const std::vector<uint8_t>& bytes, size_t at) {
  return bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
}

// Bodies of the chunks of one type.
std::vector<std::vector<uint8_t>> chunks(const std::vector<uint8_t>& png, const char* type) {
  std::vector<std::vector<uint8_t>> found;
  for (size_t at = 8; at < png.size(); at += big32(png, at) + 12)
    if (std::memcmp(&png[at + 4], type, 4) == 0)
      found.emplace_back(png.begin() + at + 8, png.begin() + at + 8 + big32(png, at));
  return found;
}

Image reread(const std::vector<uint8_t>& png) {
  return decode_image(png, "png", {.mode = PixelMode::as_stored});
}

TEST_CASE("what is written as PNG is read back unchanged") {
  for (int channels : {1, 3, 4})
    for (Size size : {Size{1, 1}, Size{1, 300}, Size{300, 1}, Size{37, 53}}) {
      Image image = noise(size.height, size.width, channels);
      for (int level : {0, 6, 9}) REQUIRE(reread(encode_png(image, {.compression = level})) == image);
    }
}

TEST_CASE("a picture of few colours gets a palette, and is smaller for it") {
  Image flat(Size{64, 64}, 3, 250);
  for (int i = 0; i < 64; ++i) flat(i, i, 0) = static_cast<uint8_t>(3 * i);
  auto png = encode_png(flat);
  CHECK(png[25] == 3);  // colour type: palette
  CHECK(reread(png) == flat);
  Image colourful = noise(64, 64, 3);
  CHECK(encode_png(colourful)[25] == 2);
}

TEST_CASE("greys stand in the palette at their own values, so that codes saved as a picture stay codes") {
  TempFolder folder;
  const Image codes = few_codes();
  const Image colored = codes.convert(PixelMode::rgb);
  colored.save(folder / "rgb.png");
  CHECK(Mask::open(folder / "rgb.png").codes() == codes);
  CHECK(Image::open(folder / "rgb.png", {.mode = PixelMode::grey}) == codes);
  CHECK(reread(encode_png(colored)) == colored);
  const Image greys = noise(40, 50, 1);  // all that a byte can be
  CHECK(reread(encode_png(greys.convert(PixelMode::rgb))) == greys.convert(PixelMode::rgb));
}

TEST_CASE("smooth pictures are predicted: far smaller than their bytes") {
  Image ramp = Image::uninitialized({128, 128}, 3);
  for (int y = 0; y < 128; ++y)
    for (int x = 0; x < 128; ++x) ramp(y, x, 0) = x + y, ramp(y, x, 1) = 2 * x, ramp(y, x, 2) = 255 - y;
  auto png = encode_png(ramp, {.compression = 9});
  CHECK(png.size() < 1500);
  CHECK(reread(png) == ramp);
}

TEST_CASE("a saved mask reads back as the same codes") {
  TempFolder folder;
  Mask mask(noise(20, 30, 1));
  mask.save(folder / "mask.png");
  CHECK(Mask::open(folder / "mask.png") == mask);
  Image shown = Image::open(folder / "mask.png");
  Rgb expected = kMaskColors[mask(3, 4) % 20];
  CHECK(shown(3, 4, 0) == expected[0]);
  CHECK(shown(3, 4, 2) == expected[2]);
}

TEST_CASE("an animation stores the first frame whole and then only what changed") {
  Image first(Size{40, 60}, 3, 255), second = first;
  for (int y = 10; y < 14; ++y)
    for (int x = 20; x < 27; ++x) second(y, x, 1) = 0;
  auto png = encode_apng({{first, 500}, {second, 250}, {second, 250}}, 0);
  CHECK(reread(png) == first);  // a viewer without animation
  auto control = chunks(png, "acTL");
  REQUIRE(control.size() == 1);
  CHECK(big32(control[0], 0) == 3);  // frames
  CHECK(big32(control[0], 4) == 0);  // loops
  auto frames = chunks(png, "fcTL");
  REQUIRE(frames.size() == 3);
  CHECK(big32(frames[1], 4) == 7);    // width
  CHECK(big32(frames[1], 8) == 4);    // height
  CHECK(big32(frames[1], 12) == 20);  // x
  CHECK(big32(frames[1], 16) == 10);  // y
  CHECK(big32(frames[2], 4) == 1);    // nothing changed: one pixel
  CHECK(chunks(png, "fdAT").size() == 2);
  // Sequence numbers run through both kinds of chunk.
  CHECK(big32(frames[1], 0) == 1);
  CHECK(big32(chunks(png, "fdAT")[0], 0) == 2);
  CHECK(big32(frames[2], 0) == 3);
}

TEST_CASE("PNG writing refuses what it cannot write") {
  using minitorch::ValueError;
  CHECK(refusal<ValueError>([] { encode_png(Image()); }) == "[encode_png] the picture is empty (0 x 0) | ");
  CHECK(refusal<ValueError>([] { encode_png(noise(2, 2, 3), {.palette = mask_palette()}); }) ==
        "[encode_png] a palette: expected 1 channel and up to 256 colours, got 3 and 256 | ");
  CHECK(refusal<ValueError>([] { encode_png(noise(20, 20, 3), {.compression = 12}); }) ==
        "[encode_png] compression: expected 0 to 9, got 12 | ");
  CHECK(refusal<ValueError>([] { encode_apng({}, 0); }).find("at least one") != std::string::npos);
  CHECK(refusal<ValueError>([] {
          encode_apng({{noise(2, 2, 3), 1}, {noise(2, 3, 3), 1}}, 0);
        }) == "[encode_apng] frame 1 is 2 x 3 x 3, the first is 2 x 2 x 3 | ");
}

}  // namespace
}  // namespace fastcore
