// SPDX-License-Identifier: MIT
// RandomErasing and RandomResizedCropGPU: rectangles, one draw for a whole batch, from Python's generator in
// fastai's order.
#include <algorithm>
#include <cmath>

#include "fastcore/data/augment.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using minitorch::format;
using minitorch::slice;
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

// Python's round: ties to even.
int64_t rounded(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

Tensor cut(const Tensor& x, const Region& r) {
  return slice(slice(x, -2, r.top, r.top + r.height), -1, r.left, r.left + r.width);
}

// From `side` pixels those that a square of this area would cover, anywhere.
std::pair<int, int> stretch(double area, int side, Context& context) {
  const int64_t length = rounded(std::sqrt(area));
  const int64_t from = context.random().randint(0, std::max<int64_t>(side - length, 0));
  return {static_cast<int>(from), static_cast<int>(std::min<int64_t>(length, side - from))};
}

}  // namespace

std::vector<Region> RandomErasing::draw(const Sample& sample, Context& context) const {
  if (!(sl >= 0 && sl <= sh && min_aspect > 0 && min_aspect <= 1 && max_count >= 1))
    throw ValueError(
        format("[RandomErasing] sl %g, sh %g, min_aspect %g, max_count %d: expected 0 <= sl <= sh, "
               "0 < min_aspect <= 1 and max_count of at least 1",
               sl, sh, min_aspect, max_count));
  const auto picture = batch_picture_size(sample);
  std::vector<Region> rectangles;
  if (!picture || !(p == 1 || context.random().random() < p)) return rectangles;
  const int64_t count = context.random().randint(1, max_count);
  const double area = double(picture->height) * picture->width / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i) {
    const double part = context.random().uniform(sl, sh) * area;
    const double aspect = std::exp(context.random().uniform(std::log(min_aspect), std::log(1 / min_aspect)));
    const auto [top, height] = stretch(part * aspect, picture->height, context);
    const auto [left, width] = stretch(part / aspect, picture->width, context);
    rectangles.push_back({left, top, width, height});
  }
  return rectangles;
}

TensorImage RandomErasing::encode(const TensorImage& x, const std::vector<Region>& rectangles) const {
  return rectangles.empty() ? x : TensorImage{cutout_gaussian(x.tensor, rectangles)};
}

RandomResizedCropGPU::Part RandomResizedCropGPU::draw(const Sample& sample, Context& context) const {
  if (size.height < 1 || size.width < 1)
    throw ValueError(format("[RandomResizedCropGPU] a size of %d x %d", size.height, size.width),
                     "give the size of the result: RandomResizedCropGPU{.size = 128}");
  const auto picture = batch_picture_size(sample);
  if (!picture) return {};
  const geometry::RandomResizedCrop rule{.size = size,
                                         .min_scale = min_scale,
                                         .max_scale = max_scale,
                                         .min_ratio = min_ratio,
                                         .max_ratio = max_ratio};
  const auto [h, w] = *picture;
  for (int attempts = 0; context.training() && attempts < 10; ++attempts) {
    const double share = context.random().uniform(min_scale, max_scale);
    const double log_ratio = context.random().uniform(std::log(min_ratio), std::log(max_ratio));
    const auto part = rule.attempt(*picture, share, log_ratio);
    if (!part) continue;
    const int top = static_cast<int>(context.random().randint(0, h - part->height));
    const int left = static_cast<int>(context.random().randint(0, w - part->width));
    return {{left, top, part->width, part->height}, *picture};
  }
  Size part = {h, w};
  if (double(w) / h < min_ratio) part.height = static_cast<int>(w / min_ratio);
  else if (double(w) / h > max_ratio) part.width = static_cast<int>(h * max_ratio);
  if (!context.training())
    part = {std::max(1, static_cast<int>(part.height * valid_scale)),
            std::max(1, static_cast<int>(part.width * valid_scale))};
  return {center_region(*picture, part), *picture};
}

TensorImage RandomResizedCropGPU::encode(const TensorImage& x, const Part& part) const {
  const std::vector<PlaneMap> whole(static_cast<std::size_t>(x.tensor.size(0)));
  return {transform_images(cut(x.tensor, part.region), whole, {.size = size, .mode = mode})};
}

TensorMask RandomResizedCropGPU::encode(const TensorMask& mask, const Part& part) const {
  const std::vector<PlaneMap> whole(static_cast<std::size_t>(mask.tensor.size(0)));
  return {transform_masks(cut(mask.tensor, part.region), whole, {.size = size})};
}

Points RandomResizedCropGPU::encode(const Points& points, const Part& part) const {
  const auto [left, top, width, height] = part.region;
  const double sx = double(width) / part.picture.width, sy = double(height) / part.picture.height;
  const PlaneMap map = {{{{sx, 0, 2.0 * left / part.picture.width + sx - 1},
                          {0, sy, 2.0 * top / part.picture.height + sy - 1},
                          {0, 0, 1}}}};
  return {
      transform_points(points.xy, std::vector<PlaneMap>(static_cast<std::size_t>(points.xy.size(0)), map)),
      size};
}

void RandomResizedCropGPU::fields(Fields& f) {
  f("size", size)("min_scale", min_scale)("min_ratio", min_ratio)("max_ratio", max_ratio);
  f("mode", mode, {"bilinear", "nearest"})("valid_scale", valid_scale)("max_scale", max_scale);
}

}  // namespace fastcore
