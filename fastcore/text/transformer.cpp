// SPDX-License-Identifier: MIT
#include "fastcore/text/transformer.h"

#include "minitorch/nn/activations.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

TransformerBlockModule::TransformerBlockModule(const TransformerConfig& config)
    : norm1_(add("norm1", nn::LayerNorm(config.d_model))),
      norm2_(add("norm2", nn::LayerNorm(config.d_model))),
      attention_(add("attention", nn::MultiheadAttention(config.d_model, config.n_heads, config.p))),
      mlp_(add("mlp", nn::Sequential{nn::Linear(config.d_model, 4 * config.d_model), nn::GELU(),
                                     nn::Linear(4 * config.d_model, config.d_model)})),
      drop_(add("drop", nn::Dropout(config.p))) {}

Tensor TransformerBlockModule::forward(const Tensor& x) {
  const Tensor seen = norm1_(x);
  const Tensor attended = x + drop_(attention_->attend(seen, seen, seen, {.is_causal = true}));
  return attended + drop_(mlp_(norm2_(attended)));
}

TransformerModule::TransformerModule(int64_t vocab_sz, TransformerConfig config)
    : config_(config), norm_(config.d_model), drop_(config.p) {
  words_ = add_parameter("words.weight", randn({vocab_sz, config.d_model}) * 0.02);
  places_ = add_parameter("places.weight", randn({config.max_len, config.d_model}) * 0.02);
  blocks_ = nn::Sequential{};
  for (int64_t i = 0; i < config.n_layers; ++i) blocks_->append(TransformerBlock(config));
  add("blocks", blocks_);
  add("norm", norm_);
  add("drop", drop_);
}

Tensor TransformerModule::forward(const Tensor& words) {  // (N, T)
  if (words.dims() != 2 || words.size(1) > config_.max_len)
    throw ShapeError("[Transformer] words " + to_string(words.shape()) + ": expected (batch, up to " +
                         std::to_string(config_.max_len) + ")",
                     "a shorter seq_len, or a larger max_len");
  const Tensor places = places_.slice(0, 0, words.size(1));              // (T, d)
  const Tensor x = drop_(minitorch::embedding(words_, words) + places);  // (N, T, d)
  return linear(norm_(blocks_(x)), words_);                              // (N, T, vocabulary)
}

Transformer::Transformer(int64_t vocab_sz, TransformerConfig config)
    : Handle(std::make_shared<TransformerModule>(vocab_sz, config)) {}

}  // namespace fastcore
