// SPDX-License-Identifier: MIT
// Where the boxes of a layer stand, from left to right, once their order is known.
#include <algorithm>

#include "minitorch/autograd/graph_layers.h"

namespace minitorch::detail {

double Layered::distance(int left, int right) const {
  const bool points = items_[left].box < 0 && items_[right].box < 0;
  return (items_[left].width + items_[right].width) / 2 + (points ? gap_x_ / 2 : gap_x_);
}

// Where an item would like to stand: the mean of its neighbours, long edges pulling most, so that they are
// straight.
double Layered::wanted(const Item& item, bool use_above, bool use_below, double& weight) const {
  if (!columns_.empty() && item.column >= 0) {
    weight = 1e6;
    return columns_[item.column];
  }
  double sum = 0, total = 0;
  const auto pull = [&](const std::vector<int>& others) {
    for (int other : others) {
      const bool point = item.box < 0, other_point = items_[other].box < 0;
      double w = point && other_point ? 8 : point || other_point ? 2 : 1;
      if (item.box >= 0 && !other_point && boxes_[items_[other].box].floating)
        w = 0.02;  // weights come to their op
      sum += w * items_[other].x;
      total += w;
    }
  };
  if (use_above) pull(item.above);
  if (use_below) pull(item.below);
  const bool aside = item.box >= 0 && boxes_[item.box].floating;
  weight = total > 0 ? total * (aside ? 0.02 : 1) : 1e-3;  // a weight makes room for the ops beside it
  return total > 0 ? sum / total : item.x;
}

// Minimises sum w (x - wanted)^2 with all distances kept: subtract the distances from the left end, pool
// neighbours that would overlap into their weighted mean (isotonic regression), add the distances again.
void Layered::place_layer(const std::vector<int>& layer, bool use_above, bool use_below) {
  struct Pool {
    double sum, weight;
    int count;
    double mean() const { return sum / weight; }
  };
  std::vector<Pool> pools;
  double offset = 0;
  for (std::size_t i = 0; i < layer.size(); ++i) {
    if (i) offset += distance(layer[i - 1], layer[i]);
    double weight;
    const double x = wanted(items_[layer[i]], use_above, use_below, weight) - offset;
    pools.push_back({x * weight, weight, 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back().sum += last.sum;
      pools.back().weight += last.weight;
      pools.back().count += last.count;
    }
  }
  std::size_t i = 0;
  offset = 0;
  for (const Pool& pool : pools)
    for (int k = 0; k < pool.count; ++k, ++i) {
      if (i) offset += distance(layer[i - 1], layer[i]);
      items_[layer[i]].x = pool.mean() + offset;
    }
}

void Layered::place() {
  for (auto& layer : layers_) {
    double x = 0;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      if (i) x += distance(layer[i - 1], layer[i]);
      items_[layer[i]].x = x;
    }
    for (int id : layer) items_[id].x -= x / 2;
  }
  const int deepest = static_cast<int>(layers_.size()) - 1;
  for (int sweep = 0; sweep < 24; ++sweep) {
    const bool last = sweep >= 16;  // the last sweeps look both ways
    if (sweep % 2 == 0)
      for (int l = 0; l <= deepest; ++l) place_layer(layers_[l], true, last);
    else
      for (int l = deepest; l >= 0; --l) place_layer(layers_[l], last, true);
  }
  make_columns();
  settle_columns();
  for (int l = deepest; l >= 0; --l) place_layer(layers_[l], false, true);
}

// --- columns: so that a chain of ops, or an edge over many layers, is one straight line ---

// The one neighbour that does not float, or -1.
int Layered::only(const std::vector<int>& neighbours) const {
  int found = -1;
  for (int other : neighbours) {
    if (floats(other)) continue;
    if (found >= 0) return -1;
    found = other;
  }
  return found;
}

void Layered::make_columns() {
  int count = 0;
  for (auto& layer : layers_)
    for (int id : layer) {
      if (floats(id)) continue;
      const int above = only(items_[id].above);
      const bool chain = above >= 0 && only(items_[above].below) == id;
      items_[id].column = chain ? items_[above].column : count++;
    }
  std::vector<int> members(count);
  columns_.assign(count, 0);
  for (const Item& item : items_)
    if (item.column >= 0) {
      columns_[item.column] += item.x;
      ++members[item.column];
    }
  for (int c = 0; c < count; ++c) columns_[c] /= members[c];
}

// Columns move towards the columns that they are joined to, and push apart where they come too close. Where
// two columns cross, no places satisfy both layers: place_layer then bends them.
void Layered::settle_columns() {
  struct Gap {
    int left, right;
    double least;
  };
  std::vector<Gap> gaps;
  for (auto& layer : layers_) {
    int left = -1;
    double reach = 0;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      if (i) reach += distance(layer[i - 1], layer[i]);
      const int column = items_[layer[i]].column;
      if (column < 0) continue;
      if (left >= 0) gaps.push_back({left, column, reach});
      left = column;
      reach = 0;
    }
  }
  std::vector<std::pair<int, int>> joined;
  for (const Item& item : items_)
    for (int other : item.below)
      if (item.column >= 0 && item.column != items_[other].column)
        joined.emplace_back(item.column, items_[other].column);
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    const double pull = round < kRounds / 2 ? 0.1 : 0;
    for (auto [a, b] : joined) {
      const double move = (columns_[b] - columns_[a]) * pull;
      columns_[a] += move;
      columns_[b] -= move;
    }
    for (const Gap& gap : gaps)
      if (const double lack = columns_[gap.left] + gap.least - columns_[gap.right]; lack > 0) {
        columns_[gap.left] -= lack / 2;
        columns_[gap.right] += lack / 2;
      }
  }
}

}  // namespace minitorch::detail
