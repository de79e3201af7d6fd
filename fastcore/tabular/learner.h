// SPDX-License-Identifier: MIT
// tabular_learner: a net for tables, ready to train.
//
//     auto learn = tabular_learner(dls, {.metrics = accuracy});
//     learn.fit_one_cycle(3);
#pragma once
#include "fastcore/learn/learner.h"
#include "fastcore/tabular/dataloaders.h"
#include "fastcore/tabular/model.h"

namespace fastcore {

/// The net, then what every Learner may be told.
struct TabularLearnerOptions {
  std::vector<int64_t> layers = {200, 100};
  Dict<std::string, int64_t> emb_szs = {};  ///< vector sizes that differ from the rule
  TabularConfig config = {};
  std::optional<int64_t> n_out = {};  ///< else what the targets need
  YRange y_range = {};
  LossFunc loss_func = {};
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

/// @throws ValueError when the data are no table, or their targets say nothing of the net's outputs
Learner tabular_learner(const DataLoaders& dls, const TabularLearnerOptions& options = {});

}  // namespace fastcore
