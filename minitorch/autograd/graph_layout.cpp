// SPDX-License-Identifier: MIT
// Layers, the points of long edges, and the order within each layer. graph_layout_place.cpp does the rest.
#include "minitorch/autograd/graph_layout.h"

#include <algorithm>

#include "minitorch/autograd/graph_layers.h"

namespace minitorch::detail {

void Layered::make_items() {
  const int count = static_cast<int>(boxes_.size());
  items_.resize(boxes_.size());
  int deepest = 0;
  for (int i = 0; i < count; ++i) {
    items_[i].box = i;
    items_[i].width = boxes_[i].width;
    for (int from : boxes_[i].from) items_[i].layer = std::max(items_[i].layer, items_[from].layer + 1);
    deepest = std::max(deepest, items_[i].layer);
  }
  std::vector<int> first_use(boxes_.size(), deepest + 1);
  for (int i = 0; i < count; ++i)
    for (int from : boxes_[i].from) first_use[from] = std::min(first_use[from], items_[i].layer);
  for (int i = 0; i < count; ++i)
    if (boxes_[i].floating) items_[i].layer = std::max(0, std::min(first_use[i] - 1, deepest));
  layers_.resize(deepest + 1);
  for (int i = 0; i < count; ++i)
    for (int from : boxes_[i].from) connect(from, i);
  for (int i = 0; i < static_cast<int>(items_.size()); ++i) layers_[items_[i].layer].push_back(i);
}

void Layered::connect(int from, int to) {
  edges_.push_back({from, to, {}});
  edge_items_.emplace_back();
  int above = from;
  for (int layer = items_[from].layer + 1; layer < items_[to].layer; ++layer) {
    const int point = static_cast<int>(items_.size());
    items_.push_back({.layer = layer, .above = {}, .below = {}});
    items_[above].below.push_back(point);
    items_[point].above.push_back(above);
    edge_items_.back().push_back(point);
    above = point;
  }
  items_[above].below.push_back(to);
  items_[to].above.push_back(above);
}

void Layered::sort_layer(int layer, bool by_above) {
  auto& ids = layers_[layer];
  std::vector<double> key(items_.size());
  for (int id : ids) {
    const auto& others = by_above ? items_[id].above : items_[id].below;
    double sum = 0;
    for (int other : others) sum += items_[other].position;
    key[id] = others.empty() ? items_[id].position : sum / static_cast<double>(others.size());
  }
  std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) { return key[a] < key[b]; });
  for (std::size_t i = 0; i < ids.size(); ++i) items_[ids[i]].position = static_cast<int>(i);
}

// Edges (a, b) and (c, d) between two layers cross when a stands before c and d before b: counted as
// inversions, with a tree of sums over the positions below.
int64_t Layered::crossings_below(const std::vector<int>& layer) const {
  std::vector<std::pair<int, int>> ends;
  int last = 0;
  for (int id : layer)
    for (int other : items_[id].below) {
      ends.emplace_back(items_[id].position, items_[other].position);
      last = std::max(last, items_[other].position);
    }
  std::sort(ends.begin(), ends.end());
  std::vector<int> tree(static_cast<std::size_t>(last) + 2);
  int64_t total = 0, seen = 0;
  for (auto& [a, b] : ends) {
    int64_t not_after = 0;
    for (int i = b + 1; i > 0; i -= i & -i) not_after += tree[i];
    total += seen++ - not_after;
    for (int i = b + 1; i < static_cast<int>(tree.size()); i += i & -i) ++tree[i];
  }
  return total;
}

int64_t Layered::crossings() const {
  int64_t total = 0;
  for (auto& layer : layers_) total += crossings_below(layer);
  return total;
}

void Layered::order() {
  for (auto& layer : layers_)
    for (std::size_t i = 0; i < layer.size(); ++i) items_[layer[i]].position = static_cast<int>(i);
  const int deepest = static_cast<int>(layers_.size()) - 1;
  auto best = layers_;
  int64_t fewest = crossings();
  for (int sweep = 0; sweep < 12 && fewest > 0; ++sweep) {
    if (sweep % 2 == 0)
      for (int l = deepest - 1; l >= 0; --l) sort_layer(l, false);
    else
      for (int l = 1; l <= deepest; ++l) sort_layer(l, true);
    if (const int64_t now = crossings(); now < fewest) {
      fewest = now;
      best = layers_;
    }
  }
  layers_ = best;
  for (auto& layer : layers_)
    for (std::size_t i = 0; i < layer.size(); ++i) items_[layer[i]].position = static_cast<int>(i);
}

Layout Layered::result() {
  Layout out;
  double left = items_.empty() ? 0 : items_[0].x, right = left;
  for (const Item& item : items_) {
    left = std::min(left, item.x - item.width / 2);
    right = std::max(right, item.x + item.width / 2);
  }
  std::vector<double> middle;
  double y = 0;
  for (auto& layer : layers_) {
    double height = 0;
    for (int id : layer)
      if (items_[id].box >= 0) height = std::max(height, boxes_[items_[id].box].height);
    middle.push_back(y + height / 2);
    y += height + gap_y_;
  }
  for (std::size_t i = 0; i < boxes_.size(); ++i)
    out.centres.push_back({items_[i].x - left, middle[items_[i].layer]});
  for (std::size_t e = 0; e < edges_.size(); ++e)
    for (int id : edge_items_[e]) edges_[e].points.push_back({items_[id].x - left, middle[items_[id].layer]});
  out.edges = std::move(edges_);
  out.width = right - left;
  out.height = boxes_.empty() ? 0 : y - gap_y_;
  return out;
}

Layout lay_out(const std::vector<LayoutBox>& boxes, double gap_x, double gap_y) {
  return Layered(boxes, gap_x, gap_y).result();
}

}  // namespace minitorch::detail
