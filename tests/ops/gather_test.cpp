// SPDX-License-Identifier: MIT
#include "minitorch/ops/gather/gather.h"

#include "minitorch/core/parallel.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

Tensor whole_input(const Shape& shape, int64_t size) {
  const auto values = uniform_input(shape, 0, static_cast<double>(size)).to_vector<int64_t>();
  return tensor(values, shape);
}

// Calls visit(flat position in y, flat position in x) for y = gather(x, axis, index).
template <class Visit>
void for_each_pair(const Shape& x, int axis, const Array& index, Visit visit) {
  const Shape strides = contiguous_strides(x);
  for (std::size_t i = 0; i < index.values.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i), at = 0;
    for (int d = index.shape.dims() - 1; d >= 0; --d) {
      at += (d == axis ? static_cast<int64_t>(index.values[i]) : rest % index.shape[d]) * strides[d];
      rest /= index.shape[d];
    }
    visit(i, static_cast<std::size_t>(at));
  }
}

}  // namespace

TEST_CASE("op table: gather and scatter") {
  struct Case {
    Shape x, index;
    int axis;
  };
  const Case cases[] = {{{5}, {7}, 0},
                        {{4, 6}, {4, 3}, 1},
                        {{4, 6}, {9, 6}, 0},
                        {{3, 5, 4}, {2, 8, 3}, 1},
                        {{2, 3, 37}, {2, 5, 37}, 1},
                        {{2, 3, 4}, {2, 3, 1}, 2},
                        {{1}, {1}, 0}};
  for (auto& c : cases) {
    const Tensor index = whole_input(c.index, c.x[c.axis]);
    check_op({.name = "gather",
              .op = [&](const Tensors& in) { return gather(in[0], c.axis, in[1]); },
              .inputs = {normal_input(c.x), index},
              .reference =
                  [&](const Arrays& in) {
                    Array y(c.index);
                    for_each_pair(c.x, c.axis, in[1],
                                  [&](auto i, auto at) { y.values[i] = in[0].values[at]; });
                    return y;
                  }});
    check_op({.name = "scatter_add",
              .op = [&](const Tensors& in) { return scatter_add(in[0], c.axis, in[1], in[2]); },
              .inputs = {normal_input(c.x), index, normal_input(c.index)},
              .reference =
                  [&](const Arrays& in) {
                    Array y = in[0];
                    for_each_pair(c.x, c.axis, in[1],
                                  [&](auto i, auto at) { y.values[at] += in[2].values[i]; });
                    return y;
                  }});
    check_op({.name = "scatter",
              .op = [&](const Tensors& in) { return scatter(in[0], c.axis, in[1], in[2]); },
              .inputs = {normal_input(c.x), index, normal_input(c.index)},
              .reference =
                  [&](const Arrays& in) {
                    Array y = in[0];
                    for_each_pair(c.x, c.axis, in[1],
                                  [&](auto i, auto at) { y.values[at] = in[2].values[i]; });
                    return y;
                  },
              .gradient = false});
  }
}

TEST_CASE("op table: index_select and indexing by tensors") {
  for (auto [shape, axis] :
       {std::pair{Shape{6, 5}, 0}, {{6, 300}, 0}, {{4, 7, 3}, 1}, {{2, 3, 5}, -1}, {{9}, 0}}) {
    const int at = axis < 0 ? axis + shape.dims() : axis;
    const Tensor index = whole_input({11}, shape[at]);
    const auto reference = [&](const Arrays& in) {
      Shape wide = shape;
      wide[at] = 11;
      Array spread(wide), y(wide);
      for (std::size_t i = 0; i < spread.values.size(); ++i) {
        int64_t inner = 1;
        for (int d = at + 1; d < wide.dims(); ++d) inner *= wide[d];
        spread.values[i] = in[1].values[i / static_cast<std::size_t>(inner) % 11];
      }
      for_each_pair(shape, at, spread, [&](auto i, auto from) { y.values[i] = in[0].values[from]; });
      return y;
    };
    check_op({.name = "index_select",
              .op = [&](const Tensors& in) { return index_select(in[0], axis, in[1]); },
              .inputs = {normal_input(shape), index},
              .reference = reference});
    if (at == 0)
      check_op({.name = "x(indices)",
                .op = [&](const Tensors& in) -> Tensor { return in[0](in[1]); },
                .inputs = {normal_input(shape), index},
                .reference = reference});
  }
}

