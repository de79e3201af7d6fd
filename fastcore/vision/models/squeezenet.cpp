// SPDX-License-Identifier: MIT
#include "fastcore/vision/models/squeezenet.h"

#include "minitorch/nn/activations.h"
#include "minitorch/nn/attention.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/join/join.h"

namespace fastcore::models {
namespace nn = minitorch::nn;
using minitorch::Tensor;

namespace {

/// 1x1 to few channels, then 1x1 and 3x3 side by side: (N, in, H, W) -> (N, 2 expand, H, W).
class Fire : public nn::Module {
 public:
  Fire(int64_t in, int64_t squeeze, int64_t expand)
      : squeeze_(add("squeeze", nn::Conv2d(in, squeeze, 1))),
        expand1x1_(add("expand1x1", nn::Conv2d(squeeze, expand, 1))),
        expand3x3_(add("expand3x3", nn::Conv2d(squeeze, expand, 3, {.padding = 1}))) {}
  Tensor forward(const Tensor& x) override {
    const Tensor s = squeeze_(x).relu();
    return minitorch::cat({expand1x1_(s), expand3x3_(s)}, 1).relu();
  }

 private:
  nn::Conv2d squeeze_, expand1x1_, expand3x3_;
};

}  // namespace

SqueezeNet::SqueezeNet(const SqueezeNetOptions& o) {
  if (o.smaller) features_->append(nn::Conv2d(o.channels, 64, 3, {.stride = 2}));
  else features_->append(nn::Conv2d(o.channels, 96, 7, {.stride = 2}));
  features_->append(nn::ReLU());
  struct Stage {
    int64_t squeeze, expand;
    bool pool_in_1_0, pool_in_1_1;  // a max pool before it
  };
  int64_t in = o.smaller ? 64 : 96;
  for (const Stage& s : {Stage{16, 64, true, true},
                         {16, 64, false, false},
                         {32, 128, false, true},
                         {32, 128, true, false},
                         {48, 192, false, true},
                         {48, 192, false, false},
                         {64, 256, false, false},
                         {64, 256, true, false}}) {
    if (o.smaller ? s.pool_in_1_1 : s.pool_in_1_0)
      features_->append(nn::MaxPool2d(3, {.stride = 2, .ceil_mode = true}));
    features_->append(nn::make<Fire>(in, s.squeeze, s.expand));
    in = 2 * s.expand;
  }
  nn::ModulePtr last = nn::Identity();
  if (o.classes) last = nn::Conv2d(512, o.classes, 1);
  classifier_ = nn::Sequential{nn::Dropout(0.5), last, nn::ReLU(), nn::AdaptiveAvgPool2d(1)};
  add("features", features_);
  add("classifier", classifier_);
  apply([](nn::Module& m) {
    if (dynamic_cast<nn::Conv2dModule*>(&m) == nullptr) return;
    nn::init::kaiming_uniform_(m.own_parameter("weight"));
    nn::init::constant_(m.own_parameter("bias"), 0);
  });
  if (o.classes) nn::init::normal_(last->own_parameter("weight"), 0, 0.01);
}

Tensor SqueezeNet::forward(const Tensor& x) { return classifier_(features_(x)).flatten(1); }

}  // namespace fastcore::models
