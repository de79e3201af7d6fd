// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "minitorch/optim/step_functors.h"

namespace minitorch {

#define MT_NAME(F) F,
enum class StepKind { MT_STEPS(MT_NAME) };
#undef MT_NAME

/// What a profile calls the kernel.
constexpr const char* kernel_name(StepKind kind) {
#define MT_NAME(F) #F,
  constexpr const char* names[] = {MT_STEPS(MT_NAME)};
#undef MT_NAME
  return names[static_cast<int>(kind)];
}

/// One parameter: n weights, their gradients and averages (null where the step has none), all contiguous.
struct WeightBlock {
  float* p;
  const float* g;
  float *m, *v;
  int64_t n;
  functors::StepConstants constants;
};

MT_EVERY_DEVICE(
    /// One step for all blocks, in one pass over their memory; none where `skip`, a number on the device, is
    /// given and not 0.
    void optimizer_step(StepKind kind, const WeightBlock* blocks, int count, const float* skip);
    /// The same with the list of blocks in the device's memory, the longest of them `longest`: a CUDA graph
    /// that has recorded this goes by what lies there when it is replayed.
    void optimizer_step_listed(StepKind kind, const WeightBlock* list, int count, int64_t longest,
                               const float* skip);)

}  // namespace minitorch
