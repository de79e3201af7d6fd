// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numeric>

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// The first k along an axis, in order: their values or their indices.
Array first_of(const Array& x, int axis, int64_t k, bool descending, bool want_indices) {
  Shape shape = x.shape;
  const int64_t n = shape[axis];
  shape[axis] = k;
  int64_t inner = 1;
  for (int d = axis + 1; d < shape.dims(); ++d) inner *= shape[d];
  Array y(shape);
  for (int64_t line = 0; line < x.shape.numel() / n; ++line) {
    const int64_t from = line / inner * inner * n + line % inner,
                  to = line / inner * inner * k + line % inner;
    std::vector<int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    const auto at = [&](int64_t i) { return x.values[static_cast<std::size_t>(from + i * inner)]; };
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t a, int64_t b) { return descending ? at(a) > at(b) : at(a) < at(b); });
    for (int64_t i = 0; i < k; ++i) {
      const int64_t o = order[static_cast<std::size_t>(i)];
      y.values[static_cast<std::size_t>(to + i * inner)] = want_indices ? static_cast<double>(o) : at(o);
    }
  }
  return y;
}

}  // namespace

TEST_CASE("op table: sort, argsort, topk, median") {
  struct Case {
    Shape shape;
    int axis;
    int64_t k;
  };
  for (const Case& c : {Case{{7}, 0, 3}, Case{{3, 37}, 1, 5}, Case{{9, 4}, 0, 9}, Case{{2, 5, 3}, 1, 2},
                        Case{{1}, 0, 1}, Case{{2, 1500}, 1, 4}})
    for (bool descending : {false, true}) {
      const bool gradient = c.shape.numel() < 200;
      const auto input = [&] { return to(randperm(c.shape.numel()), kFloat32).reshape(c.shape) * 0.1 - 3; };
      check_op(
          {.name = "sort",
           .op = [&](const Tensors& in) { return sort(in[0], c.axis, descending).values; },
           .inputs = {input()},
           .reference =
               [&](const Arrays& in) { return first_of(in[0], c.axis, c.shape[c.axis], descending, false); },
           .gradient = gradient});
      check_op(
          {.name = "argsort",
           .op = [&](const Tensors& in) { return argsort(in[0], c.axis, descending); },
           .inputs = {floor(normal_input(c.shape, 0, 2))},  // with many equal elements: they keep their order
           .reference =
               [&](const Arrays& in) { return first_of(in[0], c.axis, c.shape[c.axis], descending, true); },
           .gradient = false});
      check_op(
          {.name = "topk",
           .op = [&](const Tensors& in) { return topk(in[0], c.k, c.axis, descending).values; },
           .inputs = {input()},
           .reference = [&](const Arrays& in) { return first_of(in[0], c.axis, c.k, descending, false); },
           .gradient = gradient});
      check_op({.name = "topk of whole numbers",
                .op = [&](const Tensors& in) { return topk(in[0], c.k, c.axis, descending).indices; },
                .inputs = {to(floor(normal_input(c.shape, 0, 1e6)), kInt64)},
                .reference = [&](const Arrays& in) { return first_of(in[0], c.axis, c.k, descending, true); },
                .gradient = false});
      check_op({.name = "median",
                .op = [&](const Tensors& in) { return median(in[0], c.axis, true).values; },
                .inputs = {input()},
                .reference =
                    [&](const Arrays& in) {
                      const int64_t middle = (c.shape[c.axis] - 1) / 2;
                      const Array sorted = first_of(in[0], c.axis, middle + 1, false, false);
                      // The last of the first middle + 1 along the axis.
                      Array y = first_of(sorted, c.axis, 1, true, false);
                      return y;
                    },
                .gradient = gradient});
    }
}

TEST_CASE("sort orders what is not a plain number as PyTorch does") {
  const double nan = NAN;
  const auto [values, indices] = sort(tensor({2., nan, -HUGE_VAL, 0., -0., HUGE_VAL}));
  CHECK(indices.to_vector<int64_t>() == std::vector<int64_t>{2, 3, 4, 0, 5, 1});
  CHECK(std::isnan(values.to_vector<float>()[5]));
  CHECK(argsort(tensor({2., nan, 3.}), 0, true).to_vector<int64_t>() == std::vector<int64_t>{1, 2, 0});
  CHECK(sort(tensor({true, false, true})).values.to_vector<uint8_t>() == std::vector<uint8_t>{0, 1, 1});
  CHECK(sort(tensor({int64_t{1} << 52, int64_t{-5}, -(int64_t{1} << 52), int64_t{0}}))
            .indices.to_vector<int64_t>() == std::vector<int64_t>{2, 1, 3, 0});
  CHECK(sort(to(tensor({200, 3}), kUint8), 0, true).values.dtype() == kUint8);
}

TEST_CASE("median is the lower middle") {
  CHECK(median(tensor({4., 1., 3., 2.})).item() == 2);
  CHECK(median(tensor({{3, 1}, {2, 7}})).item() == 2);
  CHECK(std::isnan(median(tensor({1., double(NAN), 0.})).item()));
  Tensor x = tensor({4., 1., 3., 2.}).requires_grad_();
  median(x).backward();
  CHECK_VALUES(x.grad(), ({4}), 0, 0, 0, 0, 1);
  const auto [values, indices] = median(tensor({{3., 1., 2.}, {9., 8., 7.}}), 1);
  CHECK_VALUES(values, ({2}), 0, 2, 8);
  CHECK(indices.to_vector<int64_t>() == std::vector<int64_t>{2, 1});
}

TEST_CASE("sorting long rows, nothing, and refusals") {
  const Tensor x = normal_input({200000});
  const auto [values, indices] = sort(x);
  auto expected = x.to_vector<float>();
  std::sort(expected.begin(), expected.end());
  CHECK(values.to_vector<float>() == expected);
  CHECK(gather(x, 0, indices).to_vector<float>() == expected);
  CHECK(sort(zeros({0})).values.shape() == Shape{0});
  CHECK(topk(zeros({2, 3}), 0).indices.shape() == Shape{2, 0});
  CHECK(sort(tensor(5.0)).values.item() == 5);
  CHECK_THROWS_WITH(topk(zeros({2, 3}), 4), "[topk] k = 4 along axis 1 of (2, 3): expected 0 to 3");
  CHECK_THROWS_AS(sort(zeros({2, 3}), 2), IndexError);
  CHECK_THROWS_WITH(median(zeros({0})), "[median] no elements to choose from in a tensor of shape (0)");
}

}  // namespace minitorch::testing
