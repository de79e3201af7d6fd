// SPDX-License-Identifier: MIT
// Attention in one kernel, for GPUs and the simulator.
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/dropout/dropout_kernels.h"

namespace minitorch {

/// What stands between scores and softmax: for each query and key whether it is seen, or a number that is
/// added to the score, at most one of them. Broadcast axes have stride 0.
struct AttentionMask {
  const bool* seen = nullptr;
  const float* added = nullptr;
  int inner = 1;  // head n is number n % inner of group n / inner
  int64_t group_stride = 0, head_stride = 0, query_stride = 0, key_stride = 0;

  /// Where the numbers of a head begin.
  MT_HD int64_t start(int64_t head) const { return head / inner * group_stride + head % inner * head_stride; }
};

/// dropout(softmax(q k^T scale + mask)) v for `batch` independent heads: q (L, E), k (S, E), v (S, D).
struct AttentionShape {
  int batch, queries, keys, depth, width;  // B, L, S, E, D
  float scale;
  bool causal;  // query i sees keys 0 ... i
  AttentionMask mask = {};
  DropoutRule dropout = {0, 0, 1};  // of the weights (B, L, S); threshold 0: none is dropped
};

// clang-format off
#define MT_ATTENTION_KERNELS                                                                                          \
  /* Whether heads of that depth and width fit into this device's shared memory. */                                   \
  bool attention_fits(int depth, int width);                                                                          \
  /* y (B, L, D), and lse[b, i] = log of the sum of row i's exponentials; all contiguous. */                          \
  void attention_forward(const AttentionShape& s, const float* q, const float* k, const float* v, float* y,           \
                         float* lse);                                                                                 \
  /* dq, dk and dv from what the forward pass left; delta (B, L) is room to work. */                                  \
  void attention_backward(const AttentionShape& s, const float* q, const float* k, const float* v, const float* y,    \
                          const float* lse, const float* dy, float* delta, float* dq, float* dk, float* dv);
// clang-format on

namespace sim {
MT_ATTENTION_KERNELS
}
namespace cuda {
MT_ATTENTION_KERNELS
}
#undef MT_ATTENTION_KERNELS

}  // namespace minitorch
