// SPDX-License-Identifier: MIT
// What the engine offers around a backward, what it refuses, and how graphs end.
#include "minitorch/autograd/graph.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

Tensor chain_on(const Tensor& x, int length) {
  Tensor end = x;
  for (int i = 0; i < length; ++i) end = end + 1;
  return end;
}

}  // namespace

TEST_CASE("graphs and leaves of static lifetime end well, after the thread's own objects are gone") {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    static const Tensor weight = ones({2}).requires_grad_();
    static const Tensor graph = chain_on(weight, 100);
    chain_on(weight, 100);
    std::exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("retain_graph keeps the rules for another backward, which adds to the gradient") {
  const Tensor x = tensor({1., 2.}).requires_grad_(), y = (x * x).sum();
  y.backward({}, /*retain_graph=*/true);
  CHECK_VALUES(x.grad(), ({2}), 0, 2, 4);
  y.backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 4, 8);
  CHECK_THROWS_WITH(y.backward(), Catch::Contains("backward a second time through the same graph"));
  CHECK_VALUES(x.grad(), ({2}), 0, 4, 8);
}

TEST_CASE("a hook sees the whole gradient of its tensor, and may replace it") {
  const Tensor x = tensor({1., 2.}).requires_grad_(), y = x * 3;
  std::vector<float> seen;
  register_hook(y, [&](const Tensor& dy) {
    seen = dy.to_vector<float>();
    return Tensor();  // leaves it as it is
  });
  (y * tensor({1., 2.}) + y).sum().backward();
  CHECK(seen == std::vector<float>{2, 3});
  CHECK_VALUES(x.grad(), ({2}), 0, 6, 9);

  x.zero_grad();
  register_hook(x, [](const Tensor& dx) { return dx * 10; });
  register_hook(x, [](const Tensor& dx) { return dx + 1; });  // gets what the first one gave
  x.sum().backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 11, 11);
  CHECK_THROWS_WITH(register_hook(ones({2}), [](const Tensor& d) { return d; }),
                    "[register_hook] this tensor is outside the graph");
}

TEST_CASE("what a hook returns has the shape and the type of the gradient") {
  const auto backward_with = [](const Shape& shape, Dtype type, bool inner) {
    const Tensor x = tensor({1., 2.}).requires_grad_(), y = x * 3;
    x.set_grad(tensor({5., 6.}));
    register_hook(inner ? y : x, [&](const Tensor&) { return ones(shape, {type, Device::cpu()}); });
    try {
      y.sum().backward();
    } catch (...) {
      CHECK_VALUES(x.grad(), ({2}), 0, 5, 6);
      throw;
    }
  };
  for (const bool inner : {false, true}) {
    CHECK_NOTHROW(backward_with({2}, kFloat32, inner));
    CHECK_THROWS_WITH(backward_with({}, kFloat32, inner),
                      "[register_hook] a hook returned a gradient of shape () for a tensor of shape (2)");
    CHECK_THROWS_AS(backward_with({3}, kFloat32, inner), ShapeError);
    CHECK_THROWS_WITH(backward_with({2}, kFloat16, inner),
                      "[register_hook] a hook returned a float16 gradient in place of a float32 one");
  }
}

TEST_CASE("a hook may register another one") {
  const Tensor x = tensor({1., 2.}).requires_grad_();
  int calls = 0;
  register_hook(x, [&](const Tensor&) {
    for (int i = 0; i < 10; ++i)
      register_hook(x, [&](const Tensor&) {
        ++calls;
        return Tensor();
      });
    return Tensor();
  });
  x.sum().backward();
  CHECK(calls == 0);  // from the next backward on
  x.sum().backward();
  CHECK(calls == 10);
}

TEST_CASE("retain_grad keeps the gradient of a result") {
  const Tensor x = tensor({1., 2.}).requires_grad_(), y = x * 3, z = x * 4;
  retain_grad(y);
  (y * y + z).sum().backward({}, /*retain_graph=*/true);
  CHECK_VALUES(y.grad(), ({2}), 0, 6, 12);
  CHECK(!z.grad().defined());
  const Tensor loss = y.sum();
  loss.backward({}, /*retain_graph=*/true);
  CHECK_VALUES(y.grad(), ({2}), 0, 7, 13);
  loss.backward();
  CHECK_VALUES(y.grad(), ({2}), 0, 8, 14);
  CHECK_THROWS_WITH(retain_grad(ones({2})), "[retain_grad] this tensor is outside the graph");
}

TEST_CASE("a leaf keeps its gradient while it requires none") {
  const Tensor x = tensor({1., 2.}).requires_grad_();
  (x * 2).sum().backward();
  x.requires_grad_(false);
  CHECK(!x.requires_grad());
  CHECK(!(x * 2).requires_grad());
  CHECK_VALUES(x.grad(), ({2}), 0, 2, 2);
  x.requires_grad_();
  (x * 2).sum().backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 4, 4);
  x.requires_grad_(false);
  x.zero_grad();
  CHECK(!x.grad().defined());
}

TEST_CASE("a gradient to start from is brought to the type of what it belongs to") {
  const Tensor x = ones({3}).requires_grad_();
  (x * 2).backward(ones({3}, {kFloat16}));
  CHECK(x.grad().dtype() == kFloat32);
  x.backward(ones({3}, {kBFloat16}));
  CHECK(x.grad().dtype() == kFloat32);
  CHECK(x.grad().to_vector<double>() == std::vector<double>{3, 3, 3});
}

TEST_CASE("backward refuses what has no meaning, naming what to do") {
  const Tensor x = tensor({1., 2.}).requires_grad_();
  const auto hint = [](auto call) -> std::string {
    try {
      call();
    } catch (const GradError& e) { return e.what() + std::string(" | ") + e.hint(); }
    return "nothing thrown";
  };
  CHECK(hint([&] { (x * 2).backward(); }) ==
        "[backward] a tensor of shape (2) needs the gradient to start from | reduce it to one number with "
        "mean() or "
        "sum(), or call backward(gradient)");
  CHECK(hint([&] { ones({}).backward(); }) ==
        "[backward] this tensor depends on no tensor that requires a gradient | call requires_grad_() on the "
        "parameters, and compute the loss outside NoGrad");
  CHECK(hint([&] { (x * 2)(0).add_(1); }) ==
        "[add_] a view inside the graph cannot be changed in place | use the form without the underscore, or "
        "build "
        "the whole with cat, stack or where");
  CHECK(hint([&] {
          ones({2, 2})(0).add_(x);
        }) ==
        "[add_] a view cannot take values that require a gradient | build the whole with cat, stack or "
        "where, or "
        "put NoGrad in scope");
  CHECK(hint([&] { x.add_(1); }) ==
        "[add_] a leaf that requires a gradient cannot be changed in place while the graph is recorded | put "
        "`NoGrad no_grad;` in scope around the update");
  CHECK_THROWS_WITH((x * 2).backward(ones({3})),
                    "[backward] a gradient of shape (3) for a tensor of shape (2)");
  CHECK_THROWS_AS(Tensor().backward(), ValueError);
}
