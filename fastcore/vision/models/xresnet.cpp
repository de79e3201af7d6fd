// SPDX-License-Identifier: MIT
#include "fastcore/vision/models/xresnet.h"

#include "minitorch/nn/init.h"

namespace fastcore::models {
namespace nn = minitorch::nn;

XResNet::XResNet(const XResNetOptions& o) {
  const int64_t stem[] = {o.channels, 32, 32, 64};
  for (int i = 0; i < 3; ++i)
    append(ConvLayer(stem[i], stem[i + 1], {.stride = i == 0 ? 2 : 1, .act = o.act}));
  append(nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
  int64_t in = 64 / o.expansion, width = 64;
  for (std::size_t stage = 0; stage < 4; ++stage, width *= 2) {
    nn::Sequential blocks;
    for (int64_t b = 0; b < o.layers[stage]; ++b) {
      blocks->append(ResBlock(o.expansion, in, width, {.stride = b == 0 && stage > 0 ? 2 : 1, .act = o.act}));
      in = width;
    }
    append(blocks);
  }
  append(nn::AdaptiveAvgPool2d(1));
  append(nn::Flatten());
  append(nn::Dropout(o.p));
  append(classifier(in * o.expansion, o.classes));
  apply([](nn::Module& m) {
    if (const auto bias = m.own_parameter("bias"); bias.defined()) nn::init::constant_(bias, 0);
    if (!is_norm(m) && m.own_parameter("weight").defined())
      nn::init::kaiming_normal_(m.own_parameter("weight"));
  });
}

}  // namespace fastcore::models
