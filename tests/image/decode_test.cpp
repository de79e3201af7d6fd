// SPDX-License-Identifier: MIT
// Good files decode as Pillow decodes them; bad ones are refused, each with its reason.
#include "fastcore/image/decode.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>

#include "fastcore/image/png.h"
#include "tests/image/pictures.h"

namespace fastcore {
namespace {

struct DecodeGolden {
  const char* name;
  uint64_t rgb, grey;
};
struct JpegGolden {
  const char* name;
  Size size;
  std::vector<int> samples;
};
#include "tests/image/decode_goldens.inc"

constexpr const char* kHint = " | fetch the file again, or leave it out: verify_images(files) lists bad ones";

std::string decode_refusal(const std::vector<uint8_t>& bytes, const DecodeOptions& options = {}) {
  return refusal([&] { decode_image(bytes, "x", options); });
}

TEST_CASE("PNG, BMP, PNM and GIF decode to Pillow's bytes, in RGB and grey") {
  for (const auto& golden : kDecodeGoldens) {
    INFO(golden.name);
    REQUIRE(fnv(Image::open(test_file(golden.name))) == golden.rgb);
    REQUIRE(fnv(Image::open(test_file(golden.name), {.mode = PixelMode::grey})) == golden.grey);
  }
}

TEST_CASE("JPEG decodes within a few steps of Pillow, upright by its EXIF orientation") {
  for (const auto& golden : kJpegGoldens) {
    INFO(golden.name);
    Image image = Image::open(test_file(golden.name));
    REQUIRE(image.size() == golden.size);
    size_t at = 0;
    int largest = 0;
    for (int i = 0; i < image.height() * image.width(); i += 41)
      for (int c = 0; c < 3; ++c)
        largest = std::max(largest, std::abs(image.data()[3 * i + c] - golden.samples[at++]));
    REQUIRE(at == golden.samples.size());
    REQUIRE(largest <= 3);  // two decoders round their transforms differently
  }
}

TEST_CASE("as_stored keeps the file's channels") {
  auto channels = [](const char* name) {
    return Image::open(test_file(name), {.mode = PixelMode::as_stored}).channels();
  };
  CHECK(channels("grey.png") == 1);
  CHECK(channels("rgb.png") == 3);
  CHECK(channels("rgba.png") == 4);
  CHECK(channels("grey_alpha.png") == 4);
  CHECK(channels("grey.jpg") == 1);
  CHECK(channels("plain.jpg") == 3);
  CHECK(Image::open(test_file("deep.png")) == Image::open(test_file("grey.png")));  // 16 bits: the high byte
}

TEST_CASE("a mask keeps its codes: palette indices, bits and grey values") {
  Mask mask = Mask::open(test_file("palette.png"));
  int largest = 0;
  for (int64_t i = 0; i < mask.codes().bytes(); ++i) largest = std::max<int>(largest, mask.codes().data()[i]);
  CHECK(largest == 12);  // 13 colours
  CHECK(Mask::open(test_file("grey.png")).codes() == noise(13, 19, 1));
  CHECK(refusal<minitorch::IndexError>([&] { mask.check_codes(13, "palette.png"); }).empty());
  std::string wrong = refusal<minitorch::IndexError>([&] { mask.check_codes(12, "palette.png"); });
  CHECK(wrong.find("[Mask] palette.png: code 12 at row ") == 0);
  CHECK(wrong.find("but there are 12 classes (0 to 11)") != std::string::npos);
}

// A PNG of 16 bits a sample: color 0 grey, 2 RGB, 4 grey and alpha.
std::vector<uint8_t> deep_png(int width, int height, int color, const std::vector<int>& samples) {
  auto put = [](std::vector<uint8_t>& to, uint32_t value, int bytes) {
    while (bytes-- > 0) to.push_back(static_cast<uint8_t>(value >> 8 * bytes));
  };
  std::vector<uint8_t> png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, header, rows;
  auto chunk = [&](const std::string& type, const std::vector<uint8_t>& body) {
    put(png, static_cast<uint32_t>(body.size()), 4);
    const size_t at = png.size();
    png.insert(png.end(), type.begin(), type.end());
    png.insert(png.end(), body.begin(), body.end());
    put(png, static_cast<uint32_t>(crc32(0, &png[at], static_cast<uInt>(png.size() - at))), 4);
  };
  put(header, static_cast<uint32_t>(width), 4);
  put(header, static_cast<uint32_t>(height), 4);
  for (int value : {16, color, 0, 0, 0}) put(header, static_cast<uint32_t>(value), 1);
  const size_t per_row = samples.size() / static_cast<size_t>(height);
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i % per_row == 0) put(rows, 0, 1);  // no prediction
    put(rows, static_cast<uint32_t>(samples[i]), 2);
  }
  uLongf size = compressBound(rows.size());
  std::vector<uint8_t> packed(size);
  REQUIRE(compress(packed.data(), &size, rows.data(), rows.size()) == Z_OK);
  packed.resize(size);
  chunk("IHDR", header);
  chunk("IDAT", packed);
  chunk("IEND", {});
  return png;
}

