// SPDX-License-Identifier: MIT
// Signals and pictures resized.
#pragma once
#include <vector>

#include "minitorch/ops/interpolate/resample_mode.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Either the size wanted or the factor to scale by, for each spatial axis or one for all.
struct InterpolateOptions {
  Shape size = {};
  std::vector<double> scale = {};
  Resample mode = Resample::kNearest;
  bool align_corners =
      false;  ///< linear only: the corner elements of x and y coincide, rather than their outer edges
};

/// x resized along its spatial axes: x (N, C, W) or (N, C, H, W), y (N, C, size...), float32 inside.
/// Output i looks at source position i in / out (nearest), (i + 0.5) in / out (nearest-exact), (i + 0.5) in /
/// out - 0.5 (linear) or i (in - 1) / (out - 1) (linear, aligned), where in / out is 1 / scale when a scale
/// is given and the size is then floor(in scale). Gradient: each element of dy spread over the elements it
/// was made from, with the same weights.
/// @throws ShapeError for other than 3 or 4 axes or an empty picture,
///   ValueError unless exactly one of size and scale is given, for one below 1 (or a scale of 0 or less),
///   or aligned corners without linear
Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace minitorch
