// SPDX-License-Identifier: MIT
// Colours by what they are for, so that one drawing serves light and dark.
#pragma once
#include <array>

#include "fastcore/image/palette.h"

namespace fastcore {

/// What a colour is for. Series take series_0 to series_9 in turn.
enum class Ink : int { paper, text, muted, grid, frame, good, bad, series_0, last = series_0 + 9 };

constexpr int kInks = static_cast<int>(Ink::last) + 1;

/// A colour for every ink.
using Theme = std::array<Rgb, kInks>;

/// The ink of the n-th series, starting again after ten.
constexpr Ink series_ink(int n) { return static_cast<Ink>(static_cast<int>(Ink::series_0) + n % 10); }

inline constexpr Theme kLightTheme = {{
    {255, 255, 255},
    {31, 35, 40},
    {89, 99, 110},
    {230, 232, 235},
    {174, 180, 187},
    {26, 127, 55},
    {207, 34, 46},  //
    {47, 111, 222},
    {232, 113, 10},
    {26, 152, 80},
    {214, 58, 58},
    {130, 80, 223},
    {140, 86, 75},
    {214, 64, 159},
    {110, 119, 129},
    {176, 136, 0},
    {13, 150, 168},
}};

inline constexpr Theme kDarkTheme = {{
    {13, 17, 23},
    {230, 237, 243},
    {145, 152, 161},
    {38, 44, 52},
    {72, 80, 90},
    {63, 185, 80},
    {255, 123, 114},  //
    {110, 168, 254},
    {255, 166, 87},
    {86, 211, 100},
    {255, 123, 114},
    {210, 168, 255},
    {212, 164, 142},
    {255, 155, 206},
    {170, 180, 190},
    {227, 179, 65},
    {86, 212, 221},
}};

/// A colour of the theme, or (with `own`) one that is the same in every theme.
struct Paint {
  Ink ink = Ink::text;
  double opacity = 1;
  bool own = false;
  Rgb color = {0, 0, 0};

  static Paint of(Rgb color, double opacity = 1) { return {Ink::text, opacity, true, color}; }
  Rgb in(const Theme& theme) const { return own ? color : theme[static_cast<int>(ink)]; }
};

/// How values become colours.
enum class ColorMap {
  blues,    ///< white to dark blue: counts
  viridis,  ///< dark blue to yellow, even to the eye and in grey: any measured quantity
  grey,     ///< black to white: pictures
  red_blue  ///< blue to white to red: values around zero
};

/// The colour of t in [0, 1]; t outside is clipped.
Rgb map_color(ColorMap map, double t);

}  // namespace fastcore
