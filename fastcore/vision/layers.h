// SPDX-License-Identifier: MIT
// The blocks that image models are made of, with fastai's names, order and initial weights.
#pragma once
#include <optional>

#include "fastcore/learn/layers.h"

namespace fastcore {

/// What normalises after a convolution, or in its weights.
enum class NormType {
  none,
  batch,       ///< batch norm, weight 1, bias 0.001
  batch_zero,  ///< batch norm whose weight starts at 0
  weight       ///< weight norm: w = g v / |v|, one length for each output channel
};

struct ConvLayerOptions {
  int64_t ks = 3, stride = 1;
  std::optional<int64_t> padding = {};  ///< (ks - 1) / 2 unless given
  std::optional<bool> bias = {};        ///< without batch norm unless given
  NormType norm_type = NormType::batch;
  bool bn_1st = true;  ///< the norm before the activation
  Act act = Act::relu;
  int64_t groups = 1;
  double bias_std = 0.01;              ///< the bias starts as N(0, bias_std)
  minitorch::nn::ModulePtr xtra = {};  ///< one more layer at the end
};
/// Convolution, batch norm and activation: (N, ni, H, W) -> (N, nf, H / stride, W / stride). A ReLU right
/// after a batch norm is done by the norm and is no layer of its own. Weights before a ReLU start as
/// U(+-sqrt(6 / inputs)), before a sigmoid or tanh by Xavier's rule, otherwise as PyTorch's.
class ConvLayerModule : public minitorch::nn::SequentialModule {
 public:
  ConvLayerModule(int64_t ni, int64_t nf, const ConvLayerOptions& options);
};
struct ConvLayer : minitorch::nn::Handle<ConvLayerModule> {
  ConvLayer(int64_t ni, int64_t nf, const ConvLayerOptions& options = {});
};

struct ResBlockOptions {
  int64_t stride = 1;
  NormType norm_type = NormType::batch;
  Act act = Act::relu;
  int64_t ks = 3;
};
/// ReLU(convolutions(x) + x): two of 3x3 for expansion 1, otherwise 1x1, 3x3, 1x1; the shortcut averages
/// where the stride shrinks and has a 1x1 convolution where channels change. ni and nf are multiplied by
/// expansion.
class ResBlockModule : public minitorch::nn::Module {
 public:
  ResBlockModule(int64_t expansion, int64_t ni, int64_t nf, ResBlockOptions options = {});
  minitorch::Tensor forward(const minitorch::Tensor& x) override;

 private:
  minitorch::nn::Sequential convpath_, idpath_;
  minitorch::nn::ModulePtr act_;
};
struct ResBlock : minitorch::nn::Handle<ResBlockModule> {
  ResBlock(int64_t expansion, int64_t ni, int64_t nf, ResBlockOptions options = {});
};

/// The largest and the mean of each channel: (N, C, H, W) -> (N, 2C, 1, 1), the largest first.
class AdaptiveConcatPool2dModule : public minitorch::nn::Module {
 public:
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
};
using AdaptiveConcatPool2d = minitorch::nn::Handle<AdaptiveConcatPool2dModule>;

/// (N, C r^2, H, W) -> (N, C, r H, r W).
class PixelShuffleModule : public minitorch::nn::Module {
 public:
  explicit PixelShuffleModule(int64_t scale) : scale_(scale) {}
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
  std::string details() const override { return "upscale_factor=" + std::to_string(scale_); }

 private:
  int64_t scale_;
};
using PixelShuffle = minitorch::nn::Handle<PixelShuffleModule>;

/// Fills the weights of a convolution before a pixel shuffle so that the scale x scale pixels of one block
/// start equal: no checkerboard. @throws ShapeError unless the output channels are a multiple of scale^2
minitorch::Tensor icnr_init(const minitorch::Tensor& weight, int64_t scale = 2);

struct PixelShuffleOptions {
  int64_t scale = 2;
  bool blur = false;  ///< average over 2x2 afterwards, the edge repeated: smooths what is left of the grid
  NormType norm_type = NormType::weight;
  Act act = Act::relu;
};
/// Makes a picture `scale` times larger: 1x1 convolution to nf scale^2 channels, activation, pixel shuffle.
class PixelShuffle_ICNRModule : public minitorch::nn::SequentialModule {
 public:
  PixelShuffle_ICNRModule(int64_t ni, int64_t nf, PixelShuffleOptions options);
};
struct PixelShuffle_ICNR : minitorch::nn::Handle<PixelShuffle_ICNRModule> {
  PixelShuffle_ICNR(int64_t ni, int64_t nf, PixelShuffleOptions options = {});
};

/// Every pixel looks at every other: y_j = x_j + gamma sum_i value_i softmax_i(query_i key_j), gamma starting
/// at 0; query and key have C / 8 channels. x and y (N, C, H, W). @throws ValueError for C below 8
class SelfAttentionModule : public minitorch::nn::Module {
 public:
  explicit SelfAttentionModule(int64_t channels);
  minitorch::Tensor forward(const minitorch::Tensor& x) override;

 private:
  minitorch::nn::Sequential query_, key_, value_;
  minitorch::Tensor gamma_;
};
using SelfAttention = minitorch::nn::Handle<SelfAttentionModule>;

/// A net's last layer: features to classes, or without classes the features as they are.
minitorch::nn::ModulePtr classifier(int64_t features, int64_t classes);

/// A small net for small pictures: ConvLayers of the given widths with stride 2, average pool, flatten; the
/// last without norm.
minitorch::nn::Sequential simple_cnn(const std::vector<int64_t>& filters, bool bn = true);

}  // namespace fastcore
