// SPDX-License-Identifier: MIT
// Convolution on the CPU: the choice of a strategy by shape, and the loop over groups around it.
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {
namespace {

Conv all_groups(const Conv2dShape& s) {
  const int64_t oh = s.out_h(), ow = s.out_w();
  return {.n = s.n,
          .ci = s.ci,
          .h = s.h,
          .w = s.w,
          .co = s.co,
          .kh = s.kh,
          .kw = s.kw,
          .sh = s.stride_h,
          .sw = s.stride_w,
          .top = s.top,
          .left = s.left,
          .dh = s.dilation_h,
          .dw = s.dilation_w,
          .oh = oh,
          .ow = ow,
          .x_image = s.ci * s.h * s.w,
          .y_image = s.co * oh * ow};
}

// Calls body(conv, x offset, y offset, w offset, first output channel) once, or for every group. Many groups
// are shared out among the threads; few leave the threads to the strategy.
template <class Body>
void each_group(const ConvStrategy& strategy, const Conv2dShape& shape, Body&& body) {
  Conv conv = all_groups(shape);
  if (strategy.all_groups || shape.groups == 1) return body(conv, 0, 0, 0, 0);
  conv.ci /= shape.groups, conv.co /= shape.groups;
  const auto some = [&](int64_t first, int64_t last) {
    for (int64_t g = first; g < last; ++g)
      body(conv, g * conv.ci * conv.x_plane(), g * conv.co * conv.y_plane(),
           g * conv.co * conv.ci * conv.taps(), g * conv.co);
  };
  if (shape.groups >= num_threads()) parallel_for(shape.groups, 1, some);
  else some(0, shape.groups);
}

bool no_outputs(const Conv2dShape& s) { return s.n * s.co * s.out_h() * s.out_w() == 0; }

}  // namespace

// Thresholds are measured against PyTorch (benchmarks/kernels.py).
const ConvStrategy& choose_conv_strategy(const Conv2dShape& s, ConvPass pass) {
  const bool weights = pass == ConvPass::kBackwardWeights;
  const int64_t ci = s.ci / s.groups, co = s.co / s.groups, outputs = s.out_h() * s.out_w();
  if (kConvDepthwise.handles(s))
    return std::max(s.h * s.w, outputs) <= 64 ? kConvDepthwiseSmall : kConvDepthwise;
  if (kConvPointwise.handles(s)) return kConvPointwise;

  const int64_t floats_of_32_images = 32 * (ci * s.h * s.w + co * outputs);
  const bool few_channels = ci <= 64 && co <= 64, few_pixels = !weights && outputs <= 4;
  const bool many_images = s.n >= 32 && floats_of_32_images <= 600'000;
  if (many_images && (few_channels || few_pixels) && kConvFewChannels.handles(s)) return kConvFewChannels;

  const bool enough_tiles = ci >= 16 && co >= 16 && s.n * outputs >= (weights ? 128 : 512);
  if (enough_tiles && kConvWinograd.handles(s)) return kConvWinograd;
  return kConvImplicit;
}

void conv2d_forward_by(const ConvStrategy& strategy, const Conv2dShape& shape, const float* x, const float* w,
                       const float* bias, float* y) {
  if (no_outputs(shape)) return;
  each_group(strategy, shape, [&](const Conv& c, int64_t x0, int64_t y0, int64_t w0, int64_t o0) {
    strategy.forward(c, x + x0, w + w0, bias ? bias + o0 : nullptr, y + y0);
  });
}

void conv2d_backward_data_by(const ConvStrategy& strategy, const Conv2dShape& shape, const float* dy,
                             const float* w, float* dx) {
  if (no_outputs(shape)) return void(std::fill_n(dx, shape.n * shape.ci * shape.h * shape.w, 0.f));
  each_group(strategy, shape, [&](const Conv& c, int64_t x0, int64_t y0, int64_t w0, int64_t) {
    strategy.backward_data(c, dy + y0, w + w0, dx + x0);
  });
}

void conv2d_backward_weights_by(const ConvStrategy& strategy, const Conv2dShape& shape, const float* x,
                                const float* dy, float* dw) {
  if (no_outputs(shape))
    return void(std::fill_n(dw, shape.co * (shape.ci / shape.groups) * shape.kh * shape.kw, 0.f));
  each_group(strategy, shape, [&](const Conv& c, int64_t x0, int64_t y0, int64_t w0, int64_t) {
    strategy.backward_weights(c, x + x0, dy + y0, dw + w0);
  });
}

void conv2d_forward(const Conv2dShape& shape, const float* x, const float* w, const float* bias, float* y) {
  conv2d_forward_by(choose_conv_strategy(shape, ConvPass::kForward), shape, x, w, bias, y);
}
void conv2d_backward_data(const Conv2dShape& shape, const float* dy, const float* w, float* dx) {
  conv2d_backward_data_by(choose_conv_strategy(shape, ConvPass::kBackwardData), shape, dy, w, dx);
}
void conv2d_backward_weights(const Conv2dShape& shape, const float* x, const float* dy, float* dw) {
  conv2d_backward_weights_by(choose_conv_strategy(shape, ConvPass::kBackwardWeights), shape, x, dy, dw);
}

}  // namespace minitorch::cpu
