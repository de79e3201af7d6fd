// SPDX-License-Identifier: MIT
#include "minitorch/ops/arrange/arrange.h"

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// y[i, j, k] = x[source(i, j, k)] for arrays of three axes.
template <class Source>
Array moved(const Array& x, const Shape& shape, Source source) {
  Array y(shape);
  for (int64_t i = 0; i < shape[0]; ++i)
    for (int64_t j = 0; j < shape[1]; ++j)
      for (int64_t k = 0; k < shape[2]; ++k) {
        const auto [a, b, c] = source(i, j, k);
        y(i, j, k) = x(a, b, c);
      }
  return y;
}
using Place = std::array<int64_t, 3>;

}  // namespace

TEST_CASE("op table: flip and roll") {
  const Shape shape{3, 4, 5};
  const auto row = [&](const char* name, std::function<Tensor(const Tensor&)> op, auto source) {
    check_op({.name = name,
              .op = [=](const Tensors& in) { return op(in[0]); },
              .inputs = {normal_input(shape)},
              .reference = [=](const Arrays& in) { return moved(in[0], shape, source); }});
  };
  row(
      "flip last", [](const Tensor& x) { return flip(x, {-1}); },
      [](auto i, auto j, auto k) {
        return Place{i, j, 4 - k};
      });
  row(
      "flip two",
      [](const Tensor& x) {
        return flip(x, {0, 1});
      },
      [](auto i, auto j, auto k) {
        return Place{2 - i, 3 - j, k};
      });
  row(
      "roll one", [](const Tensor& x) { return roll(x, {2}, {2}); },
      [](auto i, auto j, auto k) {
        return Place{i, j, (k + 3) % 5};
      });
  row(
      "roll two",
      [](const Tensor& x) {
        return roll(x, {-1, 7}, {0, 1});
      },
      [](auto i, auto j, auto k) {
        return Place{(i + 1) % 3, (j + 1) % 4, k};
      });
  row(
      "roll flat", [](const Tensor& x) { return roll(x, {7}); },
      [](auto i, auto j, auto k) {
        const int64_t at = (i * 20 + j * 5 + k + 53) % 60;
        return Place{at / 20, at / 5 % 4, at % 5};
      });
}

TEST_CASE("op table: repeat, triangles, outer and movedim") {
  check_op(
      {.name = "repeat",
       .op =
           [](const Tensors& in) {
             return repeat(in[0], {2, 1, 3});
           },
       .inputs = {normal_input({2, 3, 4})},
       .reference =
           [](const Arrays& in) {
             return moved(in[0], {4, 3, 12}, [](auto i, auto j, auto k) { return Place{i % 2, j, k % 4}; });
           }});
  check_op({.name = "repeat with a new axis",
            .op =
                [](const Tensors& in) {
                  return repeat(in[0], {2, 3, 1});
                },
            .inputs = {normal_input({1, 4})},
            .reference =
                [](const Arrays& in) {
                  Array x = in[0];
                  x.shape = {1, 1, 4};
                  return moved(x, {2, 3, 4}, [](auto, auto, auto k) { return Place{0, 0, k}; });
                }});
  check_op({.name = "repeat_interleave",
            .op = [](const Tensors& in) { return repeat_interleave(in[0], 3, 1); },
            .inputs = {normal_input({2, 3, 4})},
            .reference =
                [](const Arrays& in) {
                  return moved(in[0], {2, 9, 4}, [](auto i, auto j, auto k) { return Place{i, j / 3, k}; });
                }});
  for (int64_t diagonal : {0, 1, -2}) {
    const auto keep = [=](bool lower) {
      return [=](const Arrays& in) {
        Array y = in[0];
        for (int i = 0; i < 2; ++i)
          for (int r = 0; r < 4; ++r)
            for (int c = 0; c < 5; ++c)
              if (lower ? c > r + diagonal : c < r + diagonal) y(i, r, c) = 0;
        return y;
      };
    };
    check_op({.name = "tril",
              .op = [=](const Tensors& in) { return tril(in[0], diagonal); },
              .inputs = {normal_input({2, 4, 5})},
              .reference = keep(true)});
    check_op({.name = "triu",
              .op = [=](const Tensors& in) { return triu(in[0], diagonal); },
              .inputs = {normal_input({2, 4, 5})},
              .reference = keep(false)});
  }
  check_op({.name = "outer",
            .op = [](const Tensors& in) { return outer(in[0], in[1]); },
            .inputs = {normal_input({4}), normal_input({7})},
            .reference =
                [](const Arrays& in) {
                  Array y({4, 7});
                  for (int i = 0; i < 4; ++i)
                    for (int j = 0; j < 7; ++j) y(i, j) = in[0](i) * in[1](j);
                  return y;
                }});
  check_op({.name = "movedim",
            .op = [](const Tensors& in) { return movedim(in[0], 0, -1); },
            .inputs = {normal_input({2, 3, 4})},
            .reference =
                [](const Arrays& in) {
                  return moved(in[0], {3, 4, 2}, [](auto i, auto j, auto k) { return Place{k, i, j}; });
                }});
}

TEST_CASE("op table: meshgrid and repeat_interleave with counts") {
  for (Device device : test_devices()) {
    const Tensor rows = tensor({0., 1.}).to(device).requires_grad_();
    const auto grid = meshgrid({rows, arange(3).to(device)});
    CHECK(grid[0].to_vector<float>() == std::vector<float>{0, 0, 0, 1, 1, 1});
    CHECK(grid[1].to_vector<int64_t>() == std::vector<int64_t>{0, 1, 2, 0, 1, 2});
    sum(grid[0]).backward();
    CHECK(rows.grad().to_vector<float>() == std::vector<float>{3, 3});
    const Tensor x = tensor({{1., 2.}, {3., 4.}, {5., 6.}}).to(device), counts = tensor({2, 0, 1}).to(device);
    CHECK(repeat_interleave(x, counts).to_vector<float>() == std::vector<float>{1, 2, 1, 2, 5, 6});
    CHECK(flip(arange(4).to(device), {0}).to_vector<int64_t>() == std::vector<int64_t>{3, 2, 1, 0});
    CHECK(flip(zeros({0, 2}).to(device), {0, 1}).shape() == Shape{0, 2});
    CHECK(repeat(x, {0, 1}).shape() == Shape{0, 2});
  }
}

TEST_CASE("arranging errors") {
  const Tensor x = zeros({2, 3});
  CHECK_THROWS_WITH(flip(x, {0, -2}), "[flip] axis -2 is named twice");
  CHECK_THROWS_WITH(roll(x, {1, 2}, {0}), "[roll] 2 shifts for 1 axes");
  CHECK_THROWS_WITH(repeat(x, {2}), "[repeat] (2) repeats for (2, 3): expected at least one for each axis");
  CHECK_THROWS_AS(repeat(x, {-1, 1}), ValueError);
  CHECK_THROWS_WITH(tril(zeros({3})), "[tril] a tensor of shape (3): expected two axes or more");
  CHECK_THROWS_AS(meshgrid({}), ValueError);
  CHECK_THROWS_AS(meshgrid({x}), ShapeError);
  CHECK_THROWS_WITH(outer(x, x), "[outer] (2, 3) and (2, 3): expected two vectors");
  CHECK_THROWS_WITH(repeat_interleave(x, tensor({1, 2, 3})),
                    "[repeat_interleave] counts of shape (3) for an axis of size 2");
}

}  // namespace minitorch::testing
