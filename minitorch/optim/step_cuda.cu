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

// A thread owns weights i, i + threads, ... of the block. Reads p, g and the averages and writes all but g
// once: 12 bytes and 3 operations a weight for SGD, 28 bytes and some 15 operations for Adam; the limit is
// memory.
template <class F>
__device__ void step_block(const WeightBlock& b) {
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

// Row blockIdx.y of the grid owns parameter blockIdx.y, of any shape, its threads the weights as said above:
// 12 to 28 bytes and 3 to 15 operations a weight. Nothing is done where *skip is not 0.
template <class F>
__global__ void step_weights(BlockList list, const float* skip) {
  if (!skip || *skip == 0) step_block<F>(list.blocks[blockIdx.y]);
}
// The same for a list in device memory, which a recorded graph reads anew at each replay.
template <class F>
__global__ void step_listed(const WeightBlock* list, const float* skip) {
  if (!skip || *skip == 0) step_block<F>(list[blockIdx.y]);
}

dim3 grid_of(int64_t longest, int count) {
  const unsigned across = blocks_for(longest);
  return dim3(across < 1024 ? across : 1024, static_cast<unsigned>(count));
}

template <class F>
void step_all(const WeightBlock* blocks, int count, const float* skip) {
  for (int first = 0; first < count; first += kBlocksPerLaunch) {
    const int n = count - first < kBlocksPerLaunch ? count - first : kBlocksPerLaunch;
    BlockList list;
    int64_t longest = 0;
    for (int k = 0; k < n; ++k) {
      list.blocks[k] = blocks[first + k];
      longest = longest > blocks[first + k].n ? longest : blocks[first + k].n;
    }
    if (longest == 0) continue;
    check(launch(step_weights<F>, grid_of(longest, n), kElementwiseBlock, 0, current_stream(), list, skip),
          "optimizer_step");
  }
}

template <class F>
void step_list(const WeightBlock* list, int count, int64_t longest, const float* skip) {
  check(launch(step_listed<F>, grid_of(longest, count), kElementwiseBlock, 0, current_stream(), list, skip),
        "optimizer_step");
}

}  // namespace

void optimizer_step(StepKind kind, const WeightBlock* blocks, int count, const float* skip) {
  switch (kind) {
#define MT_CASE(F) \
  case StepKind::F: return step_all<functors::F>(blocks, count, skip);
    MT_STEPS(MT_CASE)
#undef MT_CASE
  }
}

void optimizer_step_listed(StepKind kind, const WeightBlock* list, int count, int64_t longest,
                           const float* skip) {
  switch (kind) {
#define MT_CASE(F) \
  case StepKind::F: return step_list<functors::F>(list, count, longest, skip);
    MT_STEPS(MT_CASE)
#undef MT_CASE
  }
}

}  // namespace minitorch::MT_DEVICE
