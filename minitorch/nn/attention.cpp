// SPDX-License-Identifier: MIT
#include "minitorch/nn/attention.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/digits.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/dropout/dropout.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::nn {

EmbeddingModule::EmbeddingModule(int64_t count, int64_t dim, int64_t padding_idx)
    : padding_idx_(padding_idx) {
  if (count < 1 || dim < 1)
    throw ValueError(format("[Embedding] %lld vectors of size %lld: expected 1 or more",
                            static_cast<long long>(count), static_cast<long long>(dim)));
  weight = randn({count, dim});
  if (padding_idx < 0 && padding_idx != kNoPadding) padding_idx_ += count;  // from the end
  if (padding_idx != kNoPadding) weight.select(0, padding_idx_).zero_();
  weight = add_parameter("weight", weight);
}
Tensor EmbeddingModule::forward(const Tensor& index) { return embedding(weight, index, padding_idx_); }
std::string EmbeddingModule::details() const {
  std::string text =
      format("%lld, %lld", static_cast<long long>(weight.size(0)), static_cast<long long>(weight.size(1)));
  return padding_idx_ == kNoPadding
             ? text
             : text + format(", padding_idx=%lld", static_cast<long long>(padding_idx_));
}

DropoutModule::DropoutModule(double probability) : p(probability) {
  if (!(p >= 0 && p <= 1)) throw ValueError(format("[Dropout] p = %g: expected 0 to 1", p));
}
Tensor DropoutModule::forward(const Tensor& x) { return dropout(x, p, is_training()); }
std::string DropoutModule::details() const { return "p=" + python_float(p) + ", inplace=False"; }
Tensor Dropout2dModule::forward(const Tensor& x) { return dropout2d(x, p, is_training()); }

MultiheadAttentionModule::MultiheadAttentionModule(int64_t embed, int64_t heads, double dropout, bool bias)
    : out_proj(embed, embed, bias), heads_(heads), dropout_(dropout) {
  if (heads < 1 || embed % heads)
    throw ValueError(
        format("[MultiheadAttention] %lld features in %lld heads: the features must be a multiple",
               static_cast<long long>(embed), static_cast<long long>(heads)));
  in_proj_weight = add_parameter("in_proj_weight", init::xavier_uniform_(empty({3 * embed, embed})));
  if (bias) {
    in_proj_bias = add_parameter("in_proj_bias", zeros({3 * embed}));
    init::constant_(out_proj->bias, 0);
  }
  add("out_proj", out_proj);
}

Tensor MultiheadAttentionModule::attend(const Tensor& q, const Tensor& k, const Tensor& v,
                                        AttentionOptions options) {
  const int64_t e = in_proj_weight.size(1);
  auto project = [&](const Tensor& x, int64_t part) {  // (N, L, E) -> (N, heads, L, E / heads)
    const Tensor b = in_proj_bias.defined() ? slice(in_proj_bias, 0, part * e, (part + 1) * e) : Tensor();
    const Tensor y = linear(x, slice(in_proj_weight, 0, part * e, (part + 1) * e), b);
    return transpose(reshape(y, {x.size(0), x.size(1), heads_, e / heads_}), 1, 2);
  };
  options.dropout = is_training() ? dropout_ : 0;
  const Tensor heads = scaled_dot_product_attention(project(q, 0), project(k, 1), project(v, 2), options);
  return out_proj(reshape(transpose(heads, 1, 2), {q.size(0), q.size(1), e}));
}

}  // namespace minitorch::nn
