// SPDX-License-Identifier: MIT
// A decision tree, and how it is grown. What learners use is tree.h and forest.h.
#pragma once
#include <cstdint>
#include <vector>

#include "fastcore/tabular/features.h"

namespace fastcore {

/// A question about one feature, or a leaf (feature -1). Rows with value <= threshold go left.
struct TreeNode {
  int32_t feature = -1, left = -1, right = -1;
  double threshold = 0;
  double impurity = 0;  ///< variance or Gini impurity of the training rows that come here
  double weight = 0;    ///< of those rows; a row that was drawn twice counts twice
  int64_t samples = 0;  ///< different rows
};

/// Nodes, the root first; each with the mean of its rows' targets or its shares of the classes.
struct Tree {
  std::vector<TreeNode> nodes;
  int64_t outputs = 1;
  std::vector<double> values;  ///< (nodes, outputs)

  /// A node as predictions see it: the next one is child[value > cut]; a leaf's children are itself.
  struct Step {
    float cut;
    int32_t feature, child[2];
  };
  std::vector<Step> steps;

  /// The leaf of each of `rows` rows of `width` features, those of a row side by side.
  void find_leaves(const float* xs, int64_t rows, int64_t width, int32_t* to) const;
  /// Call when the nodes are complete: find_leaves walks a copy of them that is small and needs no branches.
  void finish();
  const double* value(int64_t node) const { return values.data() + node * outputs; }
  int64_t leaves() const { return (static_cast<int64_t>(nodes.size()) + 1) / 2; }
  int64_t depth() const;
  /// How much each feature's splits lower the impurity, weighted by rows, as shares of the whole.
  std::vector<double> importances(int64_t features) const;
};

/// What a tree is to predict: a number for each row, or (classes > 0) a class.
struct TreeTargets {
  std::vector<double> y;
  int64_t classes = 0;
};

struct GrowOptions {
  int64_t max_leaf_nodes = 0;  ///< 0: any number; otherwise the best split of all leaves comes next
  int64_t max_depth = 0;       ///< 0: any
  int64_t min_samples_leaf = 1, min_samples_split = 2;
  int64_t max_features = 0;  ///< looked at for a split, drawn anew each time; 0: all
  uint64_t seed = 0;
};

/// More trees than anybody grows.
constexpr int64_t kMostTrees = 1000000;

/// Whether a tree can keep to these limits: 0 is none, and one leaf would be no tree.
inline bool valid_limits(int64_t max_leaf_nodes, int64_t max_depth) {
  return max_leaf_nodes >= 0 && max_leaf_nodes != 1 && max_depth >= 0;
}

/// A tree of the given rows, each with its weight. Splits are those with the lowest impurity over both sides,
/// between neighbouring values; of equal ones the first feature's, lowest value's. Features are searched in
/// parallel where there are rows enough; the tree does not depend on the threads.
Tree grow_tree(const CodedTable& x, const TreeTargets& targets, std::vector<uint32_t> rows,
               std::vector<float> weights, const GrowOptions& options);

}  // namespace fastcore
