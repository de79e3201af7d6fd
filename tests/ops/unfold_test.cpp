// SPDX-License-Identifier: MIT
#include "minitorch/ops/unfold/unfold.h"

#include "minitorch/ops/pixel_shuffle/pixel_shuffle.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

struct Case {
  Shape shape;
  UnfoldOptions options;
  int64_t places(int axis) const {
    return (shape[2 + axis] + 2 * options.padding[axis] -
            options.dilation[axis] * (options.kernel[axis] - 1) - 1) /
               options.stride[axis] +
           1;
  }
};
const Case kCases[] = {
    {{2, 3, 5, 6}, {.kernel = {3, 2}}},
    {{1, 2, 7, 9}, {.kernel = {3, 3}, .padding = {1, 2}, .stride = {2, 3}}},
    {{2, 1, 9, 8}, {.kernel = {2, 3}, .dilation = {3, 2}, .padding = {1, 0}, .stride = {1, 2}}},
    {{1, 1, 2, 1}, {.kernel = {1, 5}, .padding = {0, 4}}}};

// Calls visit(column element, picture element) for every pair that unfold copies, with indices into (N, C kh
// kw, L) and (N, C, H, W).
template <class Visit>
void for_each_tap(const Case& t, Visit visit) {
  const auto& o = t.options;
  for (int64_t n = 0; n < t.shape[0]; ++n)
    for (int64_t c = 0; c < t.shape[1]; ++c)
      for (int64_t i = 0; i < o.kernel[0]; ++i)
        for (int64_t j = 0; j < o.kernel[1]; ++j)
          for (int64_t oy = 0; oy < t.places(0); ++oy)
            for (int64_t ox = 0; ox < t.places(1); ++ox) {
              const int64_t y = oy * o.stride[0] + i * o.dilation[0] - o.padding[0],
                            x = ox * o.stride[1] + j * o.dilation[1] - o.padding[1];
              if (y < 0 || y >= t.shape[2] || x < 0 || x >= t.shape[3]) continue;
              visit(std::array{n, (c * o.kernel[0] + i) * o.kernel[1] + j, oy * t.places(1) + ox},
                    std::array{n, c, y, x});
            }
}
Shape columns_of(const Case& t) {
  return {t.shape[0], t.shape[1] * t.options.kernel[0] * t.options.kernel[1], t.places(0) * t.places(1)};
}

}  // namespace

TEST_CASE("op table: unfold and fold") {
  for (const Case& t : kCases) {
    check_op({.name = "unfold",
              .op = [&](const Tensors& in) { return unfold(in[0], t.options); },
              .inputs = {normal_input(t.shape)},
              .reference =
                  [&](const Arrays& in) {
                    Array y(columns_of(t));
                    for_each_tap(
                        t, [&](auto c, auto p) { y(c[0], c[1], c[2]) = in[0](p[0], p[1], p[2], p[3]); });
                    return y;
                  }});
    check_op({.name = "fold",
              .op =
                  [&](const Tensors& in) {
                    return fold(in[0], {t.shape[2], t.shape[3]}, t.options);
                  },
              .inputs = {normal_input(columns_of(t))},
              .reference =
                  [&](const Arrays& in) {
                    Array y(t.shape);
                    for_each_tap(
                        t, [&](auto c, auto p) { y(p[0], p[1], p[2], p[3]) += in[0](c[0], c[1], c[2]); });
                    return y;
                  }});
  }
}

TEST_CASE("op table: pixel_shuffle and pixel_unshuffle") {
  for (int64_t r : {1, 2, 3, 4, 5}) {
    const Shape small{2, 2 * r * r, 3, 5}, large{2, 2, 3 * r, 5 * r};
    const auto for_each_pixel = [=](auto visit) {
      for (int64_t n = 0; n < 2; ++n)
        for (int64_t c = 0; c < 2; ++c)
          for (int64_t y = 0; y < 3 * r; ++y)
            for (int64_t x = 0; x < 5 * r; ++x)
              visit(std::array{n, c, y, x}, std::array{n, c * r * r + y % r * r + x % r, y / r, x / r});
    };
    check_op({.name = "pixel_shuffle",
              .op = [=](const Tensors& in) { return pixel_shuffle(in[0], r); },
              .inputs = {normal_input(small)},
              .reference =
                  [=](const Arrays& in) {
                    Array y(large);
                    for_each_pixel(
                        [&](auto l, auto s) { y(l[0], l[1], l[2], l[3]) = in[0](s[0], s[1], s[2], s[3]); });
                    return y;
                  }});
    check_op({.name = "pixel_unshuffle",
              .op = [=](const Tensors& in) { return pixel_unshuffle(in[0], r); },
              .inputs = {normal_input(large)},
              .reference =
                  [=](const Arrays& in) {
                    Array y(small);
                    for_each_pixel(
                        [&](auto l, auto s) { y(s[0], s[1], s[2], s[3]) = in[0](l[0], l[1], l[2], l[3]); });
                    return y;
                  }});
  }
}

TEST_CASE("op table: pixel shuffle of 0 to 15, number for number") {
  const Tensor x = arange(16).to(kFloat32).reshape({1, 4, 2, 2});
  const std::vector<float> expected{0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15};
  for (Device device : test_devices()) CHECK(pixel_shuffle(x.to(device), 2).to_vector<float>() == expected);
}

TEST_CASE("refusals of unfold, fold and the shuffles") {
  const Tensor x = zeros({1, 4, 5, 6});
  CHECK_THROWS_WITH(unfold(x, {.kernel = {6, 2}}),
                    "[unfold] a kernel of (6, 2) with dilation (1, 1) does not fit into a picture of (5, 6) "
                    "padded by (0, 0)");
  CHECK_THROWS_WITH(unfold(x, {.kernel = {2, 2}, .stride = {0, 1}}),
                    "[unfold] kernel (2, 2), dilation (1, 1), padding (0, 0), stride (0, 1): expected "
                    "{vertical, horizontal}, "
                    "1 or more, padding 0 or more");
  CHECK_THROWS_AS(unfold(x, {.kernel = {2}}), ValueError);
  CHECK_THROWS_WITH(unfold(zeros({4, 5}), {.kernel = {2, 2}}),
                    "[unfold] a tensor of shape (4, 5): expected (N, C, H, W)");
  CHECK_THROWS_WITH(fold(zeros({1, 8, 19}), {5, 6}, {.kernel = {2, 2}}),
                    "[fold] (1, 8, 19): expected (N, C 4, 20) for a picture of (5, 6)");
  CHECK_THROWS_WITH(pixel_shuffle(x, 3),
                    "[pixel_shuffle] (1, 4, 5, 6) by 3: the factor's square must divide the channels");
  CHECK_THROWS_WITH(pixel_unshuffle(x, 2),
                    "[pixel_unshuffle] (1, 4, 5, 6) by 2: the factor must divide height and width");
  CHECK_THROWS_AS(pixel_shuffle(x, 0), ValueError);
}

}  // namespace minitorch::testing
