// SPDX-License-Identifier: MIT
// A U-Net from parts.
#pragma once
#include "minitorch/minitorch.h"

using namespace minitorch;

//! [parts]
// (N, ni, H, W) -> (N, nf, H, W): every pixel looks at its neighbours, twice.
inline nn::Sequential two_convs(int64_t ni, int64_t nf) {
  return nn::Sequential{nn::Conv2d(ni, nf, 3, {.padding = 1, .bias = false}),
                        nn::BatchNorm2d(nf, {.activation = Activation::relu}),
                        nn::Conv2d(nf, nf, 3, {.padding = 1, .bias = false}),
                        nn::BatchNorm2d(nf, {.activation = Activation::relu})};
}
inline Tensor half(const Tensor& x) { return max_pool2d(x, {2, 2}); }
inline Tensor twice(const Tensor& x) { return interpolate(x, {.size = {2 * x.size(2), 2 * x.size(3)}}); }
//! [parts]

//! [unet]
// Down to an eighth of the size and up again. A bridge lays what was there on the way down beside what comes
// up; without bridges, all that the way up knows has gone through the small middle.
struct SmallUnet : nn::Module {
  SmallUnet(int64_t n_out, bool bridges) : bridges(bridges) {
    const int64_t b = bridges ? 1 : 0;
    down1 = add("down1", two_convs(3, 16));
    down2 = add("down2", two_convs(16, 32));
    down3 = add("down3", two_convs(32, 64));
    middle = add("middle", two_convs(64, 128));
    up3 = add("up3", two_convs(128 + b * 64, 64));
    up2 = add("up2", two_convs(64 + b * 32, 32));
    up1 = add("up1", two_convs(32 + b * 16, 16));
    last = add("last", nn::Sequential{nn::Conv2d(16, n_out, 1)});
  }
  Tensor beside(const Tensor& up, const Tensor& kept) const { return bridges ? cat({up, kept}, 1) : up; }
  Tensor forward(const Tensor& x) override {  // (N, 3, H, W)
    const Tensor a = down1(x);                // (N, 16, H, W)
    const Tensor b = down2(half(a));          // (N, 32, H/2, W/2)
    const Tensor c = down3(half(b));          // (N, 64, H/4, W/4)
    Tensor y = middle(half(c));               // (N, 128, H/8, W/8)
    y = up3(beside(twice(y), c));             // (N, 64, H/4, W/4)
    y = up2(beside(twice(y), b));             // (N, 32, H/2, W/2)
    return last(up1(beside(twice(y), a)));    // (N, n_out, H, W)
  }
  bool bridges;
  nn::Sequential down1{}, down2{}, down3{}, middle{}, up3{}, up2{}, up1{}, last{};
};
//! [unet]
