// SPDX-License-Identifier: MIT
// The 20 colours in which masks are shown and saved.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace fastcore {

using Rgb = std::array<uint8_t, 3>;

/// 20 colours in pairs of strong and pale, easy to tell apart side by side (the numbers of "tab20").
inline constexpr std::array<Rgb, 20> kMaskColors = {{
    {31, 119, 180},  {174, 199, 232}, {255, 127, 14},  {255, 187, 120}, {44, 160, 44},
    {152, 223, 138}, {214, 39, 40},   {255, 152, 150}, {148, 103, 189}, {197, 176, 213},
    {140, 86, 75},   {196, 156, 148}, {227, 119, 194}, {247, 182, 210}, {127, 127, 127},
    {199, 199, 199}, {188, 189, 34},  {219, 219, 141}, {23, 190, 207},  {158, 218, 229},
}};

/// The colour of a code when `codes` classes are spread over the 20 colours.
inline Rgb mask_color(int code, int codes) {
  int index = codes > 0 ? static_cast<int>(int64_t{code} * 20 / codes) : 0;
  return kMaskColors[index < 0 ? 0 : index > 19 ? 19 : index];
}

/// 256 colours for a mask file: the 20 above, over and over, so that neighbouring codes always differ.
inline std::vector<Rgb> mask_palette() {
  std::vector<Rgb> palette;
  for (int code = 0; code < 256; ++code) palette.push_back(kMaskColors[code % 20]);
  return palette;
}

}  // namespace fastcore
