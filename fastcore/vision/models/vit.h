// SPDX-License-Identifier: MIT
// Vision transformer (Dosovitskiy and others, 2020): a picture as a sentence of patches. In timm's form.
#pragma once
#include "minitorch/nn/attention.h"
#include "minitorch/nn/containers.h"
#include "minitorch/nn/layers.h"

namespace fastcore::models {

struct ViTOptions {
  int64_t dim = 192, depth = 12, heads = 3;
  int64_t patch = 16, size = 224;        ///< pictures of size x size only
  int64_t classes = 1000, channels = 3;  ///< classes 0: the features (N, dim) instead of scores
};

/// Pictures (N, channels, size, size) -> scores (N, classes), from what the class token has seen.
/// @throws ShapeError for pictures of another size
class VisionTransformer : public minitorch::nn::Module {
 public:
  explicit VisionTransformer(const ViTOptions& options);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;

 private:
  int64_t size_;
  minitorch::Tensor cls_token_, pos_embed_;
  minitorch::nn::ModulePtr patch_embed_, blocks_, norm_;
};

}  // namespace fastcore::models