TEST_CASE("a mask of 16 bits holds numbers, not finer light") {
  const uint8_t codes[] = {0, 1, 2, 3, 4, 0}, grey[] = {0, 17, 255, 128, 0, 9};
  const Mask expected(Image::create({2, 3}, 1, codes));
  CHECK(Mask::create(deep_png(3, 2, 0, {0, 1, 2, 3, 4, 0})) == expected);
  CHECK(Mask::create(deep_png(3, 2, 2, {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 0, 0, 0})) == expected);
  const int full = 0xffff;  // the alpha of 16 bits is no code
  CHECK(Mask::create(deep_png(3, 2, 4, {0, full, 1, full, 2, full, 3, full, 4, full, 0, full})) == expected);
  const auto light = deep_png(3, 2, 0, {0x20, 0x1180, 0xffff, 0x8000, 0, 0x9ff});
  CHECK(Image::create(light, {.mode = PixelMode::grey}) == Image::create({2, 3}, 1, grey));
  CHECK(refusal([&] { Mask::create(light); }) ==
        "[Image::open] mask in memory: a mask of 16 bits holds the code 4480: expected 0 to 255 | save it "
        "with 8 bits; a picture that is no mask: Image::open");
}

TEST_CASE("image_info reads the size without decoding") {
  ImageInfo info = image_info(test_file("turned6.jpg"));
  CHECK(info.kind == FileKind::jpeg);
  CHECK(info.size == Size{16, 24});
  CHECK(info.orientation == 6);
  CHECK(info.channels == 3);
  CHECK(image_info(test_file("palette.gif")).size == Size{13, 19});
  CHECK(image_info(test_file("rgb.bmp")).size == Size{13, 19});
  CHECK(image_info(test_file("grey.pgm")).channels == 1);
}

TEST_CASE("missing, empty and unknown files") {
  TempFolder folder;
  std::string missing = refusal([&] { Image::open(folder / "no.png"); });
  CHECK(missing ==
        "[Image::open] " + (folder / "no.png") +
            ": No such file or directory | check the path; get_image_files(folder) lists what is there");
  spill(folder / "empty.jpg", {});
  CHECK(refusal([&] { Image::open(folder / "empty.jpg"); }) ==
        "[Image::open] " + (folder / "empty.jpg") + ": the file is empty (0 bytes)" + kHint);
  CHECK(refusal([&] { Image::open(folder.path); }).find("not a file") != std::string::npos);
  auto text = [](const std::string& s) { return std::vector<uint8_t>(s.begin(), s.end()); };
  CHECK(decode_refusal(text("hello")) ==
        std::string("[Image::open] x: not a picture of a known kind: expected PNG, JPEG, GIF, BMP or PNM") +
            kHint);
  CHECK(decode_refusal(text("<!DOCTYPE html><html>")).find("x: a web page: expected PNG") !=
        std::string::npos);
  CHECK(decode_refusal(text("RIFF....WEBPVP8 ")) ==
        "[Image::open] x: a WebP picture: expected PNG, JPEG, GIF, BMP or PNM | convert it to PNG or JPEG "
        "first");
}