TEST_CASE("op table: masks") {
  const Tensor mask = uniform_input({4, 1, 700}, -1, 1) > 0.3;
  const auto chosen = [](const Arrays& in) {
    std::vector<double> kept;
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 2; ++j)
        for (int k = 0; k < 700; ++k)
          if (in[1](i, 0, k) != 0) kept.push_back(in[0](i, j, k));
    return Array({static_cast<int64_t>(kept.size())}, kept);
  };
  check_op({.name = "masked_select",
            .op = [](const Tensors& in) { return masked_select(in[0], in[1]); },
            .inputs = {normal_input({4, 2, 700}), mask},
            .reference = chosen});
  check_op({.name = "masked_fill",
            .op = [](const Tensors& in) { return masked_fill(in[0], in[1], -2); },
            .inputs = {normal_input({4, 2, 700}), mask},
            .reference =
                [](const Arrays& in) {
                  return elementwise(
                      elementwise(in[0], in[1], [](double x, double m) { return m != 0 ? -2 : x; }),
                      [](double x) { return x; });
                }});
}

TEST_CASE("whole numbers are not filled with what they cannot hold") {
  const Tensor x = tensor({1, 2}), mask = tensor({true, false});
  CHECK_THROWS_WITH(masked_fill(x, mask, -INFINITY),
                    "[masked_fill] -inf in a tensor of int64, which has no such number");
  CHECK_THROWS_WITH(masked_fill_(x, mask, NAN),
                    "[masked_fill_] nan in a tensor of int64, which has no such number");
  CHECK_THROWS_WITH(x.fill_(1e19), "[fill_] 1e+19 in a tensor of int64, which has no such number");
  CHECK_THROWS_WITH(full({2}, INFINITY, {kUint8}),
                    "[full] inf in a tensor of uint8, which has no such number");
  CHECK(x.to_vector<int>() == std::vector<int>{1, 2});
}

TEST_CASE("op table: one_hot and nonzero") {
  check_op({.name = "one_hot",
            .op = [](const Tensors& in) { return one_hot(in[0], 5); },
            .inputs = {tensor({{3, 0, 1}, {4, 4, 2}})},
            .reference =
                [](const Arrays& in) {
                  Array y({2, 3, 5});
                  for (int i = 0; i < 2; ++i)
                    for (int j = 0; j < 3; ++j) y(i, j, static_cast<int64_t>(in[0](i, j))) = 1;
                  return y;
                },
            .gradient = false});
  check_op({.name = "nonzero",
            .op = [](const Tensors& in) { return nonzero(in[0]); },
            .inputs = {tensor({{0., 1.5, 0.}, {2., 0., -3.}})},
            .reference =
                [](const Arrays&) {
                  return Array({3, 2}, {0, 1, 1, 0, 1, 2});
                },
            .gradient = false});
}

TEST_CASE("op table: nonzero, one_hot and take_along_dim") {
  for (Device device : test_devices()) {
    const Tensor x = tensor({{0., 1.5, 0.}, {2., 0., -3.}}).to(device);
    CHECK(nonzero(x).to_vector<int64_t>() == std::vector<int64_t>{0, 1, 1, 0, 1, 2});
    CHECK(nonzero(zeros({3, 4}).to(device)).shape() == Shape{0, 2});
    const Tensor many = (arange(5000) > 2047).to(device);  // from within one chunk of flags to the last
    CHECK_TENSOR(nonzero(many).reshape({-1}), arange(2048, 5000), 0);
    CHECK(one_hot(tensor({2, 0, 1}).to(device)).to_vector<int64_t>() ==
          std::vector<int64_t>{0, 0, 1, 1, 0, 0, 0, 1, 0});
    CHECK(one_hot(tensor({{1}, {0}}).to(device), 4).shape() == Shape{2, 1, 4});
    const Tensor order = tensor({{2}, {0}}).to(device);
    CHECK(take_along_dim(x, order, 1).to_vector<float>() == std::vector<float>{0, 2});
    CHECK(take_along_dim(x, tensor({{1, 0}}).to(device), 1).to_vector<float>() ==
          std::vector<float>{1.5, 0, 0, 2});
  }
}

