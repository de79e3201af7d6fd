// SPDX-License-Identifier: MIT
// Decision trees with scikit-learn's names and rules.
//
//     auto m = DecisionTreeClassifier({.max_leaf_nodes = 4}).fit(trn_xs, trn_y);
//     print(draw_tree(m));
//     mean_absolute_error(val_y, m.predict(val_xs));
#pragma once
#include <optional>
#include <string>

#include "fastcore/tabular/table_model.h"

namespace fastcore {

struct TreeOptions {
  int64_t max_leaf_nodes = 0;  ///< 0: any number; otherwise the split that gains most comes next
  int64_t max_depth = 0;       ///< 0: any
  int64_t min_samples_leaf = 1, min_samples_split = 2;
  double max_features = 1;  ///< share of the features that each split may choose from
  uint64_t seed = 42;       ///< of that choice
};

/// A single tree.
class DecisionTree : public TableModel {
 public:
  const Tree& tree() const { return tree_; }
  int64_t get_n_leaves() const { return tree_.leaves(); }
  int64_t get_depth() const { return tree_.depth(); }

 protected:
  DecisionTree(bool classifier, const TreeOptions& options) : TableModel(classifier), options_(options) {}
  void grow(const DataFrame& xs, const Series& y);
  void outputs_of(const float* xs, int64_t rows, double* to) const override;
  std::vector<double> importances() const override;

 private:
  TreeOptions options_;
  Tree tree_;
};

/// Splits lower the variance; a leaf predicts its mean.
class DecisionTreeRegressor : public DecisionTree {
 public:
  explicit DecisionTreeRegressor(const TreeOptions& options = {}) : DecisionTree(false, options) {}
  DecisionTreeRegressor& fit(const DataFrame& xs, const Series& y) { return grow(xs, y), *this; }
};
/// Splits lower the Gini impurity; a leaf predicts its most frequent class.
class DecisionTreeClassifier : public DecisionTree {
 public:
  explicit DecisionTreeClassifier(const TreeOptions& options = {}) : DecisionTree(true, options) {}
  DecisionTreeClassifier& fit(const DataFrame& xs, const Series& y) { return grow(xs, y), *this; }
};

struct DrawTreeOptions {
  int64_t max_depth = 0;  ///< 0: all of it
  int precision = 2;      ///< digits behind the point
};
/// The tree as text, a line for each node: its question, impurity, rows and value.
///
///     Sex <= 0.50, gini 0.47, 668 rows, 0: 0.62, 1: 0.38
///     ├─ yes: Pclass <= 2.50, gini 0.38, 229 rows, ...
std::string draw_tree(const DecisionTree& model, const DrawTreeOptions& options = {});
std::string draw_tree(const Tree& tree, const TableModel& model, const DrawTreeOptions& options = {});

}  // namespace fastcore
