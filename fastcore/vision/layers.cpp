// SPDX-License-Identifier: MIT
#include "fastcore/vision/layers.h"

#include "fastcore/vision/normed_conv.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/arrange/arrange.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/pad/pad.h"
#include "minitorch/ops/pixel_shuffle/pixel_shuffle.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

namespace {

void start_conv(const nn::Conv2dModule& conv, Act act, double bias_std) {
  switch (act) {
    case Act::relu:
    case Act::relu6:
    case Act::leaky_relu:
    case Act::silu:
    case Act::mish: nn::init::kaiming_uniform_(conv.weight); break;
    case Act::sigmoid:
    case Act::tanh: nn::init::xavier_uniform_(conv.weight); break;
    default: break;
  }
  if (!conv.bias.defined()) return;
  if (bias_std != 0) nn::init::normal_(conv.bias, 0, bias_std);
  else nn::init::constant_(conv.bias, 0);
}

// What the norm can do itself.
minitorch::Activation fused(Act act) {
  return act == Act::relu    ? minitorch::Activation::relu
         : act == Act::relu6 ? minitorch::Activation::relu6
                             : minitorch::Activation::none;
}

}  // namespace

ConvLayerModule::ConvLayerModule(int64_t ni, int64_t nf, const ConvLayerOptions& o) {
  const bool normed = o.norm_type == NormType::batch || o.norm_type == NormType::batch_zero;
  const nn::Conv2dOptions conv_options{.stride = o.stride,
                                       .padding = o.padding.value_or((o.ks - 1) / 2),
                                       .groups = o.groups,
                                       .bias = o.bias.value_or(!normed)};
  const nn::Conv2d conv(ni, nf, o.ks, conv_options);
  start_conv(*conv, o.act, o.bias_std);
  if (o.norm_type == NormType::weight) append(nn::make<WeightNormConv2dModule>(*conv, conv_options));
  else append(conv);

  const auto in_norm = normed && o.bn_1st ? fused(o.act) : minitorch::Activation::none;
  const NormStart start = o.norm_type == NormType::batch_zero ? NormStart::zero : NormStart::one;
  if (normed && o.bn_1st) append(BatchNorm2d(nf, {.activation = in_norm}, start));
  if (o.act != Act::none && in_norm == minitorch::Activation::none) append(activation(o.act));
  if (normed && !o.bn_1st) append(BatchNorm2d(nf, {}, start));
  if (o.xtra && in_norm != minitorch::Activation::none) append(nn::Identity());  // the activation's place
  if (o.xtra) append(o.xtra);
}

ResBlockModule::ResBlockModule(int64_t expansion, int64_t ni, int64_t nf, ResBlockOptions o) {
  const int64_t width = nf;
  ni *= expansion;
  nf *= expansion;
  const NormType last = o.norm_type == NormType::batch ? NormType::batch_zero : o.norm_type;
  auto layer = [&](int64_t in, int64_t out, int64_t ks, int64_t stride, bool end) {
    convpath_->append(ConvLayer(
        in, out,
        {.ks = ks, .stride = stride, .norm_type = end ? last : o.norm_type, .act = end ? Act::none : o.act}));
  };
  if (expansion == 1) {
    layer(ni, width, o.ks, o.stride, false);
    layer(width, nf, o.ks, 1, true);
  } else {
    layer(ni, width, 1, 1, false);
    layer(width, width, o.ks, o.stride, false);
    layer(width, nf, 1, 1, true);
  }
  if (o.stride != 1) idpath_->append(nn::AvgPool2d(o.stride, {.ceil_mode = true}));
  if (ni != nf) idpath_->append(ConvLayer(ni, nf, {.ks = 1, .act = Act::none}));
  add("convpath", convpath_);
  add("idpath", idpath_);
  act_ = activation(o.act);
  if (act_) add("act", act_);
}

Tensor ResBlockModule::forward(const Tensor& x) {
  const Tensor sum = convpath_(x) + idpath_(x);
  return act_ ? (*act_)(sum) : sum;
}

Tensor AdaptiveConcatPool2dModule::forward(const Tensor& x) {
  return minitorch::cat({minitorch::adaptive_max_pool2d(x, 1), minitorch::adaptive_avg_pool2d(x, 1)}, 1);
}

