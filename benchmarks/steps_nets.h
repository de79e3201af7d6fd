// SPDX-License-Identifier: MIT
// The nets whose training steps are measured, from nn layers. steps.py has the same in PyTorch.
#pragma once
#include "minitorch/minitorch.h"

namespace minitorch::bench {

using namespace minitorch::nn;

/// Convolution, batch norm and an activation fused into the norm.
inline Sequential conv_norm(int64_t in, int64_t out, int64_t k, int64_t stride, Activation act,
                            int64_t groups = 1, bool same = false) {
  return Sequential{
      Conv2d(in, out, k,
             {.stride = stride, .padding = same ? 0 : k / 2, .groups = groups, .bias = false, .same = same}),
      BatchNorm2d(out, {.activation = act})};
}

inline ModulePtr mlp() { return Sequential{Linear(784, 50), ReLU(), Linear(50, 10)}; }

/// Channels 8-16-32-64-10, stride 2, first kernel 5, batch norm after the convolution.
inline ModulePtr mnist() {
  return Sequential{conv_norm(1, 8, 5, 2, Activation::relu),
                    conv_norm(8, 16, 3, 2, Activation::relu),
                    conv_norm(16, 32, 3, 2, Activation::relu),
                    conv_norm(32, 64, 3, 2, Activation::relu),
                    Conv2d(64, 10, 3, {.stride = 2, .padding = 1, .bias = false}),
                    Flatten()};
}

struct BasicBlock : Module {
  Sequential first, second, shortcut;
  bool project;
  BasicBlock(int64_t in, int64_t out, int64_t stride)
      : first(add("first", conv_norm(in, out, 3, stride, Activation::relu))),
        second(add("second", conv_norm(out, out, 3, 1, Activation::none))),
        shortcut(conv_norm(in, out, 1, stride, Activation::none)),
        project(stride != 1 || in != out) {
    if (project) add("shortcut", shortcut);
  }
  Tensor forward(const Tensor& x) override { return relu(second(first(x)) + (project ? shortcut(x) : x)); }
};

inline std::vector<ModulePtr> resnet_body(const std::vector<int64_t>& blocks) {
  std::vector<ModulePtr> out = {conv_norm(3, 64, 7, 2, Activation::relu),
                                MaxPool2d(3, {.stride = 2, .padding = 1})};
  int64_t in = 64, width = 64;
  for (std::size_t stage = 0; stage < 4; ++stage, width *= 2) {
    std::vector<ModulePtr> layers;
    for (int64_t b = 0; b < blocks[stage]; ++b) {
      layers.push_back(make<BasicBlock>(in, width, b == 0 && stage > 0 ? 2 : 1));
      in = width;
    }
    out.push_back(Handle<SequentialModule>(std::make_shared<SequentialModule>(layers)));
  }
  return out;
}

inline ModulePtr resnet18() {
  auto parts = resnet_body({2, 2, 2, 2});
  parts.push_back(AdaptiveAvgPool2d(1));
  parts.push_back(Flatten());
  parts.push_back(Linear(512, 10));
  return std::make_shared<SequentialModule>(parts);
}

/// Expand by 1x1, filter each channel on its own, shrink by 1x1; added to the input where the shape stays.
struct InvertedResidual : Module {
  std::vector<ModulePtr> parts;
  bool residual;
  InvertedResidual(int64_t in, int64_t out, int64_t expand, int64_t k, int64_t stride)
      : residual(stride == 1 && in == out) {
    const int64_t mid = in * expand;
    if (expand != 1) parts.push_back(add("expand", conv_norm(in, mid, 1, 1, Activation::relu6)));
    parts.push_back(add("depthwise", conv_norm(mid, mid, k, stride, Activation::relu6, mid, true)));
    parts.push_back(add("project", conv_norm(mid, out, 1, 1, Activation::none)));
  }
  Tensor forward(const Tensor& x) override {
    Tensor y = x;
    for (auto& p : parts) y = (*p)(y);
    return residual ? y + x : y;
  }
};

inline ModulePtr efficientnet_lite0() {
  std::vector<ModulePtr> net = {conv_norm(3, 32, 3, 2, Activation::relu6, 1, true)};
  struct Stage {
    int64_t expand, out, count, stride, k;
  };
  int64_t in = 32;
  for (const Stage s : {Stage{1, 16, 1, 1, 3},
                        {6, 24, 2, 2, 3},
                        {6, 40, 2, 2, 5},
                        {6, 80, 3, 2, 3},
                        {6, 112, 3, 1, 5},
                        {6, 192, 4, 2, 5},
                        {6, 320, 1, 1, 3}})
    for (int64_t b = 0; b < s.count; ++b) {
      net.push_back(make<InvertedResidual>(in, s.out, s.expand, s.k, b == 0 ? s.stride : 1));
      in = s.out;
    }
  net.push_back(conv_norm(320, 1280, 1, 1, Activation::relu6));
  net.push_back(AdaptiveAvgPool2d(1));
  net.push_back(Flatten());
  net.push_back(Linear(1280, 10));
  return std::make_shared<SequentialModule>(net);
}

inline Sequential conv_relu(int64_t in, int64_t out, int64_t k) {
  return Sequential{Conv2d(in, out, k, {.padding = k / 2}), ReLU()};
}

/// Doubles the picture by pixel shuffle, joins the skip, two convolutions.
struct UnetBlock : Module {
  Sequential up, first, second;
  BatchNorm2d norm;
  UnetBlock(int64_t up_in, int64_t skip, bool last)
      : up(add("up", conv_relu(up_in, up_in * 2, 1))),
        first(add("first", conv_relu(up_in / 2 + skip, width(up_in, skip, last), 3))),
        second(add("second", conv_relu(width(up_in, skip, last), width(up_in, skip, last), 3))),
        norm(add("norm", BatchNorm2d(skip))) {}
  static int64_t width(int64_t up_in, int64_t skip, bool last) { return (up_in / 2 + skip) / (last ? 2 : 1); }
  using Module::forward;
  Tensor forward(const Tensors& in) override {
    return second(first(relu(cat({pixel_shuffle(up(in[0]), 2), norm(in[1])}, 1))));
  }
};

/// fastai's DynamicUnet over resnet34, 32 classes.
struct Unet : Module {
  std::vector<ModulePtr> encoder = resnet_body({3, 4, 6, 3});
  BatchNorm2d norm = add("norm", BatchNorm2d(512, {.activation = Activation::relu}));
  Sequential middle = add("middle", Sequential{conv_relu(512, 1024, 3), conv_relu(1024, 512, 3)});
  Handle<UnetBlock> b1 = add("b1", make<UnetBlock>(512, 256, false)),
                    b2 = add("b2", make<UnetBlock>(512, 128, false)),
                    b3 = add("b3", make<UnetBlock>(384, 64, false)),
                    b4 = add("b4", make<UnetBlock>(256, 64, true));
  Sequential up = add("up", conv_relu(96, 384, 1)), last1 = add("last1", conv_relu(99, 99, 3));
  Conv2d last2 = add("last2", Conv2d(99, 99, 3, {.padding = 1})), head = add("head", Conv2d(99, 32, 1));
  Unet() {
    for (std::size_t i = 0; i < encoder.size(); ++i) add("encoder" + std::to_string(i), encoder[i]);
  }
  Tensor forward(const Tensor& x) override {
    const Tensor s0 = (*encoder[0])(x), s1 = (*encoder[2])((*encoder[1])(s0)), s2 = (*encoder[3])(s1),
                 s3 = (*encoder[4])(s2);
    Tensor y = middle(norm((*encoder[5])(s3)));
    y = b4(b3(b2(b1(y, s3), s2), s1), s0);
    y = cat({pixel_shuffle(up(y), 2), x}, 1);
    return head(relu(y + last2(last1(y))));
  }
};

/// Eight embeddings and three numbers through 200 and 100 units.
struct Tabular : Module {
  std::vector<Embedding> tables;
  BatchNorm1d numbers = add("numbers", BatchNorm1d(3));
  Sequential layers;
  static constexpr int64_t kSizes[8][2] = {{10, 6}, {17, 8}, {8, 5}, {16, 8},
                                           {7, 5},  {6, 4},  {3, 3}, {43, 13}};
  Tabular()
      : layers{
            Linear(55, 200, false), ReLU(),         BatchNorm1d(200), Linear(200, 100, false), ReLU(),
            BatchNorm1d(100),       Linear(100, 2),
        } {
    for (auto& [count, dim] : kSizes)
      tables.push_back(add("table" + std::to_string(tables.size()), Embedding(count, dim)));
    add("layers", layers);
  }
  using Module::forward;
  Tensor forward(const Tensors& in) override {
    std::vector<Tensor> parts;
    for (std::size_t i = 0; i < tables.size(); ++i)
      parts.push_back(tables[i](in[0].select(1, static_cast<int64_t>(i))));
    parts.push_back(numbers(in[1]));
    return layers(cat(parts, 1));
  }
};

/// Users, items and their biases: sigmoid of the dot product, in (0.5, 5.5).
struct Collab : Module {
  Embedding users = add("users", Embedding(944, 50)), items = add("items", Embedding(1665, 50)),
            user_bias = add("user_bias", Embedding(944, 1)), item_bias = add("item_bias", Embedding(1665, 1));
  Tensor forward(const Tensor& x) override {
    const Tensor u = x.select(1, 0), i = x.select(1, 1);
    const Tensor dot = (users(u) * items(i)).sum({1}) + user_bias(u).squeeze(1) + item_bias(i).squeeze(1);
    return sigmoid(dot) * 5.0 + 0.5;
  }
};

}  // namespace minitorch::bench
