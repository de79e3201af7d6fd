// SPDX-License-Identifier: MIT
// The gradients of attention. The probabilities are computed again from q, k and the logarithms that the
// forward pass has kept: cheaper than reading L x S of them back.
//
//     p = e^(q k^T scale + mask - lse)    dp = f dy v^T    ds = p (dp - delta) scale
//     dq = ds k                           dk = ds^T q      dv = (f p)^T dy
//
// where delta[i] is the sum over d of dy[i, d] y[i, d], and f what dropout multiplies by, drawn again too.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/attention/attention_kernels.h"
#include "minitorch/ops/attention/attention_tile_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

using namespace attention;

// Of queries and of keys. With this pitch the 16 threads of a row, one in each column, read from 16 banks.
constexpr int kTile = 32, kPitch = kTile + 2;

// delta[row] = sum of dy y, both (rows, width). A warp owns a row: 8 bytes and 2 operations an element, the
// limit is memory.
__global__ void row_products(int64_t rows, int width, const float* y, const float* dy, float* delta) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int64_t row = first_item() / 32; row < rows; row += item_step() / 32) {
    float sum = 0;
    for (int d = lane; d < width; d += 32) sum += y[row * width + d] * dy[row * width + d];
    for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
    if (lane == 0) delta[row] = sum;
  }
}

struct Tiles {
  float *q, *k, *v, *dy;  // [depth][kTile]
  float *p, *ds;          // [query][key]; p times what dropout multiplies by
};
template <int kDepth>
__device__ __forceinline__ Tiles tiles_of(float* shared) {
  constexpr int kSize = kDepth * kPitch;
  return {shared,
          shared + kSize,
          shared + 2 * kSize,
          shared + 3 * kSize,
          shared + 4 * kSize,
          shared + 4 * kSize + kTile * kPitch};
}

// f p and ds of a tile of queries and a tile of keys, to shared memory. Thread (ty, tx) computes those of
// queries 2 ty and 2 ty + 1, keys 2 tx and 2 tx + 1.
template <int kDepth>
__device__ __forceinline__ void recompute(const AttentionShape& s, int64_t head, const Tiles& t, int query0,
                                          int key0, const float* lse, const float* delta) {
  const int64_t mask0 = s.mask.start(head);
  const int ty = static_cast<int>(threadIdx.x) / 16, tx = static_cast<int>(threadIdx.x) % 16;
  float p[2][2], dp[2][2];
  multiply_tiles<kDepth, kPitch, kPitch>(t.q, t.k, ty * 2, tx * 2, p);
  multiply_tiles<kDepth, kPitch, kPitch>(t.dy, t.v, ty * 2, tx * 2, dp);
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const int query = query0 + ty * 2 + i, key = key0 + tx * 2;
    float factor[2] = {1, 1};
    if (s.dropout.threshold > 0) dropout_factors(s, head, query, key, factor);
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      const float x = score(s, mask0, query, key + j, p[i][j]);
      const bool seen = x != -INFINITY;
      const float share = seen ? expf(x - lse[query]) : 0.f;
      const int at = (ty * 2 + i) * kPitch + tx * 2 + j;
      t.p[at] = share * factor[j];
      t.ds[at] = seen ? share * (dp[i][j] * factor[j] - delta[query]) * s.scale : 0.f;
    }
  }
}

// Pointers of one head.
struct Head {
  const float *q, *k, *v, *dy, *lse, *delta;
  float *dq, *dk, *dv;
  __device__ Head at(const AttentionShape& s, int64_t n) const {
    const int64_t qs = n * s.queries, ks = n * s.keys;
    return {q + qs * s.depth, k + ks * s.depth,  v + ks * s.width,  dy + qs * s.width, lse + qs,
            delta + qs,       dq + qs * s.depth, dk + ks * s.depth, dv + ks * s.width};
  }
};

// dq. A block owns 32 queries of a head and goes over its keys, 32 at a time; thread (ty, tx) owns dq of
// queries 2 ty and 2 ty + 1 in columns tx, tx + 16, ... . 6 L S E operations a head, for 8 S E bytes of keys
// and values a block: arithmetic is the limit.
template <int kDepth>
__global__ void __launch_bounds__(kThreads) attend_dq(AttentionShape s, Head all) {
  const Tiles t = tiles_of<kDepth>(dynamic_shared<float>());
  const int ty = static_cast<int>(threadIdx.x) / 16, tx = static_cast<int>(threadIdx.x) % 16;
  const int blocks = (s.queries + kTile - 1) / kTile, query0 = static_cast<int>(blockIdx.x) % blocks * kTile;
  const int64_t head = blockIdx.x / static_cast<unsigned>(blocks);
  const Head h = all.at(s, head);
  load_by_depth<kDepth, kTile, kPitch>(t.q, h.q, query0, s.queries, s.depth);
  load_by_depth<kDepth, kTile, kPitch>(t.dy, h.dy, query0, s.queries, s.width);
  float dq[2][kDepth / 16] = {};
  const int last = s.causal && query0 + kTile < s.keys ? query0 + kTile : s.keys;
  for (int key0 = 0; key0 < last; key0 += kTile) {
    __syncthreads();  // keys and ds of the step before are no longer read
    load_by_depth<kDepth, kTile, kPitch>(t.k, h.k, key0, s.keys, s.depth);
    load_by_depth<kDepth, kTile, kPitch>(t.v, h.v, key0, s.keys, s.width);
    __syncthreads();
    recompute<kDepth>(s, head, t, query0, key0, h.lse, h.delta);
    __syncthreads();
    for (int key = 0; key < kTile; ++key)
#pragma unroll
      for (int n = 0; n < kDepth / 16; ++n) {
        const float value = t.k[(tx + 16 * n) * kPitch + key];
        dq[0][n] += t.ds[ty * 2 * kPitch + key] * value;
        dq[1][n] += t.ds[(ty * 2 + 1) * kPitch + key] * value;
      }
  }
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int n = 0; n < kDepth / 16; ++n)
      if (query0 + ty * 2 + i < s.queries && tx + 16 * n < s.depth)
        h.dq[static_cast<int64_t>(query0 + ty * 2 + i) * s.depth + tx + 16 * n] = dq[i][n];
}

