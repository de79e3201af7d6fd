// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include "fastcore/tabular/boost_tree.h"
#include "minitorch/core/parallel.h"

namespace fastcore {

BinnedTable::BinnedTable(const CodedTable& table, int64_t max_bins)
    : rows(table.rows), bins(table.codes.size()), edges(table.codes.size()) {
  minitorch::parallel_for(table.width(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const auto f = static_cast<std::size_t>(at);
      const std::vector<float>& values = table.values[f];
      std::vector<int64_t> counts(values.size());
      for (const uint32_t code : table.codes[f]) ++counts[code];
      std::vector<uint8_t> bin_of(values.size());
      const bool each = static_cast<int64_t>(values.size()) <= max_bins;
      int64_t before = 0;  // rows below this value
      for (std::size_t code = 0; code < values.size(); ++code) {
        // A new bin begins where so many rows lie below that it is its turn.
        const auto bin = static_cast<int64_t>(edges[f].size());
        if (code > 0 && (each || before * max_bins >= (bin + 1) * rows))
          edges[f].push_back(double{values[code - 1]} / 2 + double{values[code]} / 2);
        bin_of[code] = static_cast<uint8_t>(edges[f].size());
        before += counts[code];
      }
      bins[f].resize(table.codes[f].size());
      for (std::size_t row = 0; row < bins[f].size(); ++row) bins[f][row] = bin_of[table.codes[f][row]];
    }
  });
}

namespace {

constexpr int64_t kBins = 256;

struct Sums {
  double gradient = 0, hessian = 0;
  int64_t count = 0;
  Sums operator-(const Sums& o) const {
    return {gradient - o.gradient, hessian - o.hessian, count - o.count};
  }
  Sums& operator+=(const Sums& o) {
    gradient += o.gradient;
    hessian += o.hessian;
    count += o.count;
    return *this;
  }
};
using Histogram = std::vector<Sums>;  // (features, kBins)

struct BinSplit {
  int32_t feature = -1;
  int bin = 0;  // rows of this bin or below go left
  double gain = 0;
  Sums left;
};

class BoostGrower {
 public:
  BoostGrower(const BinnedTable& x, const std::vector<float>& gradients, const std::vector<float>& hessians,
              const BoostingOptions& options)
      : x_(x),
        gradients_(gradients),
        hessians_(hessians),
        options_(options),
        rows_(static_cast<std::size_t>(x.rows)),
        spare_(rows_.size()),
        g_(rows_.size()),
        h_(rows_.size()) {
    std::iota(rows_.begin(), rows_.end(), 0u);
  }

  Tree grow(std::vector<double>& gains) {
    std::priority_queue<Leaf> open;
    Sums all;
    for (std::size_t i = 0; i < rows_.size(); ++i) all += {gradients_[i], hessians_[i], 1};
    open.push(make_leaf(0, x_.rows, 0, all, histogram(0, x_.rows)));
    int64_t leaves = 1;
    while (!open.empty() && open.top().split.feature >= 0 && leaves < options_.max_leaf_nodes) {
      Leaf leaf = open.top();
      open.pop();
      const int64_t middle = partition(leaf);
      const bool left_smaller = middle - leaf.begin <= leaf.end - middle;
      // A histogram is only made where the child may still be split.
      const bool last = leaves + 1 == options_.max_leaf_nodes;
      Histogram small, large;
      if (!last) {
        small = left_smaller ? histogram(leaf.begin, middle) : histogram(middle, leaf.end);
        large = std::move(leaf.sums_of_bins);
        for (std::size_t i = 0; i < large.size(); ++i) large[i] = large[i] - small[i];
      }
      const Sums right_sums = leaf.sums - leaf.split.left;
      const Leaf left = make_leaf(leaf.begin, middle, leaf.depth + 1, leaf.split.left,
                                  std::move(left_smaller ? small : large));
      const Leaf right =
          make_leaf(middle, leaf.end, leaf.depth + 1, right_sums, std::move(left_smaller ? large : small));
      TreeNode& node = tree_.nodes[static_cast<std::size_t>(leaf.node)];
      node.feature = leaf.split.feature;
      node.threshold =
          x_.edges[static_cast<std::size_t>(leaf.split.feature)][static_cast<std::size_t>(leaf.split.bin)];
      node.left = left.node;
      node.right = right.node;
      gains[static_cast<std::size_t>(leaf.split.feature)] += leaf.split.gain;
      ++leaves;
      open.push(left);
      open.push(right);
    }
    tree_.finish();
    return std::move(tree_);
  }

  // Adds each leaf's value to its rows.
  void add_to(const Tree& tree, double* raw, int64_t stride) const {
    for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
      if (tree.nodes[node].feature >= 0) continue;
      for (int64_t i = ranges_[node].first; i < ranges_[node].second; ++i)
        raw[rows_[static_cast<std::size_t>(i)] * stride] += tree.values[node];
    }
  }

