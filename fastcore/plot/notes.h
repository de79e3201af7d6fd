// SPDX-License-Identifier: MIT
// Where short texts beside points go.
#pragma once
#include <string>
#include <vector>

#include "fastcore/plot/canvas.h"

namespace fastcore {

/// The start, or the end, of a text's base line.
struct NotePlace {
  Point at;
  Align align;
};

/// A place for each text beside its point: above it to the right or, where that covers other points or texts
/// placed before or leaves the area, to the left, below or level with it; of six bad places the least bad.
std::vector<NotePlace> place_notes(const std::vector<Point>& points, const std::vector<std::string>& texts,
                                   double size, const Box& area);

}  // namespace fastcore
