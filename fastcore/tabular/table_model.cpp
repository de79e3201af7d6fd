// SPDX-License-Identifier: MIT
#include "fastcore/tabular/table_model.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::ShapeError;
using minitorch::ValueError;

TreeTargets TableModel::targets_of(const FeatureTable& xs, const Series& y) {
  if (y.size() != xs.rows)
    throw ShapeError("[fit] " + std::to_string(xs.rows) + " rows, but " + std::to_string(y.size()) +
                     " targets");
  if (xs.rows == 0 || xs.width() == 0) throw ValueError("[fit] the table has no rows or no columns");
  for (int64_t row = 0; row < y.size(); ++row)
    if (y.is_missing(row))
      throw ValueError("[fit] the target of row " + std::to_string(row) + " is missing",
                       "leave such rows out: df.dropna({\"" + y.name() + "\"})");
  TreeTargets targets;
  const Factors factors = classifier_ ? factorize(y) : Factors();
  if (classifier_) targets = {{factors.codes.begin(), factors.codes.end()}, factors.values.size()};
  else targets.y = y.numbers();
  features_.clear();
  classes_ = factors.values;
  return targets;
}

void TableModel::require_fitted(const char* what) const {
  if (features_.empty())
    throw ValueError(std::string("[") + what + "] the model has not learned anything",
                     "call fit(xs, y) first");
}

std::vector<double> TableModel::outputs(const FeatureTable& xs) const {
  require_fitted("predict");
  const int64_t width = output_count();
  std::vector<double> all(static_cast<std::size_t>(xs.rows * width));
  // The features of a block of rows stay in the cache while tree after tree looks at them, and a tree stays
  // there for the whole block: large ones, but several for each thread, so that one that others hold up takes
  // fewer.
  const int64_t threads = minitorch::num_threads();
  const int64_t block = std::clamp<int64_t>(xs.rows / (4 * threads), 512, 4096);
  std::atomic<int64_t> next = 0;
  minitorch::parallel_for(threads, 1, [&](int64_t, int64_t) {
    for (int64_t begin; (begin = block * next++) < xs.rows;) {
      const int64_t end = std::min(xs.rows, begin + block);
      outputs_of(xs.by_row(begin, end).data(), end - begin, all.data() + begin * width);
    }
  });
  return all;
}

Series TableModel::as_predictions(const std::vector<double>& outputs) const {
  if (!classifier_) return Series(outputs);
  const auto width = static_cast<std::ptrdiff_t>(output_count());
  std::vector<int64_t> best;
  for (auto row = outputs.begin(); row != outputs.end(); row += width)
    best.push_back(std::max_element(row, row + width) - row);
  return classes_.take(best).reset_index().rename("");
}

Series TableModel::predict(const DataFrame& xs) const {
  const Series predictions = as_predictions(outputs(xs));
  return xs.has_index() ? predictions.with_index(xs.index()) : predictions;
}

minitorch::Tensor TableModel::predict_proba(const DataFrame& xs) const {
  if (!classifier_) throw ValueError("[predict_proba] a regressor has no classes", "use predict(xs)");
  return minitorch::tensor(outputs(xs), {xs.rows(), output_count()});
}

double TableModel::score(const DataFrame& xs, const Series& y) const {
  return classifier_ ? accuracy_score(y, predict(xs)) : r2_score(y, predict(xs));
}

Series TableModel::feature_importances() const {
  require_fitted("feature_importances");
  return Series(importances(), "importance").with_index(Series(features_));
}

namespace {
// Calls f(y, prediction) for each row.
template <class F>
double mean_over(const char* what, const Series& y, const Series& predictions, F f) {
  if (y.size() != predictions.size() || y.size() == 0)
    throw ShapeError(std::string("[") + what + "] " + std::to_string(y.size()) + " targets and " +
                     std::to_string(predictions.size()) + " predictions");
  double sum = 0;
  for (int64_t row = 0; row < y.size(); ++row) sum += f(y[row], predictions[row]);
  return sum / static_cast<double>(y.size());
}
double squared(double x) { return x * x; }
}  // namespace

double mean_absolute_error(const Series& y, const Series& predictions) {
  return mean_over("mean_absolute_error", y, predictions,
                   [](const Cell& a, const Cell& b) { return std::fabs(a.number() - b.number()); });
}
double root_mean_squared_error(const Series& y, const Series& predictions) {
  return std::sqrt(mean_over("root_mean_squared_error", y, predictions,
                             [](const Cell& a, const Cell& b) { return squared(a.number() - b.number()); }));
}
double r2_score(const Series& y, const Series& predictions) {
  if (y.count() > 0 && y.min() == y.max()) return root_mean_squared_error(y, predictions) == 0 ? 1 : 0;
  const double mean = y.mean();
  const double rest = squared(root_mean_squared_error(y, predictions));
  return 1 - rest / mean_over("r2_score", y, predictions,
                              [=](const Cell& a, const Cell&) { return squared(a.number() - mean); });
}
double accuracy_score(const Series& y, const Series& predictions) {
  return mean_over("accuracy_score", y, predictions,
                   [](const Cell& a, const Cell& b) { return a == b ? 1.0 : 0.0; });
}

}  // namespace fastcore
