// SPDX-License-Identifier: MIT
// Depthwise convolution on a GPU: every channel has a filter of its own, so there is no product of matrices.
//
// A result takes kh kw multiplications and 8 bytes, if each number comes from memory once: memory is the
// limit, as long as the caches are not asked too often. So a thread owns four results one below another: the
// rows that their windows share are loaded once for all four, 4.5 loads a result instead of 9 for 3 x 3 and
// 10 instead of 25 for 5 x 5. The filter lies in registers. The threads of a warp stand side by side in a
// row, so that each load fetches neighbours.
#include "minitorch/ops/conv/conv_depthwise_cuda.h"

#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/fast_divide.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/reduce/block_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kStrip = 4;  // results of a thread, one below another
constexpr int kThreads = 256;

// Planes `from` (h, w) and planes `to` (oh, ow), and strips of the latter.
struct Strips {
  int h, w, oh, ow, top, left;
  int from_channels, to_channels;
  FastDivide by_width, by_strips, by_channels;  // of a strip's number: column, then strip, then channel

  Strips(int64_t from_c, int64_t from_h, int64_t from_w, int64_t to_c, int64_t to_h, int64_t to_w,
         int64_t from_top, int64_t from_left)
      : h(static_cast<int>(from_h)),
        w(static_cast<int>(from_w)),
        oh(static_cast<int>(to_h)),
        ow(static_cast<int>(to_w)),
        top(static_cast<int>(from_top)),
        left(static_cast<int>(from_left)),
        from_channels(static_cast<int>(from_c)),
        to_channels(static_cast<int>(to_c)),
        by_width(to_w),
        by_strips((to_h + kStrip - 1) / kStrip),
        by_channels(to_c) {}
  MT_HD int of_plane() const { return static_cast<int>(by_strips.divisor) * ow; }
};

struct Place {
  int n, channel, p0, q;  // picture, channel of `to`, its first row and its column
};
__device__ __forceinline__ Place place_of(const Strips& s, int strip) {
  Place at;
  int rows;
  const int plane = s.by_strips.divide(s.by_width.divide(strip, at.q), rows);
  at.p0 = rows * kStrip;
  at.n = s.by_channels.divide(plane, at.channel);
  return at;
}

// v[b] = from[row, column + b], zeros beyond the borders.
template <int kSize>
__device__ __forceinline__ void load_row(const Strips& s, const float* from, int row, int column,
                                         float (&v)[kSize]) {
#pragma unroll
  for (int b = 0; b < kSize; ++b) {
    const bool inside = row >= 0 && row < s.h && column + b >= 0 && column + b < s.w;
    v[b] = inside ? from[row * s.w + column + b] : 0.f;
  }
}

// to[n, o] = bias[o] + the sum over j of from[n, c] * w, for c = o / shares * reads + j: forward each plane
// reads one (reads 1), and `shares` read the same. kFlipped, with stride 1: the gradient for x. There `to` is
// dx, `from` is dy, the filters are turned by half a turn and belong to the planes that are read.
//
// A thread owns a strip: 2 kh kw operations a result for 8 bytes, the limit is memory.
template <int kSize, int kStride, bool kFlipped>
__global__ void __launch_bounds__(kThreads)
    depthwise_strips(Strips s, int count, int reads, FastDivide by_shares, const float* from, const float* w,
                     const float* bias, float* to) {
  constexpr int kTaps = kSize * kSize, kRows = (kStrip - 1) * kStride + kSize;
  for (int64_t i = first_item(); i < count; i += item_step()) {
    const Place at = place_of(s, static_cast<int>(i));
    float sum[kStrip];
#pragma unroll
    for (int k = 0; k < kStrip; ++k) sum[k] = bias ? bias[at.channel] : 0.f;
    for (int j = 0; j < reads; ++j) {
      const int c = by_shares.quotient(at.channel) * reads + j;
      const float* plane = from + static_cast<int64_t>(at.n * s.from_channels + c) * s.h * s.w;
      const float* filter = w + (kFlipped ? c : at.channel) * kTaps;
      float f[kTaps];
#pragma unroll
      for (int t = 0; t < kTaps; ++t) f[t] = filter[kFlipped ? kTaps - 1 - t : t];
#pragma unroll
      for (int r = 0; r < kRows; ++r) {
        float v[kSize];
        load_row(s, plane, at.p0 * kStride - s.top + r, at.q * kStride - s.left, v);
#pragma unroll
        for (int k = 0; k < kStrip; ++k) {
          const int a = r - k * kStride;
          if (a < 0 || a >= kSize) continue;
#pragma unroll
          for (int b = 0; b < kSize; ++b) sum[k] += f[a * kSize + b] * v[b];
        }
      }
    }
    float* plane = to + static_cast<int64_t>(at.n * s.to_channels + at.channel) * s.oh * s.ow;
#pragma unroll
    for (int k = 0; k < kStrip; ++k)
      if (at.p0 + k < s.oh) plane[(at.p0 + k) * s.ow + at.q] = sum[k];
  }
}