Tensor PixelShuffleModule::forward(const Tensor& x) { return minitorch::pixel_shuffle(x, scale_); }

Tensor icnr_init(const Tensor& weight, int64_t scale) {
  const int64_t block = scale * scale;
  if (weight.dims() != 4 || weight.size(0) % block)
    throw minitorch::ShapeError("[icnr_init] a weight of shape " + to_string(weight.shape()) +
                                ": expected (out, in, k, k), out a multiple of " + std::to_string(block));
  minitorch::Shape one_each = weight.shape();
  one_each[0] /= block;
  const Tensor start = nn::init::kaiming_normal_(minitorch::empty(one_each));
  weight.detach().copy_(minitorch::repeat_interleave(start, block, 0));
  return weight;
}

PixelShuffle_ICNRModule::PixelShuffle_ICNRModule(int64_t ni, int64_t nf, PixelShuffleOptions o) {
  ConvLayer conv(ni, nf * o.scale * o.scale,
                 {.ks = 1, .norm_type = o.norm_type, .act = o.act, .bias_std = 0});
  if (auto* normed = dynamic_cast<WeightNormConv2dModule*>((*conv)[0].get())) {
    icnr_init(normed->weight_v, o.scale);
    minitorch::NoGrad no_grad;
    normed->weight_g.copy_(normed->weight_v.square().sum({1, 2, 3}, true).sqrt());
  } else {
    icnr_init((*conv)[0]->own_parameter("weight"), o.scale);
  }
  append(conv);
  append(PixelShuffle(o.scale));
  if (!o.blur) return;
  // The mean of each 2x2, the first row and column repeated, so that the size stays.
  append(nn::Lambda(
      [](const Tensor& x) {
        return minitorch::pad(x, {1, 0, 1, 0}, minitorch::PaddingMode::kReplicate);
      },
      "ReplicationPad2d((1, 0, 1, 0))"));
  append(nn::AvgPool2d(2, {.stride = 1}));
}

static int64_t eighth(int64_t channels) {
  if (channels < 8)
    throw minitorch::ValueError(minitorch::format("[SelfAttention] %lld channels: expected 8 or more",
                                                  static_cast<long long>(channels)));
  return channels / 8;
}

SelfAttentionModule::SelfAttentionModule(int64_t n)
    : query_(SpectralNormConv1d(n, eighth(n))),
      key_(SpectralNormConv1d(n, n / 8)),
      value_(SpectralNormConv1d(n, n)) {
  gamma_ = add_parameter("gamma", minitorch::zeros({1}));
  add("query", query_);
  add("key", key_);
  add("value", value_);
}

Tensor SelfAttentionModule::forward(const Tensor& image) {
  const Tensor x = image.flatten(2);                                            // (N, C, L)
  const Tensor weights = query_(x).transpose(1, 2).matmul(key_(x)).softmax(1);  // (N, L, L)
  return (x + gamma_ * value_(x).matmul(weights)).reshape(image.shape());
}

nn::ModulePtr classifier(int64_t features, int64_t classes) {
  if (classes == 0) return nn::Identity();
  return nn::Linear(features, classes);
}

nn::Sequential simple_cnn(const std::vector<int64_t>& filters, bool bn) {
  nn::Sequential net;
  for (std::size_t i = 0; i + 1 < filters.size(); ++i) {
    const bool last = i + 2 == filters.size();
    net->append(ConvLayer(filters[i], filters[i + 1],
                          {.stride = 2, .norm_type = bn && !last ? NormType::batch : NormType::none}));
  }
  net->append(nn::AdaptiveAvgPool2d(1));
  net->append(nn::Flatten());
  return net;
}

ConvLayer::ConvLayer(int64_t ni, int64_t nf, const ConvLayerOptions& options)
    : Handle(std::make_shared<ConvLayerModule>(ni, nf, options)) {}
ResBlock::ResBlock(int64_t expansion, int64_t ni, int64_t nf, ResBlockOptions options)
    : Handle(std::make_shared<ResBlockModule>(expansion, ni, nf, options)) {}
PixelShuffle_ICNR::PixelShuffle_ICNR(int64_t ni, int64_t nf, PixelShuffleOptions options)
    : Handle(std::make_shared<PixelShuffle_ICNRModule>(ni, nf, options)) {}

}  // namespace fastcore
