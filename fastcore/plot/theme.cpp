// SPDX-License-Identifier: MIT
#include "fastcore/plot/theme.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fastcore {
namespace {

// Colours at equal distances; between them, straight lines. The published maps, thinned out.
const std::vector<Rgb> kBlues = {{247, 251, 255}, {222, 235, 247}, {198, 219, 239},
                                 {158, 202, 225}, {107, 174, 214}, {66, 146, 198},
                                 {33, 113, 181},  {8, 81, 156},    {8, 48, 107}};
const std::vector<Rgb> kViridis = {{68, 1, 84},    {71, 44, 122},  {59, 81, 139},
                                   {44, 113, 142}, {33, 144, 141}, {39, 173, 129},
                                   {92, 200, 99},  {170, 220, 50}, {253, 231, 37}};
const std::vector<Rgb> kGrey = {{0, 0, 0}, {255, 255, 255}};
const std::vector<Rgb> kRedBlue = {{5, 48, 97},     {67, 147, 195}, {209, 229, 240}, {247, 247, 247},
                                   {253, 219, 199}, {214, 96, 77},  {103, 0, 31}};

const std::vector<Rgb>& stops(ColorMap map) {
  switch (map) {
    case ColorMap::blues: return kBlues;
    case ColorMap::viridis: return kViridis;
    case ColorMap::grey: return kGrey;
    default: return kRedBlue;
  }
}

}  // namespace

Rgb map_color(ColorMap map, double t) {
  const auto& colors = stops(map);
  double at = (t > 0 ? std::min(t, 1.0) : 0.0) * static_cast<double>(colors.size() - 1);
  size_t low = std::min(static_cast<size_t>(at), colors.size() - 2);
  Rgb mixed;
  for (int c = 0; c < 3; ++c)
    mixed[c] = static_cast<uint8_t>(std::lround(
        std::lerp(static_cast<double>(colors[low][c]), static_cast<double>(colors[low + 1][c]), at - low)));
  return mixed;
}

}  // namespace fastcore
