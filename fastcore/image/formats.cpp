// SPDX-License-Identifier: MIT
// Walks the blocks of GIF, BMP and PNM files, and finds the orientation in an EXIF block.
#include "fastcore/image/formats.h"

#include <cctype>
#include <cstring>

#include "minitorch/core/errors.h"

namespace fastcore::formats {

const char* const Source::kBadFileHint =
    "fetch the file again, or leave it out: verify_images(files) lists bad ones";

bool Source::starts_with(const char* text, size_t offset) const {
  size_t length = std::strlen(text);
  return size() >= offset + length && std::memcmp(at(offset), text, length) == 0;
}

void Source::need(size_t offset, size_t count) const {
  if (offset > size() || size() - offset < count) cut_off();
}

void Source::fail(const std::string& what, const std::string& hint) const {
  throw minitorch::FileError("[Image::open] " + name_ + ": " + what, hint);
}

void Source::cut_off() const { fail(minitorch::format("the file is cut off (it has %zu bytes)", size())); }

int exif_orientation(Bytes tiff) {
  const std::string name;
  Source source(tiff, name);
  bool little = source.starts_with("II");
  if (tiff.size() < 8 || (!little && !source.starts_with("MM"))) return 1;
  auto u16 = [&](size_t at) { return little ? source.little16(at) : source.big16(at); };
  auto u32 = [&](size_t at) { return little ? source.little32(at) : source.big32(at); };
  size_t directory = u32(4);
  if (directory + 2 > tiff.size()) return 1;
  size_t entries = u16(directory);
  for (size_t i = 0; i < entries; ++i) {
    size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.size()) return 1;
    constexpr uint32_t kOrientation = 0x0112, kShort = 3;
    if (u16(entry) != kOrientation || u16(entry + 2) != kShort) continue;
    int value = static_cast<int>(u16(entry + 8));
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

ImageInfo inspect_gif(const Source& source) {
  ImageInfo info{FileKind::gif, {0, 0}, 4};
  info.size = {static_cast<int>(source.little16(8)), static_cast<int>(source.little16(6))};
  auto table_bytes = [](int flags) { return flags & 0x80 ? size_t{3} << ((flags & 7) + 1) : 0; };
  auto skip_blocks = [&](size_t at) {
    while (int length = source.u8(at)) at += 1 + length;
    return at + 1;
  };
  // One code of at least 3 bits stands for at most 4096 pixels.
  if (int64_t{info.size.width} * info.size.height / 16384 > static_cast<int64_t>(source.size()))
    source.fail(minitorch::format("%zu bytes cannot hold the %d x %d pixels that the header promises",
                                  source.size(), info.size.width, info.size.height));
  size_t at = 13 + table_bytes(source.u8(10));
  for (;;) {
    int kind = source.u8(at);
    if (kind == '!') {
      at = skip_blocks(at + 2);
    } else if (kind == ',') {
      skip_blocks(at + 11 + table_bytes(source.u8(at + 9)));  // the first frame is all there
      return info;
    } else {
      source.fail("a GIF without a picture in it");
    }
  }
}

ImageInfo inspect_bmp(const Source& source) {
  ImageInfo info{FileKind::bmp, {0, 0}, 3};
  if (source.little32(14) < 40)
    source.fail("a BMP of an old kind, which is not supported", "save it again as PNG");
  int64_t width = static_cast<int32_t>(source.little32(18)),
          height = static_cast<int32_t>(source.little32(22));
  if (height < 0) height = -height;  // rows from the top
  if (width <= 0 || height <= 0 || width > 1 << 30 || height > 1 << 30) source.fail("a BMP without pixels");
  info.size = {static_cast<int>(height), static_cast<int>(width)};
  int64_t bits = source.little16(28), compression = source.little32(30);
  if (compression != 0 && compression != 3)
    source.fail("a compressed BMP, which is not supported", "save it again as PNG");
  if (bits > 32) source.fail("a BMP of impossible depth");
  int64_t row = (width * bits + 31) / 32 * 4;
  // Division, because row * height of a hostile header may not fit.
  if (row > static_cast<int64_t>(source.size()) / height) source.cut_off();
  source.need(source.little32(10), row * height);
  return info;
}

namespace {

// The header's three numbers, between which there may be comments; the bytes follow one space further on.
struct PnmHeader {
  ImageInfo info;
  size_t pixels;
};

PnmHeader read_pnm(const Source& source) {
  PnmHeader header{{FileKind::pnm, {0, 0}, source.u8(1) == '5' ? 1 : 3}, 2};
  size_t& at = header.pixels;
  auto number = [&] {
    for (;; ++at) {
      if (source.u8(at) == '#')
        while (source.u8(at) != '\n') ++at;
      else if (!std::isspace(source.u8(at))) break;
    }
    int value = 0;
    while (std::isdigit(source.u8(at))) {
      value = value * 10 + (source.u8(at++) - '0');
      if (value > 1 << 26) source.fail("a PNM with impossible numbers");
    }
    return value;
  };
  header.info.size.width = number();
  header.info.size.height = number();
  if (number() != 255)
    source.fail("a PNM of other than 8 bits, which is not supported", "save it again as PNG");
  source.need(++at, size_t(header.info.size.width) * header.info.size.height * header.info.channels);
  return header;
}

}  // namespace

ImageInfo inspect_pnm(const Source& source) { return read_pnm(source).info; }

Image decode_pnm(const Source& source) {
  PnmHeader header = read_pnm(source);
  return Image::create(header.info.size, header.info.channels, source.at(header.pixels));
}

}  // namespace fastcore::formats
