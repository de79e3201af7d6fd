// SPDX-License-Identifier: MIT
#include "minitorch/ops/pad/pad.h"

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// One axis padded, by the definition of each mode.
Array padded(const Array& x, int axis, int64_t before, int64_t after, PaddingMode mode, double value) {
  Shape shape = x.shape;
  const int64_t n = shape[axis];
  shape[axis] += before + after;
  Array y(shape);
  int64_t inner = 1;
  for (int d = axis + 1; d < shape.dims(); ++d) inner *= shape[d];
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const auto flat = static_cast<int64_t>(i);
    const int64_t k = flat % inner, j = flat / inner % shape[axis], o = flat / inner / shape[axis];
    int64_t at = j - before;
    if (mode == PaddingMode::kReflect) at = at < 0 ? -at : at >= n ? 2 * n - 2 - at : at;
    if (mode == PaddingMode::kReplicate) at = std::clamp<int64_t>(at, 0, n - 1);
    if (mode == PaddingMode::kCircular) at = (at + n) % n;
    y.values[i] = at < 0 || at >= n ? value : x.values[static_cast<std::size_t>((o * n + at) * inner + k)];
  }
  return y;
}

}  // namespace

TEST_CASE("op table: pad") {
  struct Case {
    Shape shape;
    std::vector<int64_t> widths;
    PaddingMode mode;
    double value;
  };
  const Case cases[] = {
      {{3, 5}, {1, 2}, PaddingMode::kConstant, 0},
      {{2, 3, 4, 5}, {1, 2, 3, 0}, PaddingMode::kConstant, -1.5},
      {{2, 3, 4}, {0, 0, 1, 1, 2, 0}, PaddingMode::kConstant, 7},
      {{2, 6, 7}, {-2, 1, 1, -3}, PaddingMode::kConstant, 2},
      {{4}, {-1, -2}, PaddingMode::kConstant, 2},
      {{2, 3, 6}, {5, 3}, PaddingMode::kReflect, 0},
      {{2, 3, 4, 37}, {2, 1, 3, 2}, PaddingMode::kReflect, 0},
      {{3, 4}, {6, 9}, PaddingMode::kReplicate, 0},
      {{2, 1, 3, 4}, {2, 1, 3, 2}, PaddingMode::kReplicate, 0},
      {{2, 3, 5}, {-1, 2, 2, -1}, PaddingMode::kReplicate, 0},
      {{2, 3, 4}, {4, 3, 1, 2}, PaddingMode::kCircular, 0},
  };
  for (auto& c : cases)
    check_op({.name = "pad",
              .op = [&](const Tensors& in) { return pad(in[0], c.widths, c.mode, c.value); },
              .inputs = {normal_input(c.shape)},
              .reference =
                  [&](const Arrays& in) {
                    Array y = in[0];
                    for (std::size_t k = 0; k < c.widths.size() / 2; ++k)
                      y = padded(y, c.shape.dims() - 1 - static_cast<int>(k), c.widths[2 * k],
                                 c.widths[2 * k + 1], c.mode, c.value);
                    return y;
                  }});
}

TEST_CASE("op table: padding keeps the type") {
  for (Device device : test_devices()) {
    const Tensor bytes = tensor({1, 2}).to(kUint8).to(device);
    CHECK(pad(bytes, {1, 1}, PaddingMode::kConstant, 255).to_vector<int>() ==
          std::vector<int>{255, 1, 2, 255});
    CHECK(pad(tensor({1, 2}).to(device), {2, 0}, PaddingMode::kReplicate).to_vector<int64_t>() ==
          std::vector<int64_t>{1, 1, 1, 2});
    CHECK(pad(zeros({0, 3}).to(device), {1, 1}).shape() == Shape{0, 5});
    CHECK(pad(zeros({0, 3}).to(device), {0, 0, 1, 1}, PaddingMode::kConstant, 4).to_vector<float>() ==
          std::vector<float>(6, 4));
  }
}

TEST_CASE("padding errors name the axis") {
  CHECK_THROWS_WITH(pad(zeros({2, 3}), {1}),
                    "[pad] 1 widths for (2, 3): expected two for each of its last axes");
  CHECK_THROWS_AS(pad(zeros({3}), {1, 1, 1, 1}), ShapeError);
  CHECK_THROWS_WITH(
      pad(zeros({2, 3}), {3, 0}, PaddingMode::kReflect),
      "[pad] a width of 3 on axis 1 of (2, 3): a mirrored border must be narrower than the axis");
  CHECK_THROWS_WITH(
      pad(zeros({2, 3}), {0, 4}, PaddingMode::kCircular),
      "[pad] a width of 4 on axis 1 of (2, 3): a continued border cannot be wider than the axis");
  CHECK_THROWS_WITH(pad(zeros({2, 3}), {-2, -2}),
                    "[pad] a width of -2 on axis 1 of (2, 3): more is cut off than there is");
}

}  // namespace minitorch::testing
