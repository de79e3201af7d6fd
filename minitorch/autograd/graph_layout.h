// SPDX-License-Identifier: MIT
// Places for the boxes of a directed graph without cycles, layer by layer from top to bottom: a small version
// of what dot does. For draw_graph.
#pragma once
#include <utility>
#include <vector>

namespace minitorch::detail {

/// A box to place: its size, and the boxes that point at it, which end up above.
struct LayoutBox {
  double width, height;
  std::vector<int> from;
  bool floating = false;  ///< nothing points at it: stands in the layer just above what it points at
};

struct LayoutPoint {
  double x, y;
};

struct LayoutEdge {
  int from, to;
  std::vector<LayoutPoint> points;  ///< centres to pass through, the two boxes' own not included
};

struct Layout {
  std::vector<LayoutPoint> centres;  ///< of the boxes
  std::vector<LayoutEdge> edges;
  double width = 0, height = 0;
};

/// 1. layers: below everything that points at it;
/// 2. an edge over several layers gets a point in each between;
/// 3. the order within layers, by the middle of the neighbours, the best of several sweeps by crossings;
/// 4. places within layers: near the neighbours, chains of boxes and long edges straight, nothing
/// overlapping. Boxes must stand in an order in which `from` names only earlier ones.
Layout lay_out(const std::vector<LayoutBox>& boxes, double gap_x, double gap_y);

}  // namespace minitorch::detail
