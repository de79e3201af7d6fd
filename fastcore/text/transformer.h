// SPDX-License-Identifier: MIT
// A small transformer that predicts the next word, to be compared with AWD-LSTM.
#pragma once
#include "minitorch/nn/attention.h"
#include "minitorch/nn/containers.h"
#include "minitorch/nn/layers.h"

namespace fastcore {

struct TransformerConfig {
  int64_t d_model = 128, n_heads = 4, n_layers = 3;
  int64_t max_len = 256;  ///< words it can look back over
  double p = 0.1;         ///< dropout
};

/// x + attention(norm(x)), then x + mlp(norm(x)): (batch, steps, d_model) -> the same. No word sees a later
/// one.
class TransformerBlockModule : public minitorch::nn::Module {
 public:
  explicit TransformerBlockModule(const TransformerConfig& config);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;

 private:
  minitorch::nn::LayerNorm norm1_, norm2_;
  minitorch::nn::MultiheadAttention attention_;
  minitorch::nn::Sequential mlp_;
  minitorch::nn::Dropout drop_;
};
using TransformerBlock = minitorch::nn::Handle<TransformerBlockModule>;

/// Words (batch, steps) int64 -> a score for each next word (batch, steps, vocab_sz). The decoder shares the
/// embedding's weights. @throws ShapeError for more steps than max_len
class TransformerModule : public minitorch::nn::Module {
 public:
  TransformerModule(int64_t vocab_sz, TransformerConfig config = {});
  minitorch::Tensor forward(const minitorch::Tensor& words) override;
  const TransformerConfig& config() const { return config_; }
  int64_t vocab_sz() const { return words_.size(0); }

 private:
  TransformerConfig config_;
  minitorch::Tensor words_, places_;
  minitorch::nn::Sequential blocks_{};
  minitorch::nn::LayerNorm norm_;
  minitorch::nn::Dropout drop_;
};
struct Transformer : minitorch::nn::Handle<TransformerModule> {
  explicit Transformer(int64_t vocab_sz, TransformerConfig config = {});
};

}  // namespace fastcore
