// SPDX-License-Identifier: MIT
#include "fastcore/vision/unet.h"

#include <algorithm>

#include "minitorch/autograd/graph.h"
#include "minitorch/ops/interpolate/interpolate.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

namespace {

// x as large as `like`: shuffled pictures come out one too large where a side was odd.
Tensor as_large_as(const Tensor& x, const Tensor& like) {
  if (x.size(2) == like.size(2) && x.size(3) == like.size(3)) return x;
  return minitorch::interpolate(x, {.size = {like.size(2), like.size(3)}});
}

/// {x, picture} -> x in the picture's size.
class ResizeToOrig : public nn::Module {
 public:
  using Module::forward;
  Tensor forward(const nn::Tensors& in) override { return as_large_as(in[0], in[1]); }
};

/// {x, picture} -> both, channels beside each other.
class MergeLayer : public nn::Module {
 public:
  using Module::forward;
  Tensor forward(const nn::Tensors& in) override { return minitorch::cat(in, 1); }
};

}  // namespace

UnetBlockModule::UnetBlockModule(int64_t up, int64_t skip, bool final, bool blur, bool self_attention,
                                 Act act, NormType norm, const Init& init)
    : shuf_(up, up / 2, {.blur = blur, .norm_type = norm, .act = act}),
      bn_(BatchNorm2d(skip, {.activation = act == Act::relu ? minitorch::Activation::relu
                                                            : minitorch::Activation::none})),
      // What comes up is never below 0, so that only the maps beside it need the ReLU: the norm does it.
      relu_(act == Act::relu ? nullptr : activation(act)),
      conv1_(up / 2 + skip, (up / 2 + skip) / (final ? 2 : 1), {.norm_type = norm, .act = act}),
      conv2_((up / 2 + skip) / (final ? 2 : 1), (up / 2 + skip) / (final ? 2 : 1),
             {.norm_type = norm,
              .act = act,
              .xtra = self_attention ? nn::ModulePtr(SelfAttention((up / 2 + skip) / (final ? 2 : 1)))
                                     : nullptr}) {
  add("shuf", shuf_);
  add("bn", bn_);
  add("conv1", conv1_);
  add("conv2", conv2_);
  if (relu_) add("relu", relu_);
  if (init) apply_init(*conv1_, init), apply_init(*conv2_, init);
}

Tensor UnetBlockModule::forward(const nn::Tensors& in) {
  const Tensor up = as_large_as(shuf_(in[0]), in[1]);
  const Tensor both = minitorch::cat({up, bn_(in[1])}, 1);
  return conv2_(conv1_(relu_ ? (*relu_)(both) : both));
}

DynamicUnetModule::DynamicUnetModule(nn::Sequential encoder, int64_t n_out, Size size, const UnetOptions& o)
    : encoder_(std::move(encoder)) {
  const minitorch::NoGrad no_grad;
  const Tensor first = encoder_->parameters()[0];
  std::vector<minitorch::Shape> maps;
  encoder_->eval();
  Tensor x = minitorch::zeros({1, first.size(1), size.height, size.width});
  for (auto& [name, child] : encoder_->children()) maps.push_back((x = (*child)(x)).shape());
  encoder_->train();
  for (std::size_t i = maps.size() - 1; i-- > 0;)
    if (maps[i][3] != maps[i + 1][3]) skips_.push_back(i);

  int64_t channels = maps.back()[1];
  const ConvLayerOptions conv{.norm_type = o.norm_type, .act = o.act};
  const nn::Sequential middle{ConvLayer(channels, 2 * channels, conv),
                              ConvLayer(2 * channels, channels, conv)};
  if (o.init) apply_init(*middle, o.init);
  layers_->append(encoder_);
  layers_->append(BatchNorm2d(channels, {.activation = minitorch::Activation::relu}));
  layers_->append(nn::Identity());  // the place of the ReLU that the norm does
  layers_->append(middle);
  for (std::size_t i = 0; i < skips_.size(); ++i) {
    const bool final = i + 1 == skips_.size();
    const int64_t skip = maps[skips_[i]][1];
    layers_->append(UnetBlock(channels, skip, final, o.blur && (!final || o.blur_final),
                              o.self_attention && i + 3 == skips_.size(), o.act, o.norm_type, o.init));
    channels = (channels / 2 + skip) / (final ? 2 : 1);
  }
  if (maps[0][2] != size.height || maps[0][3] != size.width)
    layers_->append(PixelShuffle_ICNR(channels, channels, {.norm_type = o.norm_type, .act = o.act}));
  resize_at_ = cross_end_ = static_cast<std::size_t>(layers_->size());
  layers_->append(nn::make<ResizeToOrig>());
  ++cross_end_;
  if (o.last_cross) {
    layers_->append(nn::make<MergeLayer>());
    ++cross_end_;
    channels += first.size(1);
    const int64_t width = o.bottle ? channels / 2 : channels;
    const ResBlock cross(1, channels, width, {.norm_type = o.norm_type, .act = o.act});
    if (o.init) apply_init(*cross, o.init);
    layers_->append(cross);
    channels = width;
  }
  layers_->append(ConvLayer(channels, n_out, {.ks = 1, .norm_type = o.norm_type, .act = Act::none}));
  if (o.y_range.given()) layers_->append(SigmoidRange(o.y_range.low, o.y_range.high));
  add("layers", layers_);
}

Tensor DynamicUnetModule::forward(const Tensor& picture) {
  const auto& layers = layers_->children();
  const auto& encoder = encoder_->children();
  std::vector<Tensor> kept;  // the shallowest first
  Tensor x = picture;
  for (std::size_t i = 0; i < encoder.size(); ++i) {
    x = (*encoder[i].second)(x);
    if (std::find(skips_.begin(), skips_.end(), i) != skips_.end()) kept.push_back(x);
  }
  for (std::size_t i = 1; i < layers.size(); ++i) {
    nn::Module& layer = *layers[i].second;
    if (i >= first_block_ && !kept.empty()) {
      x = layer(x, kept.back());
      kept.pop_back();
    } else {
      x = i >= resize_at_ && i < cross_end_ ? layer(x, picture) : layer(x);
    }
  }
  return x;
}

DynamicUnet::DynamicUnet(const minitorch::nn::Sequential& encoder, int64_t n_out, Size size,
                         const UnetOptions& options)
    : Handle(std::make_shared<DynamicUnetModule>(encoder, n_out, size, options)) {}

}  // namespace fastcore