 private:
  struct Leaf {
    int32_t node;
    int64_t begin, end, depth;
    Sums sums;
    Histogram sums_of_bins;
    BinSplit split;
    bool operator<(const Leaf& o) const {
      return split.gain != o.split.gain ? split.gain < o.split.gain : node > o.node;
    }
  };

  double score(const Sums& s) const {
    return s.gradient * s.gradient / (s.hessian + options_.l2_regularization + 1e-15);
  }

  Leaf make_leaf(int64_t begin, int64_t end, int64_t depth, const Sums& sums, Histogram histogram) {
    TreeNode node;
    node.samples = end - begin;
    node.weight = static_cast<double>(end - begin);
    tree_.values.push_back(-options_.learning_rate * sums.gradient /
                           (sums.hessian + options_.l2_regularization + 1e-15));
    tree_.nodes.push_back(node);
    ranges_.emplace_back(begin, end);
    Leaf leaf{
        static_cast<int32_t>(tree_.nodes.size() - 1), begin, end, depth, sums, std::move(histogram), {}};
    const bool ends = leaf.sums_of_bins.empty() || node.samples < 2 * options_.min_samples_leaf ||
                      (options_.max_depth > 0 && depth >= options_.max_depth);
    if (!ends) leaf.split = find_split(leaf);
    return leaf;
  }

  // Sums of every bin of every feature over rows [begin, end).
  Histogram histogram(int64_t begin, int64_t end) {
    const int64_t n = end - begin;
    for (int64_t i = 0; i < n; ++i) {  // gathered once for all features
      const uint32_t row = rows_[static_cast<std::size_t>(begin + i)];
      g_[static_cast<std::size_t>(i)] = gradients_[row];
      h_[static_cast<std::size_t>(i)] = hessians_[row];
    }
    Histogram sums(static_cast<std::size_t>(x_.width() * kBins));
    const int64_t grain = std::max<int64_t>(1, 4000 / std::max<int64_t>(n, 1));
    minitorch::parallel_for(x_.width(), grain, [&](int64_t first, int64_t last) {
      for (int64_t f = first; f < last; ++f) {
        const uint8_t* bins = x_.bins[static_cast<std::size_t>(f)].data();
        const uint32_t* rows = rows_.data() + begin;
        Sums* to = sums.data() + f * kBins;
        for (int64_t i = 0; i < n; ++i) {
          Sums& s = to[bins[rows[i]]];
          s.gradient += static_cast<double>(g_[static_cast<std::size_t>(i)]);
          s.hessian += static_cast<double>(h_[static_cast<std::size_t>(i)]);
          ++s.count;
        }
      }
    });
    return sums;
  }

  BinSplit find_split(const Leaf& leaf) const {
    BinSplit best;
    const double whole = score(leaf.sums);
    for (int64_t f = 0; f < x_.width(); ++f) {
      const Sums* bins = leaf.sums_of_bins.data() + f * kBins;
      const auto edges = static_cast<int>(x_.edges[static_cast<std::size_t>(f)].size());
      Sums left;
      for (int bin = 0; bin < edges; ++bin) {
        left += bins[bin];
        const Sums right = leaf.sums - left;
        if (left.count < options_.min_samples_leaf) continue;
        if (right.count < options_.min_samples_leaf) break;
        if (left.hessian < 1e-3 || right.hessian < 1e-3) continue;
        const double gain = score(left) + score(right) - whole;
        if (gain > best.gain + 1e-12 * whole) best = {static_cast<int32_t>(f), bin, gain, left};
      }
    }
    return best;
  }

  int64_t partition(const Leaf& leaf) {
    const uint8_t* bins = x_.bins[static_cast<std::size_t>(leaf.split.feature)].data();
    int64_t left = leaf.begin, right = 0;
    for (int64_t i = leaf.begin; i < leaf.end; ++i) {
      const uint32_t row = rows_[static_cast<std::size_t>(i)];
      const bool goes_left = bins[row] <= leaf.split.bin;
      rows_[static_cast<std::size_t>(left)] = row;  // overwritten by the next when it goes right
      spare_[static_cast<std::size_t>(right)] = row;
      left += goes_left;
      right += !goes_left;
    }
    std::copy(spare_.begin(), spare_.begin() + right, rows_.begin() + left);
    return left;
  }

  const BinnedTable& x_;
  const std::vector<float>&gradients_, &hessians_;
  const BoostingOptions& options_;
  Tree tree_;
  std::vector<std::pair<int64_t, int64_t>> ranges_;  // of rows_, for each node
  std::vector<uint32_t> rows_, spare_;
  std::vector<float> g_, h_;
};

}  // namespace

Tree grow_boosted(const BinnedTable& x, const std::vector<float>& gradients,
                  const std::vector<float>& hessians, const BoostingOptions& options, double* raw,
                  int64_t raw_stride, std::vector<double>& gains) {
  BoostGrower grower(x, gradients, hessians, options);
  Tree tree = grower.grow(gains);
  grower.add_to(tree, raw, raw_stride);
  return tree;
}

}  // namespace fastcore
