// SPDX-License-Identifier: MIT
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/ops/rnn/rnn_functors.h"
#include "minitorch/ops/rnn/rnn_kernels.h"

namespace minitorch::cpu {
namespace {

using functors::LstmGates;
using simd::kLanes;
using simd::Vec;

// Calls body(row, first column, count) for vectors of up to kLanes hidden units; threads share the rows.
template <class Body>
void each_vector(int64_t n, int64_t h, Body body) {
  parallel_for(n, 1 + 2048 / (h + 1), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t j = 0; j < h; j += kLanes) body(r, j, std::min<int64_t>(kLanes, h - j));
  });
}

LstmGates<Vec> load_gates(const float* p, int64_t h, int64_t n) {
  return {Vec::load(p, n), Vec::load(p + h, n), Vec::load(p + 2 * h, n), Vec::load(p + 3 * h, n)};
}
void store_gates(const LstmGates<Vec>& g, float* p, int64_t h, int64_t n) {
  g.i.store(p, n);
  g.f.store(p + h, n);
  g.g.store(p + 2 * h, n);
  g.o.store(p + 3 * h, n);
}

}  // namespace

void lstm_step(int64_t n, int64_t h, float* gates, const float* c_before, float* c, float* y) {
  each_vector(n, h, [&](int64_t r, int64_t j, int64_t count) {
    float* row = gates + r * 4 * h + j;
    const auto a = functors::lstm_activate(load_gates(row, h, count));
    const Vec now = a.f * Vec::load(c_before + r * h + j, count) + a.i * a.g;
    store_gates(a, row, h, count);
    now.store(c + r * h + j, count);
    (a.o * tanh(now)).store(y + r * h + j, count);
  });
}

void lstm_step_backward(int64_t n, int64_t h, const float* gates, const float* c_before, const float* c,
                        const float* dy, float* dc, float* dgates) {
  each_vector(n, h, [&](int64_t r, int64_t j, int64_t count) {
    const int64_t at = r * h + j;
    Vec d = Vec::load(dc + at, count);
    const auto g =
        functors::lstm_gradient(load_gates(gates + r * 4 * h + j, h, count), Vec::load(c_before + at, count),
                                Vec::load(c + at, count), Vec::load(dy + at, count), d);
    d.store(dc + at, count);
    store_gates(g, dgates + r * 4 * h + j, h, count);
  });
}

}  // namespace minitorch::cpu
