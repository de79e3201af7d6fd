// SPDX-License-Identifier: MIT
// The boxes of draw_graph, and how they become a picture.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace minitorch::detail {

struct GraphBox {
  enum Kind { leaf, op, root };
  std::string title, shape;
  Kind kind = op;
  int64_t numel = 0;
  std::vector<int> from;  ///< the boxes it is computed from, all of them earlier
};

std::string graph_svg(const std::vector<GraphBox>& boxes, const std::string& title);

}  // namespace minitorch::detail