// dk and dv. A block owns 32 keys of a head and goes over the queries that see them; thread (ty, tx) owns
// keys 2 ty and 2 ty + 1 in columns tx, tx + 16, ... . 8 L S E operations a head, for 8 L E bytes of q and dy
// a block: arithmetic is the limit.
template <int kDepth>
__global__ void __launch_bounds__(kThreads) attend_dk_dv(AttentionShape s, Head all) {
  const Tiles t = tiles_of<kDepth>(dynamic_shared<float>());
  const int ty = static_cast<int>(threadIdx.x) / 16, tx = static_cast<int>(threadIdx.x) % 16;
  const int blocks = (s.keys + kTile - 1) / kTile, key0 = static_cast<int>(blockIdx.x) % blocks * kTile;
  const int64_t head = blockIdx.x / static_cast<unsigned>(blocks);
  const Head h = all.at(s, head);
  load_by_depth<kDepth, kTile, kPitch>(t.k, h.k, key0, s.keys, s.depth);
  load_by_depth<kDepth, kTile, kPitch>(t.v, h.v, key0, s.keys, s.width);
  float dk[2][kDepth / 16] = {}, dv[2][kDepth / 16] = {};
  for (int query0 = s.causal ? key0 : 0; query0 < s.queries; query0 += kTile) {
    __syncthreads();  // queries, p and ds of the step before are no longer read
    load_by_depth<kDepth, kTile, kPitch>(t.q, h.q, query0, s.queries, s.depth);
    load_by_depth<kDepth, kTile, kPitch>(t.dy, h.dy, query0, s.queries, s.width);
    __syncthreads();
    recompute<kDepth>(s, head, t, query0, key0, h.lse, h.delta);
    __syncthreads();
    for (int query = 0; query < kTile; ++query)
#pragma unroll
      for (int n = 0; n < kDepth / 16; ++n) {
        const float from_q = t.q[(tx + 16 * n) * kPitch + query],
                    from_dy = t.dy[(tx + 16 * n) * kPitch + query];
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          dk[i][n] += t.ds[query * kPitch + ty * 2 + i] * from_q;
          dv[i][n] += t.p[query * kPitch + ty * 2 + i] * from_dy;
        }
      }
  }
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int n = 0; n < kDepth / 16; ++n) {
      const int64_t key = key0 + ty * 2 + i;
      if (key >= s.keys) continue;
      if (tx + 16 * n < s.depth) h.dk[key * s.depth + tx + 16 * n] = dk[i][n];
      if (tx + 16 * n < s.width) h.dv[key * s.width + tx + 16 * n] = dv[i][n];
    }
}

template <int kDepth>
void backward_with(const AttentionShape& s, const Head& h) {
  const std::size_t bytes = backward_bytes(kDepth);
  if (bytes > 48 * 1024)
    for (const auto kernel : {attend_dq<kDepth>, attend_dk_dv<kDepth>})
      check(
          cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "attention backward");
  const auto blocks = [&](int rows) { return static_cast<unsigned>((rows + kTile - 1) / kTile * s.batch); };
  check(launch(attend_dq<kDepth>, blocks(s.queries), kThreads, bytes, current_stream(), s, h),
        "attention backward");
  check(launch(attend_dk_dv<kDepth>, blocks(s.keys), kThreads, bytes, current_stream(), s, h),
        "attention backward");
}

}  // namespace

void attention_backward(const AttentionShape& s, const float* q, const float* k, const float* v,
                        const float* y, const float* lse, const float* dy, float* delta, float* dq, float* dk,
                        float* dv) {
  const int64_t rows = int64_t{s.batch} * s.queries;
  check(launch(row_products, blocks_for(rows * 32), kElementwiseBlock, 0, current_stream(), rows, s.width, y,
               dy, delta),
        "attention backward");
  const Head head{q, k, v, dy, lse, delta, dq, dk, dv};
  switch (rounded_depth(s.depth, s.width)) {
    case 32: return backward_with<32>(s, head);
    case 64: return backward_with<64>(s, head);
    default: return backward_with<128>(s, head);
  }
}

}  // namespace minitorch::MT_DEVICE