// dx[n, c, r, t] of a convolution of stride 2, `per` output channels for each c. A thread owns one number; of
// the filter a quarter meets it, so that there is little to share: about kh kw / 2 operations for 5 bytes, dy
// being a quarter of dx. The limit is memory. `s` has dy as `from`; its strips are of one row here.
template <int kSize>
__global__ void __launch_bounds__(kThreads)
    depthwise_data_stride2(Strips s, FastDivide by_height, int count, int per, const float* dy,
                           const float* w, float* dx) {
  for (int64_t i = first_item(); i < count; i += item_step()) {
    int t, r, c;
    const int n = s.by_channels.divide(by_height.divide(s.by_width.divide(static_cast<int>(i), t), r), c);
    float sum = 0;
    for (int o = c * per; o < (c + 1) * per; ++o) {
      const float* plane = dy + static_cast<int64_t>(n * s.from_channels + o) * s.h * s.w;
      const float* filter = w + o * kSize * kSize;
#pragma unroll
      for (int a = 0; a < kSize; ++a) {
        const int p = r + s.top - a;
        if (p < 0 || p % 2 || p / 2 >= s.h) continue;
#pragma unroll
        for (int b = 0; b < kSize; ++b) {
          const int q = t + s.left - b;
          if (q >= 0 && q % 2 == 0 && q / 2 < s.w) sum += filter[a * kSize + b] * plane[p / 2 * s.w + q / 2];
        }
      }
    }
    dx[i] = sum;
  }
}

// sums[part, o, a, b] = the sum of dy x over a part of the strips of channel o. Block o parts + part owns it;
// a thread adds up all kh kw sums of its strips in registers, shuffles and shared memory join those of the
// block. 2 kh kw operations for 8 bytes an output: the limit is memory. `s` has x as `from`.
template <int kSize, int kStride>
__global__ void __launch_bounds__(kThreads)
    depthwise_weights(Strips s, int pictures, int parts, FastDivide by_shares, const float* x,
                      const float* dy, float* sums) {
  constexpr int kTaps = kSize * kSize, kRows = (kStrip - 1) * kStride + kSize, kWarps = kThreads / kWarp;
  __shared__ float of_warp[kWarps][kTaps];
  const int o = static_cast<int>(blockIdx.x) / parts, part = static_cast<int>(blockIdx.x) % parts;
  const int c = by_shares.quotient(o);
  float sum[kTaps];
#pragma unroll
  for (int t = 0; t < kTaps; ++t) sum[t] = 0;
  for (int i = part * kThreads + static_cast<int>(threadIdx.x); i < pictures * s.of_plane();
       i += parts * kThreads) {
    int strip, q;  // here pictures follow strips at once: the channel is fixed
    const int n = s.by_strips.divide(s.by_width.divide(i, q), strip), p0 = strip * kStrip;
    const float* result = dy + static_cast<int64_t>(n * s.to_channels + o) * s.oh * s.ow;
    const float* plane = x + static_cast<int64_t>(n * s.from_channels + c) * s.h * s.w;
    float d[kStrip];
#pragma unroll
    for (int k = 0; k < kStrip; ++k) d[k] = p0 + k < s.oh ? result[(p0 + k) * s.ow + q] : 0.f;
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      float v[kSize];
      load_row(s, plane, p0 * kStride - s.top + r, q * kStride - s.left, v);
#pragma unroll
      for (int k = 0; k < kStrip; ++k) {
        const int a = r - k * kStride;
        if (a < 0 || a >= kSize) continue;
#pragma unroll
        for (int b = 0; b < kSize; ++b) sum[a * kSize + b] += d[k] * v[b];
      }
    }
  }
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
#pragma unroll
  for (int t = 0; t < kTaps; ++t) {
    const float total = join_warp(sum[t], [](float a, float b) { return a + b; });
    if (lane == 0) of_warp[warp][t] = total;
  }
  __syncthreads();
  for (int t = static_cast<int>(threadIdx.x); t < kTaps; t += kThreads) {
    float total = 0;
    for (int v = 0; v < kWarps; ++v) total += of_warp[v][t];
    sums[(part * s.to_channels + o) * kTaps + t] = total;
  }
}

// dw[i] = the sum of sums[part][i]: a thread owns a weight. 4 bytes and an addition a weight and part, at
// most 64 parts: the limit is memory.
__global__ void join_parts(int parts, int count, const float* sums, float* dw) {
  for (int64_t i = first_item(); i < count; i += item_step()) {
    float total = 0;
    for (int p = 0; p < parts; ++p) total += sums[p * count + i];
    dw[i] = total;
  }
}

