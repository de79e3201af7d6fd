// SPDX-License-Identifier: MIT
// XResNet: a residual net with the improvements of "Bag of tricks for image classification" (He and others,
// 2018), as fastai has it.
#pragma once
#include <array>

#include "fastcore/vision/layers.h"

namespace fastcore::models {

struct XResNetOptions {
  std::array<int64_t, 4> layers = {2, 2, 2, 2};
  int64_t expansion = 1;  ///< 4 for blocks of 1x1, 3x3, 1x1
  int64_t classes = 1000, channels = 3;
  double p = 0;  ///< dropout before the last layer
  Act act = Act::relu;
};

/// Three ConvLayers, max pool, four stages of ResBlocks, average pool, Flatten, Dropout, Linear: a
/// Sequential.
class XResNet : public minitorch::nn::SequentialModule {
 public:
  explicit XResNet(const XResNetOptions& options);
};

}  // namespace fastcore::models
