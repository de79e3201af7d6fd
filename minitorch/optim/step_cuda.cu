// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/optim/step_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// As many parameters as fit into a kernel's arguments: a launch for each would cost more than its work.
constexpr int kBlocksPerLaunch = 32;
struct BlockList {
  WeightBlock blocks[kBlocksPerLaunch];
};

// Row blockIdx.y of the grid owns parameter blockIdx.y, and a thread its weights i, i + threads, ... .
// Reads p, g and the averages and writes all but g once: 12 bytes a weight for SGD, 28 for Adam; the limit is
// memory.
template <class F>
__global__ void step_weights(BlockList list) {
  const WeightBlock& b = list.blocks[blockIdx.y];
  for (int64_t i = first_item(); i < b.n; i += item_step()) {
    functors::WeightState<float> w{b.p[i], b.g[i], 0.f, 0.f};
    if constexpr (F::averages > 0) w.m = b.m[i];
    if constexpr (F::averages > 1) w.v = b.v[i];
    F::step(w, b.constants);
    b.p[i] = w.p;
    if constexpr (F::averages > 0) b.m[i] = w.m;
    if constexpr (F::averages > 1) b.v[i] = w.v;
  }
}

template <class F>
void step_all(const WeightBlock* blocks, int count) {
  for (int first = 0; first < count; first += kBlocksPerLaunch) {
    const int n = count - first < kBlocksPerLaunch ? count - first : kBlocksPerLaunch;
    BlockList list;
    int64_t longest = 0;
    for (int k = 0; k < n; ++k) {
      list.blocks[k] = blocks[first + k];
      longest = longest > blocks[first + k].n ? longest : blocks[first + k].n;
    }
    if (longest == 0) continue;
    const unsigned across = blocks_for(longest) < 1024 ? blocks_for(longest) : 1024;
    check(launch(step_weights<F>, dim3(across, static_cast<unsigned>(n)), kElementwiseBlock, 0,
                 current_stream(), list),
          "optimizer_step");
  }
}

}  // namespace

void optimizer_step(StepKind kind, const WeightBlock* blocks, int count) {
  switch (kind) {
#define MT_CASE(F) \
  case StepKind::F: return step_all<functors::F>(blocks, count);
    MT_STEPS(MT_CASE)
#undef MT_CASE
  }
}

}  // namespace minitorch::MT_DEVICE
