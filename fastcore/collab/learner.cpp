// SPDX-License-Identifier: MIT
#include "fastcore/collab/learner.h"

#include "fastcore/collab/dataloaders.h"
#include "fastcore/collab/specs.h"
#include "minitorch/core/errors.h"

namespace fastcore {

namespace {
// The model, and how it is made.
std::pair<minitorch::nn::ModulePtr, ModelSpec> model_for(const TabularPrep& prep,
                                                         const CollabLearnerOptions& o) {
  if (o.use_nn) {
    const TabularShape shape{.emb_szs = get_emb_sz(prep, o.emb_szs),
                             .layers = o.layers.empty() ? std::vector{o.n_factors} : o.layers,
                             .config = o.config,
                             .y_range = o.y_range};
    return {EmbeddingNN(shape.emb_szs, shape.layers, o.config, o.y_range), embedding_nn_spec(shape)};
  }
  const std::vector<std::string>& names = prep.columns().cat_names.list();
  const EmbeddingDotBias model(o.n_factors, prep.classes().at(names[0]), prep.classes().at(names[1]),
                               o.y_range);
  return {model, dot_bias_spec(*model)};
}
}  // namespace

Learner collab_learner(const DataLoaders& dls, const CollabLearnerOptions& o) {
  auto [model, spec] = model_for(ratings_prep(dls, "collab_learner"), o);
  Learner learn(dls, model, learner_options(o));
  learn.model_spec = std::move(spec);
  return learn;
}

}  // namespace fastcore
