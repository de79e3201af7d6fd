// SPDX-License-Identifier: MIT
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

Array convolve(const Array& x, const Array& w, const Array* bias, const ConvOptions& o) {
  const int64_t oh =
      (x.size(2) + o.padding.top + o.padding.bottom - o.dilation.h * (w.size(2) - 1) - 1) / o.stride.h + 1;
  const int64_t ow =
      (x.size(3) + o.padding.left + o.padding.right - o.dilation.w * (w.size(3) - 1) - 1) / o.stride.w + 1;
  Array y({x.size(0), w.size(0), oh, ow});
  const int64_t per_group = w.size(1), outs = w.size(0) / o.groups;
  for (int64_t n = 0; n < x.size(0); ++n)
    for (int64_t k = 0; k < w.size(0); ++k)
      for (int64_t p = 0; p < oh; ++p)
        for (int64_t q = 0; q < ow; ++q) {
          double sum = bias ? (*bias)(k) : 0;
          for (int64_t c = 0; c < per_group; ++c)
            for (int64_t a = 0; a < w.size(2); ++a)
              for (int64_t b = 0; b < w.size(3); ++b) {
                const int64_t r = p * o.stride.h - o.padding.top + a * o.dilation.h,
                              t = q * o.stride.w - o.padding.left + b * o.dilation.w;
                if (r >= 0 && t >= 0 && r < x.size(2) && t < x.size(3))
                  sum += w(k, c, a, b) * x(n, k / outs * per_group + c, r, t);
              }
          y(n, k, p, q) = sum;
        }
  return y;
}

void check_conv(const Shape& x, const Shape& w, const ConvOptions& o, bool bias) {
  Tensors inputs = {normal_input(x), normal_input(w, 0, 0.5)};
  if (bias) inputs.push_back(normal_input({w[0]}));
  check_op(
      {.name = "conv2d",
       .op = [=](const Tensors& in) { return conv2d(in[0], in[1], bias ? in[2] : Tensor(), o); },
       .inputs = inputs,
       .reference = [=](const Arrays& in) { return convolve(in[0], in[1], bias ? &in[2] : nullptr, o); }});
}

}  // namespace

TEST_CASE("op table: conv2d") {
  check_conv({2, 3, 7, 6}, {4, 3, 3, 3}, {.padding = 1}, true);
  check_conv({2, 3, 8, 9}, {4, 3, 5, 3}, {.stride = {2, 1}, .padding = {2, 1}}, false);
  check_conv({1, 2, 9, 9}, {3, 2, 3, 3}, {.stride = 2, .padding = 1, .dilation = 2}, true);
  check_conv({2, 4, 5, 5}, {6, 2, 3, 3}, {.padding = 1, .groups = 2}, true);
  check_conv({2, 5, 6, 6}, {5, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 5}, false);
  check_conv({3, 4, 5, 4}, {7, 4, 1, 1}, {}, true);
  check_conv({2, 3, 6, 7}, {4, 3, 3, 3}, {.stride = 2, .padding = {0, 1, 1, 0}}, false);
}

