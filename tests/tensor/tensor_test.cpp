// SPDX-License-Identifier: MIT
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <thread>

#include "minitorch/core/parallel.h"
#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

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

TEST_CASE("numbers and tensors without axes take the type of the tensor beside them") {
  const Tensor bytes = tensor<uint8_t>({200, 3}), half = tensor({1., 2.}).to(kFloat16),
               flags = tensor({true, false});
  const auto is = [](const Tensor& x, Dtype dtype, std::vector<double> values) {
    return x.dtype() == dtype && x.to_vector<double>() == values;
  };
  CHECK(is(bytes + 1, kUint8, {201, 4}));
  CHECK(is(bytes + 100, kUint8, {44, 103}));
  CHECK(is(bytes + 0.5, kFloat32, {200.5, 3.5}));
  CHECK(is(bytes * tensor(2), kUint8, {144, 6}));
  CHECK(is(bytes * tensor({2, 2}), kInt64, {400, 6}));
  CHECK(is(bytes / 2, kFloat32, {100, 1.5}));
  CHECK(is(flags + 1, kInt64, {2, 1}));
  CHECK(is(flags * tensor<uint8_t>(2), kUint8, {2, 0}));
  CHECK(is(half * tensor(2.), kFloat16, {2, 4}));
  CHECK(is(half * tensor({2., 2.}), kFloat32, {2, 4}));
  CHECK(is(tensor({1, 2}) * tensor(2.), kFloat32, {2, 4}));
  CHECK(is(where(flags, half, 0.5), kFloat16, {1, 0.5}));
  CHECK(is(where(flags, flags, 2), kInt64, {1, 2}));
  CHECK((bytes == 200).to_vector<int>() == std::vector<int>{1, 0});
}

TEST_CASE("whole numbers stay whole where a function keeps them so") {
  const Tensor bytes = tensor<uint8_t>({200, 3}), whole = tensor({-4, 5});
  const auto is = [](const Tensor& x, Dtype dtype, std::vector<double> values) {
    return x.dtype() == dtype && x.to_vector<double>() == values;
  };
  CHECK(is(-bytes, kUint8, {56, 253}));
  CHECK(is(abs(bytes), kUint8, {200, 3}));
  CHECK(is(square(bytes), kUint8, {64, 9}));
  CHECK(is(clamp(bytes, 4, 100), kUint8, {100, 4}));
  CHECK(is(clamp(whole, -1, 3), kInt64, {-1, 3}));
  CHECK(is(clamp(whole, -1, 3.5), kFloat32, {-1, 3.5}));
  CHECK(is(clamp(whole, 0, INFINITY), kInt64, {0, 5}));
  CHECK(is(clamp(whole, -INFINITY, 3), kInt64, {-4, 3}));
  CHECK(is(clamp(bytes, -INFINITY, INFINITY), kUint8, {200, 3}));
  CHECK(!clamp(bytes, -INFINITY, INFINITY).same(bytes));
  CHECK_THROWS_WITH(-tensor({true}), "[neg] a boolean tensor has no negative");
}

TEST_CASE("tensors of whole numbers hold them exactly") {
  const int64_t odd = 9007199254740993;  // 2^53 + 1
  const auto same = [&](const Tensor& x) { return x.data<int64_t>()[0] == odd; };
  CHECK(same(tensor(odd)));
  CHECK(same(tensor(odd, int64_t{1})));
  CHECK(same(tensor({odd, int64_t{1}})));
  CHECK(same(tensor({{odd}, {int64_t{1}}})));
  CHECK(same(tensor(std::vector<int64_t>{odd})));
  CHECK(tensor(3., 2).dtype() == kFloat32);
  CHECK(tensor<uint8_t>({1, 2}).dtype() == kUint8);
}

TEST_CASE("in place, numbers are divided as out of place, and fractions do not vanish") {
  Tensor x = tensor({5., 7.});
  x /= 3;
  CHECK(x.to_vector<float>() == (tensor({5., 7.}) / 3).to_vector<float>());
  CHECK(x.data<float>()[0] == 5.f / 3);
  Tensor whole = tensor({16777217, 5});
  whole += 1;
  whole *= 2;
  CHECK(whole.to_vector<int64_t>() == std::vector<int64_t>{33554436, 12});
  whole.add_(tensor({1, 1}), 3);
  CHECK(whole.to_vector<int64_t>() == std::vector<int64_t>{33554439, 15});
  CHECK_THROWS_WITH(whole /= 2, "[div_] float32 results do not fit into a tensor of type int64");
  CHECK_THROWS_AS(whole += .5, DtypeError);
  CHECK_THROWS_AS(whole += tensor({1., 2.}), DtypeError);
  CHECK_THROWS_AS(whole.add_(tensor({1, 1}), .5), DtypeError);
  CHECK_THROWS_AS(tensor({true}) += 1, DtypeError);
  CHECK(whole.to_vector<int64_t>() == std::vector<int64_t>{33554439, 15});
  whole.sub_(tensor({1, 1}), 3);
  whole.sub_(2);
  whole -= tensor({0, 1});
  CHECK(whole.to_vector<int64_t>() == std::vector<int64_t>{33554434, 9});
  CHECK_THROWS_WITH(whole -= .5, "[sub_] float32 results do not fit into a tensor of type int64");
  Tensor bytes = tensor<uint8_t>({250, 3});
  bytes += 10;
  CHECK(bytes.to_vector<int>() == std::vector<int>{4, 13});
  bytes -= 5;
  CHECK(bytes.to_vector<int>() == std::vector<int>{255, 8});
  Tensor y = tensor({1., 2.}).requires_grad_(), z = y * 1;
  z /= 4;
  z.sub_(1);
  z.sub_(y, .5);
  z.sum().backward();
  CHECK(y.grad().to_vector<float>() == std::vector<float>{-.25, -.25});
}

