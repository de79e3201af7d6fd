// SPDX-License-Identifier: MIT
// The layout at work. For graph_layout*.cpp only.
#pragma once
#include <cstdint>
#include <vector>

#include "minitorch/autograd/graph_layout.h"

namespace minitorch::detail {

// A box, or the point at which an edge passes a layer.
struct Item {
  int box = -1;  // -1: a point
  double width = 0;
  int layer = 0;
  int position = 0;  // within the layer
  double x = 0;
  int column = -1;                // items that stand straight below each other; -1: free to move aside
  std::vector<int> above, below;  // neighbours in the next layers
};

class Layered {
 public:
  Layered(const std::vector<LayoutBox>& boxes, double gap_x, double gap_y)
      : boxes_(boxes), gap_x_(gap_x), gap_y_(gap_y) {
    make_items();
    order();
    place();
  }
  Layout result();

 private:
  void make_items();
  void connect(int from, int to);
  void order();
  void sort_layer(int layer, bool by_above);
  int64_t crossings() const;
  int64_t crossings_below(const std::vector<int>& layer) const;
  void place();
  void place_layer(const std::vector<int>& layer, bool use_above, bool use_below);
  double wanted(const Item& item, bool use_above, bool use_below, double& weight) const;
  double distance(int left, int right) const;
  bool floats(int item) const { return items_[item].box >= 0 && boxes_[items_[item].box].floating; }
  int only(const std::vector<int>& neighbours) const;
  void make_columns();
  void settle_columns();

  const std::vector<LayoutBox>& boxes_;
  const double gap_x_, gap_y_;
  std::vector<Item> items_;
  std::vector<std::vector<int>> layers_;
  std::vector<double> columns_;  // where each stands, once that is settled
  std::vector<LayoutEdge> edges_;
  std::vector<std::vector<int>> edge_items_;  // the points of each edge
};

}  // namespace minitorch::detail
