// SPDX-License-Identifier: MIT
// Nets of inverted residuals, fast on processors: MobileNetV2 (Sandler and others, 2018) and
// EfficientNet-Lite0 (Tan and Le, 2019), in timm's form.
#pragma once
#include <vector>

#include "minitorch/nn/containers.h"
#include "minitorch/nn/layers.h"

namespace fastcore::models {

/// `count` blocks, the first with `stride`: channels times `expand`, filtered by k x k, then shrunk to `out`.
struct InvertedStage {
  int64_t expand, out, count, stride, k;
};
struct EfficientNetOptions {
  std::vector<InvertedStage> stages = {};
  double eps = 1e-5;  ///< of the batch norms
  bool same = false;  ///< pad as TensorFlow does where the stride is 2
  int64_t classes = 1000, channels = 3;
};
/// tf_efficientnet_lite0 and mobilenetv2_100.
EfficientNetOptions efficientnet_lite0_options();
EfficientNetOptions mobilenetv2_options();

/// Pictures -> scores (N, classes). Children conv_stem, bn1, blocks, conv_head, bn2, global_pool, classifier.
class EfficientNet : public minitorch::nn::Module {
 public:
  explicit EfficientNet(const EfficientNetOptions& options);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
};

}  // namespace fastcore::models
