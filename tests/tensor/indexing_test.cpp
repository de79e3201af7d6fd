// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "minitorch/core/memory.h"
#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;

TEST_CASE("x(i) op= y takes the part, changes it and puts it back, on every device") {
  for (Device device : available_devices()) {
    const auto numbers = [&](std::initializer_list<double> v) { return tensor(v).to(device); };
    const Tensor x = numbers({1, 2, 3}), indices = tensor({0, 2}).to(device);
    x(indices) += 1;
    CHECK_VALUES(x, ({3}), 0, 2, 2, 4);
    x(x == 2) *= numbers({3, 4});
    CHECK_VALUES(x, ({3}), 0, 6, 8, 4);
    x(std::vector<int64_t>{0, 1}) /= 2;
    CHECK_VALUES(x, ({3}), 0, 3, 4, 4);
    x(indices) -= x(1);
    CHECK_VALUES(x, ({3}), 0, -1, 4, 0);
    x(tensor({0, 0}).to(device)) += numbers({1, 2});  // the last one counts
    CHECK_VALUES(x, ({3}), 0, 1, 4, 0);
    x(1) += 5;
    x[2] -= 5;
    x(Slice{0, 2}) *= x(Slice{1, 3});
    CHECK_VALUES(x, ({3}), 0, 9, -45, -5);
  }
}

TEST_CASE("x(i) op= y keeps the type, or says that it cannot") {
  const Tensor whole = tensor({1, 2, 3}), half = tensor({1., 2.}).to(kFloat16),
               bytes = tensor<uint8_t>({250, 3});
  whole(whole > 1) += 2;
  CHECK(whole.to_vector<int>() == std::vector<int>{1, 4, 5});
  CHECK_THROWS_WITH(whole(whole > 1) /= 2, "[div_] float32 results do not fit into a tensor of type int64");
  CHECK_THROWS_WITH(whole(whole > 1) += tensor({1, 2, 3}), Catch::Contains("[add_] (2) and (3)"));
  half(half > 1) *= .25;
  CHECK_VALUES(half, ({2}), 0, 1, .5);
  bytes(tensor({0})) += 10;
  CHECK(bytes.to_vector<int>() == std::vector<int>{4, 3});
}

TEST_CASE("x(i) op= y has PyTorch's gradients") {
  const auto check = [](auto change, std::vector<double> values, std::vector<double> dbase,
                        std::vector<double> dw) {
    const Tensor numbers = tensor({{1., 2.}, {3., 4.}, {5., 6.}}), base = numbers.clone().requires_grad_(),
                 w = tensor({2., 3.}).requires_grad_(), x = base * 1;
    change(x, w);
    (x * x * numbers).sum().backward();
    using testing::difference;
    CHECK(difference({3, 2}, values, x, 1e-6) == "");
    CHECK(difference({3, 2}, dbase, base.grad(), 1e-6) == "");
    CHECK(difference({2}, dw, w.grad(), 1e-6) == "");
  };
  check(
      [](const Tensor& x, const Tensor& w) {
        x(tensor({2, 0})) += w;
      },
      {3, 5, 3, 4, 7, 9}, {6, 20, 18, 32, 70, 108}, {76, 128});
  check([](const Tensor& x, const Tensor& w) { x(x > 3) *= w(0); }, {1, 2, 3, 8, 10, 12},
        {2, 8, 18, 128, 200, 288}, {1620, 0});
  check([](const Tensor& x, const Tensor& w) { x(0) /= w; }, {.5, 2 / 3., 3, 4, 5, 6},
        {.5, 8 / 9., 18, 32, 50, 72}, {-.25, -16 / 27.});
  check([](const Tensor& x, const Tensor& w) { x(all, 1) -= w(1); }, {1, -1, 3, 1, 5, 3},
        {2, -4, 18, 8, 50, 36}, {0, -40});
  check(
      [](const Tensor& x, const Tensor& w) {
        x(tensor({1, 1})) *= w;
      },
      {1, 2, 6, 12, 5, 6}, {2, 8, 144, 576, 50, 72}, {216, 768});
  const Tensor leaf = ones({2}).requires_grad_();
  CHECK_THROWS_WITH(leaf(0) += 1,
                    Catch::Contains("a leaf that requires a gradient cannot be changed in place"));
  NoGrad no_grad;
  leaf(tensor({1})) += 1;
  CHECK_VALUES(leaf, ({2}), 0, 1, 2);
}

TEST_CASE("a part with a name is a tensor like any other, and underscores change the part alone") {
  const Tensor x = tensor({1., 2., 3.});
  auto copy = x(x > 1);
  copy += 1;
  CHECK_VALUES(copy, ({2}), 0, 3, 4);
  copy = zeros({5});
  auto view = x(0), other = x(1);
  view += 9;
  view = view * 2;
  other = view;
  CHECK_VALUES(view, ({}), 0, 20);
  CHECK(copy.numel() == 5);
  CHECK_VALUES(x, ({3}), 0, 10, 2, 3);
  x(x > 2).zero_();
  x(x > 2).add_(1);
  CHECK_VALUES(x, ({3}), 0, 10, 2, 3);
  x(1).fill_(7);
  CHECK_VALUES(x, ({3}), 0, 10, 7, 3);
}

TEST_CASE("a mask without axes takes all or nothing along a new axis, on every device") {
  for (Device device : available_devices()) {
    const Tensor x = arange(6).reshape({2, 3}).to(kFloat32).to(device), yes = tensor(true).to(device),
                 no = tensor(false).to(device), indices = tensor({1, 0}).to(device);
    CHECK_TENSOR(x(yes), x.unsqueeze(0), 0);
    CHECK(x(no).shape() == Shape{0, 2, 3});
    CHECK(x(yes, no).shape() == Shape{0, 2, 3});
    CHECK(x(all, yes).shape() == Shape{2, 1, 3});
    CHECK(x(ellipsis, yes).shape() == Shape{2, 3, 1});
    CHECK(x(0, no).shape() == Shape{0, 3});
    CHECK_TENSOR(x(yes, indices), x(indices), 0);
    CHECK_TENSOR(x(all, yes, indices), x(all, indices), 0);
    CHECK_TENSOR(x(true), x.unsqueeze(0), 0);
    CHECK(x(false).numel() == 0);
    x(no) = 9;
    x(false) += 9;
    CHECK_VALUES(x, ({2, 3}), 0, 0, 1, 2, 3, 4, 5);
    x(yes) = tensor({7., 8., 9.}).to(device);
    x(true) *= 2;
    CHECK_VALUES(x, ({2, 3}), 0, 14, 16, 18, 14, 16, 18);
  }
  const Tensor x = ones({2}).requires_grad_();
  x(tensor(false)).sum().backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 0, 0);
  x(tensor(true)).sum().backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 1, 1);
}

TEST_CASE("leading axes of size 1 do not keep values from being assigned") {
  const Tensor x = zeros({3, 2}), w = tensor({1., 2.}).reshape({1, 1, 2}).requires_grad_();
  x(1) = w;
  x(tensor({2, 0})) = ones({1, 1, 2, 2});
  CHECK_VALUES(x, ({3, 2}), 0, 1, 1, 1, 2, 1, 1);
  x(1).sum().backward();
  CHECK_VALUES(w.grad(), ({1, 1, 2}), 0, 1, 1);
  CHECK_THROWS_AS(x(1) = ones({2, 1, 2}), ShapeError);
}
