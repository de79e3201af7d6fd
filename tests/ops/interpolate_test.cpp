// SPDX-License-Identifier: MIT
#include "minitorch/ops/interpolate/interpolate.h"

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// One axis resized by the definition of each mode; step is inputs per output.
Array resized(const Array& x, int axis, int64_t out, double step, Resample mode, bool aligned) {
  Shape shape = x.shape;
  const int64_t in = shape[axis];
  shape[axis] = out;
  Array y(shape);
  int64_t inner = 1;
  for (int d = axis + 1; d < shape.dims(); ++d) inner *= shape[d];
  for (std::size_t flat = 0; flat < y.values.size(); ++flat) {
    const auto f = static_cast<int64_t>(flat);
    const int64_t k = f % inner, o = f / inner % out, before = f / inner / out;
    const auto source = [&](int64_t i) {
      return x.values[static_cast<std::size_t>((before * in + std::min(i, in - 1)) * inner + k)];
    };
    if (mode == Resample::kArea) {
      const int64_t begin = o * in / out, end = ((o + 1) * in + out - 1) / out;
      double sum = 0;
      for (int64_t i = begin; i < end; ++i) sum += source(i);
      y.values[flat] = sum / static_cast<double>(end - begin);
    } else if (mode == Resample::kLinear) {
      double at = aligned ? static_cast<double>(o) *
                                (out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0)
                          : std::max(0.0, (static_cast<double>(o) + 0.5) * step - 0.5);
      at = std::min(at, static_cast<double>(in - 1));
      const double low = std::floor(at), w = at - low;
      y.values[flat] =
          (1 - w) * source(static_cast<int64_t>(low)) + w * source(static_cast<int64_t>(low) + 1);
    } else {
      const double shift = mode == Resample::kNearest ? 0 : 0.5;
      y.values[flat] =
          source(static_cast<int64_t>(std::floor((static_cast<double>(o) + shift) * step + 1e-9)));
    }
  }
  return y;
}

}  // namespace

TEST_CASE("op table: interpolate") {
  struct Case {
    Shape shape, size;
  };
  const Case cases[] = {{{2, 3, 7}, {4}},         {{1, 2, 5}, {13}},      {{2, 3, 4, 5}, {8, 10}},
                        {{2, 1, 9, 37}, {4, 11}}, {{1, 2, 6, 3}, {3, 9}}, {{1, 1, 1, 4}, {5, 1}},
                        {{1, 2, 7, 6}, {7, 6}}};
  for (auto& c : cases)
    for (Resample mode : {Resample::kNearest, Resample::kNearestExact, Resample::kLinear, Resample::kArea})
      for (bool aligned : {false, true}) {
        if (aligned && mode != Resample::kLinear) continue;
        check_op({.name = "interpolate",
                  .op =
                      [&](const Tensors& in) {
                        return interpolate(in[0], {.size = c.size, .mode = mode, .align_corners = aligned});
                      },
                  .inputs = {normal_input(c.shape)},
                  .reference =
                      [&](const Arrays& in) {
                        Array y = in[0];
                        for (int k = 0; k < c.size.dims(); ++k)
                          y = resized(y, 2 + k, c.size[k],
                                      static_cast<double>(c.shape[2 + k]) / static_cast<double>(c.size[k]),
                                      mode, aligned);
                        return y;
                      }});
      }
}

TEST_CASE("op table: interpolate by a scale") {
  for (Resample mode : {Resample::kNearest, Resample::kLinear})
    check_op({.name = "interpolate by a scale",
              .op =
                  [=](const Tensors& in) {
                    return interpolate(in[0], {.scale = {1.6, 0.75}, .mode = mode});
                  },
              .inputs = {normal_input({2, 2, 7, 9})},  // to 11 x 6: 7 / 11 is not 1 / 1.6
              .reference =
                  [=](const Arrays& in) {
                    return resized(resized(in[0], 2, 11, 1 / 1.6, mode, false), 3, 6, 1 / 0.75, mode, false);
                  }});
}

TEST_CASE("op table: interpolation of short rows, number for number") {
  for (Device device : test_devices()) {
    const auto counting = [&](int64_t n) {
      return arange(static_cast<double>(n)).to(kFloat32).reshape({1, 1, n}).to(device);
    };
    const Tensor four = counting(4), five = counting(5), six = counting(6), seven = counting(7);
    const auto row = [](const Tensor& x, int64_t size, Resample mode, bool aligned = false) {
      return interpolate(x, {.size = {size}, .mode = mode, .align_corners = aligned}).reshape({-1});
    };
    CHECK_VALUES(row(four, 7, Resample::kLinear), ({7}), 1e-6, 0, .357143, .928571, 1.5, 2.071429, 2.642857,
                 3);
    CHECK_VALUES(row(four, 7, Resample::kLinear, true), ({7}), 1e-6, 0, .5, 1, 1.5, 2, 2.5, 3);
    CHECK_VALUES(row(four, 7, Resample::kNearest), ({7}), 0, 0, 0, 1, 1, 2, 2, 3);
    CHECK_VALUES(row(four, 7, Resample::kNearestExact), ({7}), 0, 0, 0, 1, 2, 2, 3, 3);
    CHECK_VALUES(row(seven, 3, Resample::kNearest), ({3}), 0, 0, 2, 4);
    CHECK_VALUES(row(six, 4, Resample::kArea), ({4}), 1e-6, .5, 1.5, 3.5, 4.5);
    CHECK_VALUES(row(seven, 3, Resample::kArea), ({3}), 1e-6, 1, 3, 5);
    CHECK_VALUES(row(five, 8, Resample::kArea), ({8}), 1e-6, 0, .5, 1, 1.5, 2.5, 3, 3.5, 4);
  }
}

TEST_CASE("interpolate's refusals") {
  const Tensor x = zeros({1, 2, 4, 4});
  CHECK_THROWS_WITH(interpolate(x, {}), "[interpolate] exactly one of size and scale must be given");
  CHECK_THROWS_AS(interpolate(x, {.size = {2}, .scale = {2}}), ValueError);
  CHECK_THROWS_WITH(interpolate(x, {.size = {2, 2, 2}}),
                    "[interpolate] 3 sizes or scales for 2 spatial axes");
  CHECK_THROWS_WITH(interpolate(x, {.size = {2}, .align_corners = true}),
                    "[interpolate] aligned corners are for linear interpolation alone");
  CHECK_THROWS_WITH(
      interpolate(x, {.scale = {0.1}}),
      "[interpolate] axis 2 of (1, 2, 4, 4) to a size of 0: both must be 1 or more, below 2^31");
  CHECK_THROWS_AS(interpolate(x, {.scale = {-1}}), ValueError);
  CHECK_THROWS_AS(interpolate(x, {.scale = {1e300}}), ShapeError);
  CHECK_THROWS_WITH(interpolate(zeros({4, 4}), {.size = {2}}),
                    "[interpolate] a tensor of shape (4, 4): expected (N, C, W) or (N, C, H, W)");
  CHECK_THROWS_AS(interpolate(zeros({1, 1, 0}), {.size = {2}}), ShapeError);
}

}  // namespace minitorch::testing
