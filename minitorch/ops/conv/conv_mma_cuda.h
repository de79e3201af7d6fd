// SPDX-License-Identifier: MIT
// Convolution on tensor cores, by the tiles of ops/matmul/gemm_mma_cuda.h. For .cu files only; each element
// type is compiled in one of its own.
//
// As conv_gemm_cuda.cu, with tensors in channels-last order: a vector of 16 bytes then holds the depth's
// neighbours, (tap, channels), and lies inside the picture as a whole or outside. Turning a tensor round
// reads and writes it once, where a 3 x 3 filter on 64 channels does 1152 operations an element with it.
#pragma once
#include "minitorch/ops/conv/channels_last_cuda.h"
#include "minitorch/ops/conv/conv_operands_cuda.h"
#include "minitorch/ops/matmul/matmul_mma_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::conv {

/// A tap and a channel: k = (a, b, channel), `channels` of them padded.
struct TapDivider {
  FastDivide by_channels, by_tap_width;
  int count;  // of k
  TapDivider(int channels, const Sizes& s)
      : by_channels(channels), by_tap_width(s.kw), count(channels * s.taps()) {}
  __device__ Spot operator()(const Sizes& s, int k) const {
    int channel, b;
    const int ab = by_channels.divide(k, channel), a = by_tap_width.divide(ab, b);
    return {channel, a * s.dilation_h, b * s.dilation_w, k < count};
  }
};

/// Rows (n, p, q), depth (a, b, c), or with kAcross the other way round: windows of x, channels last.
template <class T, bool kAcross>
struct WindowsLast {
  const T* x;
  Sizes s;
  TapDivider taps;
  int channels;
  static constexpr bool vectors = true;

  __device__ Spot window_at(int j) const {
    int pixel, q;
    const int image = s.by_output.divide(j, pixel), p = s.by_output_width.divide(pixel, q);
    return {image * s.h * s.w * channels, p * s.stride_h - s.top, q * s.stride_w - s.left, j < s.outputs()};
  }
  __device__ Spot row(int i) const { return kAcross ? taps(s, i) : window_at(i); }
  __device__ Spot depth(int k) const { return kAcross ? window_at(k) : taps(s, k); }
  __device__ const T* at(Spot r, Spot d, bool& inside) const {
    const Spot v = kAcross ? d : r, t = kAcross ? r : d;
    const int y = v.y + t.y, at = v.x + t.x;
    inside = v.inside && t.inside && static_cast<unsigned>(y) < static_cast<unsigned>(s.h) &&
             static_cast<unsigned>(at) < static_cast<unsigned>(s.w);
    return x + (inside ? v.offset + (y * s.w + at) * channels + t.offset : 0);
  }
};

/// Rows (n, r, t), depth (a, b, o): the outputs that read a pixel, channels last.
template <class T>
struct ReadersLast {
  const T* dy;
  Sizes s;
  TapDivider taps;
  int channels;
  static constexpr bool vectors = true;

  __device__ Spot row(int j) const {
    int pixel, t;
    const int image = s.by_input.divide(j, pixel), r = s.by_input_width.divide(pixel, t);
    return {image * s.oh * s.ow * channels, r + s.top, t + s.left, j < s.inputs()};
  }
  __device__ Spot depth(int k) const { return taps(s, k); }
  __device__ const T* at(Spot r, Spot d, bool& inside) const {
    const int y = r.y - d.y, x = r.x - d.x;
    int rest_y, rest_x;
    const int p = s.by_stride_h.divide(y < 0 ? 0 : y, rest_y),
              q = s.by_stride_w.divide(x < 0 ? 0 : x, rest_x);
    inside = r.inside && d.inside && y >= 0 && x >= 0 && rest_y == 0 && rest_x == 0 && p < s.oh && q < s.ow;
    return dy + (inside ? r.offset + (p * s.ow + q) * channels + d.offset : 0);
  }
};

template <class T>
struct MmaForward {
  Sizes s;
  const T *x, *w;
  int deep;
  WindowsLast<T, false> windows;
  Pictures<T> y;
  __device__ gemm::MatrixOperand<T> a(int g) const {
    return {w + g * s.group_co() * deep, s.group_co(), deep, deep, 1, true};
  }
  __device__ WindowsLast<T, false> b(int g) const {
    WindowsLast<T, false> mine = windows;
    mine.x += g * s.inputs() * windows.channels;
    return mine;
  }
  __device__ Pictures<T> result(int g) const { return y.from(g * s.group_co()); }
};

