// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>

#include "minitorch/minitorch.h"

using namespace minitorch;

static constexpr double kInf = INFINITY, kNan = NAN;

// Every text is what PyTorch 2.15 prints, without the "torch." before types.
TEST_CASE("tensors are printed as PyTorch prints them") {
  const std::pair<Tensor, const char*> cases[] = {
      {tensor({1., kInf}), "tensor([1., inf])"},
      {tensor({-kInf, 0.}), "tensor([-inf, 0.])"},
      {tensor({-5., kInf, 2.}), "tensor([-5., inf,  2.])"},
      {tensor({-0., 3., 10.}), "tensor([-0.,  3., 10.])"},
      {tensor({1.5, kNan, -kInf}), "tensor([1.5000,    nan,   -inf])"},
      {tensor({1., 1000.}), "tensor([   1., 1000.])"},
      {tensor({1., 1001.}), "tensor([1.0000e+00, 1.0010e+03])"},
      {tensor({1., 20000., kNan, 0.}), "tensor([1.0000e+00, 2.0000e+04,        nan, 0.0000e+00])"},
      {tensor({1e5, 1e8}), "tensor([   100000., 100000000.])"},
      {tensor({1e6, 1.1e8}), "tensor([1.0000e+06, 1.1000e+08])"},
      {tensor({1.5, 1500.}), "tensor([   1.5000, 1500.0000])"},
      {tensor({0.5, 500.5}), "tensor([5.0000e-01, 5.0050e+02])"},
      {tensor({1e-5, 0.}), "tensor([1.0000e-05, 0.0000e+00])"},
      {tensor(12345.678), "tensor(12345.6777)"},
      {tensor(1e9), "tensor(1.0000e+09)"},
      {tensor(-kInf), "tensor(-inf)"},
      {tensor({INT64_MIN, INT64_MAX, 9007199254740993}),
       "tensor([-9223372036854775808,  9223372036854775807,     9007199254740993])"},
      {tensor({-1, 100, 5}), "tensor([ -1, 100,   5])"},
      {tensor<uint8_t>({1, 200}), "tensor([  1, 200], dtype=uint8)"},
      {tensor({60000., 1.}).to(kFloat16), "tensor([6.0000e+04, 1.0000e+00], dtype=float16)"},
      {zeros({0}, {kBool}), "tensor([], dtype=bool)"},
      {zeros({2, 0}, {kInt64}), "tensor([], size=(2, 0), dtype=int64)"},
      {zeros({0}), "tensor([])"},
      {arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"},
      {arange(2000).to(kFloat32) / 3,
       "tensor([0.0000e+00, 3.3333e-01, 6.6667e-01,  ..., 6.6567e+02, 6.6600e+02,\n"
       "        6.6633e+02])"},
      {arange(1001) * 1000000000,
       "tensor([            0,    1000000000,    2000000000,  ...,\n"
       "         998000000000,  999000000000, 1000000000000])"},
      {arange(2000) != 1000, "tensor([True, True, True,  ..., True, True, True])"},
      {arange(1200).reshape({6, 200}),
       "tensor([[   0,    1,    2,  ...,  197,  198,  199],\n"
       "        [ 200,  201,  202,  ...,  397,  398,  399],\n"
       "        [ 400,  401,  402,  ...,  597,  598,  599],\n"
       "        [ 600,  601,  602,  ...,  797,  798,  799],\n"
       "        [ 800,  801,  802,  ...,  997,  998,  999],\n"
       "        [1000, 1001, 1002,  ..., 1197, 1198, 1199]])"},
      {arange(4000).reshape({2, 1000, 2}),
       "tensor([[[   0,    1],\n"
       "         [   2,    3],\n"
       "         [   4,    5],\n"
       "         ...,\n"
       "         [1994, 1995],\n"
       "         [1996, 1997],\n"
       "         [1998, 1999]],\n"
       "\n"
       "        [[2000, 2001],\n"
       "         [2002, 2003],\n"
       "         [2004, 2005],\n"
       "         ...,\n"
       "         [3994, 3995],\n"
       "         [3996, 3997],\n"
       "         [3998, 3999]]])"},
      {arange(8).reshape({1, 2, 2, 2}),
       "tensor([[[[0, 1],\n"
       "          [2, 3]],\n"
       "\n"
       "         [[4, 5],\n"
       "          [6, 7]]]])"},
      {arange(24).reshape({2, 12}) * 1.5,
       "tensor([[ 0.0000,  1.5000,  3.0000,  4.5000,  6.0000,  7.5000,  9.0000, 10.5000,\n"
       "         12.0000, 13.5000, 15.0000, 16.5000],\n"
       "        [18.0000, 19.5000, 21.0000, 22.5000, 24.0000, 25.5000, 27.0000, 28.5000,\n"
       "         30.0000, 31.5000, 33.0000, 34.5000]])"},
      {full({20}, kInf),
       "tensor([inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, inf, "
       "inf, inf])"},
      {full({9}, 1.5).requires_grad_(),
       "tensor([1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000],\n"
       "       requires_grad=True)"},
      {full({10}, 1.5).requires_grad_(),
       "tensor([1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000,\n"
       "        1.5000], requires_grad=True)"},
      {full({12}, 1.5).to(kFloat16).requires_grad_(),
       "tensor([1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000, 1.5000,\n"
       "        1.5000, 1.5000, 1.5000], dtype=float16, requires_grad=True)"},
      {full({2, 12}, 1).requires_grad_(),
       "tensor([[1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.],\n"
       "        [1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.]], requires_grad=True)"},
      {full({2, 13}, 1).requires_grad_(),
       "tensor([[1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.],\n"
       "        [1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.]],\n"
       "       requires_grad=True)"},
  };
  for (auto& [x, text] : cases) CHECK(to_string(x) == text);
}

TEST_CASE("what a tensor is but its numbers do not say is printed after them") {
  const Tensor x = full({2, 14}, 1).requires_grad_();
  CHECK(to_string((x * 2)(0)) == "tensor([2., 2., 2., 2., 2., 2., 2., 2., 2., 2., 2., 2., 2., 2.], grad_fn)");
  const Device sim = Device::sim();
  CHECK(to_string(tensor({1., 2.}).to(sim)) == "tensor([1., 2.], device='" + to_string(sim) + "')");
  CHECK(to_string(zeros({0, 2}, {kUint8, sim})) ==
        "tensor([], device='" + to_string(sim) + "', size=(0, 2), dtype=uint8)");
  CHECK(to_string(Tensor()) == "tensor(undefined)");
}
