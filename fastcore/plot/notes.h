// SPDX-License-Identifier: MIT
// Where short texts beside points, and the legend, go.
#pragma once
#include <string>
#include <vector>

#include "fastcore/plot/canvas.h"

namespace fastcore {

/// The start, or the end, of a text's base line.
struct NotePlace {
  Point at;
  Align align;
  bool far = false;  ///< not beside its point: a line leads there, from `near`
  Point near = {};
};

/// What texts should not stand on.
struct Obstacles {
  std::vector<Point> ink = {};  ///< places of points, and along lines
  std::vector<Box> boxes = {};  ///< filled areas, such as the legend's
};

/// A place for each text beside its point: above it to the right or, where that covers other texts, points or
/// obstacles or leaves the area, to the left, below, level with it, or farther away; of bad places the least
/// bad. Texts are placed one after the other, and then once more, each among all others.
std::vector<NotePlace> place_notes(const std::vector<Point>& points, const std::vector<std::string>& texts,
                                   double size, const Box& area, const Obstacles& obstacles = {});

/// The corner of `area` in which a box of this size covers the fewest points: right or left, then the lower
/// ones.
Box emptiest_corner(double width, double height, const Box& area, const std::vector<Point>& ink);

}  // namespace fastcore
