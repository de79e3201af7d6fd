// SPDX-License-Identifier: MIT
// The models of ratings as data: what an exported learner holds instead of code.
#pragma once
#include "fastcore/collab/model.h"
#include "fastcore/tabular/specs.h"

namespace fastcore {

/// How an EmbeddingDotBias that knows its names is made.
ModelSpec dot_bias_spec(const EmbeddingDotBiasModule& model);
/// How an EmbeddingNN is made.
ModelSpec embedding_nn_spec(const TabularShape& shape);
/// Makes both known to make_model.
void register_collab_models();

}  // namespace fastcore
