// SPDX-License-Identifier: MIT
// U-Net (Ronneberger and others, 2015) around any convolutional body, as fastai builds it: every time the
// body shrinks the picture, the way back finds what was there before.
#pragma once
#include "fastcore/vision/layers.h"
#include "fastcore/vision/model.h"

namespace fastcore {

struct UnetOptions {
  bool blur = false;            ///< smooth what the pixel shuffles make
  bool blur_final = true;       ///< with blur: also in the last block
  bool self_attention = false;  ///< in the third block from the end
  YRange y_range = {};
  bool last_cross = true;  ///< let the last layers see the picture itself
  bool bottle = false;     ///< and halve the channels there
  Act act = Act::relu;
  Init init = kaiming_normal;           ///< of the decoder; {}: as each layer starts by itself
  NormType norm_type = NormType::none;  ///< of the decoder's convolutions
};

/// One step back up: twice the size by pixel shuffle, beside it the encoder's maps of that size, two
/// convolutions. Takes {x, maps}: (N, up, H, W) and (N, skip, 2H, 2W) -> (N, (up / 2 + skip), 2H, 2W), or
/// half as many channels where `final`.
class UnetBlockModule : public minitorch::nn::Module {
 public:
  UnetBlockModule(int64_t up, int64_t skip, bool final, bool blur, bool self_attention, Act act,
                  NormType norm, const Init& init = kaiming_normal);
  using Module::forward;
  minitorch::Tensor forward(const minitorch::nn::Tensors& x_and_maps) override;

 private:
  PixelShuffle_ICNR shuf_;
  minitorch::nn::BatchNorm2d bn_;
  minitorch::nn::ModulePtr relu_;  // empty when the norm does it
  ConvLayer conv1_, conv2_;
};
using UnetBlock = minitorch::nn::Handle<UnetBlockModule>;

/// (N, C, H, W) -> (N, n_out, H, W) from an encoder whose children shrink the picture step by step.
/// `size`: that of the training pictures; others work too.
class DynamicUnetModule : public minitorch::nn::Module {
 public:
  DynamicUnetModule(minitorch::nn::Sequential encoder, int64_t n_out, Size size,
                    const UnetOptions& options = {});
  minitorch::Tensor forward(const minitorch::Tensor& x) override;

 private:
  minitorch::nn::ModuleList layers_;
  minitorch::nn::Sequential encoder_;
  std::vector<std::size_t> skips_;  // the encoder's children whose outputs are kept, the deepest first
  std::size_t first_block_ = 4;     // of layers_
  std::size_t resize_at_ = 0;       // layers_ from here to cross_end_ see the picture too
  std::size_t cross_end_ = 0;
};
struct DynamicUnet : minitorch::nn::Handle<DynamicUnetModule> {
  DynamicUnet(const minitorch::nn::Sequential& encoder, int64_t n_out, Size size,
              const UnetOptions& options = {});
};

}  // namespace fastcore
