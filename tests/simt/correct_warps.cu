// SPDX-License-Identifier: MIT
// Correct kernels: warp operations and cooperative groups.
#include <limits>

#include "minitorch/simt/groups.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

__device__ __forceinline__ float warp_sum(float v) {
  for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffu, v, step);
  return v;
}

// --- sum of everything, one number ---

__global__ void block_sum(const float* x, float* y, int n) {
  __shared__ float parts[8];
  float v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) v += x[i];
  v = warp_sum(v);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x < 32) {
    v = warp_sum(threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.0f);
    if (threadIdx.x == 0) atomicAdd(y, v);
  }
}
std::string check_block_sum() {
  std::vector<float> x(1003);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 13);
  const DeviceArray<float> dx(x), dy(1, 0.0f);
  run(block_sum, 3, 128, dx.data(), dy.data(), 1003);
  float sum = 0;
  for (float v : x) sum += v;
  return first_difference(std::vector<float>{sum}, dy.host());
}

// --- softmax, a warp a row ---

__global__ void softmax(const float* x, float* y, int rows, int columns) {
  const int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;  // whole warps
  float highest = -3e38f, sum = 0;
  for (int c = lane; c < columns; c += 32) highest = fmaxf(highest, x[row * columns + c]);
  for (int step = 16; step > 0; step /= 2)
    highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, step));
  for (int c = lane; c < columns; c += 32) sum += __expf(x[row * columns + c] - highest);
  sum = warp_sum(sum);
  for (int c = lane; c < columns; c += 32)
    y[row * columns + c] = __expf(x[row * columns + c] - highest) / sum;
}
std::string check_softmax() {
  const int rows = 7, columns = 45;
  std::vector<float> x(rows * columns), expected(rows * columns);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 11) * 0.5f;
  for (int r = 0; r < rows; ++r) {
    double sum = 0;
    for (int c = 0; c < columns; ++c) sum += std::exp(static_cast<double>(x[r * columns + c]));
    for (int c = 0; c < columns; ++c)
      expected[r * columns + c] = static_cast<float>(std::exp(static_cast<double>(x[r * columns + c])) / sum);
  }
  const DeviceArray<float> dx(x), dy(x.size());
  run(softmax, 2, 128, dx.data(), dy.data(), rows, columns);
  return first_difference(expected, dy.host(), 1e-6);
}

// --- what each warp operation gives, for every lane ---

__global__ void operations(int* out) {
  const int lane = threadIdx.x;
  int* mine = out + lane * 16;
  mine[0] = __shfl_sync(0xffffffffu, lane, 5);
  mine[1] = __shfl_sync(0xffffffffu, lane, 3, 8);
  mine[2] = __shfl_up_sync(0xffffffffu, lane, 3);
  mine[3] = __shfl_up_sync(0xffffffffu, lane, 3, 8);
  mine[4] = __shfl_down_sync(0xffffffffu, lane, 3, 16);
  mine[5] = __shfl_xor_sync(0xffffffffu, lane, 9, 16);
  mine[6] = static_cast<int>(__ballot_sync(0xffffffffu, lane % 3 == 0));
  mine[7] = __any_sync(0xffffffffu, lane == 31) + 2 * __all_sync(0xffffffffu, lane < 31);
  mine[8] = static_cast<int>(__match_any_sync(0xffffffffu, lane % 4));
#if MT_ARCH_AT_LEAST(800)
  mine[9] = __reduce_add_sync(0xffffffffu, lane);
  mine[10] = __reduce_max_sync(0xffffffffu, lane ^ 21);
#else
  mine[9] = 496;
  mine[10] = 31;
#endif
  mine[11] = lane < 12 ? static_cast<int>(__ballot_sync(0x00000fffu, lane & 1)) : -1;  // only some lanes
  int same = 0;
  mine[12] = static_cast<int>(__match_all_sync(0xffffffffu, 4, &same)) + same;
  mine[13] = static_cast<int>(__shfl_down_sync(0xffffffffu, 1.5 * lane, 1) * 2);  // a double
  mine[14] = __popc(static_cast<unsigned>(lane)) + __clz(lane) + __ffs(lane);
  mine[15] = static_cast<int>(__brev(static_cast<unsigned>(lane)) >> 27);
}
std::string check_operations() {
  const DeviceArray<int> out(32 * 16);
  run(operations, 1, 32, out.data());
  std::vector<int> expected;
  for (int l = 0; l < 32; ++l) {
    const int reversed = (l & 1) << 4 | (l & 2) << 2 | (l & 4) | (l & 8) >> 2 | (l & 16) >> 4;
    int ones = 0, leading = 32, first = 0;
    for (int b = 31; b >= 0; --b)
      if (l >> b & 1) ++ones, first = b + 1, leading = leading == 32 ? 31 - b : leading;
    for (int v : {5, l / 8 * 8 + 3, l < 3 ? l : l - 3, l % 8 < 3 ? l : l - 3, l % 16 > 12 ? l : l + 3, l ^ 9,
                  0x49249249, 1, 0x11111111 << (l % 4), 496, 31, l < 12 ? 0xaaa : -1, 0,
                  l == 31 ? 93 : 3 * (l + 1), ones + leading + first, reversed})
      expected.push_back(v);
  }
  return first_difference(expected, out.host());
}