template <class T>
void mma_forward(const Conv2dShape& shape, const T* x, const T* w, const float* bias, T* y) {
  const Sizes s(shape);
  const int channels = padded<T>(s.group_ci());
  const ChannelsLast<T> last(x, s.n, s.groups, s.group_ci(), s.h * s.w);
  const ArrangedWeights<T> weights(w, s.groups, s.group_co(), s.group_ci(), s.taps(), true);
  const MmaForward<T> problem{s,
                              last.data(),
                              weights.data(),
                              weights.deep,
                              {last.data(), s, TapDivider(channels, s), channels},
                              {y, s.co, s.oh * s.ow}};
  gemm::multiply_on_tensor_cores<T, true, true>(problem, s.group_co(), s.outputs(), weights.deep, s.groups,
                                                {.row_bias = bias, .row_bias_step = s.group_co()}, "conv2d");
}

template <class T>
struct MmaBackwardData {
  Sizes s;
  const T* w;
  int deep;
  ReadersLast<T> readers;
  Pictures<T> dx;
  __device__ gemm::MatrixOperand<T> a(int g) const {
    return {w + g * s.group_ci() * deep, s.group_ci(), deep, deep, 1, true};
  }
  __device__ ReadersLast<T> b(int g) const {
    ReadersLast<T> mine = readers;
    mine.dy += g * s.outputs() * readers.channels;
    return mine;
  }
  __device__ Pictures<T> result(int g) const { return dx.from(g * s.group_ci()); }
};

template <class T>
void mma_backward_data(const Conv2dShape& shape, const T* dy, const T* w, T* dx) {
  const Sizes s(shape);
  const int channels = padded<T>(s.group_co());
  const ChannelsLast<T> last(dy, s.n, s.groups, s.group_co(), s.oh * s.ow);
  const ArrangedWeights<T> weights(w, s.groups, s.group_co(), s.group_ci(), s.taps(), false);
  const MmaBackwardData<T> problem{s,
                                   weights.data(),
                                   weights.deep,
                                   {last.data(), s, TapDivider(channels, s), channels},
                                   {dx, s.ci, s.h * s.w}};
  gemm::multiply_on_tensor_cores<T, true, true>(problem, s.group_ci(), s.inputs(), weights.deep, s.groups, {},
                                                "conv2d backward");
}

// Rows o, columns (a, b, c padded): dw in the order of the arranged weights.
template <class T>
struct MmaBackwardWeights {
  Sizes s;
  const T* dy;
  int outs;  // padded
  WindowsLast<T, true> windows;
  T* dw;
  int cols;
  __device__ gemm::MatrixOperand<T> a(int g) const {
    return {dy + g * s.outputs() * outs, outs, s.outputs(), 1, outs, true};
  }
  __device__ WindowsLast<T, true> b(int g) const {
    WindowsLast<T, true> mine = windows;
    mine.x += g * s.inputs() * windows.channels;
    return mine;
  }
  __device__ gemm::MatrixResult<T> result(int g) const {
    return {dw + g * s.group_co() * cols, cols, 1, true};
  }
};

template <class T>
void mma_backward_weights(const Conv2dShape& shape, const T* x, const T* dy, T* dw) {
  const Sizes s(shape);
  const int channels = padded<T>(s.group_ci()), cols = channels * s.taps();
  const ChannelsLast<T> x_last(x, s.n, s.groups, s.group_ci(), s.h * s.w),
      dy_last(dy, s.n, s.groups, s.group_co(), s.oh * s.ow);
  const DeviceScratch<T> arranged(int64_t{s.co} * cols);
  const MmaBackwardWeights<T> problem{s,
                                      dy_last.data(),
                                      padded<T>(s.group_co()),
                                      {x_last.data(), s, TapDivider(channels, s), channels},
                                      arranged.data(),
                                      cols};
  gemm::multiply_on_tensor_cores<T, false, false>(problem, s.group_co(), cols, s.outputs(), s.groups, {},
                                                  "conv2d backward");
  check(launch(restore_weights<T>, blocks_for(int64_t{s.co} * s.group_ci() * s.taps()), kElementwiseBlock, 0,
               current_stream(), static_cast<const T*>(arranged.data()), dw, int64_t{s.co}, s.group_ci(),
               s.taps()),
        "conv2d backward");
}

}  // namespace minitorch::MT_DEVICE::conv
