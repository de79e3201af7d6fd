// SPDX-License-Identifier: MIT
#include "fastcore/tabular/boosting.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fastcore/tabular/boost_tree.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"

namespace fastcore {

namespace {

// Outputs in which a model is added up: log odds for two classes, one for each class beyond, else the number.
int64_t raw_width(const TableModel& m) {
  return m.is_classifier() && m.output_count() > 2 ? m.output_count() : 1;
}

void softmax(const double* raw, int64_t n, double* to) {
  const double most = *std::max_element(raw, raw + n);
  double sum = 0;
  for (int64_t c = 0; c < n; ++c) sum += to[c] = std::exp(raw[c] - most);
  for (int64_t c = 0; c < n; ++c) to[c] /= sum;
}

// Slope and curvature of the loss by each output, and the losses of all rows.
class Gradients {
 public:
  std::vector<std::vector<float>> slope, curvature;  // [output][row]
  std::vector<double> loss;

  Gradients(const TreeTargets& targets, int64_t width)
      : slope(static_cast<std::size_t>(width), std::vector<float>(targets.y.size())),
        curvature(slope),
        loss(targets.y.size()),
        t_(targets) {}

  void find(const std::vector<double>& raw) {
    minitorch::parallel_for(static_cast<int64_t>(loss.size()), 1000, [&](int64_t begin, int64_t end) {
      const auto first = static_cast<std::size_t>(begin), last = static_cast<std::size_t>(end);
      if (t_.classes == 0) numbers(raw, first, last);
      else if (slope.size() == 1) two_classes(raw, first, last);
      else classes(raw, first, last);
    });
  }
  double mean_loss() const {
    return std::accumulate(loss.begin(), loss.end(), 0.0) / static_cast<double>(loss.size());
  }

 private:
  void numbers(const std::vector<double>& raw, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const double error = raw[i] - t_.y[i];
      set(0, i, error, 1);
      loss[i] = error * error / 2;
    }
  }
  void two_classes(const std::vector<double>& raw, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const double p = 1 / (1 + std::exp(-raw[i])), x = raw[i];
      set(0, i, p - t_.y[i], p * (1 - p));
      loss[i] = std::max(x, 0.0) - x * t_.y[i] + std::log1p(std::exp(-std::fabs(x)));
    }
  }
  void classes(const std::vector<double>& raw, std::size_t begin, std::size_t end) {
    const std::size_t k = slope.size();
    std::vector<double> p(k);
    for (std::size_t i = begin; i < end; ++i) {
      softmax(raw.data() + i * k, static_cast<int64_t>(k), p.data());
      for (std::size_t c = 0; c < k; ++c)
        set(c, i, p[c] - (t_.y[i] == static_cast<double>(c)), p[c] * (1 - p[c]));
      loss[i] = -std::log(std::max(1e-300, p[static_cast<std::size_t>(t_.y[i])]));
    }
  }
  void set(std::size_t output, std::size_t row, double s, double c) {
    slope[output][row] = static_cast<float>(s);
    curvature[output][row] = static_cast<float>(c);
  }

  const TreeTargets& t_;
};

// The constant prediction that is best: the mean, or the logarithms of the classes' odds or shares.
std::vector<double> best_start(const TreeTargets& t, int64_t width) {
  const auto n = static_cast<double>(t.y.size());
  if (t.classes == 0 || width == 1) {
    const double mean = std::accumulate(t.y.begin(), t.y.end(), 0.0) / n;
    return {t.classes == 0 ? mean : std::log(std::max(mean, 1e-15) / std::max(1 - mean, 1e-15))};
  }
  std::vector<double> shares(static_cast<std::size_t>(t.classes));
  for (const double y : t.y) shares[static_cast<std::size_t>(y)] += 1 / n;
  for (double& share : shares) share = std::log(share);
  return shares;
}

}  // namespace

void HistGradientBoosting::boost(const DataFrame& xs, const Series& y) {
  const BoostingOptions& o = options_;
  if (!(o.learning_rate > 0) || o.max_iter < 1 || o.max_iter > kMostTrees ||
      !valid_limits(o.max_leaf_nodes, o.max_depth) || o.max_leaf_nodes == 0 || o.min_samples_leaf < 1 ||
      o.max_bins < 2 || o.max_bins > 255 || !(o.l2_regularization >= 0))
    throw minitorch::ValueError(
        "[HistGradientBoosting] an option is out of range",
        "learning_rate > 0, 1 <= max_iter <= 1,000,000, max_leaf_nodes >= 2, max_depth >= 0, "
        "min_samples_leaf >= 1, l2_regularization >= 0, 2 <= max_bins <= 255");
  const FeatureTable table(xs);
  const TreeTargets targets = targets_of(table, y);
  const BinnedTable binned{CodedTable(table), o.max_bins};
  const int64_t width = raw_width(*this);
  start_ = best_start(targets, width);
  trees_.clear();
  losses_.clear();
  gains_.assign(table.names.size(), 0.0);
  std::vector<double> raw;
  for (int64_t row = 0; row < table.rows; ++row) raw.insert(raw.end(), start_.begin(), start_.end());
  Gradients gradients(targets, width);
  for (int64_t round = 0; round < o.max_iter; ++round) {
    gradients.find(raw);  // once for all trees of the round: they start from the same predictions
    if (round > 0) losses_.push_back(gradients.mean_loss());
    for (int64_t c = 0; c < width; ++c) {
      const auto at = static_cast<std::size_t>(c);
      trees_.push_back(grow_boosted(binned, gradients.slope[at], gradients.curvature[at], o, raw.data() + c,
                                    width, gains_));
    }
  }
  gradients.find(raw);
  losses_.push_back(gradients.mean_loss());
  const double total = std::accumulate(gains_.begin(), gains_.end(), 0.0);
  if (total > 0)
    for (double& gain : gains_) gain /= total;
  learned(table);
}

void HistGradientBoosting::outputs_of(const float* xs, int64_t rows, double* to) const {
  const int64_t width = raw_width(*this), outputs = output_count();
  const auto columns = static_cast<int64_t>(features().size());
  std::vector<double> raw;
  for (int64_t row = 0; row < rows; ++row) raw.insert(raw.end(), start_.begin(), start_.end());
  std::vector<int32_t> leaves(static_cast<std::size_t>(rows));
  for (std::size_t t = 0; t < trees_.size(); ++t) {
    trees_[t].find_leaves(xs, rows, columns, leaves.data());
    double* own = raw.data() + t % static_cast<std::size_t>(width);
    for (const int32_t leaf : leaves) *own += trees_[t].values[static_cast<std::size_t>(leaf)], own += width;
  }
  for (int64_t i = 0; i < rows; ++i) {
    const double* own = raw.data() + i * width;
    if (!is_classifier()) {
      to[i] = own[0];
    } else if (width > 1) {
      softmax(own, outputs, to + i * outputs);
    } else if (outputs == 2) {
      const double p = 1 / (1 + std::exp(-own[0]));
      to[2 * i] = 1 - p;
      to[2 * i + 1] = p;
    } else {
      to[i] = 1;  // a single class
    }
  }
}

}  // namespace fastcore
