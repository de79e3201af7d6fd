// SPDX-License-Identifier: MIT
// A small PNG writer for the generators; reading pictures is fastcore/image's business.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace datasets {

/// An 8-bit PNG of `channels` 1 (grey) or 3 (RGB). pixels: (height, width, channels), row by row.
/// @throws FileError when the file cannot be written
void write_png(const std::string& path, int width, int height, int channels,
               const std::vector<uint8_t>& pixels);

}  // namespace datasets
