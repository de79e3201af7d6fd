// SPDX-License-Identifier: MIT
// Which strategy a convolution takes on a GPU, and the direct one: a thread sums up one result. That suits
// depthwise filters, where a product of matrices would have a single row; everything else goes to
// conv_gemm_cuda.cu.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/conv/conv_gemm_cuda.h"
#include "minitorch/ops/conv/conv_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// y[n, o, p, q]: a thread owns one output and sums over its window. 2 ci kh kw operations for as many loads,
// 4 bytes each: the cache makes it bearable, memory stays the limit.
__global__ void conv_direct(Conv2dShape s, const float* x, const float* w, const float* bias, float* y) {
  const int64_t oh = s.out_h(), ow = s.out_w(), per_group = s.ci / s.groups;
  for (int64_t i = first_item(); i < s.n * s.co * oh * ow; i += item_step()) {
    const int64_t q = i % ow, p = i / ow % oh, o = i / (ow * oh) % s.co, n = i / (ow * oh * s.co),
                  first = o / (s.co / s.groups) * per_group;
    float sum = bias ? bias[o] : 0.f;
    for (int64_t c = 0; c < per_group; ++c)
      for (int64_t a = 0; a < s.kh; ++a) {
        const int64_t r = p * s.stride_h - s.top + a * s.dilation_h;
        if (r < 0 || r >= s.h) continue;
        for (int64_t b = 0; b < s.kw; ++b) {
          const int64_t t = q * s.stride_w - s.left + b * s.dilation_w;
          if (t >= 0 && t < s.w)
            sum += w[((o * per_group + c) * s.kh + a) * s.kw + b] *
                   x[((n * s.ci + first + c) * s.h + r) * s.w + t];
        }
      }
    y[i] = sum;
  }
}

// dx[n, i, r, t]: a thread owns one input and sums over the outputs that read it, 2 co kh kw operations
// without stride, for as many loads, mostly from the cache: memory stays the limit.
__global__ void conv_direct_data(Conv2dShape s, const float* dy, const float* w, float* dx) {
  const int64_t oh = s.out_h(), ow = s.out_w(), per_group = s.ci / s.groups, outs = s.co / s.groups;
  for (int64_t i = first_item(); i < s.n * s.ci * s.h * s.w; i += item_step()) {
    const int64_t t = i % s.w, r = i / s.w % s.h, c = i / (s.w * s.h) % s.ci, n = i / (s.w * s.h * s.ci),
                  g = c / per_group;
    float sum = 0;
    for (int64_t a = 0; a < s.kh; ++a) {
      const int64_t p = r + s.top - a * s.dilation_h;
      if (p < 0 || p % s.stride_h || p / s.stride_h >= oh) continue;
      for (int64_t b = 0; b < s.kw; ++b) {
        const int64_t q = t + s.left - b * s.dilation_w;
        if (q < 0 || q % s.stride_w || q / s.stride_w >= ow) continue;
        for (int64_t o = g * outs; o < (g + 1) * outs; ++o)
          sum += w[((o * per_group + c % per_group) * s.kh + a) * s.kw + b] *
                 dy[((n * s.co + o) * oh + p / s.stride_h) * ow + q / s.stride_w];
      }
    }
    dx[i] = sum;
  }
}

// dw[o, c, a, b]: a warp owns one weight; its lanes share the images and outputs, a shuffle tree joins their
// sums. 2 n oh ow operations a weight for 8 bytes each, from the caches.
__global__ void conv_direct_weights(Conv2dShape s, const float* x, const float* dy, float* dw) {
  const int64_t oh = s.out_h(), ow = s.out_w(), per_group = s.ci / s.groups, i = first_item() / 32;
  const int lane = threadIdx.x % 32;
  if (i >= s.co * per_group * s.kh * s.kw) return;
  const int64_t b = i % s.kw, a = i / s.kw % s.kh, c = i / (s.kw * s.kh) % per_group,
                o = i / (s.kw * s.kh * per_group);
  const int64_t channel = o / (s.co / s.groups) * per_group + c;
  float sum = 0;
  for (int64_t k = lane; k < s.n * oh * ow; k += 32) {
    const int64_t q = k % ow, p = k / ow % oh, n = k / (ow * oh);
    const int64_t r = p * s.stride_h - s.top + a * s.dilation_h,
                  t = q * s.stride_w - s.left + b * s.dilation_w;
    if (r >= 0 && r < s.h && t >= 0 && t < s.w)
      sum += dy[((n * s.co + o) * oh + p) * ow + q] * x[((n * s.ci + channel) * s.h + r) * s.w + t];
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if (lane == 0) dw[i] = sum;
}

// A group must have rows enough for a tile, and offsets fit 31 bits.
bool suits_gemm(const Conv2dShape& s, int64_t rows) {
  const int64_t most = int64_t{1} << 31;
  return rows >= 4 && s.n * s.ci * s.h * s.w < most && s.n * s.co * s.out_h() * s.out_w() < most &&
         s.co * s.ci / s.groups * s.kh * s.kw < most;
}

}  // namespace

void conv2d_forward(const Conv2dShape& s, const float* x, const float* w, const float* bias, float* y) {
  const int64_t count = s.n * s.co * s.out_h() * s.out_w();
  if (count && suits_gemm(s, s.co / s.groups)) return conv_gemm_forward(s, x, w, bias, y);
  if (count)
    check(launch(conv_direct, blocks_for(count), kElementwiseBlock, 0, current_stream(), s, x, w, bias, y),
          "conv2d");
}
void conv2d_backward_data(const Conv2dShape& s, const float* dy, const float* w, float* dx) {
  const int64_t count = s.n * s.ci * s.h * s.w;
  if (count && suits_gemm(s, s.ci / s.groups)) return conv_gemm_backward_data(s, dy, w, dx);
  if (count)
    check(launch(conv_direct_data, blocks_for(count), kElementwiseBlock, 0, current_stream(), s, dy, w, dx),
          "conv2d backward");
}
void conv2d_backward_weights(const Conv2dShape& s, const float* x, const float* dy, float* dw) {
  const int64_t count = s.co * s.ci / s.groups * s.kh * s.kw;
  if (count && suits_gemm(s, s.co / s.groups)) return conv_gemm_backward_weights(s, x, dy, dw);
  if (count)
    check(launch(conv_direct_weights, static_cast<unsigned>((count * 32 + 255) / 256), 256, 0,
                 current_stream(), s, x, dy, dw),
          "conv2d backward");
}

}  // namespace minitorch::MT_DEVICE
