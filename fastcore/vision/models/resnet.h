// SPDX-License-Identifier: MIT
// Residual nets (He and others, 2015): torchvision's, and timm's "d" variants with three small convolutions
// instead of one of 7x7 and an average pool in the shortcuts.
#pragma once
#include <array>

#include "minitorch/nn/containers.h"
#include "minitorch/nn/layers.h"

namespace fastcore::models {

struct ResNetOptions {
  std::array<int64_t, 4> layers = {2, 2, 2, 2};  ///< blocks in each stage
  bool bottleneck = false;                       ///< 1x1, 3x3, 1x1 to four times the width; otherwise two 3x3
  bool deep = false;                             ///< the "d" variant
  int64_t classes = 1000, channels = 3;
};

/// Pictures (N, channels, H, W) -> scores (N, classes). Children conv1, bn1, relu, maxpool, layer1 to layer4,
/// avgpool, fc; `relu` is done by bn1 and only keeps its place.
class ResNet : public minitorch::nn::Module {
 public:
  explicit ResNet(const ResNetOptions& options);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
};

}  // namespace fastcore::models
