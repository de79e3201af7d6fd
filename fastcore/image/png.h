// SPDX-License-Identifier: MIT
// PNG files in memory: one picture, a mask with its palette, or an animation. Compressed by zlib.
#pragma once
#include <cstdint>
#include <vector>

#include "fastcore/image/image.h"
#include "fastcore/image/palette.h"

namespace fastcore {

/// How to write a PNG.
struct PngOptions {
  int compression = 6;            ///< 0 (none) to 9 (smallest, slow)
  std::vector<Rgb> palette = {};  ///< not empty: the picture has one channel of indices into these colours
};

/// Encodes a picture without loss. A colour picture of at most 256 colours is stored with a palette,
/// in which a grey stands at its own value if all colours are grey: Mask::open reads the same codes.
/// @throws ValueError for an empty picture, or a palette of more than 256 colours or for a colour picture
std::vector<uint8_t> encode_png(const Image& image, const PngOptions& options = {});

/// One picture of an animation.
struct Frame {
  Image image;
  int milliseconds;  ///< how long it is shown
};

/// Encodes an animated PNG; viewers that know nothing of animation show the first frame.
/// Of each later frame only the rectangle that changed is stored.
/// @param loops how often it runs; 0 is for ever
/// @throws ValueError when there is no frame, or frames differ in size or channels
std::vector<uint8_t> encode_apng(const std::vector<Frame>& frames, int loops);

/// Writes an animated PNG, whole or not at all. @throws FileError when the folder cannot be written
void save_animation(const std::vector<Frame>& frames, const std::string& path, int loops);

}  // namespace fastcore
