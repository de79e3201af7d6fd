// SPDX-License-Identifier: MIT
#include "fastcore/collab/learner.h"

#include "minitorch/core/errors.h"

namespace fastcore {

namespace {
minitorch::nn::ModulePtr model_for(const TabularPrep& prep, const CollabLearnerOptions& o) {
  if (o.use_nn) return EmbeddingNN(get_emb_sz(prep, o.emb_szs), o.layers, o.config, o.y_range);
  const std::vector<std::string>& names = prep.columns().cat_names.list();
  return EmbeddingDotBias(o.n_factors, prep.classes().at(names[0]), prep.classes().at(names[1]), o.y_range);
}
}  // namespace

Learner collab_learner(const DataLoaders& dls, const CollabLearnerOptions& o) {
  const TabularPrep& prep = tabular_prep(dls.train());
  if (prep.columns().cat_names.size() != 2 || prep.classes().size() != 2)
    throw minitorch::ValueError("[collab_learner] the data are no ratings of items by users",
                                "make them with CollabDataLoaders");
  return Learner(dls, model_for(prep, o),
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
