// SPDX-License-Identifier: MIT
#include "fastcore/image/augment.h"

#include <algorithm>
#include <cmath>

#include "fastcore/image/augment_kernels.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::format;
using minitorch::GridPadding;
using minitorch::GridRule;
using minitorch::Shape;
using minitorch::ShapeError;
using minitorch::Tensor;

namespace {

void check_maps(const char* op, const Tensor& x, int dims, const char* expected, std::size_t maps) {
  if (x.dims() == dims && x.size(0) == static_cast<int64_t>(maps)) return;
  throw ShapeError(format("[%s] a batch of shape %s and %zu maps: expected %s and N", op,
                          to_string(x.shape()).c_str(), maps, expected),
                   x.dims() == dims - 1 ? "whole batches are augmented: .batch_tfms = aug_transforms()" : "");
}

// Rows of the maps from `first` on, as affine_grid takes them: (N, 2, 3).
Tensor map_rows(const std::vector<PlaneMap>& maps, std::array<int, 2> rows, minitorch::Device device) {
  std::vector<double> values;
  for (const PlaneMap& map : maps)
    for (int row : rows) values.insert(values.end(), map.m[row].begin(), map.m[row].end());
  const auto n = static_cast<int64_t>(maps.size());
  return minitorch::from_values(values, {n, 2, 3}, minitorch::kFloat32).to(device);
}

// The grid of all maps: (N, H', W', 2).
Tensor grid_of(const std::vector<PlaneMap>& maps, Size size, bool aligned, minitorch::Device device) {
  const Shape shape = {static_cast<int64_t>(maps.size()), 1, size.height, size.width};
  const Tensor grid = affine_grid(map_rows(maps, {0, 1}, device), shape, aligned);
  if (std::all_of(maps.begin(), maps.end(), [](const PlaneMap& map) { return map.is_affine(); })) return grid;
  return grid / affine_grid(map_rows(maps, {2, 2}, device), shape, aligned);
}

// The difference between the largest and the smallest coordinate looked at. Straight lines stay straight, so
// it is found at the corners of the result.
double looked_at(const std::vector<PlaneMap>& maps, Size size, bool aligned) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  const double x = aligned ? 1 : 1 - 1.0 / size.width, y = aligned ? 1 : 1 - 1.0 / size.height;
  for (const PlaneMap& map : maps)
    for (const Place corner : {Place{-x, -y}, Place{x, -y}, Place{-x, y}, Place{x, y}}) {
      const Place at = map(corner);
      low = std::min({low, at.x, at.y});
      high = std::max({high, at.x, at.y});
    }
  return high - low;
}

Tensor reduced(const Tensor& x, Size size, double spread) {
  const double factor =
      std::min(static_cast<double>(x.size(2)) / size.height, static_cast<double>(x.size(3)) / size.width) / 2;
  if (!(factor > 1 && factor > 2 / spread)) return x;
  const Shape smaller = {static_cast<int64_t>(std::floor(static_cast<double>(x.size(2)) / factor)),
                         static_cast<int64_t>(std::floor(static_cast<double>(x.size(3)) / factor))};
  return interpolate(x, {.size = smaller, .mode = minitorch::Resample::kArea});
}

GridRule rule_of(const Resampling& how) {
  const GridPadding padding = how.pad_mode == PadMode::zeros    ? GridPadding::kZeros
                              : how.pad_mode == PadMode::border ? GridPadding::kBorder
                                                                : GridPadding::kReflection;
  return {how.mode, padding, how.align_corners};
}

Tensor sample_on_cpu(const Tensor& x, const std::vector<PlaneMap>& maps, Size size, const Resampling& how) {
  const Tensor from = to(x.detach(), minitorch::kFloat32).contiguous();
  const Tensor y = minitorch::empty({x.size(0), x.size(1), size.height, size.width});
  std::vector<kernels::MapRows> floats(maps.size());
  for (std::size_t n = 0; n < maps.size(); ++n)
    for (int i = 0; i < 9; ++i) floats[n].m[i] = static_cast<float>(maps[n].m[i / 3][i % 3]);
  kernels::sample_through(minitorch::view_of<const float, 4>(from), floats.data(),
                          minitorch::view_of<float, 4>(y), rule_of(how));
  return to(y, x.dtype());
}

