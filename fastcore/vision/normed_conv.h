// SPDX-License-Identifier: MIT
// Convolutions whose weight is made anew on every call from what is trained: weight norm and spectral norm.
#pragma once
#include "minitorch/nn/layers.h"

namespace fastcore {

/// A convolution with w = g v / |v|: g (out, 1, 1, 1) is the length of each filter, v its direction.
/// Starts as the plain convolution it is given. Names as PyTorch's: bias, weight_g, weight_v.
class WeightNormConv2dModule : public minitorch::nn::Module {
 public:
  WeightNormConv2dModule(const minitorch::nn::Conv2dModule& plain, minitorch::nn::Conv2dOptions options);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
  std::string details() const override { return details_; }
  minitorch::Tensor bias, weight_g, weight_v;

 private:
  minitorch::nn::Conv2dOptions options_;
  std::string details_;
};

/// y = w x for every pixel, w = weight_orig / sigma, sigma being its largest singular value: x (N, in, L),
/// weight_orig (out, in, 1). The two vectors that find sigma are buffers; each call in training improves them
/// by one step of the power method.
class SpectralNormConv1dModule : public minitorch::nn::Module {
 public:
  SpectralNormConv1dModule(int64_t ni, int64_t nf);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
  std::string details() const override;
  minitorch::Tensor weight_orig, weight_u, weight_v;
};
using SpectralNormConv1d = minitorch::nn::Handle<SpectralNormConv1dModule>;

}  // namespace fastcore
