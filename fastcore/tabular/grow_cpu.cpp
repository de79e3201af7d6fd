// SPDX-License-Identifier: MIT
// Growing a tree. A feature of few distinct values is counted value by value, one of many is sorted: both
// walk the values in order and weigh the two sides. The rows of a node stay in ascending order, so memory is
// read forwards.
#include <algorithm>
#include <cmath>
#include <queue>

#include "fastcore/tabular/grow.h"
#include "minitorch/core/mersenne.h"
#include "minitorch/core/parallel.h"

namespace fastcore {
namespace {

struct Split {
  int32_t feature = -1;
  uint32_t code = 0, next = 0;  // rows of this code or less go left; the next value there is
  double score = -1, threshold = 0;
};

// Rows of one value: their number, weight and weighted sum of targets.
struct Bin {
  double weight, sum;
  int64_t count;
};

// What one thread needs to search a feature.
struct Scratch {
  std::vector<Bin> bins;
  std::vector<double> classes;  // (values, classes), beyond two
  std::vector<uint64_t> keys;
  std::vector<uint32_t> code_of;
  std::vector<double> left;
};

class Grower {
 public:
  Grower(const CodedTable& x, const TreeTargets& targets, std::vector<uint32_t> rows,
         std::vector<float> weights, const GrowOptions& options)
      : x_(x),
        targets_(targets),
        options_(options),
        rows_(std::move(rows)),
        weights_(std::move(weights)),
        random_(static_cast<uint32_t>(options.seed ^ options.seed >> 32)) {
    classes_ = targets.classes;
    tree_.outputs = classes_ > 0 ? classes_ : 1;
    spare_.resize(rows_.size());
    for (int64_t f = 0; f < x.width(); ++f) features_.push_back(static_cast<int32_t>(f));
  }

  Tree grow() {
    std::priority_queue<Leaf> best;
    std::vector<Leaf> open;
    int64_t leaves = 1;
    const bool best_first = options_.max_leaf_nodes > 0;
    const auto add = [&](Leaf leaf) {
      if (leaf.split.feature < 0) return;
      if (best_first) best.push(leaf);
      else open.push_back(leaf);
    };
    add(make_leaf(0, static_cast<int64_t>(rows_.size()), 0));
    while (best_first ? !best.empty() && leaves < options_.max_leaf_nodes : !open.empty()) {
      const Leaf leaf = best_first ? best.top() : open.back();
      if (best_first) best.pop();
      else open.pop_back();
      const int64_t middle = partition(leaf);
      const Leaf left = make_leaf(leaf.begin, middle, leaf.depth + 1);
      const Leaf right = make_leaf(middle, leaf.end, leaf.depth + 1);
      TreeNode& node = tree_.nodes[static_cast<std::size_t>(leaf.node)];
      node.feature = leaf.split.feature;
      node.threshold = leaf.split.threshold;
      node.left = left.node;
      node.right = right.node;
      ++leaves;
      add(right);
      add(left);
    }
    tree_.finish();
    return std::move(tree_);
  }

 private:
  struct Leaf {
    int32_t node;
    int64_t begin, end, depth;
    Split split;
    double gain;
    // The greatest gain first; of equal ones the oldest.
    bool operator<(const Leaf& other) const {
      return gain != other.gain ? gain < other.gain : node > other.node;
    }
  };

  // Adds a node for rows [begin, end) and looks for its split.
  Leaf make_leaf(int64_t begin, int64_t end, int64_t depth) {
    const std::size_t n = static_cast<std::size_t>(end - begin);
    y_.resize(n);
    w_.resize(n);
    wy_.resize(n);
    TreeNode node;
    node.samples = end - begin;
    std::vector<double> sums(static_cast<std::size_t>(tree_.outputs), 0.0);
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const uint32_t row = rows_[static_cast<std::size_t>(begin) + i];
      const double y = targets_.y[row], w = weights_.empty() ? 1.0 : static_cast<double>(weights_[row]);
      y_[i] = y;
      w_[i] = w;
      wy_[i] = w * y;
      node.weight += w;
      if (classes_ > 0) sums[static_cast<std::size_t>(y)] += w;
      else sums[0] += w * y, squares += w * y * y;
    }
    double purity = 0;
    for (const double s : sums) purity += (s / node.weight) * (s / node.weight);
    node.impurity = classes_ > 0 ? 1 - purity : squares / node.weight - purity;
    for (const double s : sums) tree_.values.push_back(s / node.weight);
    const auto place = static_cast<int32_t>(tree_.nodes.size());
    tree_.nodes.push_back(node);
    Leaf leaf{place, begin, end, depth, {}, 0};
    const bool ends = (options_.max_depth > 0 && depth >= options_.max_depth) ||
                      node.samples < options_.min_samples_split ||
                      node.samples < 2 * options_.min_samples_leaf || node.impurity <= 2.3e-16;
    if (ends) return leaf;
    leaf.split = find_split(begin, end, node.weight, sums);
    // The score is weight (1 - impurity) of both sides (for numbers weight times mean^2): more than before is
    // gain.
    leaf.gain = leaf.split.score - node.weight * purity;
    return leaf;
  }

