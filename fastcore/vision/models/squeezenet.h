// SPDX-License-Identifier: MIT
// SqueezeNet (Iandola and others, 2016): few weights by squeezing channels before each wide layer.
#pragma once
#include "minitorch/nn/containers.h"

namespace fastcore::models {

struct SqueezeNetOptions {
  bool smaller = false;  ///< version 1.1: a quarter of the operations of 1.0
  int64_t classes = 1000, channels = 3;
};

/// Pictures -> scores (N, classes). Children features and classifier, as torchvision's.
class SqueezeNet : public minitorch::nn::Module {
 public:
  explicit SqueezeNet(const SqueezeNetOptions& options);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;

 private:
  minitorch::nn::Sequential features_, classifier_;
};

}  // namespace fastcore::models
