// SPDX-License-Identifier: MIT
// gradcheck accepts right gradients and names wrong ones.
#include "minitorch/autograd/gradcheck.h"

#include <catch2/catch.hpp>

#include "minitorch/minitorch.h"

using namespace minitorch;

using Tensors = std::vector<Tensor>;

TEST_CASE("gradcheck accepts right gradients") {
  manual_seed(1);
  const auto report = [](auto f, const Tensors& inputs) { return gradcheck(f, inputs).report; };
  CHECK(report([](const Tensors& in) { return in[0] * in[1]; }, {randn({3, 4}), randn({4})}) == "");
  CHECK(report([](const Tensors& in) { return matmul(in[0], in[1]); }, {randn({5, 7}), randn({7, 3})}) == "");
  CHECK(report([](const Tensors& in) { return softmax(in[0], 1) * exp(in[0]); }, {randn({4, 6})}) == "");
  CHECK(report([](const Tensors& in) { return conv2d(in[0], in[1], in[2], {.stride = 2, .padding = 1}); },
               {randn({2, 3, 7, 6}), randn({4, 3, 3, 3}), randn({4})}) == "");
  CHECK(report([](const Tensors& in) { return cross_entropy(in[0], in[1]); },
               {randn({5, 3}), tensor({0, 2, 1, 1, 0})}) == "");
  CHECK(report([](const Tensors& in) { return in[0].sum(); }, {tensor({{1e4, -2e3}})}) == "");
}

TEST_CASE("gradcheck names the input, the index and both values") {
  // y = x0 x1, with a rule for x1 that forgets the last column of x0.
  const auto wrong = [](const Tensors& in) {
    const Tensor a = in[0], b = in[1];
    return with_gradients((a.detach() * b.detach()), "wrong",
                          wrt(a, [b](const Tensor& dy) { return dy * b; }), wrt(b, [a](const Tensor& dy) {
                            const Tensor kept = a.detach().clone();
                            kept(all, 2) = 0;
                            return dy * kept;
                          }));
  };
  const GradcheckResult result = gradcheck(wrong, {ones({2, 3}), full({2, 3}, 2)});
  CHECK_FALSE(result.ok());
  CHECK(result.worst > 0.1);
  CHECK(result.report ==
        "[gradcheck] input 1 of shape (2, 3): gradient at (0, 2): backward gives 0, differences give "
        "0.234462; 2 "
        "of the 6 elements looked at differ, by up to 0.23");
}

TEST_CASE("gradcheck takes a result that ignores an input, and a gradient that ignores a dependence") {
  CHECK(gradcheck([](const Tensors& in) { return in[0] * 2; }, {randn({3}), randn({2})}).ok());
  const GradcheckResult cut =
      gradcheck([](const Tensors& in) { return in[0].detach() * in[1]; }, {ones({1}), ones({1})});
  CHECK_THAT(cut.report, Catch::Contains("input 0 of shape (1): gradient at (0): backward gives 0, "));
  const GradcheckResult nan = gradcheck(
      [](const Tensors& in) {
        return with_gradients(in[0].detach() * 1, "nan",
                              wrt(in[0], [](const Tensor& dy) { return dy * NAN; }));
      },
      {ones({1})});
  CHECK_THAT(nan.report, Catch::Contains("backward gives nan"));
}

TEST_CASE("gradcheck looks at as many elements as it is told") {
  int calls = 0;
  const auto f = [&calls](const Tensors& in) { return ++calls, square(in[0]); };
  gradcheck(f, {randn({30, 30})}, {.elements = 10});
  CHECK(calls == 2 + 2 * 10);
  calls = 0;
  gradcheck(f, {randn({5, 5})}, {.elements = 0});
  CHECK(calls == 2 + 2 * 25);
}

TEST_CASE("gradcheck refuses what it cannot judge") {
  CHECK_THROWS_WITH(gradcheck([](const Tensors& in) { return dropout(in[0], 0.5); }, {ones({100})}),
                    "[gradcheck] two calls on the same inputs give different results");
  CHECK_THROWS_WITH(gradcheck([](const Tensors& in) { return in[0] > 0; }, {ones({1})}),
                    "[gradcheck] the function gives a bool tensor: expected float32");
  CHECK_THROWS_WITH(gradcheck([](const Tensors& in) { return in[0]; }, {ones({1}).to(kFloat16)}),
                    "[gradcheck] input 0 is float16: differences need float32");
}
