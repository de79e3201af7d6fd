// SPDX-License-Identifier: MIT
// The ways in which the CPU computes a convolution, and which of them a shape gets. Each strategy is exact
// for the shapes that it handles and has a file of its own, whose head explains its idea:
//
//   im2col         the textbook's: write every patch out as a column, then multiply matrices. The reference.
//   implicit       the same product without the matrix of patches: packing reads the image.
//   winograd       3x3, stride 1: 16 multiplications where 36 would do, for 4 outputs.
//   pointwise      1x1: a matrix product as it stands.
//   few_channels   many images of few channels, or of few pixels: a vector holds one pixel of many images.
//   depthwise      a filter per channel: whole planes as one long row.
//   depthwise_small    the same for planes of few pixels: a vector holds one pixel of many channels.
#pragma once
#include "minitorch/ops/conv/conv_kernels.h"

namespace minitorch::cpu {

/// One group of a convolution, with the distances between images of all groups; or all groups of a depthwise
/// one.
struct Conv {
  int64_t n, ci, h, w, co, kh, kw;
  int64_t sh, sw, top, left, dh,
      dw;  // strides, padding before, dilations; the padding behind is implied by oh, ow
  int64_t oh, ow;
  int64_t x_image, y_image;  // floats from image to image

  int64_t taps() const { return kh * kw; }
  int64_t x_plane() const { return h * w; }
  int64_t y_plane() const { return oh * ow; }
};

enum class ConvPass { kForward, kBackwardData, kBackwardWeights };

struct ConvStrategy {
  const char* name;
  bool all_groups;  // takes all groups in one call
  bool (*handles)(const Conv2dShape& shape);
  void (*forward)(const Conv& conv, const float* x, const float* w, const float* bias, float* y);
  void (*backward_data)(const Conv& conv, const float* dy, const float* w, float* dx);
  void (*backward_weights)(const Conv& conv, const float* x, const float* dy,
                           float* dw);  // null: another's is better
};

extern const ConvStrategy kConvIm2col, kConvImplicit, kConvWinograd, kConvPointwise, kConvFewChannels,
    kConvDepthwise, kConvDepthwiseSmall;

/// The strategy that conv2d_forward and its gradients use for this shape.
const ConvStrategy& choose_conv_strategy(const Conv2dShape& shape, ConvPass pass);

/// The three passes by a given strategy, which must handle the shape.
void conv2d_forward_by(const ConvStrategy& strategy, const Conv2dShape& shape, const float* x, const float* w,
                       const float* bias, float* y);
void conv2d_backward_data_by(const ConvStrategy& strategy, const Conv2dShape& shape, const float* dy,
                             const float* w, float* dx);
void conv2d_backward_weights_by(const ConvStrategy& strategy, const Conv2dShape& shape, const float* x,
                                const float* dy, float* dw);

}  // namespace minitorch::cpu
