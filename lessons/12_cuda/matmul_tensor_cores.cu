// SPDX-License-Identifier: MIT
// The last rung: tensor cores, which multiply 16 x 16 matrices of 16-bit numbers and add up in float32. And a
// loop of nothing but such products, and one of nothing but multiply-adds: the machine's two limits.
#include "lessons/12_cuda/launch_cuda.h"
#include "minitorch/simt/wmma.h"

namespace minitorch::MT_DEVICE {
namespace {

using namespace nvcuda;
using Left = wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major>;
using Right = wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major>;
using Sums = wmma::fragment<wmma::accumulator, 16, 16, 16, float>;

//! [tensor cores]
// A block of 4 warps computes a tile of 64 x 64, a warp 32 x 32 of it: 2 x 2 fragments of 16 x 16. A fragment
// belongs to a warp, not to a thread. The floats are rounded to 16 bits on their way into shared memory.
constexpr int kTile = 64, kDepth = 16, kPad = 8, kThreads = 128;
__global__ void matmul_tensor_cores(const float* a, const float* b, float* c, int n) {
  __shared__ __align__(32) half a_tile[kTile][kDepth + kPad], b_tile[kDepth][kTile + kPad];
  const int t = threadIdx.x, down = t / 64 * 32, across = t / 32 % 2 * 32;
  const int i0 = blockIdx.y * kTile, j0 = blockIdx.x * kTile;
  Sums sums[2][2];
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) wmma::fill_fragment(sums[i][j], 0.0f);
  for (int k0 = 0; k0 < n; k0 += kDepth) {
    for (int e = t; e < kTile * kDepth; e += kThreads) {
      a_tile[e / kDepth][e % kDepth] = __float2half(a[(i0 + e / kDepth) * n + k0 + e % kDepth]);
      b_tile[e / kTile][e % kTile] = __float2half(b[(k0 + e / kTile) * n + j0 + e % kTile]);
    }
    __syncthreads();
    Left left[2];
    Right right[2];
    for (int i = 0; i < 2; ++i) wmma::load_matrix_sync(left[i], &a_tile[down + 16 * i][0], kDepth + kPad);
    for (int j = 0; j < 2; ++j) wmma::load_matrix_sync(right[j], &b_tile[0][across + 16 * j], kTile + kPad);
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j) wmma::mma_sync(sums[i][j], left[i], right[j], sums[i][j]);
    __syncthreads();
  }
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      wmma::store_matrix_sync(&c[(i0 + down + 16 * i) * n + j0 + across + 16 * j], sums[i][j], n,
                              wmma::mem_row_major);
}
//! [tensor cores]

// Eight sums that do not wait for each other, in registers: a thread does 16 operations a step.
__global__ void multiply_adds(float* out, int steps) {
  float x[8];
  for (int i = 0; i < 8; ++i) x[i] = static_cast<float>(threadIdx.x + i);
  for (int s = 0; s < steps; ++s)
    for (int i = 0; i < 8; ++i) x[i] = x[i] * 0.999f + 0.001f;
  float sum = 0;
  for (int i = 0; i < 8; ++i) sum += x[i];
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Two products of 16 x 16 x 16 a step, in registers: a warp does 16384 operations.
__global__ void tensor_multiply(float* out, int steps) {
  Left left;
  Right right;
  Sums sums[2];
  wmma::fill_fragment(left, __float2half(0.5f));
  wmma::fill_fragment(right, __float2half(0.001f));
  for (auto& s : sums) wmma::fill_fragment(s, 0.0f);
  for (int s = 0; s < steps; ++s)
    for (auto& sum : sums) wmma::mma_sync(sum, left, right, sum);
  out[blockIdx.x * blockDim.x + threadIdx.x] = sums[0].x[0] + sums[1].x[0];
}

}  // namespace

void run_tensor_cores(const float* a, const float* b, float* c, int n) {
  start("tensor cores", matmul_tensor_cores, dim3(n / kTile, n / kTile), kThreads, a, b, c, n);
}

static void run_multiply_adds(float* out, int steps) {
  start("multiply_adds", multiply_adds, kLimitThreads / 256, 256, out, steps);
}
static void run_tensor_multiply(float* out, int steps) {
  start("tensor_multiply", tensor_multiply, kLimitThreads / 256, 256, out, steps);
}
Limits limits() { return {run_multiply_adds, run_tensor_multiply}; }

}  // namespace minitorch::MT_DEVICE
