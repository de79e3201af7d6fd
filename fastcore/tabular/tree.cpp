// SPDX-License-Identifier: MIT
#include "fastcore/tabular/tree.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::format;

int64_t Tree::depth() const {
  std::vector<int64_t> depths(nodes.size());
  int64_t deepest = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {  // children come after their parents
    if (nodes[i].feature < 0) continue;
    for (const int32_t child : {nodes[i].left, nodes[i].right})
      deepest = std::max(deepest, depths[static_cast<std::size_t>(child)] = depths[i] + 1);
  }
  return deepest;
}

std::vector<double> Tree::importances(int64_t features) const {
  std::vector<double> gains(static_cast<std::size_t>(features));
  const auto mass = [&](int32_t i) {
    const TreeNode& node = nodes[static_cast<std::size_t>(i)];
    return node.weight * node.impurity;
  };
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].feature >= 0)
      gains[static_cast<std::size_t>(nodes[i].feature)] +=
          mass(static_cast<int32_t>(i)) - mass(nodes[i].left) - mass(nodes[i].right);
  const double total = std::accumulate(gains.begin(), gains.end(), 0.0);
  if (total > 0)
    for (double& gain : gains) gain /= total;
  return gains;
}

void DecisionTree::grow(const DataFrame& xs, const Series& y) {
  if (options_.min_samples_leaf < 1 || options_.min_samples_split < 2 ||
      !valid_limits(options_.max_leaf_nodes, options_.max_depth) ||
      !(options_.max_features > 0 && options_.max_features <= 1))
    throw minitorch::ValueError("[DecisionTree] an option is out of range",
                                "min_samples_leaf >= 1, min_samples_split >= 2, max_leaf_nodes 0 or >= 2, "
                                "max_depth >= 0, 0 < max_features <= 1");
  const FeatureTable table(xs);
  const TreeTargets targets = targets_of(table, y);
  std::vector<uint32_t> rows(static_cast<std::size_t>(table.rows));
  std::iota(rows.begin(), rows.end(), 0u);
  const auto features =
      std::max<int64_t>(1, static_cast<int64_t>(options_.max_features * static_cast<double>(table.width())));
  tree_ = grow_tree(CodedTable(table), targets, std::move(rows), {},
                    {.max_leaf_nodes = options_.max_leaf_nodes,
                     .max_depth = options_.max_depth,
                     .min_samples_leaf = options_.min_samples_leaf,
                     .min_samples_split = options_.min_samples_split,
                     .max_features = features,
                     .seed = options_.seed});
  learned(table);
}

void DecisionTree::outputs_of(const float* xs, int64_t rows, double* to) const {
  std::vector<int32_t> leaves(static_cast<std::size_t>(rows));
  tree_.find_leaves(xs, rows, static_cast<int64_t>(features().size()), leaves.data());
  for (const int32_t leaf : leaves) to = std::copy_n(tree_.value(leaf), tree_.outputs, to);
}

std::vector<double> DecisionTree::importances() const {
  return tree_.importances(static_cast<int64_t>(features().size()));
}

namespace {

struct Drawing {
  const Tree& tree;
  const TableModel& model;
  DrawTreeOptions options;
  std::string text;

  void node(int32_t place, const std::string& first, const std::string& others, int64_t depth) {
    const TreeNode& n = tree.nodes[static_cast<std::size_t>(place)];
    const bool cut = options.max_depth > 0 && depth >= options.max_depth && n.feature >= 0;
    text += first;
    if (n.feature >= 0)
      text += model.features()[static_cast<std::size_t>(n.feature)] +
              format(" <= %.*f, ", options.precision, n.threshold);
    text += format("%s %.*f, %lld rows, ", model.is_classifier() ? "gini" : "variance", options.precision,
                   n.impurity, static_cast<long long>(n.samples));
    const double* value = tree.value(place);
    if (!model.is_classifier()) text += format("value %.*f", options.precision, value[0]);
    for (int64_t c = 0; model.is_classifier() && c < tree.outputs; ++c)
      text += (c ? ", " : "") + model.classes()[c].text() + format(": %.*f", options.precision, value[c]);
    text += cut ? " ...\n" : "\n";
    if (n.feature < 0 || cut) return;
    node(n.left, others + "├─ yes: ", others + "│  ", depth + 1);
    node(n.right, others + "└─ no: ", others + "   ", depth + 1);
  }
};

}  // namespace

std::string draw_tree(const Tree& tree, const TableModel& model, const DrawTreeOptions& options) {
  if (tree.nodes.empty())
    throw minitorch::ValueError("[draw_tree] the tree has not grown", "call fit(xs, y) first");
  Drawing drawing{tree, model, options, ""};
  drawing.node(0, "", "", 0);
  drawing.text.pop_back();
  return drawing.text;
}
std::string draw_tree(const DecisionTree& model, const DrawTreeOptions& options) {
  return draw_tree(model.tree(), model, options);
}

}  // namespace fastcore
