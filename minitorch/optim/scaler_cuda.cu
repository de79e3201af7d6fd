// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/optim/scaler_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kBlocksPerLaunch = 128;  // as many as fit into a kernel's arguments
struct BlockList {
  GradientBlock blocks[kBlocksPerLaunch];
};

// Row blockIdx.y of the grid owns gradient blockIdx.y, and a thread its numbers i, i + threads, ... . Reads
// and writes each number once: 8 bytes for 3 operations, memory is the limit.
__global__ void unscale(BlockList list, ScalerState* state) {
  const GradientBlock& b = list.blocks[blockIdx.y];
  const float inverse = 1 / state->scale;
  bool finite = true;
  for (int64_t i = first_item(); i < b.n; i += item_step()) {
    const float g = b.g[i];
    finite = finite && g * 0.0f == 0;  // infinity and NaN give NaN
    b.g[i] = g * inverse;
  }
  if (!finite) atomicExch(&state->overflow, 1.0f);
}

// What the next step is scaled by. A single thread; some bytes.
__global__ void update(ScalerState* state, ScalerRule rule) { *state = rule.next(*state); }

}  // namespace

void unscale_gradients(const GradientBlock* blocks, int count, ScalerState* state) {
  for (int first = 0; first < count; first += kBlocksPerLaunch) {
    const int n = count - first < kBlocksPerLaunch ? count - first : kBlocksPerLaunch;
    BlockList list;
    int64_t longest = 1;
    for (int k = 0; k < n; ++k) {
      list.blocks[k] = blocks[first + k];
      longest = longest > list.blocks[k].n ? longest : list.blocks[k].n;
    }
    const unsigned across = blocks_for(longest) < 1024 ? blocks_for(longest) : 1024;
    check(launch(unscale, dim3(across, static_cast<unsigned>(n)), kElementwiseBlock, 0, current_stream(),
                 list, state),
          "unscale");
  }
}

void update_scale(ScalerState* state, ScalerRule rule) {
  check(launch(update, 1, 1, 0, current_stream(), state, rule), "update_scale");
}

}  // namespace minitorch::MT_DEVICE
