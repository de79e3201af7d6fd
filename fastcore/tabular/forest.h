// SPDX-License-Identifier: MIT
// Random forests: many trees, each of rows drawn with replacement and of features drawn at every split; their
// mean is better than any of them.
//
//     auto m = RandomForestRegressor({.n_estimators = 40, .max_samples = 200000, .max_features = 0.5,
//                                     .min_samples_leaf = 5, .oob_score = true}).fit(xs, y);
//     m.oob_score();
#pragma once
#include <optional>

#include "fastcore/tabular/tree.h"

namespace fastcore {

struct ForestOptions {
  int64_t n_estimators = 100;  ///< trees, a million at most
  int64_t max_samples = 0;     ///< rows drawn for each tree; 0: as many as there are
  std::optional<double> max_features =
      {};  ///< share of features; none: all of a regressor, the root of a classifier
  int64_t max_leaf_nodes = 0, max_depth = 0;
  int64_t min_samples_leaf = 1, min_samples_split = 2;
  bool bootstrap = true;   ///< false: each tree sees every row
  bool oob_score = false;  ///< predict each row by the trees that did not see it; needs bootstrap
  uint64_t seed = 42;      ///< the forest follows from it, not from the threads
};

/// fit throws ValueError for options out of range, and for oob_score or max_samples without bootstrap.
class RandomForest : public TableModel {
 public:
  // Compiled once, in forest.cpp.
  RandomForest(const RandomForest&);
  RandomForest(RandomForest&&);
  RandomForest& operator=(const RandomForest&);
  RandomForest& operator=(RandomForest&&);
  ~RandomForest() override;
  const std::vector<Tree>& estimators() const { return trees_; }
  /// Predictions of each row by the trees that did not see it: (rows, classes) or (rows); NaN where all did.
  /// @throws ValueError unless oob_score was asked for
  const std::vector<double>& oob_outputs() const;
  /// The same as numbers or classes.
  Series oob_prediction() const;
  /// Their accuracy, or R^2: an honest score without a validation set.
  double oob_score() const;
  /// Predictions of each tree: (trees, rows), of a classifier the probability of the last class.
  /// @throws ValueError before fit
  std::vector<std::vector<double>> each_tree(const DataFrame& xs) const;

 protected:
  RandomForest(bool classifier, const ForestOptions& options) : TableModel(classifier), options_(options) {}
  void grow(const DataFrame& xs, const Series& y);
  void outputs_of(const float* xs, int64_t rows, double* to) const override;
  std::vector<double> importances() const override;

 private:
  int64_t feature_count(int64_t width) const;
  void score_oob(const FeatureTable& xs, const std::vector<std::vector<float>>& weights, const Series& y);

  ForestOptions options_;
  std::vector<Tree> trees_;
  std::vector<double> oob_;
  Series oob_y_;
};

/// Trees grown on samples of the rows; their mean.
class RandomForestRegressor : public RandomForest {
 public:
  explicit RandomForestRegressor(const ForestOptions& options = {}) : RandomForest(false, options) {}
  RandomForestRegressor& fit(const DataFrame& xs, const Series& y) { return grow(xs, y), *this; }
};
/// Trees grown on samples of the rows; their mean share of each class.
class RandomForestClassifier : public RandomForest {
 public:
  explicit RandomForestClassifier(const ForestOptions& options = {}) : RandomForest(true, options) {}
  RandomForestClassifier& fit(const DataFrame& xs, const Series& y) { return grow(xs, y), *this; }
};

}  // namespace fastcore
