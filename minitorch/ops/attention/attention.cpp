// SPDX-License-Identifier: MIT
#include "minitorch/ops/attention/attention.h"

#include <cmath>
#include <limits>

#include "minitorch/core/errors.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/dropout/dropout.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {

// True where position i of L may see position j of S.
static Tensor causal_mask(int64_t length, int64_t sources, Device device) {
  return ge(reshape(arange(static_cast<double>(length)), {length, 1}),
            reshape(arange(static_cast<double>(sources)), {1, sources}))
      .to(device);
}

Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v, AttentionOptions o) {
  const bool fits =
      q.dims() >= 2 && k.dims() >= 2 && v.dims() >= 2 && q.size(-1) == k.size(-1) && k.size(-2) == v.size(-2);
  if (!fits)
    throw ShapeError(format(
        "[scaled_dot_product_attention] q %s, k %s, v %s: expected (..., L, E), (..., S, E) and (..., S, D)",
        to_string(q.shape()).c_str(), to_string(k.shape()).c_str(), to_string(v.shape()).c_str()));
  const double scale = o.scale != 0 ? o.scale : 1 / std::sqrt(static_cast<double>(q.size(-1)));
  const double never = -std::numeric_limits<double>::infinity();
  Tensor scores = matmul(q * scale, transpose(k, -2, -1));  // (..., L, S)
  if (o.mask.defined()) scores = o.mask.dtype() == kBool ? where(o.mask, scores, never) : scores + o.mask;
  if (o.is_causal) scores = where(causal_mask(q.size(-2), k.size(-2), q.device()), scores, never);
  Tensor weights = softmax(scores, -1);
  if (o.dropout > 0) weights = dropout(weights, o.dropout);
  return matmul(weights, v);
}

}  // namespace minitorch