template <int kSize, int kStride, bool kFlipped>
void run_strips(const Strips& s, int64_t pictures, int reads, int64_t shares, const float* from,
                const float* w, const float* bias, float* to) {
  const int64_t count = pictures * s.to_channels * s.of_plane();
  check(launch(depthwise_strips<kSize, kStride, kFlipped>, blocks_for(count), kThreads, 0, current_stream(),
               s, static_cast<int>(count), reads, FastDivide(shares), from, w, bias, to),
        kFlipped ? "conv2d backward" : "conv2d");
}

template <int kSize, int kStride>
void run_weights(const Conv2dShape& shape, const float* x, const float* dy, float* dw) {
  const Strips s(shape.ci, shape.h, shape.w, shape.co, shape.out_h(), shape.out_w(), shape.top, shape.left);
  const int64_t count = shape.co * kSize * kSize, strips = shape.n * s.of_plane();
  // Some strips for each thread, and blocks enough for a large GPU.
  const int64_t wanted = 1024 / shape.co, most = strips / (4 * kThreads),
                several = wanted < most ? wanted : most;
  const int parts = static_cast<int>(several < 1 ? 1 : several > 64 ? 64 : several);
  const auto add_up = [&](float* sums) {
    check(launch(depthwise_weights<kSize, kStride>, static_cast<unsigned>(shape.co * parts), kThreads, 0,
                 current_stream(), s, static_cast<int>(shape.n), parts, FastDivide(shape.co / shape.ci), x,
                 dy, sums),
          "conv2d backward");
  };
  if (parts == 1) return add_up(dw);
  const DeviceScratch<float> sums(parts * count);
  add_up(sums.data());
  check(launch(join_parts, blocks_for(count), kElementwiseBlock, 0, current_stream(), parts,
               static_cast<int>(count), sums.data(), dw),
        "conv2d backward");
}

}  // namespace

bool suits_depthwise(const Conv2dShape& s) {
  const int64_t most = (int64_t{1} << 31) - (1 << 16);  // indices of loops may pass the end by a step
  return s.groups == s.ci && s.kh == s.kw && (s.kh == 3 || s.kh == 5) && s.stride_h == s.stride_w &&
         s.stride_h <= 2 && s.dilation_h == 1 && s.dilation_w == 1 && s.n * s.ci * s.h * s.w < most &&
         s.n * s.co * s.out_h() * s.out_w() < most && s.n * s.ci * (s.h + kStrip) * s.w < most &&
         s.n * s.co * (s.out_h() + kStrip) * s.out_w() < most && s.co * s.kh * s.kw * 64 < most;
}

void depthwise_forward(const Conv2dShape& c, const float* x, const float* w, const float* bias, float* y) {
  const Strips s(c.ci, c.h, c.w, c.co, c.out_h(), c.out_w(), c.top, c.left);
  const auto run = [&](auto kernel) { kernel(s, c.n, 1, c.co / c.ci, x, w, bias, y); };
  if (c.kh == 3) c.stride_h == 1 ? run(run_strips<3, 1, false>) : run(run_strips<3, 2, false>);
  else c.stride_h == 1 ? run(run_strips<5, 1, false>) : run(run_strips<5, 2, false>);
}

void depthwise_backward_data(const Conv2dShape& c, const float* dy, const float* w, float* dx) {
  const int per = static_cast<int>(c.co / c.ci);
  if (c.stride_h == 1) {
    const Strips s(c.co, c.out_h(), c.out_w(), c.ci, c.h, c.w, c.kh - 1 - c.top, c.kw - 1 - c.left);
    return c.kh == 3 ? run_strips<3, 1, true>(s, c.n, per, 1, dy, w, nullptr, dx)
                     : run_strips<5, 1, true>(s, c.n, per, 1, dy, w, nullptr, dx);
  }
  const Strips s(c.co, c.out_h(), c.out_w(), c.ci, c.h, c.w, c.top, c.left);
  const int64_t count = c.n * c.ci * c.h * c.w;
  check(launch(c.kh == 3 ? depthwise_data_stride2<3> : depthwise_data_stride2<5>, blocks_for(count), kThreads,
               0, current_stream(), s, FastDivide(c.h), static_cast<int>(count), per, dy, w, dx),
        "conv2d backward");
}

void depthwise_backward_weights(const Conv2dShape& c, const float* x, const float* dy, float* dw) {
  if (c.kh == 3) c.stride_h == 1 ? run_weights<3, 1>(c, x, dy, dw) : run_weights<3, 2>(c, x, dy, dw);
  else c.stride_h == 1 ? run_weights<5, 1>(c, x, dy, dw) : run_weights<5, 2>(c, x, dy, dw);
}

}  // namespace minitorch::MT_DEVICE
