// SPDX-License-Identifier: MIT
#include "fastcore/tabular/forest.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "minitorch/core/errors.h"
#include "minitorch/core/mersenne.h"
#include "minitorch/core/parallel.h"

namespace fastcore {
using minitorch::ValueError;

namespace {

// How often each row was drawn.
std::vector<float> draw_rows(int64_t rows, int64_t draws, uint64_t seed) {
  minitorch::Mersenne random;
  random.seed(std::vector<uint32_t>{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  std::vector<float> times(static_cast<std::size_t>(rows));
  for (int64_t i = 0; i < draws; ++i)
    ++times[static_cast<std::size_t>(random.next_double() * static_cast<double>(rows))];
  return times;
}

// A seed of its own for each tree.
uint64_t mixed(uint64_t seed, uint64_t tree) {
  uint64_t x = seed + (tree + 1) * 0x9e3779b97f4a7c15u;  // SplitMix64
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

}  // namespace

RandomForest::RandomForest(const RandomForest&) = default;
RandomForest::RandomForest(RandomForest&&) = default;
RandomForest& RandomForest::operator=(const RandomForest&) = default;
RandomForest& RandomForest::operator=(RandomForest&&) = default;
RandomForest::~RandomForest() = default;

int64_t RandomForest::feature_count(int64_t width) const {
  const auto all = static_cast<double>(width);
  const double wanted = options_.max_features ? *options_.max_features * all
                        : is_classifier()     ? std::sqrt(all)
                                              : all;
  return std::clamp<int64_t>(static_cast<int64_t>(wanted), 1, width);
}

void RandomForest::grow(const DataFrame& xs, const Series& y) {
  const ForestOptions& o = options_;
  if (o.n_estimators < 1 || o.n_estimators > kMostTrees || o.max_samples < 0 ||
      !valid_limits(o.max_leaf_nodes, o.max_depth) || o.min_samples_leaf < 1 || o.min_samples_split < 2 ||
      (o.max_features && !(*o.max_features > 0 && *o.max_features <= 1)))
    throw ValueError(
        "[RandomForest] an option is out of range",
        "1 <= n_estimators <= 1,000,000, max_samples >= 0, max_leaf_nodes 0 or >= 2, max_depth >= 0, "
        "min_samples_leaf >= 1, min_samples_split >= 2, 0 < max_features <= 1");
  if (!o.bootstrap && (o.oob_score || o.max_samples > 0))
    throw ValueError("[RandomForest] without bootstrap every tree sees every row: no row is left out",
                     "leave oob_score and max_samples away, or bootstrap as it is");
  const FeatureTable table(xs);
  const TreeTargets targets = targets_of(table, y);
  const CodedTable coded(table);
  const int64_t draws = options_.max_samples > 0 ? std::min(options_.max_samples, table.rows) : table.rows;
  const GrowOptions grow_options{.max_leaf_nodes = options_.max_leaf_nodes,
                                 .max_depth = options_.max_depth,
                                 .min_samples_leaf = options_.min_samples_leaf,
                                 .min_samples_split = options_.min_samples_split,
                                 .max_features = feature_count(table.width())};
  const auto n = static_cast<std::size_t>(options_.n_estimators);
  trees_.assign(n, {});
  std::vector<std::vector<float>> weights(options_.oob_score ? n : 0);
  std::atomic<std::size_t> next = 0;  // trees differ in size: each thread takes the next
  minitorch::parallel_for(minitorch::num_threads(), 1, [&](int64_t, int64_t) {
    for (std::size_t t; (t = next++) < n;) {
      const uint64_t seed = mixed(options_.seed, t);
      std::vector<float> times = options_.bootstrap
                                     ? draw_rows(table.rows, draws, seed)
                                     : std::vector<float>(static_cast<std::size_t>(table.rows), 1.0f);
      std::vector<uint32_t> rows;
      for (std::size_t row = 0; row < times.size(); ++row)
        if (times[row] > 0) rows.push_back(static_cast<uint32_t>(row));
      if (options_.oob_score) weights[t] = times;
      GrowOptions own = grow_options;
      own.seed = seed;
      trees_[t] = grow_tree(coded, targets, std::move(rows), std::move(times), own);
    }
  });
  oob_.clear();
  if (options_.oob_score) score_oob(table, weights, y);
  learned(table);
}

void RandomForest::outputs_of(const float* xs, int64_t rows, double* to) const {
  const auto outputs = output_count(), width = static_cast<int64_t>(features().size());
  std::fill(to, to + rows * outputs, 0.0);
  std::vector<int32_t> leaves(static_cast<std::size_t>(rows));
  for (const Tree& tree : trees_) {  // tree by tree: one fits the cache
    tree.find_leaves(xs, rows, width, leaves.data());
    for (int64_t row = 0; row < rows; ++row) {
      const double* value = tree.value(leaves[static_cast<std::size_t>(row)]);
      for (int64_t c = 0; c < outputs; ++c) to[row * outputs + c] += value[c];
    }
  }
  for (int64_t i = 0; i < rows * outputs; ++i) to[i] /= static_cast<double>(trees_.size());
}

void RandomForest::score_oob(const FeatureTable& xs, const std::vector<std::vector<float>>& weights,
                             const Series& y) {
  const int64_t width = output_count();
  oob_.assign(static_cast<std::size_t>(xs.rows * width), 0.0);
  oob_y_ = y;
  minitorch::parallel_for(xs.rows, 512, [&](int64_t begin, int64_t end) {
    const auto rows = static_cast<std::size_t>(end - begin);
    std::vector<int64_t> votes(rows);
    std::vector<int32_t> leaves(rows);
    const std::vector<float> block = xs.by_row(begin, end);
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      trees_[t].find_leaves(block.data(), end - begin, xs.width(), leaves.data());
      for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t row = static_cast<std::size_t>(begin) + i;
        if (weights[t][row] > 0) continue;  // this tree has seen it
        ++votes[i];
        const double* value = trees_[t].value(leaves[i]);
        for (int64_t c = 0; c < width; ++c)
          oob_[row * static_cast<std::size_t>(width) + static_cast<std::size_t>(c)] += value[c];
      }
    }
    for (int64_t i = begin * width; i < end * width; ++i) {
      const int64_t n = votes[static_cast<std::size_t>(i / width - begin)];
      double& mean = oob_[static_cast<std::size_t>(i)];
      mean = n > 0 ? mean / static_cast<double>(n) : kNaN;
    }
  });
}

const std::vector<double>& RandomForest::oob_outputs() const {
  if (oob_.empty())
    throw ValueError("[RandomForest] no rows were predicted by trees that did not see them",
                     "ask for it before fit: {.oob_score = true}");
  return oob_;
}

Series RandomForest::oob_prediction() const { return as_predictions(oob_outputs()); }

double RandomForest::oob_score() const {
  const std::vector<double>& all = oob_outputs();
  const auto width = static_cast<std::size_t>(output_count());
  std::vector<int64_t> there;
  for (std::size_t row = 0; row * width < all.size(); ++row)
    if (!std::isnan(all[row * width])) there.push_back(static_cast<int64_t>(row));
  if (there.empty())
    throw ValueError("[RandomForest] no row was left out by any tree: there is nothing to score",
                     "fit more rows or more trees, or let each draw fewer: .max_samples");
  const Series predictions = oob_prediction().take(there), y = oob_y_.take(there);
  return is_classifier() ? accuracy_score(y, predictions) : r2_score(y, predictions);
}

std::vector<std::vector<double>> RandomForest::each_tree(const DataFrame& xs) const {
  require_fitted("each_tree");
  const FeatureTable table(xs, features());
  const std::vector<float> all = table.by_row(0, table.rows);
  std::vector<std::vector<double>> predictions(trees_.size());
  minitorch::parallel_for(static_cast<int64_t>(trees_.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const Tree& tree = trees_[static_cast<std::size_t>(t)];
      std::vector<int32_t> leaves(static_cast<std::size_t>(table.rows));
      tree.find_leaves(all.data(), table.rows, table.width(), leaves.data());
      for (const int32_t leaf : leaves)
        predictions[static_cast<std::size_t>(t)].push_back(tree.value(leaf)[tree.outputs - 1]);
    }
  });
  return predictions;
}

std::vector<double> RandomForest::importances() const {
  std::vector<double> sums(features().size());
  for (const Tree& tree : trees_) {
    const std::vector<double> own = tree.importances(static_cast<int64_t>(sums.size()));
    for (std::size_t f = 0; f < sums.size(); ++f) sums[f] += own[f] / static_cast<double>(trees_.size());
  }
  return sums;
}

}  // namespace fastcore
