// SPDX-License-Identifier: MIT
// Layers of transformers and of tables of vectors.
#pragma once
#include "minitorch/nn/layers.h"
#include "minitorch/ops/attention/attention.h"
#include "minitorch/ops/embedding/embedding.h"

namespace minitorch::nn {

/// A table of `count` vectors of size `dim`, looked up by number. Starts as N(0, 1), the padding row as 0.
class EmbeddingModule : public Module {
 public:
  EmbeddingModule(int64_t count, int64_t dim, int64_t padding_idx = kNoPadding);
  Tensor forward(const Tensor& index) override;
  std::string details() const override;
  Tensor weight;

 private:
  int64_t padding_idx_;
};
using Embedding = Handle<EmbeddingModule>;

/// Switches items off at random in training.
class DropoutModule : public Module, public Drops {
 public:
  explicit DropoutModule(double p = 0.5);
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  double p;
};
using Dropout = Handle<DropoutModule>;

/// Switches whole channels off at random in training.
class Dropout2dModule : public DropoutModule {
 public:
  using DropoutModule::DropoutModule;
  Tensor forward(const Tensor& x) override;
};
using Dropout2d = Handle<Dropout2dModule>;

/// Attention of several heads, batch first: q (N, L, E), k and v (N, S, E) -> (N, L, E), E a multiple of the
/// heads. Names and start as PyTorch's: in_proj_weight (3E, E), in_proj_bias, out_proj.weight, out_proj.bias.
class MultiheadAttentionModule : public Module, public Drops {
 public:
  MultiheadAttentionModule(int64_t embed_dim, int64_t num_heads, double dropout = 0, bool bias = true);
  Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, AttentionOptions options = {});
  /// Self-attention.
  Tensor forward(const Tensor& x) override { return attend(x, x, x); }
  Tensor in_proj_weight, in_proj_bias;
  Linear out_proj;

 private:
  int64_t heads_;
  double dropout_;
};
using MultiheadAttention = Handle<MultiheadAttentionModule>;

}  // namespace minitorch::nn
