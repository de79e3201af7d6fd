// SPDX-License-Identifier: MIT
// ConvNeXt (Liu and others, 2022): a convolutional net drawn like a transformer, in timm's form.
#pragma once
#include <array>

#include "minitorch/nn/containers.h"
#include "minitorch/nn/layers.h"

namespace fastcore::models {

struct ConvNeXtOptions {
  std::array<int64_t, 4> depths = {3, 3, 9, 3}, dims = {96, 192, 384, 768};
  bool conv_mlp = false;  ///< the weights of the small variants have the shape of 1x1 convolutions
  int64_t classes = 1000, channels = 3;
};

/// Pictures -> scores (N, classes). Children stem, stages, norm_pre, head.
class ConvNeXt : public minitorch::nn::Module {
 public:
  explicit ConvNeXt(const ConvNeXtOptions& options);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
};

/// Layer norm over the channels of each pixel: x (N, C, H, W).
class LayerNorm2dModule : public minitorch::nn::LayerNormModule {
 public:
  explicit LayerNorm2dModule(int64_t channels) : LayerNormModule(channels, 1e-6) {}
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
};
using LayerNorm2d = minitorch::nn::Handle<LayerNorm2dModule>;

}  // namespace fastcore::models