  Split find_split(int64_t begin, int64_t end, double weight, const std::vector<double>& sums) {
    const int64_t n = end - begin, width = x_.width();
    Split best;
    const auto better = [](const Split& a, const Split& b) {
      return a.feature >= 0 && (b.feature < 0 || a.score > b.score);
    };
    if (options_.max_features <= 0 || options_.max_features >= width) {
      std::vector<Split> found(static_cast<std::size_t>(width));
      const int64_t grain = std::max<int64_t>(1, 20000 / n);
      minitorch::parallel_for(width, grain, [&](int64_t first, int64_t last) {
        Scratch own;
        Scratch& scratch = first == 0 && last == width ? scratch_ : own;
        for (int64_t f = first; f < last; ++f)
          found[static_cast<std::size_t>(f)] =
              search(static_cast<int32_t>(f), begin, n, weight, sums, scratch);
      });
      for (const Split& split : found)
        if (better(split, best)) best = split;
      return best;
    }
    // As in scikit-learn: features that are constant here count as looked at, but one at least must vary.
    for (int64_t i = 0; i < width && (i < options_.max_features || best.feature < 0); ++i) {
      const auto rest = static_cast<uint32_t>(width - i);
      std::swap(features_[static_cast<std::size_t>(i)],
                features_[static_cast<std::size_t>(i) + (uint64_t{random_.next()} * rest >> 32)]);
      const Split split = search(features_[static_cast<std::size_t>(i)], begin, n, weight, sums, scratch_);
      if (better(split, best)) best = split;
    }
    return best;
  }

  // The best split of one feature over rows_[begin, begin + n).
  Split search(int32_t feature, int64_t begin, int64_t n, double weight, const std::vector<double>& sums,
               Scratch& s) const {
    const auto f = static_cast<std::size_t>(feature);
    if (x_.values[f].size() < 2) return {};
    const uint32_t* rows = rows_.data() + begin;
    const uint32_t* codes = x_.codes[f].data();
    const bool counted = static_cast<int64_t>(x_.values[f].size()) <= 4 * n;
    if (counted) count_values(rows, n, codes, x_.values[f].size(), s);
    else sort_values(rows, n, codes, s);
    Split best = classes_ > 2 ? walk_classes(n, weight, sums, s) : walk(n, weight, sums.back(), s);
    if (best.score < 0) return {};
    const auto code_of = [&](uint32_t place) { return counted ? place : s.code_of[place]; };
    best.feature = feature;
    const double low = x_.values[f][code_of(best.code)], high = x_.values[f][code_of(best.next)];
    best.threshold = low / 2 + high / 2;
    if (best.threshold >= high || !std::isfinite(best.threshold)) best.threshold = low;
    best.code = code_of(best.code);
    return best;
  }

  // Rows by value: a place for every value that the feature has anywhere.
  void count_values(const uint32_t* rows, int64_t n, const uint32_t* codes, std::size_t values,
                    Scratch& s) const {
    s.bins.assign(values, Bin{0, 0, 0});
    if (classes_ > 2) s.classes.assign(values * static_cast<std::size_t>(classes_), 0.0);
    for (int64_t i = 0; i < n; ++i) put(codes[rows[i]], static_cast<std::size_t>(i), s);
  }

  // Rows by value: a place for each value of the node.
  void sort_values(const uint32_t* rows, int64_t n, const uint32_t* codes, Scratch& s) const {
    s.keys.resize(static_cast<std::size_t>(n));
    for (int64_t i = 0; i < n; ++i)
      s.keys[static_cast<std::size_t>(i)] = uint64_t{codes[rows[i]]} << 32 | static_cast<uint64_t>(i);
    std::sort(s.keys.begin(), s.keys.end());
    s.code_of.clear();
    s.bins.clear();
    s.classes.clear();
    for (const uint64_t key : s.keys) {
      const auto code = static_cast<uint32_t>(key >> 32);
      if (s.code_of.empty() || s.code_of.back() != code) {
        s.code_of.push_back(code);
        s.bins.push_back({0, 0, 0});
        if (classes_ > 2) s.classes.resize(s.bins.size() * static_cast<std::size_t>(classes_));
      }
      put(s.bins.size() - 1, key & 0xffffffffu, s);
    }
  }

