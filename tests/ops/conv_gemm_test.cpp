// SPDX-License-Identifier: MIT
// Convolutions of GPU and simulator by products of matrices, against the CPU's: each size of tile, strides,
// padding, dilation, groups, and the three results.
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

struct Conv {
  const char* what;
  Shape x, w;
  ConvOptions options;
};

const Conv kConvs[] = {
    {"few channels", {2, 3, 9, 11}, {5, 3, 3, 3}, {.padding = 1}},
    {"stride 2, 5 x 5", {3, 8, 12, 13}, {16, 8, 5, 5}, {.stride = 2, .padding = 2}},
    {"1 x 1", {2, 12, 6, 6}, {8, 12, 1, 1}, {}},
    {"1 x 1, stride 2", {2, 12, 7, 6}, {8, 12, 1, 1}, {.stride = 2}},
    {"middle tiles", {4, 6, 18, 18}, {70, 6, 3, 3}, {.padding = 1}},
    {"large tiles", {4, 2, 32, 32}, {130, 2, 3, 3}, {.padding = 1}},
    {"groups", {2, 8, 9, 9}, {12, 4, 3, 3}, {.padding = 1, .groups = 2}},
    {"depthwise", {2, 6, 9, 8}, {6, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 6}},
    {"depthwise, 3 x 3", {2, 5, 10, 33}, {5, 1, 3, 3}, {.padding = 1, .groups = 5}},
    {"depthwise, 5 x 5", {2, 3, 9, 11}, {3, 1, 5, 5}, {.padding = 2, .groups = 3}},
    {"depthwise, 5 x 5, stride 2",
     {2, 3, 12, 11},
     {3, 1, 5, 5},
     {.stride = 2, .padding = {1, 1, 2, 2}, .groups = 3}},
    {"depthwise, much padding", {1, 2, 3, 4}, {2, 1, 3, 3}, {.padding = 4, .groups = 2}},
    {"depthwise in parts", {5, 2, 41, 43}, {2, 1, 3, 3}, {.padding = 1, .groups = 2}},
    {"two filters a channel", {2, 3, 7, 6}, {6, 1, 3, 3}, {.padding = 1, .groups = 3}},
    {"two filters a channel, stride 2", {2, 3, 7, 6}, {6, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 3}},
    {"one channel, many filters", {3, 1, 13, 12}, {5, 1, 5, 5}, {.stride = 2, .padding = 2}},
    {"depthwise, 7 x 7", {2, 3, 9, 8}, {3, 1, 7, 7}, {.padding = 3, .groups = 3}},
    {"narrow groups", {3, 6, 9, 8}, {4, 3, 3, 2}, {.stride = {1, 2}, .padding = 1, .groups = 2}},
    {"few results", {3, 5, 9, 8}, {2, 5, 3, 3}, {.padding = 1}},
    {"dilation and uneven steps",
     {2, 4, 14, 11},
     {6, 4, 3, 2},
     {.stride = {2, 1}, .padding = {2, 1}, .dilation = {2, 3}}},
    {"uneven padding", {1, 4, 8, 8}, {4, 4, 3, 3}, {.stride = 2, .padding = {0, 0, 1, 1}}},
    {"a cut sum", {24, 4, 12, 12}, {8, 4, 3, 3}, {.padding = 1}},
};

struct Results {
  Tensor y, dx, dw, db;
};
Results run(const Conv& c, Device device, const Tensor& x, const Tensor& w, const Tensor& b,
            const Tensor& dy) {
  const Tensor u = x.to(device).clone().requires_grad_(), v = w.to(device).clone().requires_grad_(),
               bias = b.to(device).clone().requires_grad_();
  const Tensor y = conv2d(u, v, bias, c.options);
  y.backward((dy.defined() ? dy : ones(y.shape())).to(device));
  return {y.detach().cpu(), u.grad().cpu(), v.grad().cpu(), bias.grad().cpu()};
}

}  // namespace

