// SPDX-License-Identifier: MIT
// Weights of resampling, and the order of the passes.
#include "fastcore/image/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fastcore/image/resample_kernels.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using kernels::Rows;
using kernels::Taps;

double sinc(double x) {
  if (x == 0) return 1;
  x *= M_PI;
  return std::sin(x) / x;
}

double weight_at(Filter filter, double t) {
  if (filter == Filter::box) return t > -0.5 && t <= 0.5 ? 1 : 0;  // not symmetric: a tie goes to one side
  if (filter == Filter::lanczos) return t >= -3 && t < 3 ? sinc(t) * sinc(t / 3) : 0;
  t = std::abs(t);
  if (filter == Filter::bilinear) return t < 1 ? 1 - t : 0;
  constexpr double a = -0.5;
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

double reach(Filter filter) {
  switch (filter) {
    case Filter::box: return 0.5;
    case Filter::bilinear: return 1;
    case Filter::bicubic: return 2;
    default: return 3;
  }
}

// The weights for scaling `in` positions to `out`: centre, reach and rounding as Pillow has them.
Taps make_taps(int in, int out, Filter filter) {
  double scale = static_cast<double>(in) / out, stretch = std::max(scale, 1.0);
  double support = reach(filter) * stretch, shrink = 1 / stretch;
  Taps taps;
  taps.most = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.first.resize(out);
  taps.count.resize(out);
  taps.weight.resize(static_cast<size_t>(out) * taps.most);
  std::vector<double> exact(taps.most);
  for (int x = 0; x < out; ++x) {
    double center = (x + 0.5) * scale, sum = 0;
    int first = std::max(static_cast<int>(center - support + 0.5), 0);
    int count = std::min(static_cast<int>(center + support + 0.5), in) - first;
    for (int i = 0; i < count; ++i) sum += exact[i] = weight_at(filter, (i + first - center + 0.5) * shrink);
    for (int i = 0; i < count; ++i) {
      double w = (sum != 0 ? exact[i] / sum : exact[i]) * (1 << kernels::kWeightBits);
      taps.weight[static_cast<size_t>(x) * taps.most + i] = static_cast<int32_t>(w < 0 ? w - 0.5 : w + 0.5);
    }
    taps.first[x] = first;
    taps.count[x] = count;
  }
  return taps;
}

Image mix(Rows in, Size size, Filter filter) {
  Image rows;
  if (size.width != in.width) {
    rows = Image::uninitialized({in.height, size.width}, in.channels);
    kernels::resample_rows(in, make_taps(in.width, size.width, filter), rows.data());
    if (size.height == in.height) return rows;
    in = {rows.data(), rows.stride(), in.height, size.width, in.channels};
  }
  Image out = Image::uninitialized(size, in.channels);
  kernels::resample_columns(in, make_taps(in.height, size.height, filter), out.data());
  return out;
}

// Pillow adds the step again and again instead of multiplying, which decides exact ties; so must this.
std::vector<int> nearest_positions(int in, int out) {
  std::vector<int> from(out);
  double step = static_cast<double>(in) / out, at = step * 0.5;
  for (int x = 0; x < out; ++x, at += step) from[x] = std::min(static_cast<int>(at), in - 1);
  return from;
}

Image pick(Rows in, Size size) {
  Image out = Image::uninitialized(size, in.channels);
  auto columns = nearest_positions(in.width, size.width), rows = nearest_positions(in.height, size.height);
  for (int y = 0; y < size.height; ++y) {
    const uint8_t* from = in.data + rows[y] * in.stride;
    uint8_t* to = out.row(y);
    for (int x = 0; x < size.width; ++x, to += in.channels)
      for (int c = 0; c < in.channels; ++c) to[c] = from[columns[x] * in.channels + c];
  }
  return out;
}

// a * b / 255, rounded, without a division.
int product_of_255ths(int a, int b) {
  int t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

// Colours times alpha and back: a transparent pixel's colour must not leak into its neighbours.
Image premultiplied(Rows in) {
  Image out = Image::uninitialized({in.height, in.width}, 4);
  for (int y = 0; y < in.height; ++y) {
    const uint8_t* from = in.data + y * in.stride;
    uint8_t* to = out.row(y);
    for (int x = 0; x < in.width; ++x, from += 4, to += 4) {
      for (int c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(product_of_255ths(from[c], from[3]));
      to[3] = from[3];
    }
  }
  return out;
}

void undo_premultiplied(Image& image) {
  uint8_t* pixel = image.data();
  for (int64_t i = 0; i < image.bytes(); i += 4, pixel += 4) {
    int alpha = pixel[3];
    if (alpha == 0 || alpha == 255) continue;
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uint8_t>(std::min(255 * pixel[c] / alpha, 255));
  }
}

}  // namespace

Image resize(const Image& image, Size size, Filter filter) {
  return resize(image, {0, 0, image.width(), image.height()}, size, filter);
}

Image resize(const Image& image, Region source, Size size, Filter filter) {
  using minitorch::ValueError, minitorch::format;
  if (size.height < 1 || size.width < 1)
    throw ValueError(
        format("[resize] to %d x %d: each side needs at least one pixel", size.height, size.width),
        "say the size you want: Resize{.size = 224}, or resize(image, {192, 256}), the height first");
  if (source.left < 0 || source.top < 0 || source.width < 1 || source.height < 1 ||
      source.width > image.width() - source.left || source.height > image.height() - source.top)
    throw ValueError(
        format("[resize] the region at row %d, column %d of %d x %d is not inside the picture of %d x %d",
               source.top, source.left, source.height, source.width, image.height(), image.width()));
  Rows in{image.row(source.top) + int64_t{source.left} * image.channels(), image.stride(), source.height,
          source.width, image.channels()};
  bool same = source.height == size.height && source.width == size.width;
  if (filter == Filter::nearest || same) return pick(in, size);
  if (image.channels() != 4) return mix(in, size, filter);
  Image weighted = premultiplied(in);
  Image out = mix({weighted.data(), weighted.stride(), in.height, in.width, 4}, size, filter);
  undo_premultiplied(out);
  return out;
}

Mask resize(const Mask& mask, Size size) { return Mask(resize(mask.codes(), size, Filter::nearest)); }

Mask resize(const Mask& mask, Region source, Size size) {
  return Mask(resize(mask.codes(), source, size, Filter::nearest));
}

}  // namespace fastcore
