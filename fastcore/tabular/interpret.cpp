// SPDX-License-Identifier: MIT
#include "fastcore/tabular/interpret.h"

#include <algorithm>
#include <cmath>

#include "minitorch/core/errors.h"

namespace fastcore {

DataFrame rf_feat_importance(const TableModel& model) {
  return DataFrame({{"cols", Series(model.features())}, {"imp", model.feature_importances().reset_index()}})
      .sort_values("imp", false);
}

Plot plot_fi(const TableModel& model, int64_t n) {
  const DataFrame shown = rf_feat_importance(model).head(n);
  Plot plot("Feature importance");
  plot.width = std::max(360.0, 60.0 * static_cast<double>(shown.rows()));
  plot.bars(shown["cols"].texts(), shown["imp"].numbers());
  return plot;
}

namespace {

std::vector<double> grid_of(const Series& values, const PartialDependenceOptions& options) {
  std::vector<double> grid = values.unique().dropna().sort_values().numbers();
  if (static_cast<int64_t>(grid.size()) <= options.grid_resolution) return grid;
  const double low = values.quantile(options.low_quantile), high = values.quantile(options.high_quantile);
  if (low == high) {  // any steps between them would be one value again and again
    std::vector<double> some;
    const auto last = static_cast<int64_t>(grid.size()) - 1;
    for (int64_t i = 0; i < options.grid_resolution; ++i)
      some.push_back(grid[static_cast<std::size_t>(i * last / (options.grid_resolution - 1))]);
    return some;
  }
  grid.clear();
  for (int64_t i = 0; i < options.grid_resolution; ++i)
    grid.push_back(low +
                   (high - low) * static_cast<double>(i) / static_cast<double>(options.grid_resolution - 1));
  return grid;
}

}  // namespace

DataFrame partial_dependence(const TableModel& model, const DataFrame& xs, const std::string& feature,
                             PartialDependenceOptions options) {
  if (options.grid_resolution < 2)
    throw minitorch::ValueError("[partial_dependence] grid_resolution below 2");
  model.require_fitted("partial_dependence");
  const auto at = std::find(model.features().begin(), model.features().end(), feature);
  if (at == model.features().end())
    throw minitorch::IndexError("[partial_dependence] the model has no feature '" + feature + "'");
  FeatureTable table(xs, model.features());
  std::vector<float>& column = table.columns[static_cast<std::size_t>(at - model.features().begin())];
  const std::vector<double> grid = grid_of(xs[feature], options);
  const auto width = static_cast<std::size_t>(model.output_count());
  std::vector<double> averages;
  for (const double value : grid) {
    std::fill(column.begin(), column.end(), static_cast<float>(value));
    const std::vector<double> outputs = model.outputs(table);
    double sum = 0;
    for (std::size_t i = width - 1; i < outputs.size(); i += width) sum += outputs[i];
    averages.push_back(sum / static_cast<double>(table.rows));
  }
  return DataFrame({{feature, Series(grid)}, {"average", Series(averages)}});
}

Plot plot_partial_dependence(const TableModel& model, const DataFrame& xs, const std::string& feature,
                             PartialDependenceOptions options) {
  const DataFrame curve = partial_dependence(model, xs, feature, options);
  Plot plot("Partial dependence on " + feature);
  plot.x_axis.label = feature;
  plot.y_axis.label = "average prediction";
  plot.line(curve[feature].numbers(), curve["average"].numbers());
  return plot;
}

Contributions tree_interpreter(const RandomForest& model, const DataFrame& xs, int64_t row) {
  if (row < 0 || row >= xs.rows())
    throw minitorch::IndexError("[tree_interpreter] row " + std::to_string(row) + " of " +
                                std::to_string(xs.rows()));
  model.require_fitted("tree_interpreter");
  const FeatureTable one(xs.take({row}), model.features());
  std::vector<double> by_feature(model.features().size());
  Contributions result;
  const auto trees = static_cast<double>(model.estimators().size());
  for (const Tree& tree : model.estimators()) {
    const auto value = [&](int64_t node) { return tree.value(node)[tree.outputs - 1] / trees; };
    result.bias += value(0);
    for (int64_t at = 0; tree.nodes[static_cast<std::size_t>(at)].feature >= 0;) {
      const TreeNode& node = tree.nodes[static_cast<std::size_t>(at)];
      const auto f = static_cast<std::size_t>(node.feature);
      const int64_t next = one.columns[f][0] <= node.threshold ? node.left : node.right;
      by_feature[f] += value(next) - value(at);
      at = next;
    }
  }
  result.prediction = result.bias;
  for (const double part : by_feature) result.prediction += part;
  result.contributions = Series(by_feature, "contribution").with_index(Series(model.features()));
  return result;
}

}  // namespace fastcore
