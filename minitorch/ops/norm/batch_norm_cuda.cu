// SPDX-License-Identifier: MIT
// Batch norm. A channel belongs to one block; where channels are few and large, to several: then a first
// kernel leaves each block's sums in memory, and a second adds them up and does the rest.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/fast_divide.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/norm/norm_kernels.h"
#include "minitorch/ops/reduce/block_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

// Where the items of a channel lie: item i counts over images and then over the plane.
struct Channels {
  ChannelShape s;
  int64_t count;
  int blocks;  // of a channel
  bool narrow;
  FastDivide by_plane;

  explicit Channels(ChannelShape shape) : s(shape), count(shape.n * shape.hw), narrow(count < 1LL << 31) {
    if (narrow && s.hw > 0) by_plane = FastDivide(s.hw);
    // Some thousand items for each block, and blocks enough for a large GPU.
    const int64_t wanted = 1024 / s.c, most = count / 2048;
    const int64_t several = wanted < most ? wanted : most;
    blocks = static_cast<int>(several < 1 ? 1 : several > 64 ? 64 : several);
  }
  __device__ int64_t at(int64_t k, int64_t i) const {
    if (!narrow) return (i / s.hw * s.c + k) * s.hw + i % s.hw;
    int place;
    const int n = by_plane.divide(static_cast<int>(i), place);
    return (n * s.c + k) * s.hw + place;
  }
  unsigned grid() const { return static_cast<unsigned>(s.c * blocks); }
};

// What a block has to do: items begin ... end of channel k.
struct Share {
  int64_t k, begin, end;
  int part;
};
__device__ __forceinline__ Share share_of(const Channels& c) {
  const int part = static_cast<int>(blockIdx.x) % c.blocks;
  return {blockIdx.x / static_cast<unsigned>(c.blocks), c.count * part / c.blocks,
          c.count * (part + 1) / c.blocks, part};
}

// The sums of both over the block, in every thread. Once in a kernel: before a second call the block would
// have to meet, since others may still read the first one's parts.
__device__ __forceinline__ float2 block_sum(float2 v) {
  __shared__ float2 part[kThreads / kWarp];
  const auto add = [](float a, float b) { return a + b; };
  v = make_float2(join_warp(v.x, add), join_warp(v.y, add));
  if (threadIdx.x % kWarp == 0) part[threadIdx.x / kWarp] = v;
  __syncthreads();
  float2 total = make_float2(0.f, 0.f);
  for (int w = 0; w < kThreads / kWarp; ++w) total.x += part[w].x, total.y += part[w].y;
  return total;
}
// What the blocks of channel k have left in `sums`.
__device__ __forceinline__ float2 channel_sum(const Channels& c, int64_t k, const float2* sums) {
  float2 total = make_float2(0.f, 0.f);
  for (int b = 0; b < c.blocks; ++b) total.x += sums[k * c.blocks + b].x, total.y += sums[k * c.blocks + b].y;
  return total;
}

__device__ __forceinline__ float limit(float z, ClampRange r) {
  return r.on ? fminf(fmaxf(z, r.low), r.high) : z;
}
__device__ __forceinline__ float passed(float z, float dy, ClampRange r) {
  return !r.on || (z > r.low && z < r.high) ? dy : 0.f;
}

struct Forward {
  Channels c;
  const float *x, *weight, *bias;
  float eps;
  ClampRange clamp;
  RunningStats running;
  float *y, *mean, *rstd;

  // A thread's part of the sums of x - base and of its square. The first number of the channel as base keeps
  // a large mean from cancelling everything.
  __device__ float base(const Share& t) const { return x[c.at(t.k, 0)]; }
  __device__ float2 sums(const Share& t) const {
    const float from = base(t);
    float2 v = make_float2(0.f, 0.f);
    for (int64_t i = t.begin + threadIdx.x; i < t.end; i += kThreads) {
      const float d = x[c.at(t.k, i)] - from;
      v.x += d, v.y += d * d;
    }
    return v;
  }
  __device__ void finish(const Share& t, float2 sums) const {
    const float m = sums.x / c.count, square = fmaxf(sums.y / c.count - m * m, 0.f), r = rsqrtf(square + eps),
                mu = base(t) + m;
    if (threadIdx.x == 0 && t.part == 0) {
      mean[t.k] = mu, rstd[t.k] = r;
      running.move(t.k, mu, square);
    }
    const float scale = (weight ? weight[t.k] : 1.f) * r, shift = (bias ? bias[t.k] : 0.f) - mu * scale;
    for (int64_t i = t.begin + threadIdx.x; i < t.end; i += kThreads)
      y[c.at(t.k, i)] = limit(x[c.at(t.k, i)] * scale + shift, clamp);
  }
};

struct Backward {
  Channels c;
  const float *x, *dy, *weight, *bias, *mean, *rstd;
  ClampRange clamp;
  bool through_statistics;
  float *dx, *dweight, *dbias;

