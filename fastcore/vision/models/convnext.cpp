// SPDX-License-Identifier: MIT
#include "fastcore/vision/models/convnext.h"

#include "fastcore/vision/layers.h"
#include "minitorch/nn/activations.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/tensor/factories.h"

namespace fastcore::models {
namespace nn = minitorch::nn;
using minitorch::Tensor;

namespace {

Tensor channels_last(const Tensor& x) { return x.permute({0, 2, 3, 1}); }
Tensor channels_first(const Tensor& x) { return x.permute({0, 3, 1, 2}); }

/// Two layers for each pixel, (N, H, W, C) -> (N, H, W, C), four times as wide inside.
class Mlp : public nn::Module {
 public:
  Mlp(int64_t dim, bool conv) {
    if (conv) {
      fc1_ = add("fc1", nn::ModulePtr(nn::Conv2d(dim, 4 * dim, 1)));
      fc2_ = add("fc2", nn::ModulePtr(nn::Conv2d(4 * dim, dim, 1)));
    } else {
      fc1_ = add("fc1", nn::ModulePtr(nn::Linear(dim, 4 * dim)));
      fc2_ = add("fc2", nn::ModulePtr(nn::Linear(4 * dim, dim)));
    }
  }
  Tensor forward(const Tensor& x) override { return layer(*fc2_, gelu(layer(*fc1_, x))); }

 private:
  static Tensor layer(const nn::Module& m, const Tensor& x) {
    const Tensor weight = m.own_parameter("weight");
    return minitorch::linear(x, weight.flatten(1), m.own_parameter("bias"));
  }
  nn::ModulePtr fc1_, fc2_;
};

/// x + gamma mlp(norm(depthwise 7x7 (x))).
class ConvNeXtBlock : public nn::Module {
 public:
  ConvNeXtBlock(int64_t dim, bool conv_mlp)
      : conv_dw_(dim, dim, 7, {.padding = 3, .groups = dim}), norm_(dim, 1e-6), mlp_(dim, conv_mlp) {
    gamma_ = add_parameter("gamma", minitorch::full({dim}, 1e-6));
    add("conv_dw", conv_dw_);
    add("norm", norm_);
    add("mlp", mlp_);
  }
  Tensor forward(const Tensor& x) override {
    return x + channels_first(mlp_(norm_(channels_last(conv_dw_(x)))) * gamma_);
  }

 private:
  nn::Conv2d conv_dw_;
  nn::LayerNorm norm_;
  nn::Handle<Mlp> mlp_;
  Tensor gamma_;
};

/// Halves the picture (but for the first stage), then blocks.
class ConvNeXtStage : public nn::Module {
 public:
  ConvNeXtStage(int64_t in, int64_t out, int64_t depth, bool first, bool conv_mlp) {
    if (first) downsample_->append(nn::Identity());
    else {
      downsample_->append(LayerNorm2d(in));
      downsample_->append(nn::Conv2d(in, out, 2, {.stride = 2}));
    }
    for (int64_t b = 0; b < depth; ++b) blocks_->append(nn::make<ConvNeXtBlock>(out, conv_mlp));
    add("downsample", downsample_);
    add("blocks", blocks_);
  }
  Tensor forward(const Tensor& x) override { return blocks_(downsample_(x)); }

 private:
  nn::Sequential downsample_, blocks_;
};

/// Average pool, norm, scores: (N, C, H, W) -> (N, classes), or the features where there are none.
class NormMlpClassifierHead : public nn::Module {
 public:
  NormMlpClassifierHead(int64_t dim, int64_t classes) : norm_(dim), fc_(classifier(dim, classes)) {
    add("global_pool", pool_);
    add("norm", norm_);
    add("fc", fc_);
  }
  Tensor forward(const Tensor& x) override { return (*fc_)(norm_(pool_(x)).flatten(1)); }

 private:
  nn::AdaptiveAvgPool2d pool_{1};
  LayerNorm2d norm_;
  nn::ModulePtr fc_;
};

}  // namespace

Tensor LayerNorm2dModule::forward(const Tensor& x) {
  return channels_first(LayerNormModule::forward(channels_last(x)));
}

ConvNeXt::ConvNeXt(const ConvNeXtOptions& o) {
  add("stem", nn::Sequential{nn::Conv2d(o.channels, o.dims[0], 4, {.stride = 4}), LayerNorm2d(o.dims[0])});
  nn::Sequential stages;
  for (std::size_t i = 0; i < 4; ++i)
    stages->append(
        nn::make<ConvNeXtStage>(o.dims[i == 0 ? 0 : i - 1], o.dims[i], o.depths[i], i == 0, o.conv_mlp));
  add("stages", stages);
  add("norm_pre", nn::Identity());
  add("head", nn::make<NormMlpClassifierHead>(o.dims[3], o.classes));
  apply([](nn::Module& m) {
    if (!dynamic_cast<nn::Conv2dModule*>(&m) && !dynamic_cast<nn::LinearModule*>(&m)) return;
    nn::init::trunc_normal_(m.own_parameter("weight"), 0, 0.02);
    nn::init::constant_(m.own_parameter("bias"), 0);
  });
}

Tensor ConvNeXt::forward(const Tensor& x) {
  Tensor y = x;
  for (auto& [name, child] : children()) y = (*child)(y);
  return y;
}

}  // namespace fastcore::models
