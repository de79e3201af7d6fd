// SPDX-License-Identifier: MIT
// Models and loaders of texts as data: what an exported learner holds instead of code.
#pragma once

namespace fastcore {

/// Makes language models, classifiers, transformers, and loaders of texts known to make_model, export and
/// load_learner.
void register_texts();

}  // namespace fastcore
