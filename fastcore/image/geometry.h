// SPDX-License-Identifier: MIT
// Where to cut, how to fit: the geometry behind Resize, RandomResizedCrop, CropPad, FlipItem and
// DihedralItem (fastcore/data/item_transforms.h). Everything random comes in as an argument, so that each
// function can be checked with a pencil.
#pragma once
#include <cmath>
#include <optional>

#include "fastcore/image/resample.h"

namespace fastcore {

/// How a picture of another shape is made to fit.
enum class ResizeMethod {
  squish,  ///< scale each side on its own
  crop,    ///< cut off what is too much, then scale
  pad      ///< add what is missing, then scale
};

/// What padding is filled with.
enum class PadMode {
  zeros,      ///< black
  border,     ///< the nearest edge pixel
  reflection  ///< mirrored at the edge, which is not repeated
};

/// The 8 symmetries of a square, numbered as DihedralItem does: 0 unchanged, 1 mirrored left to right, 2 top
/// to bottom, 3 a quarter turn anticlockwise, 4 a half turn, 5 a quarter turn clockwise, 6 transposed, 7
/// transposed along the other diagonal. @throws ValueError unless 0 <= k <= 7
Image dihedral(const Image& image, int k);
Mask dihedral(const Mask& mask, int k);

/// Mirrored left to right, as FlipItem does.
Image flip(const Image& image);
Mask flip(const Mask& mask);

/// Cuts out a region; where it reaches beyond the picture, pads. Masks pad the same way.
/// @throws ValueError when a side of the region is below 1 or the picture is empty
Image crop_pad(const Image& image, Region region, PadMode pad_mode);
Mask crop_pad(const Mask& mask, Region region, PadMode pad_mode);

/// The region of `size` in the middle of the picture; offsets are floor((picture - size) / 2).
Region center_region(Size picture, Size size);
/// The region of `size` at offsets int(px (w - width)), int(py (h - height)), px and py in [0, 1):
/// RandomCrop.
Region placed_region(Size picture, Size size, double px, double py);
/// The size whose longest side is `longest`, the shape kept: int(h r), int(w r), r = longest / max(h, w), as
/// resize_images makes them (RatioResize multiplies first, which rounds otherwise).
Size ratio_size(Size picture, int longest);

namespace geometry {

/// fastai's Resize: makes every picture the same size.
///
/// squish scales; crop cuts the largest region of the target's shape and scales it; pad adds to the shorter
/// side and scales. The region is cp = (int(m tw), int(m th)), m = min (crop) or max (pad) of w / tw and h /
/// th, placed at (px, py): two uniform random numbers in training, (0.5, 0.5) in validation.
struct Resize {
  Size size;
  ResizeMethod method = ResizeMethod::crop;
  PadMode pad_mode = PadMode::reflection;
  Filter filter = Filter::bilinear;

  /// The part of the picture (for pad: around it) that is scaled.
  Region region(Size picture, double px, double py) const;
  /// (h, w, c) -> (size.height, size.width, c). @throws ValueError for an empty picture or size
  Image operator()(const Image& image, double px = 0.5, double py = 0.5) const;
  Mask operator()(const Mask& mask, double px = 0.5, double py = 0.5) const;
};

/// fastai's RandomResizedCrop: a random part of random shape, scaled to one size.
///
/// Training: area = a w h with a uniform in [min_scale, max_scale], shape = exp(uniform between the
/// logarithms of `ratio`), width = round(sqrt(area shape)), height = round(sqrt(area / shape)), ties to even;
/// ten attempts to fit it into the picture, then the middle of the picture within the shape limits.
/// Validation: the whole picture squished to size + xtra, xtra = ceil(max(side) val_xtra / 8) 8, then its
/// middle.
struct RandomResizedCrop {
  Size size;
  double min_scale = 0.08, max_scale = 1;
  double min_ratio = 3.0 / 4, max_ratio = 4.0 / 3;
  double val_xtra = 0.14;
  Filter filter = Filter::bilinear;

  /// The size of one attempt from its two draws, or nothing when it does not fit into the picture.
  std::optional<Size> attempt(Size picture, double area_share, double log_ratio) const;
  /// What is taken when ten attempts have failed.
  Region fallback(Size picture) const;
  /// Draws a region. `random` has uniform(low, high) and randint(low, high), both ends included, as Python's.
  template <class Random>
  Region region(Size picture, Random& random) const;
  /// The training result for a region. @throws ValueError when it is not inside the picture
  Image operator()(const Image& image, Region region) const { return resize(image, region, size, filter); }
  Mask operator()(const Mask& mask, Region region) const { return resize(mask, region, size); }
  /// The validation result. @throws ValueError for an empty picture
  Image validation(const Image& image) const;
  Mask validation(const Mask& mask) const;
  /// The size that validation squishes to before it takes the middle.
  Size validation_size() const;
};

template <class Random>
Region RandomResizedCrop::region(Size picture, Random& random) const {
  for (int attempts = 0; attempts < 10; ++attempts) {
    double share = random.uniform(min_scale, max_scale);
    double log_ratio = random.uniform(std::log(min_ratio), std::log(max_ratio));
    auto part = attempt(picture, share, log_ratio);
    if (!part) continue;
    int left = static_cast<int>(random.randint(0, picture.width - part->width));
    int top = static_cast<int>(random.randint(0, picture.height - part->height));
    return {left, top, part->width, part->height};
  }
  return fallback(picture);
}

}  // namespace geometry

}  // namespace fastcore