// --- shared memory between the lanes of a warp, with __syncwarp ---

__global__ void exchange(float* out) {
  __shared__ float tile[64];
  const int i = threadIdx.x;
  tile[i] = i;
  __syncwarp();
  const float v = tile[i ^ 1];
  __syncwarp();
  tile[i ^ 3] = v;
  __syncwarp();
  out[i] = tile[i];
}
std::string check_exchange() {
  const DeviceArray<float> out(64);
  run(exchange, 1, 64, out.data());
  std::vector<float> expected(64);
  for (int i = 0; i < 64; ++i) expected[i] = static_cast<float>(i ^ 3 ^ 1);
  return first_difference(expected, out.host());
}

// --- half the warp syncs here, the other half there ---

__global__ void syncwarp_in_branches(float* out) {
  __shared__ float tile[32];
  const int i = threadIdx.x;
  tile[i] = 2 * i;
  if (i < 16) {
    __syncwarp();
    out[i] = tile[i + 16];
  } else {
    __syncwarp();
    out[i] = tile[i - 16];
  }
}
std::string check_syncwarp_in_branches() {
  const DeviceArray<float> out(32);
  run(syncwarp_in_branches, 1, 32, out.data());
  std::vector<float> expected(32);
  for (int i = 0; i < 32; ++i) expected[i] = static_cast<float>(2 * (i ^ 16));
  return first_difference(expected, out.host());
}

// --- cooperative groups ---

namespace cg = cooperative_groups;

__global__ void groups(int* out) {
  const auto block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  const auto eight = cg::tiled_partition<8>(block);
  const int i = static_cast<int>(block.thread_rank());
  int* mine = out + i * 8;
  mine[0] = cg::reduce(warp, i, cg::plus<int>());
  mine[1] = cg::reduce(eight, i, cg::greater<int>());
  mine[2] = eight.shfl(i, 2);
  mine[3] = static_cast<int>(eight.thread_rank() * 100 + eight.meta_group_rank());
  mine[4] = cg::inclusive_scan(eight, i % 8);
  mine[5] = cg::exclusive_scan(eight, i % 8);
  mine[6] = static_cast<int>(eight.ballot(i % 2)) + eight.any(i == 9) * 1000;
  block.sync();
  const auto some = cg::coalesced_threads();
  mine[7] = some.thread_rank() < some.size() ? eight.shfl_xor(i, 7) : -1;
}
std::string check_groups() {
  const DeviceArray<int> out(64 * 8);
  run(groups, 1, 64, out.data());
  std::vector<int> expected;
  for (int i = 0; i < 64; ++i) {
    const int r = i % 8, first = i - r;
    for (int v : {i < 32 ? 496 : 496 + 1024, first + 7, first + 2, r * 100 + i / 8, r * (r + 1) / 2,
                  r * (r - 1) / 2, 0xaa + (first == 8 ? 1000 : 0), first + 7 - r})
      expected.push_back(v);
  }
  return first_difference(expected, out.host());
}

// --- halves and pairs that wait for themselves alone, and learn of others by way of them ---

__global__ void syncwarp_of_parts(int* out) {
  __shared__ int tile[32];
  const int lane = threadIdx.x;
  tile[lane] = lane;
  __syncwarp(lane < 16 ? 0x0000ffffu : 0xffff0000u);
  int sum = tile[lane ^ 8];  // of the same half
  if (lane % 16 == 0) {
    __syncwarp(0x00010001u);  // lanes 0 and 16, which have met all of their halves
    sum += tile[(lane ^ 16) + 3];
  }
  out[lane] = sum;
}
std::string check_syncwarp_of_parts() {
  const DeviceArray<int> out(32);
  run(syncwarp_of_parts, 1, 32, out.data());
  std::vector<int> expected(32);
  for (int lane = 0; lane < 32; ++lane) expected[lane] = (lane ^ 8) + (lane % 16 == 0 ? (lane ^ 16) + 3 : 0);
  return first_difference(expected, out.host());
}

}  // namespace

std::vector<CorrectCase> correct_warps() {
  return {{"block_sum", check_block_sum},
          {"softmax", check_softmax},
          {"warp operations", check_operations},
          {"exchange", check_exchange},
          {"syncwarp in branches", check_syncwarp_in_branches},
          {"syncwarp of parts", check_syncwarp_of_parts},
          {"cooperative groups", check_groups}};
}

}  // namespace minitorch::MT_DEVICE
