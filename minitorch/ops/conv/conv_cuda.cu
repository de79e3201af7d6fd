// SPDX-License-Identifier: MIT
// Which strategy a convolution takes on a GPU. Filters of single channels go to conv_depthwise_cuda.cu, most
// others, as products of matrices, to conv_gemm_cuda.cu. What is left, groups too narrow for a tile and
// unusual filters of single channels, is summed up directly, a thread or a block for each result.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/conv/conv_depthwise_cuda.h"
#include "minitorch/ops/conv/conv_gemm_cuda.h"
#include "minitorch/ops/conv/conv_kernels.h"
#include "minitorch/ops/reduce/block_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

// The sizes of a convolution in 32 bits where they fit: dividing 64-bit numbers takes a GPU 100 instructions.
template <class Int>
struct Direct {
  Int n, ci, h, w, co, kh, kw, stride_h, stride_w, top, left, dilation_h, dilation_w, oh, ow;
  Int group_ci, group_co;

  explicit Direct(const Conv2dShape& s)
      : n(static_cast<Int>(s.n)),
        ci(static_cast<Int>(s.ci)),
        h(static_cast<Int>(s.h)),
        w(static_cast<Int>(s.w)),
        co(static_cast<Int>(s.co)),
        kh(static_cast<Int>(s.kh)),
        kw(static_cast<Int>(s.kw)),
        stride_h(static_cast<Int>(s.stride_h)),
        stride_w(static_cast<Int>(s.stride_w)),
        top(static_cast<Int>(s.top)),
        left(static_cast<Int>(s.left)),
        dilation_h(static_cast<Int>(s.dilation_h)),
        dilation_w(static_cast<Int>(s.dilation_w)),
        oh(static_cast<Int>(s.out_h())),
        ow(static_cast<Int>(s.out_w())),
        group_ci(static_cast<Int>(s.ci / s.groups)),
        group_co(static_cast<Int>(s.co / s.groups)) {}
};

// y[n, o, p, q]: a thread owns one output and sums over its window. 2 ci kh kw operations for as many loads,
// 4 bytes each: the cache makes it bearable, memory stays the limit.
template <class Int>
__global__ void conv_direct(Direct<Int> s, int64_t count, const float* x, const float* w, const float* bias,
                            float* y) {
  for (int64_t at = first_item(); at < count; at += item_step()) {
    const Int i = static_cast<Int>(at), q = i % s.ow, p = i / s.ow % s.oh, plane = i / (s.ow * s.oh),
              o = plane % s.co, n = plane / s.co, first = o / s.group_co * s.group_ci;
    float sum = bias ? bias[o] : 0.f;
    for (Int c = 0; c < s.group_ci; ++c)
      for (Int a = 0; a < s.kh; ++a) {
        const Int r = p * s.stride_h - s.top + a * s.dilation_h;
        if (r < 0 || r >= s.h) continue;
        const float *row = x + ((n * s.ci + first + c) * s.h + r) * s.w,
                    *filter = w + ((o * s.group_ci + c) * s.kh + a) * s.kw;
        for (Int b = 0; b < s.kw; ++b) {
          const Int t = q * s.stride_w - s.left + b * s.dilation_w;
          if (t >= 0 && t < s.w) sum += filter[b] * row[t];
        }
      }
    y[at] = sum;
  }
}

// dx[n, i, r, t]: a thread owns one input and sums over the outputs that read it, 2 co kh kw operations
// without stride, for as many loads, mostly from the cache: memory stays the limit.
template <class Int>
__global__ void conv_direct_data(Direct<Int> s, int64_t count, const float* dy, const float* w, float* dx) {
  for (int64_t at = first_item(); at < count; at += item_step()) {
    const Int i = static_cast<Int>(at), t = i % s.w, r = i / s.w % s.h, plane = i / (s.w * s.h),
              c = plane % s.ci, n = plane / s.ci, g = c / s.group_ci;
    float sum = 0;
    for (Int a = 0; a < s.kh; ++a) {
      const Int p = r + s.top - a * s.dilation_h;
      if (p < 0 || p % s.stride_h || p / s.stride_h >= s.oh) continue;
      for (Int b = 0; b < s.kw; ++b) {
        const Int q = t + s.left - b * s.dilation_w;
        if (q < 0 || q % s.stride_w || q / s.stride_w >= s.ow) continue;
        for (Int o = g * s.group_co; o < (g + 1) * s.group_co; ++o)
          sum += w[((o * s.group_ci + c % s.group_ci) * s.kh + a) * s.kw + b] *
                 dy[((n * s.co + o) * s.oh + p / s.stride_h) * s.ow + q / s.stride_w];
      }
    }
    dx[at] = sum;
  }
}

