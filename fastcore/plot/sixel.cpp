// SPDX-License-Identifier: MIT
// Sixel: strips of six pixel rows, one pass over a strip for each colour in it, a character for six pixels.
#include <algorithm>
#include <vector>

#include "fastcore/plot/terminal.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

constexpr int kSteps = 6;  // of each of red, green and blue

// The colour of a pixel in the palette; a 4 x 4 pattern spreads the rounding so that no bands appear.
int dithered(const uint8_t* rgb, int y, int x) {
  constexpr int kPattern[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
  int color = 0;
  for (int c = 0; c < 3; ++c) {
    int scaled = rgb[c] * (kSteps - 1) * 16 + kPattern[y % 4][x % 4] * 255;
    color = color * kSteps + std::min(kSteps - 1, scaled / (255 * 16));
  }
  return color;
}

void put_run(std::string& text, char six, int length) {
  if (length > 3) text += minitorch::format("!%d%c", length, six);
  else text.append(length, six);
}

}  // namespace

std::string sixel_text(const Image& image) {
  Image rgb = image.convert(PixelMode::rgb);
  std::string text = minitorch::format("\x1bPq\"1;1;%d;%d", rgb.width(), rgb.height());
  for (int i = 0; i < kSteps * kSteps * kSteps; ++i)
    text += minitorch::format("#%d;2;%d;%d;%d", i, i / 36 * 20, i / 6 % 6 * 20, i % 6 * 20);
  std::vector<int> colors(6 * size_t(rgb.width()));
  for (int top = 0; top < rgb.height(); top += 6) {
    int rows = std::min(6, rgb.height() - top);
    std::vector<bool> used(kSteps * kSteps * kSteps);
    for (int r = 0; r < rows; ++r)
      for (int x = 0; x < rgb.width(); ++x)
        used[colors[r * rgb.width() + x] = dithered(rgb.row(top + r) + 3 * x, top + r, x)] = true;
    for (int color = 0; color < static_cast<int>(used.size()); ++color) {
      if (!used[color]) continue;
      text += minitorch::format("#%d", color);
      char run = 0;
      int length = 0;
      for (int x = 0; x < rgb.width(); ++x) {
        int six = 0;
        for (int r = 0; r < rows; ++r) six |= (colors[r * rgb.width() + x] == color) << r;
        if (length && run != '?' + six) put_run(text, run, length), length = 0;
        run = static_cast<char>('?' + six);
        ++length;
      }
      put_run(text, run, length);
      text += '$';  // back to the start of the strip, for the next colour
    }
    text += '-';
  }
  return text + "\x1b\\\n";
}

}  // namespace fastcore
