// SPDX-License-Identifier: MIT
// From rows to leaves. A row's way down is a chain of loads that wait for each other: eight rows go down
// together.
#include <cmath>
#include <limits>

#include "fastcore/tabular/grow.h"

namespace fastcore {

void Tree::finish() {
  steps.resize(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const TreeNode& node = nodes[i];
    const auto self = static_cast<int32_t>(i);
    if (node.feature < 0) {
      steps[i] = {0, 0, {self, self}};
      continue;
    }
    // The largest float that is not above the threshold divides floats as the threshold does.
    auto cut = static_cast<float>(node.threshold);
    if (static_cast<double>(cut) > node.threshold)
      cut = std::nextafter(cut, -std::numeric_limits<float>::infinity());
    steps[i] = {cut, node.feature, {node.left, node.right}};
  }
}

void Tree::find_leaves(const float* xs, int64_t rows, int64_t width, int32_t* to) const {
  constexpr int kLanes = 8;
  const Step* all = steps.data();
  int64_t row = 0;
  for (; row + kLanes <= rows; row += kLanes) {
    int32_t at[kLanes] = {};
    for (bool moved = true; moved;) {
      moved = false;
      for (int k = 0; k < kLanes; ++k) {
        const Step& step = all[at[k]];
        const int32_t next = step.child[xs[(row + k) * width + step.feature] > step.cut];
        moved |= next != at[k];
        at[k] = next;
      }
    }
    for (int k = 0; k < kLanes; ++k) to[row + k] = at[k];
  }
  for (; row < rows; ++row) {
    int32_t at = 0, before = -1;
    while (at != before) {
      before = at;
      at = all[at].child[xs[row * width + all[at].feature] > all[at].cut];
    }
    to[row] = at;
  }
}

}  // namespace fastcore