TEST_CASE("a detached tensor is no view, a detached part is one") {
  const Tensor x = ones({2, 2}), w = ones({2}).requires_grad_();
  CHECK(!x.detach().is_view());
  CHECK(x(0).detach().is_view());
  const Tensor y = x.detach();
  y.add_(w);
  y.sum().backward();
  CHECK(w.grad().to_vector<float>() == std::vector<float>{2, 2});
}

// PyTorch's numbers after manual_seed(3).
TEST_CASE("numbers are drawn in the order of memory, normal ones into gaps one after the other") {
  const auto drawn = [](const Tensor& x, auto draw) {
    manual_seed(3);
    draw(x);
    return x;
  };
  const auto normal = [](const Tensor& x) { x.normal_(); };
  const auto uniform = [](const Tensor& x) { x.uniform_(2, 3); };
  const Tensor base = zeros({3, 4});
  drawn(base.t(), normal);
  CHECK_VALUES(base, ({3, 4}), 1e-6, .8032761, .1748334, .0889781, -.613718, .04618245, -1.368259, .3374951,
               1.011116, -1.435179, .9774318, .52205, 1.237917);
  const Tensor wide = zeros({4, 6}), columns = drawn(wide(all, Slice{1, 4}), normal);
  CHECK_VALUES(columns.reshape({3, 4}), ({3, 4}), 1e-6, .8032761, .1748334, .0889781, -.613718, .04618245,
               -1.368259, .3374951, 1.011116, -1.435179, .9774318, .52205, 1.237917);
  CHECK(wide.abs().sum().item() == columns.abs().sum().item());
  const Tensor many = drawn(zeros({4, 5}).t(), [](const Tensor& x) { x.normal_(2, .5); });
  CHECK_VALUES(many.t().reshape({20})(Slice{0, 6}), ({6}), 1e-6, 2.401638, 2.087417, 2.044489, 1.693141,
               2.023091, 1.31587);
  const Tensor turned = drawn(slice(zeros({2, 3, 4, 5}), 2, 0, 4, 2).permute({2, 0, 3, 1}), uniform);
  CHECK_VALUES(turned.reshape({60})(Slice{0, 6}), ({6}), 1e-6, 2.004263, 2.451031, 2.64831, 2.105569,
               2.799491, 2.214758);
  const Tensor w = zeros({2, 2}).requires_grad_();
  w.t().detach().normal_();
  CHECK(w.is_leaf());
  CHECK_THROWS_AS(zeros({1}).expand({3}).normal_(), ValueError);
}

TEST_CASE("a step larger than the axis, however large, leaves one element") {
  const int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  const Tensor x = arange(4).to(kFloat32).requires_grad_();
  CHECK_VALUES(slice(x, 0, least, most, most), ({1}), 0, 0);
  CHECK_VALUES(slice(x, 0, 1, most, 5), ({1}), 0, 1);
  CHECK(slice(x, 0, 4, most, most).shape() == Shape{0});
  slice(x, 0, 3, most, most).sum().backward();
  CHECK_VALUES(x.grad(), ({4}), 0, 0, 0, 0, 1);
}

TEST_CASE("bytes are filled with bytes") {
  CHECK(full({2}, 255, {kUint8, Device::cpu()}).to_vector<int>() == std::vector<int>{255, 255});
  CHECK_THROWS_WITH(full({2}, 256, {kUint8, Device::cpu()}),
                    "[full] 256 in a tensor of uint8, which has no such number");
  const Tensor bytes = tensor<uint8_t>({1, 2});
  CHECK_THROWS_WITH(bytes.fill_(-1), "[fill_] -1 in a tensor of uint8, which has no such number");
  CHECK_THROWS_AS(bytes.fill_(NAN), ValueError);
  CHECK_THROWS_AS(bytes.masked_fill(bytes == 1, 300), ValueError);
  CHECK_THROWS_AS(pad(bytes, {1, 1}, PaddingMode::kConstant, -2), ValueError);
  CHECK(pad(bytes, {1, 0}, PaddingMode::kConstant, 9).to_vector<int>() == std::vector<int>{9, 1, 2});
  CHECK(bytes.to_vector<int>() == std::vector<int>{1, 2});
}

TEST_CASE("set_num_threads in one thread leaves no part out in another") {
  const int before = num_threads();
  std::atomic<bool> stop = false;
  std::thread other([&] {
    for (int k = 0; !stop; ++k) set_num_threads(2 + k % 7);
  });
  int left_out = 0;
  for (int run = 0; run < 500; ++run) {
    std::vector<char> seen(64, 0);
    parallel_for(64, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) seen[static_cast<std::size_t>(i)] = 1;
    });
    left_out += std::count(seen.begin(), seen.end(), 0) > 0;
  }
  stop = true;
  other.join();
  set_num_threads(before);
  CHECK(left_out == 0);
}

// Not under qemu-user, which ends with "cpu == current_cpu" in a forked process that starts a thread.
#if !defined(MT_EMULATED)
TEST_CASE("a forked child computes on threads of its own, and ends") {
  const auto total = [] {
    std::atomic<int64_t> sum = 0;
    parallel_for(64, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    return sum.load();
  };
  const int before = num_threads();
  set_num_threads(3);
  REQUIRE(total() == 64);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    if (total() != 64) _exit(1);
    std::exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(total() == 64);
  set_num_threads(before);
}
#endif
