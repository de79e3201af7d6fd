// SPDX-License-Identifier: MIT
#include "fastcore/collab/specs.h"

namespace fastcore {
namespace {

minitorch::nn::ModulePtr make_dot_bias(const Settings& args) {
  const int64_t n_factors = size_of(args, "n_factors");
  std::vector<std::string> users, items;
  YRange y_range;
  Fields fields(args);
  fields("users", users)("items", items);
  range_field(fields, y_range);
  for (const auto* names : {&users, &items}) check_weights(static_cast<int64_t>(names->size()), n_factors);
  return EmbeddingDotBias(n_factors, users, items, y_range);
}

minitorch::nn::ModulePtr make_embedding_nn(const Settings& args) {
  const TabularShape s = TabularShape::from_settings(args);
  return EmbeddingNN(s.emb_szs, s.layers, s.config, s.y_range);
}

}  // namespace

ModelSpec dot_bias_spec(const EmbeddingDotBiasModule& model) {
  Fields fields;
  YRange y_range = model.y_range();
  range_field(fields, y_range);
  return {"embedding_dot_bias", merge(Settings{{"n_factors", model.u_weight->weight.size(1)},
                                               {"users", model.names(false)},
                                               {"items", model.names(true)}},
                                      fields.collected())};
}

ModelSpec embedding_nn_spec(const TabularShape& shape) { return {"embedding_nn", shape.to_settings()}; }

void register_collab_models() {
  register_model("embedding_dot_bias", make_dot_bias);
  register_model("embedding_nn", make_embedding_nn);
}

}  // namespace fastcore
