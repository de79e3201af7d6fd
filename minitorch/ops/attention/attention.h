// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

struct AttentionOptions {
  Tensor mask =
      {};  ///< boolean, true where a query may look, or float, added to the scores; broadcast to (..., L, S)
  bool is_causal = false;  ///< a query sees no later position
  double dropout = 0;      ///< on the attention weights
  double scale = 0;        ///< 0: 1 / sqrt(E)
};

/// softmax(q k^T scale + mask) v: q (..., L, E), k (..., S, E), v (..., S, D) -> (..., L, D).
/// Gradients for q, k, v and a mask of numbers. A query that may look nowhere (all false, or all -infinity)
/// gets 0, and passes no gradient. @throws ShapeError
Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    AttentionOptions options = {});

}  // namespace minitorch