// dw[o, c, a, b]: a block owns one weight; its threads share the images and outputs, their sums meet by
// shuffles and shared memory. 2 n oh ow operations a weight for 8 bytes each, from the caches.
template <class Int>
__global__ void __launch_bounds__(kElementwiseBlock)
    conv_direct_weights(Direct<Int> s, const float* x, const float* dy, float* dw) {
  __shared__ float of_warp[kElementwiseBlock / kWarp];
  const Int i = static_cast<Int>(blockIdx.x), b = i % s.kw, a = i / s.kw % s.kh,
            c = i / (s.kw * s.kh) % s.group_ci, o = i / (s.kw * s.kh * s.group_ci),
            channel = o / s.group_co * s.group_ci + c;
  float sum = 0;
  for (Int k = static_cast<Int>(threadIdx.x); k < s.n * s.oh * s.ow; k += kElementwiseBlock) {
    const Int q = k % s.ow, p = k / s.ow % s.oh, n = k / (s.ow * s.oh);
    const Int r = p * s.stride_h - s.top + a * s.dilation_h, t = q * s.stride_w - s.left + b * s.dilation_w;
    if (r >= 0 && r < s.h && t >= 0 && t < s.w)
      sum += dy[((n * s.co + o) * s.oh + p) * s.ow + q] * x[((n * s.ci + channel) * s.h + r) * s.w + t];
  }
  sum = join_block<kElementwiseBlock>(sum, of_warp, [](float u, float v) { return u + v; });
  if (threadIdx.x == 0) dw[i] = sum;
}

// Whether the sizes of all three tensors fit 31 bits.
bool is_narrow(const Conv2dShape& s) {
  const int64_t most = (int64_t{1} << 31) - kElementwiseBlock;
  return s.n * s.ci * s.h * s.w < most && s.n * s.co * s.out_h() * s.out_w() < most &&
         s.co * s.ci / s.groups * s.kh * s.kw < most;
}

// A group must have rows enough for a tile.
bool suits_gemm(const Conv2dShape& s, int64_t rows) { return rows >= 4 && is_narrow(s); }

template <class Int>
void direct_forward(const Conv2dShape& s, int64_t count, const float* x, const float* w, const float* bias,
                    float* y) {
  check(launch(conv_direct<Int>, blocks_for(count), kElementwiseBlock, 0, current_stream(), Direct<Int>(s),
               count, x, w, bias, y),
        "conv2d");
}
template <class Int>
void direct_data(const Conv2dShape& s, int64_t count, const float* dy, const float* w, float* dx) {
  check(launch(conv_direct_data<Int>, blocks_for(count), kElementwiseBlock, 0, current_stream(),
               Direct<Int>(s), count, dy, w, dx),
        "conv2d backward");
}
template <class Int>
void direct_weights(const Conv2dShape& s, int64_t count, const float* x, const float* dy, float* dw) {
  check(launch(conv_direct_weights<Int>, static_cast<unsigned>(count), kElementwiseBlock, 0, current_stream(),
               Direct<Int>(s), x, dy, dw),
        "conv2d backward");
}

}  // namespace

void conv2d_forward(const Conv2dShape& s, const float* x, const float* w, const float* bias, float* y) {
  const int64_t count = s.n * s.co * s.out_h() * s.out_w();
  if (count == 0) return;
  if (suits_depthwise(s)) return depthwise_forward(s, x, w, bias, y);
  if (suits_gemm(s, s.co / s.groups)) return conv_gemm_forward(s, x, w, bias, y);
  is_narrow(s) ? direct_forward<int>(s, count, x, w, bias, y)
               : direct_forward<int64_t>(s, count, x, w, bias, y);
}
void conv2d_backward_data(const Conv2dShape& s, const float* dy, const float* w, float* dx) {
  const int64_t count = s.n * s.ci * s.h * s.w;
  if (count == 0) return;
  if (suits_depthwise(s)) return depthwise_backward_data(s, dy, w, dx);
  if (suits_gemm(s, s.ci / s.groups)) return conv_gemm_backward_data(s, dy, w, dx);
  is_narrow(s) ? direct_data<int>(s, count, dy, w, dx) : direct_data<int64_t>(s, count, dy, w, dx);
}
void conv2d_backward_weights(const Conv2dShape& s, const float* x, const float* dy, float* dw) {
  const int64_t count = s.co * s.ci / s.groups * s.kh * s.kw;
  if (count == 0) return;
  if (suits_depthwise(s)) return depthwise_backward_weights(s, x, dy, dw);
  if (suits_gemm(s, s.co / s.groups)) return conv_gemm_backward_weights(s, x, dy, dw);
  is_narrow(s) ? direct_weights<int>(s, count, x, dy, dw) : direct_weights<int64_t>(s, count, x, dy, dw);
}

}  // namespace minitorch::MT_DEVICE
