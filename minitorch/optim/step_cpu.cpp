// SPDX-License-Identifier: MIT
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/optim/step_kernels.h"

namespace minitorch::cpu {
namespace {

using functors::WeightState;
using simd::kLanes;
using simd::Vec;

template <class F>
void step_range(const WeightBlock& b, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i += kLanes) {
    const int64_t n = std::min<int64_t>(kLanes, end - i);
    auto load = [&](const float* x) { return n == kLanes ? Vec::load(x + i) : Vec::load(x + i, n); };
    auto store = [&](float* x, Vec v) { n == kLanes ? v.store(x + i) : v.store(x + i, n); };
    WeightState<Vec> w{load(b.p), load(b.g), Vec(0.f), Vec(0.f)};
    if constexpr (F::averages > 0) w.m = load(b.m);
    if constexpr (F::averages > 1) w.v = load(b.v);
    F::step(w, b.constants);
    store(b.p, w.p);
    if constexpr (F::averages > 0) store(b.m, w.m);
    if constexpr (F::averages > 1) store(b.v, w.v);
  }
}

// Threads share all weights evenly, whatever the sizes of the blocks.
template <class F>
void step_all(const WeightBlock* blocks, int count) {
  int64_t total = 0;
  for (int k = 0; k < count; ++k) total += blocks[k].n;
  parallel_for(total, 8192, [&](int64_t begin, int64_t end) {
    int64_t first = 0;
    for (int k = 0; k < count && first < end; first += blocks[k++].n) {
      const int64_t from = std::max<int64_t>(begin - first, 0), to = std::min(end - first, blocks[k].n);
      if (from < to) step_range<F>(blocks[k], from, to);
    }
  });
}

}  // namespace

void optimizer_step(StepKind kind, const WeightBlock* blocks, int count, const float* skip) {
  if (skip && *skip != 0) return;
  switch (kind) {
#define MT_CASE(F) \
  case StepKind::F: return step_all<functors::F>(blocks, count);
    MT_STEPS(MT_CASE)
#undef MT_CASE
  }
}

void optimizer_step_listed(StepKind kind, const WeightBlock* list, int count, int64_t, const float* skip) {
  optimizer_step(kind, list, count, skip);
}

}  // namespace minitorch::cpu
