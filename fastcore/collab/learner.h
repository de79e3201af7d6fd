// SPDX-License-Identifier: MIT
// collab_learner: a model for ratings, ready to train.
#pragma once
#include "fastcore/collab/model.h"
#include "fastcore/learn/learner.h"
#include "fastcore/tabular/dataloaders.h"

namespace fastcore {

/// The model, then what every Learner may be told.
struct CollabLearnerOptions {
  int64_t n_factors = 50;
  bool use_nn = false;                      ///< EmbeddingNN instead of EmbeddingDotBias
  Dict<std::string, int64_t> emb_szs = {};  ///< vector sizes of EmbeddingNN that differ from the rule
  std::vector<int64_t> layers = {};         ///< of EmbeddingNN; empty: one of n_factors
  TabularConfig config = {};                ///< of EmbeddingNN
  YRange y_range = {};
  LossFunc loss_func = MSELossFlat{};
  OptFunc opt_func = Adam;
  double lr = 1e-3;
  Splitter splitter = trainable_params;
  Callbacks cbs = {};
  Metrics metrics = {};
  Path path = {};
  Path model_dir = "models";
  std::optional<double> wd = {};
  bool wd_bn_bias = false;
  bool train_bn = true;
  Moms moms = {0.95, 0.85, 0.95};
  minitorch::Device device = default_device();
};

/// @throws ValueError when the data are no ratings
Learner collab_learner(const DataLoaders& dls, const CollabLearnerOptions& options = {});

}  // namespace fastcore
