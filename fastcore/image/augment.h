// SPDX-License-Identifier: MIT
// What augmentation does to batches of pictures, masks and points on any device: resampling through maps,
// lighting, hue, erasing. Everything random comes in as an argument.
#pragma once
#include <vector>

#include "fastcore/image/augment_maps.h"
#include "fastcore/image/geometry.h"
#include "minitorch/ops/grid_sample/grid_rule.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

using minitorch::SampleMode;

/// How a batch is read through maps.
struct Resampling {
  Size size = {0, 0};  ///< of the result; {0, 0}: the pictures' own
  SampleMode mode = SampleMode::kBilinear;
  PadMode pad_mode = PadMode::reflection;
  bool align_corners = true;  ///< -1 and 1 are the centres of the outermost pixels, not their outer edges
};

/// Pictures read through maps, one for each: y[n, :, i, j] = x[n] at map[n](x_j, y_i), bilinear or nearest.
///
/// A bilinear result that is much smaller than what it shows is made from pictures reduced first (mean over
/// areas), since four neighbours would miss most pixels: with d = min(H / H', W / W') / 2, by 1 / d where d
/// is above 1 and above 2 / (largest - smallest coordinate).
/// x (N, C, H, W) float, result (N, C, H', W'). No gradient.
/// @throws ShapeError unless x has four axes and there are N maps, DtypeError for whole numbers
minitorch::Tensor transform_images(const minitorch::Tensor& x, const std::vector<PlaneMap>& maps,
                                   const Resampling& how = {});

/// Masks read through the same maps, codes picked and never mixed: (N, H, W) of any type to (N, H', W')
/// int64.
/// @throws ShapeError unless masks have three axes and there are N maps
minitorch::Tensor transform_masks(const minitorch::Tensor& masks, const std::vector<PlaneMap>& maps,
                                  const Resampling& how = {});

/// Where points of the picture lie in the result: through the inverse maps. (N, points, 2) as x, y in [-1,
/// 1].
/// @throws ShapeError unless the shape is that, ValueError for a map without an inverse
minitorch::Tensor transform_points(const minitorch::Tensor& points, const std::vector<PlaneMap>& maps);

/// A change of light: for each channel l -> scale l + grey (0.2989 R + 0.5870 G + 0.1140 B) + offset, where l
/// is the logit of a brightness, ln(x / (1 - x)). Whatever the change, results stay between black and white.
struct Light {
  double scale = 1, grey = 0, offset = 0;
  bool operator==(const Light&) const = default;
};

/// The change that applies b, then a: any number of changes is one change.
Light operator*(const Light& a, const Light& b);

/// 0.5 changes nothing: adds logit(change). @throws ValueError unless 0 < change < 1
Light brightness(double change);
/// 1 changes nothing: multiplies the logits.
Light contrast(double change);
/// 1 changes nothing, 0 gives grey: logits times change plus their grey times 1 - change.
Light saturation(double change);

/// y = sigmoid(light(logit(x))), x clamped to [1e-7, 1 - 1e-7]; what nothing changes is copied.
/// x (N, C, H, W) float in [0, 1]; C is 3 where a light has a grey part. No gradient.
/// @throws ShapeError unless x has four axes, there are N lights and enough channels
minitorch::Tensor lighting(const minitorch::Tensor& x, const std::vector<Light>& lights);

/// Colours turned around the wheel: hue (in turns) plus `changes`, modulo 1; saturation and value stay.
/// x (N, 3, H, W) in [0, 1]. No gradient. @throws ShapeError unless that is the shape and there are N changes
minitorch::Tensor shift_hue(const minitorch::Tensor& x, const std::vector<double>& changes);

/// Red, green and blue to hue, saturation and value, all in [0, 1]: (N, 3, H, W). Grey has hue 0.
minitorch::Tensor rgb_to_hsv(const minitorch::Tensor& x);
/// The way back. @throws ShapeError unless x is (N, 3, H, W)
minitorch::Tensor hsv_to_rgb(const minitorch::Tensor& x);

/// x with noise of mean 0 and deviation 1 in rectangles, the same of all pictures, drawn from the default
/// generator in their order. @throws ShapeError when a rectangle is not inside the pictures
minitorch::Tensor cutout_gaussian(const minitorch::Tensor& x, const std::vector<Region>& rectangles);

}  // namespace fastcore