TEST_CASE("every file cut off anywhere is refused, never half shown") {
  for (const char* name : {"rgb.png", "interlaced.png", "palette.gif", "rgb.bmp", "rgb.ppm", "grey.pgm",
                           "plain.jpg", "progressive.jpg", "turned3.jpg"}) {
    auto bytes = slurp(test_file(name));
    for (size_t length = 0; length + 1 < bytes.size(); length += 1 + length / 40) {
      INFO(name << " cut to " << length << " of " << bytes.size());
      REQUIRE_FALSE(decode_refusal({bytes.begin(), bytes.begin() + length}).empty());
    }
  }
  auto photo = slurp(test_file("plain.jpg"));
  photo.resize(700);
  CHECK(decode_refusal(photo) ==
        std::string("[Image::open] x: the file is cut off (it has 700 bytes)") + kHint);
}

TEST_CASE("damage to a PNG is noticed wherever it is") {
  auto good = slurp(test_file("rgb.png"));
  for (size_t at = 8; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= 0x20;
    INFO("byte " << at);
    REQUIRE_FALSE(decode_refusal(bad).empty());
  }
  auto bad = good;
  bad[100] ^= 1;
  CHECK(decode_refusal(bad) ==
        std::string("[Image::open] x: the file is damaged (a PNG checksum is wrong)") + kHint);
}

TEST_CASE("an image bomb is refused from its header, before memory is taken") {
  auto jpeg = slurp(test_file("plain.jpg"));
  uint8_t frame[] = {0xff, 0xc0};
  auto at = std::search(jpeg.begin(), jpeg.end(), std::begin(frame), std::end(frame)) - jpeg.begin();
  for (auto side : {5, 7}) jpeg[at + side] = 0x40;  // 16384 and the 40 and 56 that stay in the low bytes
  CHECK(decode_refusal(jpeg) ==
        std::string(
            "[Image::open] x: 1117 bytes cannot hold the 16440 x 16424 pixels that the header promises") +
            kHint);
  auto gif = slurp(test_file("palette.gif"));
  gif[7] = gif[9] = 0xff;
  CHECK(decode_refusal(gif).find("cannot hold the 65299 x 65293 pixels") != std::string::npos);
  std::string header = "P6 60000 60000 255\n";
  CHECK(decode_refusal({header.begin(), header.end()}).find("the file is cut off") != std::string::npos);
  Image large(Size{300, 400}, 1, 7);
  CHECK(decode_refusal(encode_png(large), {.max_pixels = 100'000}) ==
        "[Image::open] x: 400 x 300 pixels, more than the limit of 100000 (65536 a side) | shrink it first, "
        "or raise "
        "DecodeOptions::max_pixels if you trust the file");
}

TEST_CASE("a PNG whose data expands beyond its header stops at the header's size") {
  auto huge = encode_png(Image(Size{2000, 2000}, 3, 9));
  // The header of a 1 x 1 picture in front of the data of a 2000 x 2000 one: only one row is ever unpacked.
  auto one = encode_png(Image(Size{1, 1}, 3, 9));
  std::vector<uint8_t> bomb(one.begin(), one.begin() + 33);
  bomb.insert(bomb.end(), huge.begin() + 33, huge.end());
  Image image = decode_image(bomb, "bomb", {});
  CHECK(image.size() == Size{1, 1});
  // The other way round: data far too small for the header.
  std::vector<uint8_t> starved(huge.begin(), huge.begin() + 33);
  starved.insert(starved.end(), one.begin() + 33, one.end());
  CHECK(decode_refusal(starved).find("cannot hold the 2000 x 2000 pixels") != std::string::npos);
}

}  // namespace
}  // namespace fastcore
