// SPDX-License-Identifier: MIT
#include "fastcore/tabular/learner.h"

#include "minitorch/core/errors.h"

namespace fastcore {

Learner tabular_learner(const DataLoaders& dls, const TabularLearnerOptions& o) {
  const TabularPrep& prep = tabular_prep(dls.train());
  const int64_t n_out = o.n_out.value_or(dls.c());
  if (n_out < 1)
    throw minitorch::ValueError("[tabular_learner] the data have no targets",
                                "name them: {.y_names = \"salary\"}, or say {.n_out = 2, .loss_func = ...}");
  const TabularModel model(get_emb_sz(prep, o.emb_szs), prep.columns().cont_names.size(), n_out, o.layers,
                           o.config, o.y_range);
  return Learner(dls, model,
                 {.loss_func = o.loss_func,
                  .opt_func = o.opt_func,
                  .lr = o.lr,
                  .splitter = o.splitter,
                  .cbs = o.cbs,
                  .metrics = o.metrics,
                  .path = o.path,
                  .model_dir = o.model_dir,
                  .wd = o.wd,
                  .wd_bn_bias = o.wd_bn_bias,
                  .train_bn = o.train_bn,
                  .moms = o.moms,
                  .device = o.device});
}

}  // namespace fastcore
