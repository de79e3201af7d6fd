// SPDX-License-Identifier: MIT
// Pictures as planes, one for each channel: the form in which networks take them.
#pragma once
#include "fastcore/image/image.h"

namespace fastcore {

/// Writes red, green and blue one after the other: (h, w, c) bytes to (c, h, w).
void to_planes(const Image& image, uint8_t* planes);

/// The picture again from its planes: 1, 3 or 4 channels.
Image from_planes(const uint8_t* planes, Size size, int channels);

}  // namespace fastcore
