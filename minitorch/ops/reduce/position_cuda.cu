// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/reduce/block_cuda.h"
#include "minitorch/ops/reduce/reduce_kernels.h"
#include "minitorch/ops/reduce/reduce_plan.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

struct Smaller {
  __device__ int64_t operator()(int64_t a, int64_t b) const { return a < b ? a : b; }
};

// position[output] = first i with x[output][i] equal to value[output], or NaN. kGroup threads own an output:
// thread t looks at elements t, t + kGroup, ... and stops at its first, and the smallest of the group counts.
// One thread owns an output where neighbouring outputs are neighbours in x. 4 bytes and two comparisons an
// element, at most: the limit is memory.
template <class T, int kGroup>
__global__ void find_first(ReducePlan plan, const T* x, const T* value, int64_t* position) {
  __shared__ int64_t shared[kThreads / kWarp];
  const int64_t output = static_cast<int64_t>(blockIdx.x) * (kThreads / kGroup) + threadIdx.x / kGroup;
  if (output >= plan.kept.numel) return;  // the whole group
  const int64_t n = plan.reduced.numel, step = plan.reduced.inner(0);
  int64_t at[3], found = n;
  plan.kept.offsets(output, at);
  const T wanted = value[at[ReducePlan::kShift]];
  for (int64_t i = threadIdx.x % kGroup; i < n; i += kGroup) {
    const T v = x[at[ReducePlan::kX] + i * step];
    if (v == wanted || v != v) {
      found = i;
      break;
    }
  }
  if (kGroup > 1) found = join_block<kGroup>(found, shared, Smaller());
  if (threadIdx.x % kGroup == 0) position[at[ReducePlan::kY]] = found;
}

template <class T, int kGroup>
void find_with(const ReducePlan& plan) {
  constexpr int kOutputs = kThreads / kGroup;
  check(
      launch(find_first<T, kGroup>, dim3(static_cast<unsigned>((plan.kept.numel + kOutputs - 1) / kOutputs)),
             dim3(kThreads), 0, current_stream(), plan, static_cast<const T*>(plan.kept.data[ReducePlan::kX]),
             static_cast<const T*>(plan.kept.data[ReducePlan::kShift]),
             static_cast<int64_t*>(plan.kept.data[ReducePlan::kY])),
      "first_position");
}

template <class T>
void position_as(const ReducePlan& plan) {
  if (plan.kept.numel == 0) return;
  if (plan.down_columns()) find_with<T, 1>(plan);
  else if (plan.reduced.numel <= 1024) find_with<T, kWarp>(plan);
  else find_with<T, kThreads>(plan);
}

}  // namespace

void first_position(AnyView x, AnyView values, AnyView positions) {
  const ReducePlan plan = plan_reduction(x, values, positions);
  if (x.dtype == kFloat32) position_as<float>(plan);
  else if (x.dtype == kInt64) position_as<int64_t>(plan);
  else position_as<uint8_t>(plan);
}

}  // namespace minitorch::MT_DEVICE