  // z = v scale + shift of the channel's items v.
  struct Line {
    float scale, shift, mean;
  };
  __device__ Line line(int64_t k) const {
    const float scale = (weight ? weight[k] : 1.f) * rstd[k];
    return {scale, (bias ? bias[k] : 0.f) - mean[k] * scale, mean[k]};
  }
  // A thread's part of the sums of dy and of dy (x - mean).
  __device__ float2 sums(const Share& t) const {
    const Line l = line(t.k);
    float2 sum = make_float2(0.f, 0.f);
    for (int64_t i = t.begin + threadIdx.x; i < t.end; i += kThreads) {
      const int64_t place = c.at(t.k, i);
      const float v = x[place], d = passed(v * l.scale + l.shift, dy[place], clamp);
      sum.x += d, sum.y += d * (v - l.mean);
    }
    return sum;
  }
  __device__ void finish(const Share& t, float2 sums) const {
    const Line l = line(t.k);
    const float r = rstd[t.k];
    if (threadIdx.x == 0 && t.part == 0) dbias[t.k] = sums.x, dweight[t.k] = sums.y * r;
    if (!dx) return;
    const float offset = through_statistics ? sums.x / c.count : 0.f,
                slope = through_statistics ? sums.y * r * r / c.count : 0.f;
    for (int64_t i = t.begin + threadIdx.x; i < t.end; i += kThreads) {
      const int64_t place = c.at(t.k, i);
      const float v = x[place], d = passed(v * l.scale + l.shift, dy[place], clamp);
      const float rest = through_statistics ? (v - l.mean) * slope : 0.f;  // x may be infinite
      dx[place] = l.scale * (d - offset - rest);
    }
  }
};

// mean, rstd and y, or dx, dweight and dbias, of channel blockIdx.x of x (n, c, hw). Threads stride over its
// n hw items; two sums meet by shuffles and shared memory. Forward, x is read twice and y written once: 12
// bytes and 6 operations an item; backward, x and dy are read twice and dx written once: 20 bytes and some 15
// operations. The second reading of a small channel comes from the cache. The limit is memory.
template <class Pass>
__global__ void __launch_bounds__(kThreads) norm_channel(Pass pass) {
  const Share t = share_of(pass.c);
  pass.finish(t, block_sum(pass.sums(t)));
}

// The same in two kernels, with several blocks for a channel: first sums[channel][block], each over the
// block's share of the n hw items. 4 bytes and 4 operations an item forward, 8 and some 7 backward: the limit
// is memory.
template <class Pass>
__global__ void __launch_bounds__(kThreads) norm_part_sums(Pass pass, float2* sums) {
  const float2 total = block_sum(pass.sums(share_of(pass.c)));
  if (threadIdx.x == 0) sums[blockIdx.x] = total;
}
// ... and then the rest: every thread adds up the sums of its channel, at most 64. 8 bytes and 2 operations
// an item forward, 12 and some 8 backward: the limit is memory.
template <class Pass>
__global__ void __launch_bounds__(kThreads) norm_part(Pass pass, const float2* sums) {
  const Share t = share_of(pass.c);
  pass.finish(t, channel_sum(pass.c, t.k, sums));
}

template <class Pass>
void run(const Pass& pass, const char* op) {
  if (pass.c.s.c == 0) return;
  if (pass.c.blocks == 1)
    return check(launch(norm_channel<Pass>, pass.c.grid(), kThreads, 0, current_stream(), pass), op);
  const DeviceScratch<float2> sums(pass.c.grid());
  check(launch(norm_part_sums<Pass>, pass.c.grid(), kThreads, 0, current_stream(), pass, sums.data()), op);
  check(launch(norm_part<Pass>, pass.c.grid(), kThreads, 0, current_stream(), pass, sums.data()), op);
}

// y = clamp(x scale + shift), x and y (n, c, hw), scale and shift (c): a thread owns every so many-th item. 8
// bytes and up to 4 operations an item, the channel's two numbers coming from the cache: the limit is memory.
__global__ void bn_infer(ChannelShape s, FastDivide by_plane, FastDivide by_channels, const float* x,
                         const float* scale, const float* shift, ClampRange clamp, float* y) {
  const int64_t count = s.n * s.c * s.hw;
  for (int64_t i = first_item(); i < count; i += item_step()) {
    int k;
    if (count < 1LL << 31) by_channels.divide(by_plane.quotient(static_cast<int>(i)), k);
    else k = static_cast<int>(i / s.hw % s.c);
    y[i] = limit(x[i] * scale[k] + shift[k], clamp);
  }
}

}  // namespace

void batch_norm_train(ChannelShape s, const float* x, const float* weight, const float* bias, float eps,
                      ClampRange clamp, RunningStats running, float* y, float* mean, float* rstd) {
  run(Forward{Channels(s), x, weight, bias, eps, clamp, running, y, mean, rstd}, "batch_norm");
}
void batch_norm_infer(ChannelShape s, const float* x, const float* scale, const float* shift,
                      ClampRange clamp, float* y) {
  const int64_t count = s.n * s.c * s.hw;
  if (count == 0) return;
  check(launch(bn_infer, blocks_for(count), kElementwiseBlock, 0, current_stream(), s,
               FastDivide(s.hw < 1LL << 31 ? s.hw : 1), FastDivide(s.c), x, scale, shift, clamp, y),
        "batch_norm");
}
void batch_norm_backward(ChannelShape s, const float* x, const float* dy, const float* weight,
                         const float* bias, const float* mean, const float* rstd, ClampRange clamp,
                         bool through_statistics, float* dx, float* dweight, float* dbias) {
  run(Backward{Channels(s), x, dy, weight, bias, mean, rstd, clamp, through_statistics, dx, dweight, dbias},
      "batch_norm backward");
}

}  // namespace minitorch::MT_DEVICE
