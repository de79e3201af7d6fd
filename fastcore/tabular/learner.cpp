// SPDX-License-Identifier: MIT
#include "fastcore/tabular/learner.h"

#include "fastcore/tabular/specs.h"
#include "minitorch/core/errors.h"

namespace fastcore {

Learner tabular_learner(const DataLoaders& dls, const TabularLearnerOptions& o) {
  const TabularPrep& prep = tabular_prep(dls.train());
  const int64_t n_out = o.n_out.value_or(dls.c());
  if (n_out < 1)
    throw minitorch::ValueError("[tabular_learner] the data have no targets",
                                "name them: {.y_names = \"salary\"}, or say {.n_out = 2, .loss_func = ...}");
  const TabularShape shape{.emb_szs = get_emb_sz(prep, o.emb_szs),
                           .n_cont = prep.columns().cont_names.size(),
                           .n_out = n_out,
                           .layers = o.layers,
                           .config = o.config,
                           .y_range = o.y_range};
  const TabularModel model(shape.emb_szs, shape.n_cont, n_out, o.layers, o.config, o.y_range);
  Learner learn(dls, model, learner_options(o));
  learn.model_spec = tabular_spec(shape);
  return learn;
}

}  // namespace fastcore
