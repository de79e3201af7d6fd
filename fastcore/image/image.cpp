// SPDX-License-Identifier: MIT
#include "fastcore/image/image.h"

#include <cstring>
#include <utility>

#include "fastcore/image/decode.h"
#include "fastcore/image/palette.h"
#include "fastcore/image/png.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

uint8_t luminance(const uint8_t* rgb) {
  return static_cast<uint8_t>((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >> 16);
}

}  // namespace

Image Image::uninitialized(Size size, int channels) {
  if (size.height < 1 || size.width < 1)
    throw minitorch::ValueError(
        minitorch::format("[Image] %d x %d: a picture needs at least one pixel", size.height, size.width));
  if (channels != 1 && channels != 3 && channels != 4)
    throw minitorch::ValueError(minitorch::format("[Image] channels: expected 1, 3 or 4, got %d", channels));
  auto bytes = static_cast<size_t>(size.height) * size.width * channels;
  auto* memory = static_cast<uint8_t*>(std::malloc(bytes));
  if (!memory)
    throw minitorch::OutOfMemory(
        minitorch::format("[Image] no memory for %d x %d x %d bytes", size.height, size.width, channels),
        "use fewer loader threads, or shrink the files once with resize_images");
  return adopt(size, channels, memory);
}

Image Image::adopt(Size size, int channels, uint8_t* pixels) {
  Image image;
  image.size_ = size;
  image.channels_ = channels;
  image.pixels_.reset(pixels);
  return image;
}

Image::Image(Size size, int channels, uint8_t fill) : Image(uninitialized(size, channels)) {
  std::memset(data(), fill, bytes());
}

Image::Image(const Image& other) {
  if (!other.empty()) *this = create(other.size_, other.channels_, other.data());
}

Image::Image(Image&& other) noexcept
    : size_(std::exchange(other.size_, {0, 0})),
      channels_(std::exchange(other.channels_, 0)),
      pixels_(std::move(other.pixels_)) {}

Image& Image::operator=(Image other) noexcept {
  std::swap(size_, other.size_);
  std::swap(channels_, other.channels_);
  std::swap(pixels_, other.pixels_);
  return *this;
}

Image Image::create(Size size, int channels, const uint8_t* pixels) {
  Image image = uninitialized(size, channels);
  std::memcpy(image.data(), pixels, image.bytes());
  return image;
}

Image Image::create(Bytes file, const DecodeOptions& options) {
  return decode_image(file, "picture in memory", options);
}

Image Image::open(const std::string& path, const DecodeOptions& options) {
  auto file = read_image_file(path);
  return decode_image(file.bytes(), path, options);
}

bool Image::operator==(const Image& other) const {
  return size_ == other.size_ && channels_ == other.channels_ &&
         (empty() || std::memcmp(data(), other.data(), bytes()) == 0);
}

Image Image::convert(PixelMode mode) const {
  int wanted = mode == PixelMode::rgb ? 3 : mode == PixelMode::grey ? 1 : channels_;
  if (wanted == channels_ || empty()) return *this;
  Image out = uninitialized(size_, wanted);
  const uint8_t* from = data();
  uint8_t* to = out.data();
  int64_t pixels = int64_t{size_.height} * size_.width;
  if (wanted == 1) {
    for (int64_t i = 0; i < pixels; ++i, from += channels_) to[i] = luminance(from);
  } else if (channels_ == 1) {
    for (int64_t i = 0; i < pixels; ++i, to += 3) to[0] = to[1] = to[2] = from[i];
  } else {
    for (int64_t i = 0; i < pixels; ++i, from += 4, to += 3)
      to[0] = from[0], to[1] = from[1], to[2] = from[2];
  }
  return out;
}

Mask::Mask(Image codes) : codes_(std::move(codes)) {
  if (codes_.channels() != 1)
    throw minitorch::ValueError(
        minitorch::format("[Mask] channels: expected 1 code a pixel, got %d", codes_.channels()));
}

Mask Mask::create(Bytes file) { return Mask(decode_codes(file, "mask in memory")); }

Mask Mask::open(const std::string& path) {
  auto file = read_image_file(path);
  return Mask(decode_codes(file.bytes(), path));
}

void Mask::check_codes(int classes, const std::string& name) const {
  for (int y = 0; y < height(); ++y)
    for (int x = 0; x < width(); ++x)
      if (codes_(y, x) >= classes)
        throw minitorch::IndexError(
            minitorch::format("[Mask] %s: code %d at row %d, column %d, but there are %d classes (0 to %d)",
                              name.c_str(), codes_(y, x), y, x, classes, classes - 1),
            "list every class in codes, or map the mask's values to 0, 1, 2 ... in get_y "
            "(255 for 'on' should become 1)");
}

void Mask::save(const std::string& path) const {
  write_whole_file(path, encode_png(codes_, {.palette = mask_palette()}));
}

}  // namespace fastcore