TEST_CASE("op table: in-place forms of gather and mask ops") {
  for (Device device : test_devices()) {
    Tensor x = zeros({3, 4}).to(device);
    const Tensor row = tensor({{1, 1, 3}}).to(device);
    CHECK(scatter_add_(x, 1, row, ones({1, 3}).to(device)).same(x));
    CHECK(x(0).to_vector<float>() == std::vector<float>{0, 2, 0, 1});
    scatter_(x.t(), 0, tensor({{0, 2, 1}}).to(device), 7);
    CHECK(x.to_vector<float>() == std::vector<float>{7, 2, 0, 1, 0, 0, 7, 0, 0, 7, 0, 0});
    masked_fill_(x, x > 5, -1);
    CHECK(x.to_vector<float>() == std::vector<float>{-1, 2, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0});
    const Tensor bytes = x.to(kUint8);
    masked_fill_(bytes, tensor({true, false, false, true}).to(device), 9);
    CHECK(bytes(2).to_vector<int>() == std::vector<int>{9, 255, 0, 9});

    const Tensor leaf = ones({4}).to(device).requires_grad_();
    Tensor y = leaf * 2;
    masked_fill_(y, tensor({true, false, false, true}).to(device), 0);
    y.sum().backward();
    CHECK(leaf.grad().to_vector<float>() == std::vector<float>{0, 2, 2, 0});
  }
}

TEST_CASE("repeated rows are added in order, whatever the number of threads") {
  const Tensor rows = whole_input({4000}, 50);
  const int before = num_threads();
  for (int64_t cols : {3, 40, 300}) {
    const Tensor values = normal_input({4000, cols});
    const auto sums = [&](int threads) {
      set_num_threads(threads);
      const Tensor x = zeros({50, cols}).requires_grad_();
      index_select(x, 0, rows).backward(values);
      return x.grad().to_vector<float>();
    };
    const auto one = sums(1);
    CHECK(sums(2) == one);
    CHECK(sums(5) == one);
  }
  set_num_threads(before);
}

TEST_CASE("op table: half precision sums are made in float32") {
  for (Device device : test_devices()) {
    const Tensor x = zeros({2}).to(device).to(kFloat16), index = zeros({4096}, {kInt64, device});
    CHECK(scatter_add(x, 0, index, ones({4096}).to(device).to(kFloat16)).to_vector<float>() ==
          std::vector<float>{4096, 0});
    const Tensor leaf = x.clone().requires_grad_();
    Tensor(leaf(index)).backward(ones({4096}).to(device).to(kFloat16));
    CHECK(leaf.grad().to_vector<float>() == std::vector<float>{4096, 0});
  }
}

TEST_CASE("index errors name the index, where it stands, and the size") {
  const Tensor x = zeros({2, 5});
  CHECK_THROWS_WITH(gather(x, 1, tensor({{0, 4}, {1, 5}})),
                    "[gather] index 5 at (1, 1) of (2, 2): axis 1 of (2, 5) has size 5");
  CHECK_THROWS_AS(gather(x, 1, tensor({{-1}})), IndexError);
  CHECK_THROWS_WITH(
      gather(x, 1, zeros({3, 1}, {kInt64})),
      "[gather] an index of shape (3, 1) for (2, 5) along axis 1: it may be longer on no other axis");
  CHECK_THROWS_WITH(gather(x, 0, zeros({2, 5})), "[gather] a float32 tensor as index: expected int64");
  CHECK_THROWS_WITH(x(tensor({0, 2})), "[index] index 2 at (1) of (2): axis 0 has size 2");
  CHECK(Tensor(x(tensor({-1, -2}))).shape() == Shape{2, 5});
  CHECK_THROWS_WITH(one_hot(tensor({0, 3}), 3), "[one_hot] index 3 at (1) of (2): there are 3 classes");
  CHECK_THROWS_WITH(masked_fill(x, x, 1), "[masked_fill] a float32 mask: expected bool");
  CHECK_THROWS_WITH(masked_fill_(x, zeros({3, 2, 5}) > 0, 1),
                    "[masked_fill_] a mask of shape (3, 2, 5) does not fit into (2, 5)");
  CHECK_THROWS_WITH(index_select(x, 0, zeros({1, 1}, {kInt64})),
                    "[index_select] an index of shape (1, 1): expected one axis");
}

}  // namespace minitorch::testing
