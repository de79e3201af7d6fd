// SPDX-License-Identifier: MIT
#include "minitorch/ops/join/join.h"

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// cat of arrays: sizes agree but for `axis`.
Array joined(const Arrays& parts, int axis) {
  Shape shape = parts[0].shape;
  shape[axis] = 0;
  int64_t inner = 1, outer = 1;
  for (auto& p : parts) shape[axis] += p.shape[axis];
  for (int d = axis + 1; d < shape.dims(); ++d) inner *= shape[d];
  for (int d = 0; d < axis; ++d) outer *= shape[d];
  Array y(shape);
  std::size_t at = 0;
  for (int64_t o = 0; o < outer; ++o)
    for (auto& p : parts)
      for (int64_t k = 0; k < p.shape[axis] * inner; ++k)
        y.values[at++] = p.values[static_cast<std::size_t>(o * p.shape[axis] * inner + k)];
  return y;
}

}  // namespace

TEST_CASE("op table: cat and stack") {
  check_op({.name = "cat, axis 0",
            .op = [](const Tensors& in) { return cat(in); },
            .inputs = {normal_input({2, 5}), normal_input({1, 5}), normal_input({4, 5})},
            .reference = [](const Arrays& in) { return joined(in, 0); }});
  check_op({.name = "cat, axis 1",
            .op = [](const Tensors& in) { return cat(in, 1); },
            .inputs = {normal_input({2, 3, 5}), normal_input({2, 4, 5})},
            .reference = [](const Arrays& in) { return joined(in, 1); }});
  check_op({.name = "cat, last axis",
            .op = [](const Tensors& in) { return cat(in, -1); },
            .inputs = {normal_input({3, 1}), normal_input({3, 37}), normal_input({3, 2})},
            .reference = [](const Arrays& in) { return joined(in, 1); }});
  check_op({.name = "stack",
            .op = [](const Tensors& in) { return stack(in, 1); },
            .inputs = {normal_input({3, 7}), normal_input({3, 7})},
            .reference =
                [](const Arrays& in) {
                  Array a = in[0], b = in[1];
                  a.shape = b.shape = {3, 1, 7};
                  return joined({a, b}, 1);
                }});
}

TEST_CASE("cat promotes types and leaves out empty vectors") {
  CHECK(cat({tensor({1, 2}), tensor({0.5, 1.5})}).dtype() == kFloat32);
  CHECK(cat({zeros({0}), ones({2, 2})}, 1).shape() == Shape{2, 2});
  CHECK(cat({zeros({0}), zeros({0})}).shape() == Shape{0});
  const Tensor half = ones({2}).to(kFloat16).requires_grad_();
  (cat({half, ones({1})}) * 3).sum().backward();
  CHECK(half.grad().dtype() == kFloat16);
  const Tensor x = ones({2}).requires_grad_();
  cat({x, x * 2, zeros({1})}).sum().backward();  // twice in one graph, beside a tensor outside it
  CHECK(x.grad().to_vector<float>() == std::vector<float>{3, 3});
}

TEST_CASE("split, chunk and unbind give views") {
  const Tensor x = arange(10).reshape({5, 2});
  const auto parts = split(x, 2);
  REQUIRE(parts.size() == 3);
  CHECK(parts[2].shape() == Shape{1, 2});
  parts[1].fill_(-1);
  CHECK(x.to_vector<int64_t>() == std::vector<int64_t>{0, 1, 2, 3, -1, -1, -1, -1, 8, 9});
  const auto sized = split(x, std::vector<int64_t>{1, 0, 4});
  CHECK((sized.size() == 3 && sized[1].shape() == Shape{0, 2} && sized[2].shape() == Shape{4, 2}));
  CHECK(chunk(x, 3).size() == 3);
  CHECK(chunk(arange(4), 3).size() == 2);  // as PyTorch: parts of ceil(4 / 3)
  CHECK(chunk(x, 2, 1)[1].to_vector<int64_t>() == std::vector<int64_t>{1, 3, -1, -1, 9});
  CHECK(unbind(x, 1)[0].to_vector<int64_t>() == std::vector<int64_t>{0, 2, -1, -1, 8});
  CHECK(split(zeros({0, 3}), 2).size() == 1);

  const Tensor w = ones({4, 3}).requires_grad_();
  const auto gates = chunk(w, 2);
  (gates[0] * 2 + gates[1]).sum().backward();
  CHECK(w.grad().to_vector<float>() == std::vector<float>{2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("joining errors say what differs") {
  CHECK_THROWS_WITH(cat({}), "[cat] no tensors to join");
  CHECK_THROWS_WITH(stack({}), "[stack] no tensors to join");
  CHECK_THROWS_WITH(cat({zeros({2, 3}), zeros({2, 4})}),
                    "[cat] (2, 3) and (2, 4) along axis 0: the sizes of all other axes must agree");
  CHECK_THROWS_AS(cat({zeros({2, 3}), zeros({2})}), ShapeError);
  CHECK_THROWS_AS(cat({tensor(1.), tensor(2.)}), ShapeError);
  CHECK_THROWS_AS(cat({zeros({2}), zeros({2}).to(Device::sim())}), DeviceError);
  CHECK_THROWS_WITH(stack({zeros({2}), zeros({3})}), "[stack] (2) and (3): all shapes must agree");
  CHECK_THROWS_WITH(split(zeros({5}), std::vector<int64_t>{2, 2}),
                    "[split] parts of 4 in all for axis 0 of (5)");
  CHECK_THROWS_WITH(split(zeros({5}), 0), "[split] parts of size 0: expected 1 or more");
  CHECK_THROWS_AS(chunk(zeros({5}), 0), ValueError);
}

}  // namespace minitorch::testing
