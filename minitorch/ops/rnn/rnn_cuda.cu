// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/rnn/rnn_functors.h"
#include "minitorch/ops/rnn/rnn_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

using functors::LstmGates;

__device__ __forceinline__ LstmGates<float> load_gates(const float* p, int64_t h) {
  return {p[0], p[h], p[2 * h], p[3 * h]};
}
__device__ __forceinline__ void store_gates(const LstmGates<float>& g, float* p, int64_t h) {
  p[0] = g.i;
  p[h] = g.f;
  p[2 * h] = g.g;
  p[3 * h] = g.o;
}

// gates (n, 4 h), before and after their activations; c_before, c, y (n, h). A thread owns one hidden unit of
// one item and its four gates; a warp touches 32 neighbours of each gate's block. 44 bytes and some 80
// operations a unit, most of them for five exponentials: the limit is memory.
__global__ void step_forward(int64_t n, int64_t h, float* gates, const float* c_before, float* c, float* y) {
  for (int64_t i = first_item(); i < n * h; i += item_step()) {
    float* row = gates + i / h * 4 * h + i % h;
    const LstmGates<float> a = functors::lstm_activate(load_gates(row, h));
    const float now = a.f * c_before[i] + a.i * a.g;
    store_gates(a, row, h);
    c[i] = now;
    y[i] = a.o * tanhf(now);
  }
}

// dgates (n, 4 h), and dc in place, from dy (n, h). The same ownership; 52 bytes and some 45 operations a
// unit, a third of them for its hyperbolic tangent: the limit is memory.
__global__ void step_backward(int64_t n, int64_t h, const float* gates, const float* c_before, const float* c,
                              const float* dy, float* dc, float* dgates) {
  for (int64_t i = first_item(); i < n * h; i += item_step()) {
    const int64_t at = i / h * 4 * h + i % h;
    float d = dc[i];
    store_gates(functors::lstm_gradient(load_gates(gates + at, h), c_before[i], c[i], dy[i], d), dgates + at,
                h);
    dc[i] = d;
  }
}

}  // namespace

void lstm_step(int64_t n, int64_t h, float* gates, const float* c_before, float* c, float* y) {
  check(launch(step_forward, blocks_for(n * h), kElementwiseBlock, 0, current_stream(), n, h, gates, c_before,
               c, y),
        "lstm");
}
void lstm_step_backward(int64_t n, int64_t h, const float* gates, const float* c_before, const float* c,
                        const float* dy, float* dc, float* dgates) {
  check(launch(step_backward, blocks_for(n * h), kElementwiseBlock, 0, current_stream(), n, h, gates,
               c_before, c, dy, dc, dgates),
        "lstm backward");
}

}  // namespace minitorch::MT_DEVICE
