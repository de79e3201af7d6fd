// SPDX-License-Identifier: MIT
// Changing a picture's size, with exactly the arithmetic of Pillow's 8-bit resampling.
#pragma once
#include "fastcore/image/image.h"

namespace fastcore {

/// A rectangle of a picture; as a request for crop_pad() it may reach beyond the edges.
struct Region {
  int left, top, width, height;
  bool operator==(const Region&) const = default;
};

/// The weight that a source pixel at distance t (in pixels of the coarser grid) gets.
enum class Filter {
  nearest,   ///< no mixing
  box,       ///< 1 within half a pixel
  bilinear,  ///< 1 - |t|
  bicubic,   ///< piecewise cubic with a = -1/2, reaching 2 pixels
  lanczos    ///< sinc(t) sinc(t / 3), reaching 3 pixels
};

/// Scales a picture; when it shrinks, every source pixel counts (antialiasing).
///
/// out(x) = (2^21 + sum_i w_i in(i)) >> 22, w normalised and rounded to 22 bits, rows first, then columns,
/// 8 bits in between. RGBA is mixed with its alpha as weight.
/// Shapes: (h, w, c) -> (size.height, size.width, c). Bit for bit Pillow's Image.resize.
/// @throws ValueError when a side of `size` is below 1 or the picture is empty
Image resize(const Image& image, Size size, Filter filter = Filter::bilinear);

/// Scales only a rectangle of the picture, as crop followed by resize would, without the copy.
/// @throws ValueError also when `source` reaches beyond the picture
Image resize(const Image& image, Region source, Size size, Filter filter = Filter::bilinear);

/// Scales a mask; codes are picked (nearest), never mixed. @throws ValueError as above
Mask resize(const Mask& mask, Size size);

/// The same for a rectangle of the mask. @throws ValueError as above
Mask resize(const Mask& mask, Region source, Size size);

}  // namespace fastcore
