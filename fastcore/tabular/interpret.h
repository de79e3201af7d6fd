// SPDX-License-Identifier: MIT
// What a model of a table has learned: which features matter, what happens when one changes, why a row is
// predicted as it is.
#pragma once
#include <string>
#include <vector>

#include "fastcore/plot/plot.h"
#include "fastcore/tabular/forest.h"

namespace fastcore {

/// Columns cols and imp, the most important feature first: rf_feat_importance(m, xs).head(10).
DataFrame rf_feat_importance(const TableModel& model);
/// The first n of them as bars.
Plot plot_fi(const TableModel& model, int64_t n = 30);

struct PartialDependenceOptions {
  int64_t grid_resolution = 20;  ///< values tried; all there are when they are fewer
  /// Values are tried at equal steps between these. Where both are the same value, as in a column that is 0
  /// nearly everywhere, as many of the column's own values are tried instead, the least and the largest among
  /// them.
  double low_quantile = 0.05, high_quantile = 0.95;
};
/// What the model predicts on average when the feature has one value in every row: columns `feature` and
/// average. Of a classifier the probability of the last class. @throws IndexError for another feature,
/// ValueError for a model that is not fitted
DataFrame partial_dependence(const TableModel& model, const DataFrame& xs, const std::string& feature,
                             PartialDependenceOptions options = {});
Plot plot_partial_dependence(const TableModel& model, const DataFrame& xs, const std::string& feature,
                             PartialDependenceOptions options = {});

/// A prediction taken apart: bias (the mean of training) + the sum of contributions.
struct Contributions {
  double prediction = 0, bias = 0;
  Series contributions;  ///< of each feature
};
/// Of one row, by the steps from node to node of every tree. Of a classifier the probability of the last
/// class. @throws IndexError for another row, ValueError for a model that is not fitted
Contributions tree_interpreter(const RandomForest& model, const DataFrame& xs, int64_t row);

}  // namespace fastcore
