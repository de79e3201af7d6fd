// SPDX-License-Identifier: MIT
// Two kernels with one mistake each. Find it before you read what the checker says.
#include "lessons/12_cuda/launch_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

//! [race]
// y[t] = the share of x[t] in the sum of 256 numbers.
__global__ void sum_with_a_race(const float* x, float* y) {
  __shared__ float sums[kThreads];
  const int t = threadIdx.x;
  sums[t] = x[t];
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (t < half) sums[t] += sums[t + half];
  }
  y[t] = x[t] / sums[0];
}
//! [race]

//! [divergent]
// y[i] = the mean of x[i] and its two neighbours, for 0 < i < n - 1.
__global__ void smooth_with_a_divergent_barrier(const float* x, float* y, int n) {
  __shared__ float kept[kThreads];
  const int t = threadIdx.x;
  if (t < n) {
    kept[t] = x[t];
    __syncthreads();
    if (t > 0 && t < n - 1) y[t] = (kept[t - 1] + kept[t] + kept[t + 1]) / 3;
  } else {
    y[t] = 0;
    __syncthreads();
  }
}
//! [divergent]

}  // namespace

std::vector<Bug> bugs() {
  return {
      {"sum_with_a_race", [](const float* x, float* y) { start("sum", sum_with_a_race, 1, kThreads, x, y); }},
      {"smooth_with_a_divergent_barrier", [](const float* x, float* y) {
         start("smooth", smooth_with_a_divergent_barrier, 1, kThreads, x, y, 250);
       }}};
}

}  // namespace minitorch::MT_DEVICE
