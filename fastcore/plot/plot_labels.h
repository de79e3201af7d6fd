// SPDX-License-Identifier: MIT
// The words around a plot: its title and the names of its axes.
#pragma once
#include "fastcore/plot/plot.h"

namespace fastcore {

/// Writes title and names of the axes around the area that the axes frame, all within the box: in the middle
/// of the area unless they are too long for that, cut where they are too long for the box.
void draw_labels(const Plot& plot, const Box& box, const Box& area, Canvas& canvas);

}  // namespace fastcore
