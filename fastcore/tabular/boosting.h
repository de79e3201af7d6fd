// SPDX-License-Identifier: MIT
// Gradient boosting: small trees one after the other, each fitted to what those before have left over.
//
//     auto m = HistGradientBoostingClassifier({.max_iter = 200}).fit(xs, y);
#pragma once
#include "fastcore/tabular/tree.h"

namespace fastcore {

struct BoostingOptions {
  double learning_rate = 0.1;
  int64_t max_iter = 100;  ///< trees, for each class where there are more than two; a million at most
  int64_t max_leaf_nodes = 31, max_depth = 0;
  int64_t min_samples_leaf = 20;
  double l2_regularization = 0;
  int64_t max_bins = 255;  ///< values that are told apart in a column
};

/// Columns are cut into at most 255 bins of about as many rows; a node's gradients are summed bin by bin, and
/// the larger child's sums are the parent's less the smaller child's.
class HistGradientBoosting : public TableModel {
 public:
  /// Trees in the order they were grown; for several classes those of each round stand together.
  const std::vector<Tree>& estimators() const { return trees_; }
  /// The loss of training after each round: half the mean squared error, or the mean log loss.
  const std::vector<double>& train_losses() const { return losses_; }

 protected:
  HistGradientBoosting(bool classifier, const BoostingOptions& options)
      : TableModel(classifier), options_(options) {}
  void boost(const DataFrame& xs, const Series& y);
  void outputs_of(const float* xs, int64_t rows, double* to) const override;
  std::vector<double> importances() const override { return gains_; }

 private:
  BoostingOptions options_;
  std::vector<Tree> trees_;
  std::vector<double> start_, losses_, gains_;
};

/// Small trees, each grown on what those before it leave of the error.
class HistGradientBoostingRegressor : public HistGradientBoosting {
 public:
  explicit HistGradientBoostingRegressor(const BoostingOptions& options = {})
      : HistGradientBoosting(false, options) {}
  HistGradientBoostingRegressor& fit(const DataFrame& xs, const Series& y) { return boost(xs, y), *this; }
};
/// The same for classes, by their log odds.
class HistGradientBoostingClassifier : public HistGradientBoosting {
 public:
  explicit HistGradientBoostingClassifier(const BoostingOptions& options = {})
      : HistGradientBoosting(true, options) {}
  HistGradientBoostingClassifier& fit(const DataFrame& xs, const Series& y) { return boost(xs, y), *this; }
};

}  // namespace fastcore