TEST_CASE("op table: conv1d and conv_transpose2d") {
  check_op({.name = "conv1d",
            .op = [](const Tensors& in) { return conv1d(in[0], in[1], in[2], {.stride = 2, .padding = 1}); },
            .inputs = {normal_input({2, 3, 9}), normal_input({4, 3, 3}), normal_input({4})},
            .reference =
                [](const Arrays& in) {
                  Array x({2, 3, 1, 9}, in[0].values), w({4, 3, 1, 3}, in[1].values);
                  Array y = convolve(x, w, &in[2], {.stride = {1, 2}, .padding = {0, 1}});
                  return Array({2, 4, y.size(3)}, y.values);
                }});
  for (const int64_t groups : {1, 2})
    check_op(
        {.name = "conv_transpose2d",
         .op =
             [=](const Tensors& in) {
               return conv_transpose2d(in[0], in[1], in[2],
                                       {.stride = 2, .padding = 1, .output_padding = 1, .groups = groups});
             },
         .inputs = {normal_input({2, 4, 3, 4}), normal_input({4, 3, 3, 3}), normal_input({3 * groups})},
         .reference =
             [=](const Arrays& in) {
               Array y({2, 3 * groups, 6, 8});
               for (std::size_t i = 0; i < y.values.size(); ++i)
                 y.values[i] = in[2].values[i / 48 % static_cast<std::size_t>(3 * groups)];
               for (int64_t n = 0; n < 2; ++n)
                 for (int64_t c = 0; c < 4; ++c)
                   for (int64_t o = 0; o < 3; ++o)
                     for (int64_t p = 0; p < 3; ++p)
                       for (int64_t q = 0; q < 4; ++q)
                         for (int64_t a = 0; a < 3; ++a)
                           for (int64_t b = 0; b < 3; ++b) {
                             const int64_t r = 2 * p - 1 + a, t = 2 * q - 1 + b;
                             if (r >= 0 && t >= 0 && r < 6 && t < 8)
                               y(n, c / (4 / groups) * 3 + o, r, t) += in[0](n, c, p, q) * in[1](c, o, a, b);
                           }
               return y;
             }});
}

TEST_CASE("op table: convolutions give PyTorch's numbers") {
  for (Device device : test_devices()) {
    const Tensor x = arange(16).to(kFloat32).reshape({1, 1, 4, 4}).to(device),
                 k = arange(9).to(kFloat32).reshape({1, 1, 3, 3}).to(device);
    CHECK_VALUES(conv2d(x, k, {}, {.stride = 2, .padding = 1}), ({1, 1, 2, 2}), 0, 73, 154, 279, 438);
    const Tensor t = tensor({1., 2., 3., 4.}).reshape({1, 1, 2, 2}).to(device);
    CHECK_VALUES(conv_transpose2d(t, k, {}, {.stride = 2, .padding = 1, .output_padding = 1}), ({1, 1, 4, 4}),
                 0, 4, 11, 8, 10, 10, 26, 18, 24, 12, 27, 16, 20, 21, 48, 28, 32);
    // output_padding of a whole stride, which only dilation allows
    CHECK_VALUES(conv_transpose2d(t, k, {}, {.stride = 1, .padding = 1, .output_padding = 1, .dilation = 2}),
                 ({1, 1, 5, 5}), 0, 0, 3, 4, 6, 8, 6, 4, 8, 5, 10, 12, 12, 16, 15, 20, 12, 7, 14, 8, 16, 24,
                 21, 28, 24, 32);
  }
}

TEST_CASE("convolutions refuse what does not fit") {
  CHECK_THROWS_WITH(conv2d(ones({1, 3, 8, 8}), ones({4, 2, 3, 3})),
                    "[conv2d] x (1, 3, 8, 8), weight (4, 2, 3, 3): 3 input channels in 1 groups need weights "
                    "(O, 3, kh, kw), O a multiple of the groups");
  CHECK_THROWS_WITH(conv2d(ones({3, 8, 8}), ones({4, 3, 3, 3})), Catch::Contains("expected (N, C, H, W)"));
  CHECK_THROWS_WITH(conv2d(ones({1, 3, 2, 2}), ones({4, 3, 3, 3})),
                    Catch::Contains("the kernel is larger than the padded picture"));
  CHECK_THROWS_AS(conv2d(ones({1, 3, 8, 8}), ones({4, 3, 3, 3}), {}, {.stride = 0}), ValueError);
  CHECK_THROWS_WITH(conv2d(ones({1, 3, 8, 8}).to(Device::sim()), ones({4, 3, 3, 3})),
                    "[conv2d] one tensor is on sim, the other on cpu");
  const Padding p = same_padding(7, 3, 2);
  CHECK((p.top == 1 && p.bottom == 1));
  const Padding q = same_padding(8, 3, 2);
  CHECK((q.top == 0 && q.bottom == 1));
}

}  // namespace minitorch::testing
