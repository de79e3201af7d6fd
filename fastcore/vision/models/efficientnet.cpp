// SPDX-License-Identifier: MIT
#include "fastcore/vision/models/efficientnet.h"

#include <cmath>

#include "fastcore/vision/layers.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"

namespace fastcore::models {
namespace nn = minitorch::nn;
using minitorch::Activation;
using minitorch::Tensor;

namespace {

/// Expand by 1x1 (left out when expand is 1), filter each channel on its own, shrink by 1x1; the input is
/// added where the shape stays. Norms stand after each convolution and hold the ReLU6.
class InvertedResidual : public nn::Module {
 public:
  InvertedResidual(const EfficientNetOptions& net, const InvertedStage& s, int64_t in, int64_t stride)
      : residual_(stride == 1 && in == s.out), expands_(s.expand != 1) {
    const int64_t mid = in * s.expand;
    const bool same = net.same && stride > 1;
    auto norm = [&](int64_t features, Activation act) {
      layer("bn" + std::to_string(layers_.size() / 2 + 1),
            nn::BatchNorm2d(features, {.eps = net.eps, .activation = act}));
    };
    if (expands_) {
      layer("conv_pw", nn::Conv2d(in, mid, 1, {.bias = false}));
      norm(mid, Activation::relu6);
    }
    layer("conv_dw",
          nn::Conv2d(
              mid, mid, s.k,
              {.stride = stride, .padding = same ? 0 : s.k / 2, .groups = mid, .bias = false, .same = same}));
    norm(mid, Activation::relu6);
    layer(expands_ ? "conv_pwl" : "conv_pw", nn::Conv2d(mid, s.out, 1, {.bias = false}));
    norm(s.out, Activation::none);
  }
  Tensor forward(const Tensor& x) override {
    Tensor y = x;
    for (auto& l : layers_) y = (*l)(y);
    return residual_ ? y + x : y;
  }
  std::string type_name() const override { return expands_ ? "InvertedResidual" : "DepthwiseSeparableConv"; }

 private:
  void layer(const std::string& name, nn::ModulePtr module) { layers_.push_back(add(name, module)); }
  std::vector<nn::ModulePtr> layers_;
  bool residual_, expands_;
};

// Convolutions N(0, sqrt(2 / outputs)), outputs counted within a group; the last layer U(+-1 /
// sqrt(outputs)).
void start(nn::Module& m) {
  const Tensor weight = m.own_parameter("weight");
  if (dynamic_cast<nn::Conv2dModule*>(&m)) {
    const bool depthwise = weight.size(1) == 1;
    const auto fan = static_cast<double>(weight.size(2) * weight.size(3) * (depthwise ? 1 : weight.size(0)));
    nn::init::normal_(weight, 0, std::sqrt(2 / fan));
  } else if (dynamic_cast<nn::LinearModule*>(&m)) {
    const double bound = 1 / std::sqrt(static_cast<double>(weight.size(0)));
    nn::init::uniform_(weight, -bound, bound);
    nn::init::constant_(m.own_parameter("bias"), 0);
  }
}

}  // namespace

EfficientNetOptions efficientnet_lite0_options() {
  return {.stages = {{1, 16, 1, 1, 3},
                     {6, 24, 2, 2, 3},
                     {6, 40, 2, 2, 5},
                     {6, 80, 3, 2, 3},
                     {6, 112, 3, 1, 5},
                     {6, 192, 4, 2, 5},
                     {6, 320, 1, 1, 3}},
          .eps = 1e-3,
          .same = true};
}

EfficientNetOptions mobilenetv2_options() {
  return {.stages = {{1, 16, 1, 1, 3},
                     {6, 24, 2, 2, 3},
                     {6, 32, 3, 2, 3},
                     {6, 64, 4, 2, 3},
                     {6, 96, 3, 1, 3},
                     {6, 160, 3, 2, 3},
                     {6, 320, 1, 1, 3}}};
}

EfficientNet::EfficientNet(const EfficientNetOptions& o) {
  add("conv_stem",
      nn::Conv2d(o.channels, 32, 3, {.stride = 2, .padding = o.same ? 0 : 1, .bias = false, .same = o.same}));
  add("bn1", nn::BatchNorm2d(32, {.eps = o.eps, .activation = Activation::relu6}));
  nn::Sequential blocks;
  int64_t in = 32;
  for (const InvertedStage& s : o.stages) {
    nn::Sequential stage;
    for (int64_t b = 0; b < s.count; ++b) {
      stage->append(nn::make<InvertedResidual>(o, s, in, b == 0 ? s.stride : 1));
      in = s.out;
    }
    blocks->append(stage);
  }
  add("blocks", blocks);
  add("conv_head", nn::Conv2d(in, 1280, 1, {.bias = false}));
  add("bn2", nn::BatchNorm2d(1280, {.eps = o.eps, .activation = Activation::relu6}));
  add("global_pool", nn::AdaptiveAvgPool2d(1));
  add("classifier", classifier(1280, o.classes));
  apply(start);
}

Tensor EfficientNet::forward(const Tensor& x) {
  Tensor y = x;
  for (auto& [name, child] : children()) y = name == "classifier" ? (*child)(y.flatten(1)) : (*child)(y);
  return y;
}

}  // namespace fastcore::models
