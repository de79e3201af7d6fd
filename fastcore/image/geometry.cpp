// SPDX-License-Identifier: MIT
#include "fastcore/image/geometry.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using minitorch::format;
using minitorch::ValueError;

int floor_half(int value) { return value >= 0 ? value / 2 : -((1 - value) / 2); }

// The source position of padded position i in a row of n; -1 stands for black.
int padded_position(int i, int n, PadMode mode) {
  if (i >= 0 && i < n) return i;
  if (mode == PadMode::zeros) return -1;
  if (mode == PadMode::border || n == 1) return std::clamp(i, 0, n - 1);
  int period = 2 * (n - 1);
  i = (i % period + period) % period;
  return i < n ? i : period - i;
}

std::vector<int> padded_positions(int from, int count, int n, PadMode mode) {
  std::vector<int> positions(count);
  for (int i = 0; i < count; ++i) positions[i] = padded_position(from + i, n, mode);
  return positions;
}

bool inside(Region region, Size picture) {
  return region.left >= 0 && region.top >= 0 && region.width <= picture.width - region.left &&
         region.height <= picture.height - region.top;
}

}  // namespace

Image dihedral(const Image& image, int k) {
  if (k < 0 || k > 7) throw ValueError(format("[dihedral] k: expected 0 to 7, got %d", k));
  if (image.empty()) return image;
  bool turned = k == 3 || k >= 5;
  int h = image.height(), w = image.width(), n = image.channels();
  Image out = Image::uninitialized(turned ? Size{w, h} : Size{h, w}, n);
  // Output (y, x) comes from input row y0 + y * yy + x * yx, column x0 + y * xy + x * xx.
  struct Map {
    int yy, yx, xy, xx;
  };
  constexpr Map kMaps[] = {{1, 0, 0, 1},   {1, 0, 0, -1}, {-1, 0, 0, 1}, {0, 1, -1, 0},
                           {-1, 0, 0, -1}, {0, -1, 1, 0}, {0, 1, 1, 0},  {0, -1, -1, 0}};
  Map m = kMaps[k];
  int y0 = m.yy + m.yx < 0 ? h - 1 : 0, x0 = m.xy + m.xx < 0 ? w - 1 : 0;
  int64_t step = m.yx * image.stride() + int64_t{m.xx} * n;
  for (int y = 0; y < out.height(); ++y) {
    const uint8_t* from = image.row(y0 + y * m.yy) + int64_t{x0 + y * m.xy} * n;
    uint8_t* to = out.row(y);
    for (int x = 0; x < out.width(); ++x, from += step, to += n)
      for (int c = 0; c < n; ++c) to[c] = from[c];
  }
  return out;
}

Mask dihedral(const Mask& mask, int k) { return Mask(dihedral(mask.codes(), k)); }

Image flip(const Image& image) { return dihedral(image, 1); }
Mask flip(const Mask& mask) { return dihedral(mask, 1); }

Image crop_pad(const Image& image, Region region, PadMode pad_mode) {
  if (region.width < 1 || region.height < 1 || image.empty())
    throw ValueError(format("[crop_pad] %d x %d of a picture of %d x %d: each side needs at least one pixel",
                            region.height, region.width, image.height(), image.width()));
  Image out = Image::uninitialized({region.height, region.width}, image.channels());
  int n = image.channels();
  if (inside(region, image.size())) {
    for (int y = 0; y < region.height; ++y)
      std::memcpy(out.row(y), image.row(region.top + y) + int64_t{region.left} * n, out.stride());
    return out;
  }
  auto rows = padded_positions(region.top, region.height, image.height(), pad_mode);
  auto columns = padded_positions(region.left, region.width, image.width(), pad_mode);
  for (int y = 0; y < region.height; ++y) {
    uint8_t* to = out.row(y);
    for (int x = 0; x < region.width; ++x, to += n) {
      bool black = rows[y] < 0 || columns[x] < 0;
      for (int c = 0; c < n; ++c) to[c] = black ? 0 : image(rows[y], columns[x], c);
    }
  }
  return out;
}

Mask crop_pad(const Mask& mask, Region region, PadMode pad_mode) {
  return Mask(crop_pad(mask.codes(), region, pad_mode));
}

Region center_region(Size picture, Size size) {
  return {floor_half(picture.width - size.width), floor_half(picture.height - size.height), size.width,
          size.height};
}

Region placed_region(Size picture, Size size, double px, double py) {
  return {static_cast<int>(px * (picture.width - size.width)),
          static_cast<int>(py * (picture.height - size.height)), size.width, size.height};
}

Size ratio_size(Size picture, int longest) {
  double r = static_cast<double>(longest) / std::max(picture.height, picture.width);
  return {std::max(1, static_cast<int>(picture.height * r)),
          std::max(1, static_cast<int>(picture.width * r))};
}

namespace geometry {

Region Resize::region(Size picture, double px, double py) const {
  if (method == ResizeMethod::squish) return {0, 0, picture.width, picture.height};
  double across = static_cast<double>(picture.width) / size.width;
  double down = static_cast<double>(picture.height) / size.height;
  double m = method == ResizeMethod::crop ? std::min(across, down) : std::max(across, down);
  Size part{std::max(1, static_cast<int>(m * size.height)), std::max(1, static_cast<int>(m * size.width))};
  return placed_region(picture, part, px, py);
}

Image Resize::operator()(const Image& image, double px, double py) const {
  Region part = region(image.size(), px, py);
  if (inside(part, image.size())) return resize(image, part, size, filter);
  return resize(crop_pad(image, part, pad_mode), size, filter);
}

Mask Resize::operator()(const Mask& mask, double px, double py) const {
  Region part = region(mask.size(), px, py);
  if (inside(part, mask.size())) return resize(mask, part, size);
  return resize(crop_pad(mask, part, pad_mode), size);
}

std::optional<Size> RandomResizedCrop::attempt(Size picture, double area_share, double log_ratio) const {
  double area = area_share * picture.width * picture.height, ratio = std::exp(log_ratio);
  // nearbyint rounds ties to even, as Python's round.
  double width = std::nearbyint(std::sqrt(area * ratio)), height = std::nearbyint(std::sqrt(area / ratio));
  bool fits = width >= 1 && height >= 1 && width <= picture.width && height <= picture.height;
  if (!fits) return std::nullopt;
  return Size{static_cast<int>(height), static_cast<int>(width)};
}

Region RandomResizedCrop::fallback(Size picture) const {
  double shape = static_cast<double>(picture.width) / picture.height;
  Size part = picture;
  if (shape < min_ratio) part.height = static_cast<int>(picture.width / min_ratio);
  if (shape > max_ratio) part.width = static_cast<int>(picture.height * max_ratio);
  return center_region(picture, part);
}

Size RandomResizedCrop::validation_size() const {
  int xtra = static_cast<int>(std::ceil(std::max(size.height, size.width) * val_xtra / 8)) * 8;
  return {size.height + xtra, size.width + xtra};
}

Image RandomResizedCrop::validation(const Image& image) const {
  Image whole = resize(image, validation_size(), filter);
  return crop_pad(whole, center_region(whole.size(), size), PadMode::zeros);
}

Mask RandomResizedCrop::validation(const Mask& mask) const {
  Mask whole = resize(mask, validation_size());
  return crop_pad(whole, center_region(whole.size(), size), PadMode::zeros);
}

}  // namespace geometry

}  // namespace fastcore