  void put(std::size_t place, std::size_t i, Scratch& s) const {
    Bin& bin = s.bins[place];
    bin.weight += w_[i];
    bin.sum += wy_[i];
    ++bin.count;
    if (classes_ > 2)
      s.classes[place * static_cast<std::size_t>(classes_) + static_cast<std::size_t>(y_[i])] += w_[i];
  }

  // Numbers, or two classes of which `sum` counts the second: the score of a side is weight mean^2, or
  // weight (p^2 + (1 - p)^2).
  Split walk(int64_t n, double weight, double sum, const Scratch& s) const {
    const bool classify = classes_ > 0;
    const auto score = [classify](double w, double y) {
      return (y * y + (classify ? (w - y) * (w - y) : 0.0)) / w;
    };
    Split best;
    double left_weight = 0, left_sum = 0;
    int64_t left = 0;
    uint32_t before = 0;
    for (std::size_t place = 0; place < s.bins.size() && left < n; ++place) {
      const Bin& bin = s.bins[place];
      if (bin.count == 0) continue;
      if (left >= options_.min_samples_leaf && n - left >= options_.min_samples_leaf) {
        const double value = score(left_weight, left_sum) + score(weight - left_weight, sum - left_sum);
        if (value > best.score) best = {-1, before, static_cast<uint32_t>(place), value, 0};
      }
      left_weight += bin.weight;
      left_sum += bin.sum;
      left += bin.count;
      before = static_cast<uint32_t>(place);
    }
    return best;
  }

  // Three classes or more: weight times the sum of squared shares.
  Split walk_classes(int64_t n, double weight, const std::vector<double>& sums, Scratch& s) const {
    const auto classes = static_cast<std::size_t>(classes_);
    s.left.assign(classes, 0.0);
    Split best;
    double left_weight = 0;
    int64_t left = 0;
    uint32_t before = 0;
    for (std::size_t place = 0; place < s.bins.size() && left < n; ++place) {
      const Bin& bin = s.bins[place];
      if (bin.count == 0) continue;
      if (left >= options_.min_samples_leaf && n - left >= options_.min_samples_leaf) {
        double left_squares = 0, right_squares = 0;
        for (std::size_t c = 0; c < classes; ++c) {
          left_squares += s.left[c] * s.left[c];
          right_squares += (sums[c] - s.left[c]) * (sums[c] - s.left[c]);
        }
        const double value = left_squares / left_weight + right_squares / (weight - left_weight);
        if (value > best.score) best = {-1, before, static_cast<uint32_t>(place), value, 0};
      }
      for (std::size_t c = 0; c < classes; ++c) s.left[c] += s.classes[place * classes + c];
      left_weight += bin.weight;
      left += bin.count;
      before = static_cast<uint32_t>(place);
    }
    return best;
  }

  // Puts the rows that go left first, both sides in their order. Returns where the right side begins.
  int64_t partition(const Leaf& leaf) {
    const uint32_t* codes = x_.codes[static_cast<std::size_t>(leaf.split.feature)].data();
    int64_t left = leaf.begin, right = 0;
    for (int64_t i = leaf.begin; i < leaf.end; ++i) {
      const uint32_t row = rows_[static_cast<std::size_t>(i)];
      const bool goes_left = codes[row] <= leaf.split.code;
      rows_[static_cast<std::size_t>(left)] = row;  // overwritten by the next when it goes right
      spare_[static_cast<std::size_t>(right)] = row;
      left += goes_left;
      right += !goes_left;
    }
    std::copy(spare_.begin(), spare_.begin() + right, rows_.begin() + left);
    return left;
  }

  const CodedTable& x_;
  const TreeTargets& targets_;
  const GrowOptions options_;
  int64_t classes_ = 0;
  Tree tree_;
  std::vector<uint32_t> rows_, spare_;
  std::vector<float> weights_;
  std::vector<double> y_, w_, wy_;  // of the node at hand: targets, weights, their product
  std::vector<int32_t> features_;
  Scratch scratch_;
  minitorch::Mersenne random_;
};

}  // namespace

Tree grow_tree(const CodedTable& x, const TreeTargets& targets, std::vector<uint32_t> rows,
               std::vector<float> weights, const GrowOptions& options) {
  return Grower(x, targets, std::move(rows), std::move(weights), options).grow();
}

}  // namespace fastcore
