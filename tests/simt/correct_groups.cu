// SPDX-License-Identifier: MIT
// Correct kernels: cooperative groups, and the lanes that are alike in something.
#include <algorithm>
#include <cmath>

#include "minitorch/simt/groups.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

namespace cg = cooperative_groups;

// --- operators of reduce and of scans ---

__global__ void operators(int* out) {
  const auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  const int i = static_cast<int>(threadIdx.x), r = i % 8;
  int* mine = out + i * 10;
  mine[0] = cg::reduce(tile, 1 << r, cg::bit_or<int>());
  mine[1] = cg::reduce(tile, 0xff ^ 1 << r, cg::bit_and<int>());
  mine[2] = cg::reduce(tile, i, cg::bit_xor<int>());
  mine[3] = cg::reduce(tile, -i, cg::less<int>());
  mine[4] = cg::reduce(tile, i, cg::greater<int>());
  mine[5] = cg::inclusive_scan(tile, r * 3 % 7, cg::greater<int>());
  mine[6] = cg::exclusive_scan(tile, r + 1, cg::plus<int>());
  mine[7] = cg::exclusive_scan(tile, 1 << r, cg::bit_or<int>());
  mine[8] = static_cast<int>(cg::inclusive_scan(tile, 0.5f, cg::plus<float>()) * 2);
  mine[9] = static_cast<int>(tile.match_any(r / 3));
}
std::string check_operators() {
  const DeviceArray<int> out(64 * 10);
  run(operators, 1, 64, out.data());
  std::vector<int> expected;
  for (int i = 0; i < 64; ++i) {
    const int r = i % 8, greatest[] = {0, 3, 6, 6, 6, 6, 6, 6}, alike[] = {7, 7, 7, 56, 56, 56, 192, 192};
    for (int v :
         {255, 0, 0, -(i - r + 7), i - r + 7, greatest[r], r * (r + 1) / 2, (1 << r) - 1, r + 1, alike[r]})
      expected.push_back(v);
  }
  return first_difference(expected, out.host());
}

// --- tiles of tiles, whose place is counted within the tile above, by functions of a given tile ---

template <unsigned kSize>
__device__ int place(cg::thread_block_tile<kSize> tile) {
  return static_cast<int>(tile.meta_group_rank() * 100 + tile.meta_group_size());
}
__device__ int size_of(cg::thread_group group) {
  return static_cast<int>(group.size() * 100 + group.thread_rank());
}
__global__ void tiles(int* out) {
  const auto block = cg::this_thread_block();
  const auto warp = cg::tiled_partition<32>(block);
  const auto four = cg::tiled_partition<4>(warp);
  const cg::thread_block_tile<16> half = cg::tiled_partition<16>(block);
  int* mine = out + threadIdx.x * 8;
  mine[0] = place<32>(warp);
  mine[1] = place<4>(four);
  mine[2] = place<16>(half);
  mine[3] = size_of(block);
  mine[4] = size_of(four);
  mine[5] = size_of(cg::tiled_partition(block, 8));
  mine[6] = four.shfl_down(static_cast<int>(threadIdx.x), 1) + cg::this_thread().size();
  mine[7] = static_cast<int>(cg::this_grid().thread_rank() + 1000 * cg::this_grid().block_rank());
}
std::string check_tiles() {
  const DeviceArray<int> out(80 * 8);
  run(tiles, 1, 80, out.data());
  std::vector<int> expected;
  for (int i = 0; i < 80; ++i)
    for (int v : {i / 32 * 100 + 3, i % 32 / 4 * 100 + 8, i / 16 * 100 + 5, 8000 + i, 400 + i % 4,
                  800 + i % 8, (i % 4 == 3 ? i : i + 1) + 1, i})
      expected.push_back(v);
  return first_difference(expected, out.host());
}

// --- groups of those that are alike ---

__global__ void partitions(int* out) {
  const auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  const int lane = static_cast<int>(threadIdx.x % 32);
  int* mine = out + threadIdx.x * 6;
  const auto alike = cg::labeled_partition(warp, lane * 7 % 3);
  mine[0] = static_cast<int>(alike.size() * 100 + alike.thread_rank());
  mine[1] = static_cast<int>(alike.meta_group_rank() * 10 + alike.meta_group_size());
  mine[2] = cg::reduce(alike, lane, cg::plus<int>());
  const auto part = cg::binary_partition(warp, lane < 5);
  mine[3] = static_cast<int>(part.size() * 100 + part.meta_group_rank() * 10 + part.meta_group_size());
  mine[4] = cg::inclusive_scan(part, 1);
  const auto pairs = cg::tiled_partition(part, 2);
  mine[5] = pairs.shfl(lane, 0);
}
std::string check_partitions() {
  const DeviceArray<int> out(64 * 6);
  run(partitions, 1, 64, out.data());
  std::vector<int> expected;
  for (int i = 0; i < 64; ++i) {
    const int lane = i % 32, size = lane % 3 == 2 ? 10 : 11,
              sum = (lane % 3) * size + 3 * size * (size - 1) / 2;
    const bool low = lane < 5;
    for (int v : {size * 100 + lane / 3, lane % 3 * 10 + 3, sum, low ? 512 : 2702, low ? lane + 1 : lane - 4,
                  low ? lane / 2 * 2 : (lane - 5) / 2 * 2 + 5})
      expected.push_back(v);
  }
  return first_difference(expected, out.host());
}

