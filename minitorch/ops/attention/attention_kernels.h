// SPDX-License-Identifier: MIT
// Attention in one kernel, for GPUs and the simulator.
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// softmax(q k^T scale) v for `batch` independent heads: q (L, E), k (S, E), v (S, D).
struct AttentionShape {
  int batch, queries, keys, depth, width;  // B, L, S, E, D
  float scale;
  bool causal;  // query i sees keys 0 ... i
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
