// SPDX-License-Identifier: MIT
// The part of plot drawing that deals with heat maps.
#pragma once
#include "fastcore/plot/plot.h"

namespace fastcore {

/// Draws the cells, their numbers and names, and a colour bar when the cells have no numbers; returns the box
/// of the cells.
Box draw_heat_map(const Plot& plot, Canvas& canvas, const Box& box);

}  // namespace fastcore
