// SPDX-License-Identifier: MIT
// y = dropout(softmax(q k^T scale + mask)) v in one kernel, after Dao et al., "FlashAttention" (2022): the
// scores, L x S numbers, never leave the processor.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/attention/attention_kernels.h"
#include "minitorch/ops/attention/attention_tile_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

using namespace attention;

constexpr int kQueries = 64;

// A block owns 64 queries of a head and goes over its keys, 32 at a time. For each step it computes their
// scores, raises the running maximum m of each row, and brings the running sum l and the running result o to
// it: o and l are multiplied by e^(m - new m), then get their shares of e^(score - new m). What is o / l at
// the end is what the whole row's softmax would have given.
//
// Thread (ty, tx) owns queries 4 ty ... 4 ty + 3: of the scores those with keys 2 tx and 2 tx + 1, of the
// result columns tx, tx + 16, ... . The threads of a row lie in one half of a warp, so that maxima and
// sums take shuffles, and the probabilities reach the others by way of shared memory with no barrier but the
// warp's.
//
// 2 L S (E + D) operations a head for 4 L (E + D) bytes of q and y and L / 64 times 4 S (E + D) of k and v,
// mostly from the cache: arithmetic is the limit. A mask adds L S or 4 L S bytes; dropout about 60 operations
// a score, which its generator takes.
template <int kDepth>
__global__ void __launch_bounds__(kThreads)
    attend(AttentionShape s, const float* q, const float* k, const float* v, float* y, float* lse) {
  constexpr int kOwn = kDepth / 16, kPitch = kQueries + 4, kPitchK = kKeys + 4;
  float* const q_tile = dynamic_shared<float>();    // [kDepth][kQueries]
  float* const k_tile = q_tile + kDepth * kPitch;   // [kDepth][kKeys]
  float* const v_tile = k_tile + kDepth * kPitchK;  // [kKeys][kDepth]
  float* const p_tile = v_tile + kKeys * kDepth;    // [kKeys][kQueries]
  const int ty = static_cast<int>(threadIdx.x) / 16, tx = static_cast<int>(threadIdx.x) % 16;
  const int tiles = (s.queries + kQueries - 1) / kQueries,
            first = static_cast<int>(blockIdx.x) % tiles * kQueries;
  const int64_t head = blockIdx.x / static_cast<unsigned>(tiles);
  q += head * s.queries * s.depth, k += head * s.keys * s.depth, v += head * s.keys * s.width;
  y += head * s.queries * s.width, lse += head * s.queries;
  const int64_t mask0 = s.mask.start(head);

  load_by_depth<kDepth, kQueries, kPitch>(q_tile, q, first, s.queries, s.depth);
  float m[4], l[4], o[4][kOwn];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    m[i] = -INFINITY, l[i] = 0;
#pragma unroll
    for (int d = 0; d < kOwn; ++d) o[i][d] = 0;
  }
  const int last =
      s.causal && first + kQueries < s.keys ? first + kQueries : s.keys;  // keys that anybody here sees
  for (int key0 = 0; key0 < last; key0 += kKeys) {
    __syncthreads();  // the keys of the step before are no longer read
    load_by_depth<kDepth, kKeys, kPitchK>(k_tile, k, key0, s.keys, s.depth);
    for (int at = static_cast<int>(threadIdx.x); at < kKeys * kDepth; at += kThreads) {
      const int row = at / kDepth, d = at % kDepth;
      v_tile[at] =
          key0 + row < s.keys && d < s.width ? v[static_cast<int64_t>(key0 + row) * s.width + d] : 0.f;
    }
    __syncthreads();
    float p[4][2];
    multiply_tiles<kDepth, kPitch, kPitchK>(q_tile, k_tile, ty * 4, tx * 2, p);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int query = first + ty * 4 + i, key = key0 + tx * 2;
#pragma unroll
      for (int j = 0; j < 2; ++j) p[i][j] = score(s, mask0, query, key + j, p[i][j]);
      const float top = fmaxf(m[i], row_max(fmaxf(p[i][0], p[i][1])));
      const float keep = m[i] == -INFINITY ? 0.f : expf(m[i] - top);  // nothing has been seen yet
#pragma unroll
      for (int j = 0; j < 2; ++j) p[i][j] = p[i][j] == -INFINITY ? 0.f : expf(p[i][j] - top);
      l[i] = l[i] * keep + row_sum(p[i][0] + p[i][1]);
      m[i] = top;
#pragma unroll
      for (int d = 0; d < kOwn; ++d) o[i][d] *= keep;
      if (s.dropout.threshold == 0) continue;
      float factor[2];
      dropout_factors(s, head, query, key, factor);
      p[i][0] *= factor[0], p[i][1] *= factor[1];
    }
    // Those of the step before are no longer read: two barriers of the block lie between.
#pragma unroll
    for (int j = 0; j < 2; ++j)
      *reinterpret_cast<float4*>(&p_tile[(tx * 2 + j) * kPitch + ty * 4]) =
          make_float4(p[0][j], p[1][j], p[2][j], p[3][j]);
    __syncwarp();
#pragma unroll 4
    for (int key = 0; key < kKeys; ++key) {
      const float4 share = *reinterpret_cast<const float4*>(&p_tile[key * kPitch + ty * 4]);
#pragma unroll
      for (int d = 0; d < kOwn; ++d) {
        const float value = v_tile[key * kDepth + tx + 16 * d];
        o[0][d] += share.x * value, o[1][d] += share.y * value, o[2][d] += share.z * value,
            o[3][d] += share.w * value;
      }
    }
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int row = first + ty * 4 + i;
    if (row >= s.queries) continue;
#pragma unroll
    for (int d = 0; d < kOwn; ++d)
      if (tx + 16 * d < s.width)  // 0 for a query that sees no key
        y[static_cast<int64_t>(row) * s.width + tx + 16 * d] = l[i] == 0 ? 0.f : o[i][d] / l[i];
    if (tx == 0) lse[row] = m[i] + logf(l[i]);
  }
}

template <int kDepth>
void attend_with(const AttentionShape& s, const float* q, const float* k, const float* v, float* y,
                 float* lse) {
  const std::size_t bytes = forward_bytes(kDepth);
  if (bytes > 48 * 1024)
    check(cudaFuncSetAttribute(attend<kDepth>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(bytes)),
          "attention");
  const auto blocks = static_cast<unsigned>((s.queries + kQueries - 1) / kQueries * s.batch);
  check(launch(attend<kDepth>, blocks, kThreads, bytes, current_stream(), s, q, k, v, y, lse), "attention");
}

}  // namespace

bool attention_fits(int depth, int width) {
  static const int most = [] {
    int device = 0, bytes = 0;
    check(cudaGetDevice(&device), "device");
    check(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device), "device");
    return bytes;
  }();
  const int rounded = rounded_depth(depth, width);
  const std::size_t room = static_cast<std::size_t>(most);
  return rounded && forward_bytes(rounded) <= room && backward_bytes(rounded) <= room;
}

void attention_forward(const AttentionShape& s, const float* q, const float* k, const float* v, float* y,
                       float* lse) {
  switch (rounded_depth(s.depth, s.width)) {
    case 32: return attend_with<32>(s, q, k, v, y, lse);
    case 64: return attend_with<64>(s, q, k, v, y, lse);
    default: return attend_with<128>(s, q, k, v, y, lse);
  }
}

}  // namespace minitorch::MT_DEVICE