Tensor sample(const Tensor& x, const std::vector<PlaneMap>& maps, Size size, const Resampling& how) {
  if (x.size(2) * x.size(3) == 0 || x.size(2) * x.size(3) > INT32_MAX || size.height < 1 || size.width < 1)
    throw ShapeError(
        format("[transform_images] pictures of shape %s to %d x %d: expected 1 to 2^31 - 1 pixels each",
               to_string(x.shape()).c_str(), size.height, size.width));
  const Tensor from =
      how.mode == SampleMode::kBilinear ? reduced(x, size, looked_at(maps, size, how.align_corners)) : x;
  if (x.device() == minitorch::Device::cpu()) return sample_on_cpu(from, maps, size, how);
  const GridRule rule = rule_of(how);
  return grid_sample(from, grid_of(maps, size, how.align_corners, x.device()),
                     {rule.mode, rule.padding, rule.aligned});
}

Size size_of(const Tensor& x, const Resampling& how) {
  const Size own = {static_cast<int>(x.size(-2)), static_cast<int>(x.size(-1))};
  return how.size == Size{0, 0} ? own : how.size;
}

}  // namespace

Tensor transform_images(const Tensor& x, const std::vector<PlaneMap>& maps, const Resampling& how) {
  check_maps("transform_images", x, 4, "(N, C, H, W)", maps.size());
  if (!is_floating(x.dtype()))
    throw minitorch::DtypeError(format("[transform_images] %s pictures: expected floats", name(x.dtype())),
                                "put IntToFloatTensor before it");
  minitorch::NoGrad no_grad;
  return sample(x, maps, size_of(x, how), how);
}

Tensor transform_masks(const Tensor& masks, const std::vector<PlaneMap>& maps, const Resampling& how) {
  check_maps("transform_masks", masks, 3, "(N, H, W)", maps.size());
  Resampling picked = how;
  picked.mode = SampleMode::kNearest;
  const Tensor codes = unsqueeze(to(masks, minitorch::kFloat32), 1);
  return to(squeeze(sample(codes, maps, size_of(masks, how), picked), 1), minitorch::kInt64);
}

Tensor transform_points(const Tensor& points, const std::vector<PlaneMap>& maps) {
  check_maps("transform_points", points, 3, "(N, points, 2)", maps.size());
  if (points.size(2) != 2)
    throw ShapeError(format("[transform_points] points of shape %s: expected (N, points, 2) as x, y",
                            to_string(points.shape()).c_str()));
  std::vector<PlaneMap> back;
  for (const PlaneMap& map : maps) back.push_back(inverse(map));
  const auto n = static_cast<int64_t>(maps.size());
  const Tensor one = minitorch::ones({n, points.size(1), 1}, points.options());
  const Tensor homogeneous = minitorch::cat({points.detach(), one}, 2);  // (N, points, 3)
  const Tensor xy = matmul(homogeneous, transpose(map_rows(back, {0, 1}, points.device()), 1, 2));
  const Tensor w = matmul(homogeneous, transpose(map_rows(back, {2, 2}, points.device()), 1, 2));
  return xy / w;
}

Tensor cutout_gaussian(const Tensor& x, const std::vector<Region>& rectangles) {
  const Tensor erased = clone(x.detach());
  for (const Region& r : rectangles) {
    const bool inside = r.left >= 0 && r.top >= 0 && r.width >= 0 && r.height >= 0 &&
                        r.left + r.width <= x.size(-1) && r.top + r.height <= x.size(-2);
    if (!inside)
      throw ShapeError(
          format("[cutout_gaussian] a rectangle from (%d, %d), %d wide and %d high, in pictures of "
                 "shape %s",
                 r.left, r.top, r.width, r.height, to_string(x.shape()).c_str()));
    const Tensor part = slice(slice(erased, -2, r.top, r.top + r.height), -1, r.left, r.left + r.width);
    part.normal_();
  }
  return erased;
}

}  // namespace fastcore
