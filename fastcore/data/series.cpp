// SPDX-License-Identifier: MIT
#include "fastcore/data/series.h"

#include <algorithm>
#include <cmath>

#include "fastcore/plot/raster.h"
#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::format;
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

constexpr double kLargest = 1e300;  // so that sums and differences are still numbers

void check(const char* name, const std::vector<double>& series) {
  if (series.empty()) throw ValueError(format("[%s] the series is empty", name));
  for (std::size_t i = 0; i < series.size(); ++i)
    if (!std::isfinite(series[i]))
      throw ValueError(format("[%s] value %zu of the series is %g", name, i, series[i]),
                       "fill gaps first, for example with the value before");
  for (std::size_t i = 0; i < series.size(); ++i)
    if (std::abs(series[i]) > kLargest)
      throw ValueError(
          format("[%s] value %zu of the series is %g: expected at most %g", name, i, series[i], kLargest),
          "divide the series by its largest value: that leaves the picture as it is");
}

}  // namespace

std::vector<double> part_means(const std::vector<double>& series, int parts) {
  check("part_means", series);
  if (parts < 1) throw ValueError(format("[part_means] %d parts: expected at least 1", parts));
  const auto n = static_cast<double>(series.size());
  std::vector<double> means;
  for (int part = 0; part < parts; ++part) {
    const double from = n * part / parts, to = n * (part + 1) / parts;
    double sum = 0;
    for (auto i = static_cast<std::size_t>(from); i < series.size() && static_cast<double>(i) < to; ++i) {
      const auto place = static_cast<double>(i);
      sum += series[i] * (std::min(to, place + 1) - std::max(from, place));
    }
    means.push_back(sum / (to - from));
  }
  return means;
}

std::vector<double> scale_to_unit(std::vector<double> series) {
  if (series.empty()) return series;
  const auto [least, most] = std::minmax_element(series.begin(), series.end());
  const double low = *least, high = *most;
  for (double& x : series) x = high > low ? std::clamp(2 * (x - low) / (high - low) - 1, -1.0, 1.0) : 0;
  return series;
}

Tensor gramian_field(const std::vector<double>& series, Gramian kind) {
  check("gramian_field", series);
  const auto x = scale_to_unit(series);
  std::vector<double> s;
  for (double value : x) s.push_back(std::sqrt(1 - value * value));
  const auto n = static_cast<int64_t>(x.size());
  const Tensor field = minitorch::empty({n, n});
  float* out = field.data<float>();
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j)
      *out++ =
          static_cast<float>(kind == Gramian::sum ? x[i] * x[j] - s[i] * s[j] : s[i] * x[j] - x[i] * s[j]);
  return field;
}

Image gramian_picture(const std::vector<double>& series, int size, Gramian kind) {
  const Tensor field = gramian_field(part_means(series, size), kind);
  const float* values = field.data<float>();
  Image picture({size, size}, 1, 0);
  for (int64_t i = 0; i < field.numel(); ++i)
    picture.data()[i] = static_cast<uint8_t>(std::lrint((values[i] + 1) * 127.5));
  return picture;
}

Image line_picture(const std::vector<double>& series, Size size, double line_width) {
  check("line_picture", series);
  if (size.height < 1 || size.width < 1)
    throw ValueError(format("[line_picture] a picture of %d x %d", size.height, size.width));
  const auto heights = scale_to_unit(series);
  const double margin = line_width / 2, width = size.width - 2 * margin, height = size.height - 2 * margin;
  std::vector<Point> curve;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double along = heights.size() > 1 ? double(i) / double(heights.size() - 1) : 0.5;
    curve.push_back({margin + along * width, margin + (1 - heights[i]) / 2 * height});
  }
  if (curve.size() == 1) curve = {{margin, curve[0].y}, {margin + width, curve[0].y}};
  RasterCanvas canvas(size.width, size.height, {.scale = 1});
  canvas.rectangle({0, 0, double(size.width), double(size.height)}, Paint::of({0, 0, 0}));
  canvas.polyline(curve, Paint::of({255, 255, 255}), line_width, 0);
  return canvas.image().convert(PixelMode::grey);
}

}  // namespace fastcore
