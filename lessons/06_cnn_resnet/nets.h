// SPDX-License-Identifier: MIT
// The nets of lesson 6: stacked convolutions, and residual blocks.
#pragma once
#include "minitorch/minitorch.h"

using namespace minitorch;

//! [conv]
// Halves the picture: 3 x 3 with stride 2, then ReLU and, where asked, batch norm.
inline nn::Sequential conv(int64_t ni, int64_t nf, int64_t ks = 3, bool act = true, bool norm = false) {
  auto layer = nn::Sequential{nn::Conv2d(ni, nf, ks, {.stride = 2, .padding = ks / 2})};
  if (act) layer->append(nn::ReLU());
  if (norm) layer->append(nn::BatchNorm2d(nf));
  return layer;
}
//! [conv]

//! [simple]
inline nn::Sequential simple_cnn() {
  return nn::Sequential{
      conv(1, 4), conv(4, 8), conv(8, 16), conv(16, 32), conv(32, 2, 3, false), nn::Flatten(),
  };
}
//! [simple]

//! [wider]
inline nn::Sequential ten_digits(bool norm) {
  return nn::Sequential{
      conv(1, 8, 5, true, norm),   conv(8, 16, 3, true, norm),   conv(16, 32, 3, true, norm),
      conv(32, 64, 3, true, norm), conv(64, 10, 3, false, norm), nn::Flatten(),
  };
}
//! [wider]

//! [resblock]
// relu(convs(x) + x): where the picture shrinks or gains channels, x goes through a pooling and a 1 x 1
// convolution of its own. Without the shortcut it is a plain block of two convolutions.
struct ResBlock : nn::Module {
  ResBlock(int64_t ni, int64_t nf, int64_t stride, bool shortcut) : shortcut(shortcut) {
    NoGrad no_grad;
    nn::BatchNorm2d last(nf);
    convs =
        add("convs", nn::Sequential{nn::Conv2d(ni, nf, 3, {.stride = stride, .padding = 1, .bias = false}),
                                    nn::BatchNorm2d(nf), nn::ReLU(),
                                    nn::Conv2d(nf, nf, 3, {.padding = 1, .bias = false}), last});
    if (!shortcut) return;
    last->weight.zero_();  // at first the block passes on what it is given
    if (stride > 1) path->append(nn::AvgPool2d(2, {.stride = 2, .ceil_mode = true}));
    if (ni != nf) path->append(nn::Conv2d(ni, nf, 1, {.bias = false})), path->append(nn::BatchNorm2d(nf));
    add("path", path);
  }
  Tensor forward(const Tensor& x) override { return shortcut ? relu(convs(x) + path(x)) : relu(convs(x)); }
  bool shortcut;
  nn::Sequential convs{}, path{};
};
inline nn::Sequential residual_net(int64_t blocks, bool shortcut) {
  auto net = nn::Sequential{nn::Conv2d(1, 8, 3, {.stride = 2, .padding = 1, .bias = false}),
                            nn::BatchNorm2d(8), nn::ReLU()};
  int64_t width = 8;
  for (int64_t stage = 0; stage < 3; ++stage)
    for (int64_t block = 0; block < blocks; ++block) {
      const bool first = block == 0 && stage > 0;
      net->append(nn::make<ResBlock>(width, first ? width * 2 : width, first ? 2 : 1, shortcut));
      if (first) width *= 2;
    }
  net->append(nn::AdaptiveAvgPool2d(1)).append(nn::Flatten()).append(nn::Linear(width, 10));
  return net;
}
//! [resblock]
