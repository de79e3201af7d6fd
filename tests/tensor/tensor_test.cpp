// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "minitorch/minitorch.h"

using namespace minitorch;

TEST_CASE("arithmetic broadcasts and promotes") {
  const Tensor a = tensor({{1., 2., 3.}, {4., 5., 6.}}), b = tensor({10, 20, 30});
  CHECK((a + b).to_vector<float>() == std::vector<float>{11, 22, 33, 14, 25, 36});
  CHECK((b * 2).dtype() == kInt64);
  CHECK((b * 0.5).to_vector<float>() == std::vector<float>{5, 10, 15});
  CHECK((a > 3).to_vector<uint8_t>() == std::vector<uint8_t>{0, 0, 0, 1, 1, 1});
  CHECK_THROWS_WITH(a + tensor({1., 2.}),
                    "[add] (2, 3) and (2): at axis 1 from the end the sizes 3 and 2 differ and neither is 1");
}

TEST_CASE("views share memory") {
  Tensor x = arange(12).reshape({3, 4});
  const Tensor column = x(all, 1);
  CHECK(column.to_vector<int64_t>() == std::vector<int64_t>{1, 5, 9});
  x(all, 1) = 0;
  CHECK(column.to_vector<int64_t>() == std::vector<int64_t>{0, 0, 0});
  CHECK(x.t().reshape({12}).to_vector<int64_t>() ==
        std::vector<int64_t>{0, 4, 8, 0, 0, 0, 2, 6, 10, 3, 7, 11});
  CHECK(x(Slice{1, 3}, Slice{0, 4, 2}).to_vector<int64_t>() == std::vector<int64_t>{4, 6, 8, 10});
  CHECK(x(x > 8).to_vector<int64_t>() == std::vector<int64_t>{10, 11});
  CHECK(x(std::vector<int64_t>{2, 0}, std::vector<int64_t>{3, 2}).to_vector<int64_t>() ==
        std::vector<int64_t>{11, 2});
  x(x > 8) = -1;
  CHECK(x.to_vector<int64_t>() == std::vector<int64_t>{0, 0, 2, 3, 4, 0, 6, 7, 8, 0, -1, -1});
}

TEST_CASE("gradients flow through arithmetic, views and indexing") {
  Tensor x = tensor({{1., 2.}, {3., 4.}}).requires_grad_();
  ((x * x).sum({0}) * tensor({1., 10.})).sum().backward();
  CHECK(x.grad().to_vector<float>() == std::vector<float>{2, 40, 6, 80});
  x.zero_grad();
  (x(std::vector<int64_t>{1, 1}) * 3).sum().backward();
  CHECK(x.grad().to_vector<float>() == std::vector<float>{0, 0, 6, 6});
  x[0].sum().backward();
  CHECK(x.grad().to_vector<float>() == std::vector<float>{1, 1, 6, 6});
}

TEST_CASE("a chain of a million nodes neither leaks nor overflows the stack") {
  Tensor x = tensor(1.0).requires_grad_();
  Tensor y = x;
  for (int i = 0; i < 1000000; ++i) y = y + 1e-6;
  y.backward();
  CHECK(x.grad().item() == 1);
}

TEST_CASE("autograd's refusals say what to do") {
  Tensor x = tensor({1., 2.}).requires_grad_();
  CHECK_THROWS_AS((x * 2).backward(), GradError);
  Tensor y = (x * x).sum();
  y.backward();
  CHECK_THROWS_WITH(y.backward(), Catch::Contains("backward a second time"));
  CHECK_THROWS_WITH(x.add_(1), Catch::Contains("a leaf that requires a gradient cannot be changed in place"));
  Tensor a = x * 1, b = (a * a).sum();
  a.mul_(2);
  CHECK_THROWS_WITH(
      b.backward(),
      "[mul] backward needs a tensor of shape (2) that was overwritten by `mul_` after it was used");
}

TEST_CASE("printing follows PyTorch") {
  CHECK(to_string(tensor({{1., 2.}, {3., 4.}})) == "tensor([[1., 2.],\n        [3., 4.]])");
  CHECK(to_string(tensor({1.5, -2.25})) == "tensor([ 1.5000, -2.2500])");
  CHECK(to_string(arange(3)) == "tensor([0, 1, 2])");
  CHECK(to_string(tensor({true, false})) == "tensor([ True, False])");
  CHECK(to_string(arange(2000)) == "tensor([   0,    1,    2, ..., 1997, 1998, 1999])");
}
