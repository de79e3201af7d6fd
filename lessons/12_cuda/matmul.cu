// SPDX-License-Identifier: MIT
// A ladder of matrix products, c = a b, all (n, n) by rows. The limit of all but the last is arithmetic: 2
// n^3 operations at the GPU's float32 rate. How near a rung comes depends on how often a number is loaded.
#include "lessons/12_cuda/launch_cuda.h"

namespace minitorch::MT_DEVICE {

// matmul_tensor_cores.cu
void run_tensor_cores(const float* a, const float* b, float* c, int n);

namespace {

//! [naive]
// A thread computes one element of c. Neighbouring threads stand in neighbouring rows. 2 loads a product.
__global__ void matmul_naive(const float* a, const float* b, float* c, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int j = blockIdx.y * blockDim.y + threadIdx.y;
  if (i >= n || j >= n) return;
  float sum = 0;
  for (int k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
  c[i * n + j] = sum;
}
//! [naive]

//! [coalesced]
// The same, but neighbouring threads stand in neighbouring columns: what a warp reads of b lies side by side.
__global__ void matmul_coalesced(const float* a, const float* b, float* c, int n) {
  const int i = blockIdx.y * blockDim.y + threadIdx.y;
  const int j = blockIdx.x * blockDim.x + threadIdx.x;
  //! [coalesced]
  if (i >= n || j >= n) return;
  float sum = 0;
  for (int k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
  c[i * n + j] = sum;
}

//! [tiled]
// A block computes a tile of 32 x 32. Step by step it brings a tile of a and a tile of b into shared memory,
// where each number is read 32 times: 2 global loads for 32 multiply-adds.
constexpr int kTile = 32;
__global__ void matmul_tiled(const float* a, const float* b, float* c, int n) {
  __shared__ float a_tile[kTile][kTile], b_tile[kTile][kTile];
  const int row = threadIdx.y, col = threadIdx.x;
  const int i = blockIdx.y * kTile + row, j = blockIdx.x * kTile + col;
  float sum = 0;
  for (int k0 = 0; k0 < n; k0 += kTile) {
    a_tile[row][col] = a[i * n + k0 + col];
    b_tile[row][col] = b[(k0 + row) * n + j];
    __syncthreads();  // the tiles are complete
    for (int k = 0; k < kTile; ++k) sum += a_tile[row][k] * b_tile[k][col];
    __syncthreads();  // nobody reads them any more
  }
  c[i * n + j] = sum;
}
//! [tiled]

//! [registers]
// A block of 64 threads computes a tile of 64 x 64, a thread 8 x 8 of it, in registers: for 16 numbers read
// from shared memory it does 64 multiply-adds.
constexpr int kBlock = 64, kDepth = 8, kOwn = 8, kThreads = 64;
__global__ void matmul_registers(const float* a, const float* b, float* c, int n) {
  __shared__ float a_tile[kBlock][kDepth], b_tile[kDepth][kBlock];
  const int t = threadIdx.x, down = t / 8 * kOwn, across = t % 8 * kOwn;
  const int i0 = blockIdx.y * kBlock, j0 = blockIdx.x * kBlock;
  float sums[kOwn][kOwn] = {};
  for (int k0 = 0; k0 < n; k0 += kDepth) {
    for (int e = t; e < kBlock * kDepth; e += kThreads) {
      a_tile[e / kDepth][e % kDepth] = a[(i0 + e / kDepth) * n + k0 + e % kDepth];
      b_tile[e / kBlock][e % kBlock] = b[(k0 + e / kBlock) * n + j0 + e % kBlock];
    }
    __syncthreads();
    for (int k = 0; k < kDepth; ++k) {
      float left[kOwn], right[kOwn];
      for (int i = 0; i < kOwn; ++i) left[i] = a_tile[down + i][k];
      for (int j = 0; j < kOwn; ++j) right[j] = b_tile[k][across + j];
      for (int i = 0; i < kOwn; ++i)
        for (int j = 0; j < kOwn; ++j) sums[i][j] += left[i] * right[j];
    }
    __syncthreads();
  }
  for (int i = 0; i < kOwn; ++i)
    for (int j = 0; j < kOwn; ++j) c[(i0 + down + i) * n + j0 + across + j] = sums[i][j];
}
//! [registers]

//! [vectors]
// Four floats in one load or store; both addresses are multiples of 16 bytes.
__device__ __forceinline__ void copy4(float* to, const float* from) {
  *reinterpret_cast<float4*>(to) = *reinterpret_cast<const float4*>(from);
}

// The same, four floats at a time. The tile of a stands on its side, so that what a thread reads together
// lies together; a thread's 8 rows (columns) are two groups of 4, half a tile apart, so that a warp reads
// without a gap.
constexpr int kPitch = kBlock + 4;  // rows of a_tile begin in different banks
__global__ void matmul_vectors(const float* a, const float* b, float* c, int n) {
  __shared__ __align__(16) float a_tile[kDepth][kPitch], b_tile[kDepth][kBlock];
  constexpr int kHalf = kBlock / 2;
  const int t = threadIdx.x, down = t / 8 * 4, across = t % 8 * 4;
  const int i0 = blockIdx.y * kBlock, j0 = blockIdx.x * kBlock;
  __align__(16) float sums[kOwn][kOwn] = {}, left[kOwn], right[kOwn], v[4];
  for (int k0 = 0; k0 < n; k0 += kDepth) {
    for (int e = t; e < kBlock * kDepth / 4; e += kThreads) {
      const int row = e / 2, k = e % 2 * 4;
      copy4(v, &a[(i0 + row) * n + k0 + k]);
      for (int q = 0; q < 4; ++q) a_tile[k + q][row] = v[q];
      copy4(&b_tile[e / 16][e % 16 * 4], &b[(k0 + e / 16) * n + j0 + e % 16 * 4]);
    }
    __syncthreads();
    for (int k = 0; k < kDepth; ++k) {
      copy4(left, &a_tile[k][down]), copy4(left + 4, &a_tile[k][down + kHalf]);
      copy4(right, &b_tile[k][across]), copy4(right + 4, &b_tile[k][across + kHalf]);
      for (int i = 0; i < kOwn; ++i)
        for (int j = 0; j < kOwn; ++j) sums[i][j] += left[i] * right[j];
    }
    __syncthreads();
  }
  for (int i = 0; i < kOwn; ++i) {
    float* const to = &c[(i0 + down + i / 4 * kHalf + i % 4) * n + j0 + across];
    copy4(to, sums[i]), copy4(to + kHalf, sums[i] + 4);
  }
}
//! [vectors]

unsigned parts(int n, int size) { return static_cast<unsigned>((n + size - 1) / size); }

}  // namespace

std::vector<MatmulRung> matmul_rungs() {
  using Float = const float*;
  return {
      {"matmul_naive",
       [](Float a, Float b, float* c, int n) {
         start("naive", matmul_naive, dim3(parts(n, 32), parts(n, 8)), dim3(32, 8), a, b, c, n);
       }},
      {"matmul_coalesced",
       [](Float a, Float b, float* c, int n) {
         start("coalesced", matmul_coalesced, dim3(parts(n, 32), parts(n, 8)), dim3(32, 8), a, b, c, n);
       }},
      {"matmul_tiled",
       [](Float a, Float b, float* c, int n) {
         start("tiled", matmul_tiled, dim3(n / kTile, n / kTile), dim3(kTile, kTile), a, b, c, n);
       }},
      {"matmul_registers",
       [](Float a, Float b, float* c, int n) {
         start("registers", matmul_registers, dim3(n / kBlock, n / kBlock), kThreads, a, b, c, n);
       }},
      {"matmul_vectors",
       [](Float a, Float b, float* c, int n) {
         start("vectors", matmul_vectors, dim3(n / kBlock, n / kBlock), kThreads, a, b, c, n);
       }},
      {"matmul_tensor_cores", run_tensor_cores},
  };
}

}  // namespace minitorch::MT_DEVICE