TEST_CASE("op table: convolutions by products of matrices") {
  for (const Conv& c : kConvs) {
    const Tensor x = uniform_input(c.x, -1, 1), w = uniform_input(c.w, -1, 1),
                 b = uniform_input({c.w[0]}, -1, 1);
    const Tensor dy = uniform_input(conv2d(x, w, b, c.options).shape(), -1, 1);
    const Results expected = run(c, Device::cpu(), x, w, b, dy);
    for (Device device : test_devices()) {
      if (device.is_cpu()) continue;
      INFO(c.what << " on " << to_string(device));
      const Results got = run(c, device, x, w, b, dy);
      CHECK(difference(expected.y, got.y, 2e-5) == "");
      CHECK(difference(expected.dx, got.dx, 5e-5) == "");
      CHECK(difference(expected.dw, got.dw, 5e-5) == "");
      CHECK(difference(expected.db, got.db, 5e-5) == "");
    }
  }
}

// On tensor cores the sums are in float32 and the results rounded once: compared with float32 on the rounded
// operands.
TEST_CASE("op table: convolutions on tensor cores") {
  for (Dtype dtype : {kFloat16, kBFloat16, kFloat32})
    for (const Conv& c : kConvs) {
      const bool large = c.x.numel() * c.w[0] > 100000;
      if (large && dtype != kFloat16) continue;  // the tiles are the same
      // What bfloat16 holds, TF32 holds as well.
      const Dtype narrow = dtype == kFloat32 ? kBFloat16 : dtype;
      auto rounded = [&](const Shape& shape) { return uniform_input(shape, -1, 1).to(narrow).to(kFloat32); };
      const Tensor x = rounded(c.x), w = rounded(c.w), b = uniform_input({c.w[0]}, -1, 1);
      const Tensor dy = rounded(conv2d(x, w, b, c.options).shape());
      const Results expected = run(c, Device::cpu(), x, w, b, dy);
      const double tolerance = dtype == kBFloat16 ? 8e-3 : dtype == kFloat16 ? 1.5e-3 : 5e-5;
      for (Device device : test_devices()) {
        INFO(c.what << " in " << name(dtype) << " on " << to_string(device));
        set_allow_tf32(true);
        const Tensor u = x.to(device).clone().requires_grad_(), v = w.to(device).clone().requires_grad_(),
                     bias = b.to(device).clone().requires_grad_();
        const Tensor y = conv2d(u.to(dtype), v.to(dtype), bias, c.options);
        CHECK(y.dtype() == dtype);
        y.backward(dy.to(device).to(dtype));
        set_allow_tf32(false);
        CHECK(difference(expected.y, y.detach().to(kFloat32).cpu(), tolerance) == "");
        CHECK(difference(expected.dx, u.grad().cpu(), tolerance) == "");
        CHECK(difference(expected.dw, v.grad().cpu(), 2 * tolerance) == "");
        CHECK(difference(expected.db, bias.grad().cpu(), 1e-4) == "");
      }
    }
}

TEST_CASE("op table: convolutions of an empty batch") {
  for (Dtype dtype : {kFloat16, kBFloat16, kFloat32})
    for (const bool tf32 : {false, true})
      for (Device device : test_devices()) {
        if (tf32 && dtype != kFloat32) continue;
        INFO(name(dtype) << (tf32 ? " rounded to TF32" : "") << " on " << to_string(device));
        set_allow_tf32(tf32);
        const Tensor x = zeros({0, 4, 5, 5}, {dtype, device}).requires_grad_(),
                     w = ones({8, 4, 3, 3}, {dtype, device}).requires_grad_();
        const Tensor y = conv2d(x, w, {}, {.padding = 1});
        CHECK(y.shape() == Shape{0, 8, 5, 5});
        sum(y).backward();
        set_allow_tf32(false);
        CHECK(x.grad().shape() == x.shape());
        CHECK(difference(zeros(w.shape()), w.grad().to(kFloat32).cpu(), 0) == "");
      }
}

}  // namespace minitorch::testing