// --- one atomic for all lanes that are in a branch together; correct for any parting of them ---

__device__ int take_number(int* next) {
  const auto together = cg::coalesced_threads();
  int first = 0;
  if (together.thread_rank() == 0) first = atomicAdd(next, static_cast<int>(together.size()));
  return together.shfl(first, 0) + static_cast<int>(together.thread_rank());
}
__global__ void keep_odd(const int* x, int* kept, int* count, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n && x[i] % 2) kept[take_number(count)] = x[i];
}
std::string check_filter() {
  std::vector<int> x(300), expected;
  for (int i = 0; i < 300; ++i) x[i] = i * i % 97;
  for (int v : x)
    if (v % 2) expected.push_back(v);
  const DeviceArray<int> dx(x), kept(300, 0), count(1, 0);
  run(keep_odd, 3, 128, dx.data(), kept.data(), count.data(), 300);
  auto got = kept.host();
  got.resize(static_cast<std::size_t>(count.host()[0]));
  std::sort(got.begin(), got.end());
  std::sort(expected.begin(), expected.end());
  return got.size() == expected.size() ? first_difference(expected, got) : "wrong count";
}

__global__ void sizes(int* out) {
  out[threadIdx.x] = 0;
  if (threadIdx.x % 2 == 0) out[threadIdx.x] = static_cast<int>(cg::coalesced_threads().size());
  else if (threadIdx.x % 4 == 1) out[threadIdx.x] = __popc(__activemask());
}

// --- tiles that the block fetches while it computes ---

__global__ void sums_of_tiles(const int* x, int* sums, const signed char* bytes, int tiles) {
  __shared__ int tile[2][96];
  __shared__ signed char odd[7];
  const auto block = cg::this_thread_block();
  cg::memcpy_async(block, odd, bytes, sizeof odd);
  cg::memcpy_async(block, tile[0], x, sizeof tile[0]);
  int sum = 0;
  for (int t = 0; t < tiles; ++t) {
    if (t + 1 < tiles) {
      cg::memcpy_async(block, tile[(t + 1) % 2], x + (t + 1) * 96, sizeof tile[0]);
      cg::wait_prior<1>(block);
    } else {
      cg::wait(block);
    }
    sum += tile[t % 2][95 - threadIdx.x] + odd[threadIdx.x % 7];
    block.sync();
  }
  sums[threadIdx.x] = sum;
}
std::string check_copies() {
  const int tiles = 5;
  std::vector<int> x(tiles * 96), expected(96, 0);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int>(i * i % 1000);
  const std::vector<signed char> bytes = {1, -2, 3, -4, 5, -6, 7};
  for (int i = 0; i < 96; ++i)
    for (int t = 0; t < tiles; ++t) expected[i] += x[t * 96 + 95 - i] + bytes[i % 7];
  const DeviceArray<int> dx(x), sums(96);
  const DeviceArray<signed char> db(bytes);
  run(sums_of_tiles, 1, 96, dx.data(), sums.data(), db.data(), tiles);
  return first_difference(expected, sums.host());
}

// --- lanes with the same bits ---

template <class T>
__global__ void matches(const T* x, unsigned* out) {
  int same = 0;
  out[2 * threadIdx.x] = __match_any_sync(0xffffffffu, x[threadIdx.x]);
  out[2 * threadIdx.x + 1] = __match_all_sync(0xffffffffu, x[0], &same) + static_cast<unsigned>(same);
}
template <class T>
std::string check_matches(T a, T b, T c) {
  std::vector<T> x;
  for (int i = 0; i < 32; ++i) x.push_back(i % 4 == 0 ? a : i % 4 == 1 ? b : c);
  const DeviceArray<T> dx(x);
  const DeviceArray<unsigned> out(64);
  run(matches<T>, 1, 32, dx.data(), out.data());
  std::vector<unsigned> expected;
  for (int i = 0; i < 32; ++i) {
    expected.push_back(i % 4 == 0 ? 0x11111111u : i % 4 == 1 ? 0x22222222u : 0xccccccccu);
    expected.push_back(0);
  }
  return first_difference(expected, out.host());
}
std::string check_all_matches() {
  std::string wrong = check_matches(0.0f, -0.0f, std::nanf(""));
  wrong += check_matches(0.0, 1.0, static_cast<double>(1.0 + 1e-15));
  wrong += check_matches(1ll << 40, 1ll << 41, 0ll);
  wrong += check_matches(1ull << 63, 1ull, 0ull);
  return wrong + check_matches(1, -1, 0);
}

}  // namespace

std::vector<CorrectCase> correct_groups() {
  return {{"operators of groups", check_operators}, {"tiles of tiles", check_tiles},
          {"partitions", check_partitions},         {"one atomic for all", check_filter},
          {"copies of a group", check_copies},      {"lanes with the same bits", check_all_matches}};
}

std::vector<int> sizes_of_coalesced_groups() {
  const DeviceArray<int> out(32);
  run(sizes, 1, 32, out.data());
  return out.host();
}

}  // namespace minitorch::MT_DEVICE
