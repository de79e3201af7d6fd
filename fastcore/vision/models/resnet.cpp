// SPDX-License-Identifier: MIT
#include "fastcore/vision/models/resnet.h"

#include "fastcore/vision/layers.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/unary/unary.h"

namespace fastcore::models {
namespace nn = minitorch::nn;
using minitorch::Activation;
using minitorch::Tensor;

namespace {

nn::Conv2d conv(int64_t in, int64_t out, int64_t ks, int64_t stride = 1) {
  return nn::Conv2d(in, out, ks, {.stride = stride, .padding = ks / 2, .bias = false});
}
nn::BatchNorm2d norm_relu(int64_t features) {
  return nn::BatchNorm2d(features, {.activation = Activation::relu});
}

// Halves the picture where asked and fits the channels, so that it can be added to what the block computes.
nn::Sequential shortcut(int64_t in, int64_t out, int64_t stride, bool deep) {
  if (!deep) return nn::Sequential{conv(in, out, 1, stride), nn::BatchNorm2d(out)};
  const nn::ModulePtr pool =
      stride == 1 ? nn::ModulePtr(nn::Identity())
                  : nn::AvgPool2d(2, {.stride = stride, .ceil_mode = true, .count_include_pad = false});
  return nn::Sequential{pool, conv(in, out, 1), nn::BatchNorm2d(out)};
}

/// Convolutions and norms conv1, bn1, conv2, ...; every norm but the last has its ReLU in it.
class Block : public nn::Module {
 public:
  Block(int64_t in, int64_t width, int64_t stride, bool bottleneck, bool deep) {
    const int64_t out = bottleneck ? 4 * width : width;
    if (bottleneck) {
      layer(conv(in, width, 1), norm_relu(width));
      layer(conv(width, width, 3, stride), norm_relu(width));
      layer(conv(width, out, 1), nn::BatchNorm2d(out));
    } else {
      layer(conv(in, width, 3, stride), norm_relu(width));
      layer(conv(width, out, 3), nn::BatchNorm2d(out));
    }
    if (stride != 1 || in != out) downsample_ = add("downsample", shortcut(in, out, stride, deep));
  }
  Tensor forward(const Tensor& x) override {
    Tensor y = x;
    for (auto& l : path_) y = (*l)(y);
    return minitorch::relu(y + (downsample_ ? (*downsample_)(x) : x));
  }
  std::string type_name() const override { return path_.size() == 6 ? "Bottleneck" : "BasicBlock"; }

 private:
  void layer(const nn::Conv2d& c, const nn::BatchNorm2d& n) {
    const std::string number = std::to_string(path_.size() / 2 + 1);
    path_.push_back(add("conv" + number, nn::ModulePtr(c)));
    path_.push_back(add("bn" + number, nn::ModulePtr(n)));
  }
  std::vector<nn::ModulePtr> path_;
  nn::ModulePtr downsample_;
};

}  // namespace

ResNet::ResNet(const ResNetOptions& o) {
  if (o.deep)
    add("conv1", nn::Sequential{conv(o.channels, 32, 3, 2), norm_relu(32), nn::Identity(), conv(32, 32, 3),
                                norm_relu(32), nn::Identity(), conv(32, 64, 3)});
  else add("conv1", conv(o.channels, 64, 7, 2));
  add("bn1", norm_relu(64));
  add(o.deep ? "act1" : "relu", nn::Identity());
  add("maxpool", nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
  int64_t in = 64, width = 64;
  for (std::size_t stage = 0; stage < 4; ++stage, width *= 2) {
    nn::Sequential blocks;
    for (int64_t b = 0; b < o.layers[stage]; ++b) {
      blocks->append(nn::make<Block>(in, width, b == 0 && stage > 0 ? 2 : 1, o.bottleneck, o.deep));
      in = o.bottleneck ? 4 * width : width;
    }
    add("layer" + std::to_string(stage + 1), blocks);
  }
  add("avgpool", nn::AdaptiveAvgPool2d(1));
  add("fc", classifier(in, o.classes));
  apply([](nn::Module& m) {
    if (dynamic_cast<nn::Conv2dModule*>(&m))
      nn::init::kaiming_normal_(m.own_parameter("weight"), nn::init::Fan::out);
  });
}

Tensor ResNet::forward(const Tensor& x) {
  Tensor y = x;
  for (auto& [name, child] : children()) y = name == "fc" ? (*child)(y.flatten(1)) : (*child)(y);
  return y;
}

}  // namespace fastcore::models
