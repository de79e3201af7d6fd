// SPDX-License-Identifier: MIT
// Rows of the op table: every function that works element by element.
#include <algorithm>

#include "tests/ops/op_table.h"

namespace minitorch::testing {

TEST_CASE("op table: unary functions") {
  struct Function {
    const char* name;
    Tensor (*op)(const Tensor&);
    double (*reference)(double);
    double low = -3, high = 3;
    bool gradient = true;
  };
  static constexpr auto sigmoid_of = [](double x) { return 1 / (1 + std::exp(-x)); };
  static constexpr auto softplus_of = [](double x) { return std::log1p(std::exp(x)); };
  const Function functions[] = {
      {"neg", neg, [](double x) { return -x; }},
      {"abs", abs, [](double x) { return std::fabs(x); }},
      {"sign", sign, [](double x) { return double((x > 0) - (x < 0)); }},
      {"exp", exp, [](double x) { return std::exp(x); }},
      {"log", log, [](double x) { return std::log(x); }, 0.1, 5},
      {"log1p", log1p, [](double x) { return std::log1p(x); }, -0.8, 3},
      {"sqrt", sqrt, [](double x) { return std::sqrt(x); }, 0.1, 5},
      {"rsqrt", rsqrt, [](double x) { return 1 / std::sqrt(x); }, 0.2, 5},
      {"square", square, [](double x) { return x * x; }},
      {"reciprocal", reciprocal, [](double x) { return 1 / x; }, 0.3, 4},
      {"sin", sin, [](double x) { return std::sin(x); }, -10, 10},
      {"cos", cos, [](double x) { return std::cos(x); }, -10, 10},
      {"tanh", tanh, [](double x) { return std::tanh(x); }},
      {"sigmoid", sigmoid, [](double x) { return sigmoid_of(x); }, -8, 8},
      {"relu", relu, [](double x) { return std::max(x, 0.0); }},
      {"erf", erf, [](double x) { return std::erf(x); }},
      {"floor", floor, [](double x) { return std::floor(x); }},
      {"round", round, [](double x) { return std::nearbyint(x); }},
      {"gelu", gelu, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"silu", silu, [](double x) { return x * sigmoid_of(x); }},
      {"mish", mish, [](double x) { return x * std::tanh(softplus_of(x)); }},
      {"softplus", softplus, [](double x) { return softplus_of(x); }},
      {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, 0.1); },
       [](double x) { return x > 0 ? x : 0.1 * x; }},
      {"elu", [](const Tensor& x) { return elu(x, 1.5); },
       [](double x) { return x > 0 ? x : 1.5 * std::expm1(x); }},
      {"clamp", [](const Tensor& x) { return clamp(x, -1, 1.5); },
       [](double x) { return std::clamp(x, -1.0, 1.5); }},
      {"pow", [](const Tensor& x) { return pow(x, 2.7); }, [](double x) { return std::pow(x, 2.7); }, 0.2, 4},
  };
  for (const Function& f : functions)
    for (const Shape& shape : {Shape{3, 37}, Shape{1}, Shape{2, 1, 5}})
      check_op({.name = f.name,
                .op = [&](const Tensors& in) { return f.op(in[0]); },
                .inputs = {uniform_input(shape, f.low, f.high)},
                .reference = [&](const Arrays& in) { return elementwise(in[0], f.reference); },
                .gradient = f.gradient});
}

TEST_CASE("op table: binary functions with broadcasting") {
  struct Function {
    const char* name;
    Tensor (*op)(const Tensor&, const Tensor&);
    double (*reference)(double, double);
    bool gradient = true;
  };
  const Function functions[] = {
      {"add", add, [](double a, double b) { return a + b; }},
      {"sub", sub, [](double a, double b) { return a - b; }},
      {"mul", mul, [](double a, double b) { return a * b; }},
      {"div", div, [](double a, double b) { return a / b; }},
      {"pow", pow, [](double a, double b) { return std::pow(a, b); }},
      {"maximum", maximum, [](double a, double b) { return std::max(a, b); }},
      {"minimum", minimum, [](double a, double b) { return std::min(a, b); }},
      {"eq", eq, [](double a, double b) { return double(a == b); }, false},
      {"ne", ne, [](double a, double b) { return double(a != b); }, false},
      {"lt", lt, [](double a, double b) { return double(a < b); }, false},
      {"le", le, [](double a, double b) { return double(a <= b); }, false},
      {"gt", gt, [](double a, double b) { return double(a > b); }, false},
      {"ge", ge, [](double a, double b) { return double(a >= b); }, false},
  };
  const std::pair<Shape, Shape> shapes[] = {{{3, 37}, {3, 37}},  {{3, 37}, {37}}, {{3, 1}, {1, 5}},
                                            {{2, 3, 4}, {3, 1}}, {{}, {7}},       {{1}, {1}}};
  for (const Function& f : functions)
    for (auto& [a, b] : shapes)
      check_op({.name = f.name,
                .op = [&](const Tensors& in) { return f.op(in[0], in[1]); },
                .inputs = {uniform_input(a, 0.5, 3), uniform_input(b, 0.5, 3)},
                .reference = [&](const Arrays& in) { return elementwise(in[0], in[1], f.reference); },
                .gradient = f.gradient});
}

TEST_CASE("op table: logical functions") {
  struct Function {
    const char* name;
    Tensor (*op)(const Tensor&, const Tensor&);
    double (*reference)(double, double);
  };
  const Function functions[] = {
      {"logical_and", logical_and, [](double a, double b) { return double(a != 0 && b != 0); }},
      {"logical_or", logical_or, [](double a, double b) { return double(a != 0 || b != 0); }},
      {"logical_xor", logical_xor, [](double a, double b) { return double((a != 0) != (b != 0)); }},
  };
  const Tensor numbers = tensor({{0., 1., -2., 0.}, {3., 0., 0., .5}});  // not 0 is true
  for (const Function& f : functions)
    for (const Tensor& b :
         {tensor({0., 2., 0., -1.}), tensor({true, false, false, true}), tensor({0, 1, 7, 0})})
      check_op({.name = f.name,
                .op = [&](const Tensors& in) { return f.op(in[0], in[1]); },
                .inputs = {numbers, b},
                .reference = [&](const Arrays& in) { return elementwise(in[0], in[1], f.reference); },
                .gradient = false});
  for (const Tensor& x : {numbers, numbers > 0})
    check_op(
        {.name = "logical_not",
         .op = [](const Tensors& in) { return logical_not(in[0]); },
         .inputs = {x},
         .reference =
             [](const Arrays& in) { return elementwise(in[0], [](double v) { return double(v == 0); }); },
         .gradient = false});
}

TEST_CASE("activations at 1, number for number") {
  const Tensor one = tensor(1.0);
  CHECK(softplus(one).item() == Approx(1.313262).epsilon(1e-6));
  CHECK(gelu(one).item() == Approx(0.841345).epsilon(1e-6));
  CHECK(silu(one).item() == Approx(0.731059).epsilon(1e-6));
  CHECK(mish(one).item() == Approx(0.865098).epsilon(1e-6));
  CHECK(softplus(tensor(21.0)).item() == 21);  // linear above 20
}

TEST_CASE("op table: functions of a tensor and a number") {
  struct Function {
    const char* name;
    Tensor (*op)(const Tensor&);
    double (*reference)(double);
  };
  const Function functions[] = {
      {"x + 2", [](const Tensor& x) { return x + 2; }, [](double x) { return x + 2; }},
      {"2 - x", [](const Tensor& x) { return 2 - x; }, [](double x) { return 2 - x; }},
      {"x * 3", [](const Tensor& x) { return x * 3; }, [](double x) { return x * 3; }},
      {"2 / x", [](const Tensor& x) { return 2 / x; }, [](double x) { return 2 / x; }},
      {"x / 2", [](const Tensor& x) { return x / 2; }, [](double x) { return x / 2; }},
      {"2 ^ x", [](const Tensor& x) { return pow(2, x); }, [](double x) { return std::pow(2, x); }},
      {"max(x, 1)", [](const Tensor& x) { return maximum(x, 1); }, [](double x) { return std::max(x, 1.0); }},
  };
  for (const Function& f : functions)
    check_op({.name = f.name,
              .op = [&](const Tensors& in) { return f.op(in[0]); },
              .inputs = {uniform_input({3, 11}, 0.5, 3)},
              .reference = [&](const Arrays& in) { return elementwise(in[0], f.reference); }});
}

TEST_CASE("op table: functions in place") {
  struct Function {
    const char* name;
    Tensor (*op)(const Tensor& a, const Tensor& b);
    double (*reference)(double a, double b);
  };
  const Function functions[] = {
      {"a += b", [](const Tensor& a, const Tensor& b) { return add_(a, b); },
       [](double a, double b) { return a + b; }},
      {"a += 3 b", [](const Tensor& a, const Tensor& b) { return add_(a, b, 3); },
       [](double a, double b) { return a + 3 * b; }},
      {"a -= b", [](const Tensor& a, const Tensor& b) { return sub_(a, b); },
       [](double a, double b) { return a - b; }},
      {"a *= b", [](const Tensor& a, const Tensor& b) { return mul_(a, b); },
       [](double a, double b) { return a * b; }},
      {"a /= b", [](const Tensor& a, const Tensor& b) { return div_(a, b); },
       [](double a, double b) { return a / b; }},
      {"a += 2", [](const Tensor& a, const Tensor&) { return add_(a, 2); },
       [](double a, double) { return a + 2; }},
      {"a *= 2", [](const Tensor& a, const Tensor&) { return mul_(a, 2); },
       [](double a, double) { return a * 2; }},
      {"relu_", [](const Tensor& a, const Tensor&) { return relu_(a); },
       [](double a, double) { return std::max(a, 0.0); }},
      {"clamp_", [](const Tensor& a, const Tensor&) { return clamp_(a, -1, 0.5); },
       [](double a, double) { return std::clamp(a, -1.0, 0.5); }},
  };
  for (const Function& f : functions)
    check_op({.name = f.name,
              .op = [&](const Tensors& in) { return f.op(in[0].clone(), in[1]); },
              .inputs = {normal_input({3, 11}), uniform_input({3, 11}, 0.5, 3)},
              .reference = [&](const Arrays& in) { return elementwise(in[0], in[1], f.reference); },
              .gradient = false});
}

TEST_CASE("op table: where and lerp") {
  const Tensor condition = uniform_input({3, 1}, -1, 1) > 0;
  check_op({.name = "where",
            .op = [](const Tensors& in) { return where(in[0], in[1], in[2]); },
            .inputs = {condition, normal_input({3, 5}), normal_input({5})},
            .reference =
                [](const Arrays& in) {
                  Array y({3, 5});
                  for (int i = 0; i < 3; ++i)
                    for (int j = 0; j < 5; ++j) y(i, j) = in[0](i, 0) != 0 ? in[1](i, j) : in[2](j);
                  return y;
                }});
  check_op({.name = "lerp by a tensor",
            .op = [](const Tensors& in) { return lerp(in[0], in[1], in[2]); },
            .inputs = {normal_input({4, 3}), normal_input({3}), uniform_input({4, 1}, 0, 1)},
            .reference =
                [](const Arrays& in) {
                  Array y({4, 3});
                  for (int i = 0; i < 4; ++i)
                    for (int j = 0; j < 3; ++j)
                      y(i, j) = in[0](i, j) + in[2](i, 0) * (in[1](j) - in[0](i, j));
                  return y;
                }});
  check_op({.name = "lerp",
            .op = [](const Tensors& in) { return lerp(in[0], in[1], 0.3); },
            .inputs = {normal_input({4, 3}), normal_input({3})},
            .reference =
                [](const Arrays& in) {
                  return elementwise(in[0], in[1], [](double a, double b) { return a + 0.3 * (b - a); });
                }});
}

TEST_CASE("op table: lerp starts from the nearer end") {
  for (Device device : test_devices()) {
    const Tensor a = tensor({1e30, HUGE_VAL, -3e8}).to(device), b = tensor({16777217., 2., 1.}).to(device);
    CHECK_VALUES(lerp(a, b, 1), ({3}), 0, 16777216, NAN, 1);
    CHECK_VALUES(lerp(a, b, .75), ({3}), 1e-6, 2.5e29, INFINITY, -74999999.25);
    CHECK_VALUES(lerp(a, b, tensor({1., .75, 0.}).to(device)), ({3}), 0, 16777216, INFINITY, -3e8);
    const Tensor x = tensor({1., 1.}).to(device).requires_grad_(),
                 y = tensor({3., 3.}).to(device).requires_grad_(),
                 w = tensor({.25, .75}).to(device).requires_grad_();
    lerp(x, y, w).sum().backward();
    CHECK_VALUES(x.grad(), ({2}), 0, .75, .25);
    CHECK_VALUES(y.grad(), ({2}), 0, .25, .75);
    CHECK_VALUES(w.grad(), ({2}), 0, 2, 2);
  }
}

TEST_CASE("gradients at the corners of powers, clamps and rectifiers are PyTorch's") {
  for (Device device : test_devices()) {
    const auto leaf = [&](std::initializer_list<double> v) { return tensor(v).to(device).requires_grad_(); };
    const Tensor a = leaf({0, 2, 0}), b = leaf({2, 3, 0});
    pow(a, b).sum().backward();
    CHECK_VALUES(a.grad(), ({3}), 1e-6, 0, 12, 0);
    CHECK_VALUES(b.grad(), ({3}), 1e-6, 0, 8 * std::log(2.0), 0);
    const Tensor exponent = leaf({2, 0, -1});
    pow(0, exponent).sum().backward();
    CHECK_VALUES(exponent.grad(), ({3}), 0, 0, 0, -INFINITY);
    const Tensor base = leaf({0, 2, NAN});
    pow(base, 0).sum().backward();
    CHECK_VALUES(base.grad(), ({3}), 0, 0, 0, 0);
    const Tensor x = leaf({NAN, 2, 5, 3, 0});
    const Tensor y = clamp(x, 0, 3);
    y.sum().backward();
    CHECK_VALUES(y, ({5}), 0, NAN, 2, 3, 3, 0);
    CHECK_VALUES(x.grad(), ({5}), 0, 0, 1, 0, 0, 0);  // none at the bounds: ReLU6's, too
    const Tensor unknown = leaf({NAN, 0, 1});
    (relu(unknown) + elu(unknown)).sum().backward();
    CHECK_VALUES(unknown.grad(), ({3}), 0, 2, 1, 2);
    const Tensor u = leaf({1, NAN, 2, 3}), v = leaf({NAN, 1, 2, 4});
    maximum(u, v).sum().backward();
    CHECK_VALUES(u.grad(), ({4}), 0, 1, 1, .5, 0);
    CHECK_VALUES(v.grad(), ({4}), 0, 1, 1, .5, 1);
  }
}

TEST_CASE("powers of whole numbers are whole and exact, on every device") {
  for (Device device : test_devices()) {
    const auto is = [](const Tensor& x, Dtype dtype, std::vector<int64_t> values) {
      return x.dtype() == dtype && x.to_vector<int64_t>() == values;
    };
    const Tensor x = tensor({9, -3, 0}).to(device), bytes = tensor<uint8_t>({3, 2}).to(device);
    CHECK(is(pow(x, 9), kInt64, {387420489, -19683, 0}));
    CHECK(is(pow(x, 19), kInt64, {1350851717672992089, -1162261467, 0}));
    CHECK(is(pow(x, 0), kInt64, {1, 1, 1}));
    CHECK(is(pow(bytes, 7), kUint8, {2187 % 256, 128}));
    CHECK(is(pow(bytes, 300), kUint8, {113, 0}));
    CHECK(is(pow(x > 0, 2), kInt64, {1, 0, 0}));
    CHECK(is(pow(2, tensor({1, -1, 62}).to(device)), kInt64, {2, 0, 4611686018427387904}));
    CHECK(is(pow(tensor({2, 1, -1, -1, 0}).to(device), tensor({-2, -2, -2, -3, -1}).to(device)), kInt64,
             {0, 1, 1, -1, 0}));
    CHECK(pow(x, .5).dtype() == kFloat32);
    CHECK(pow(2.5, x).dtype() == kFloat32);
    CHECK_VALUES(pow(tensor({3}).to(device), tensor(.5).to(device)), ({1}), 1e-6, std::sqrt(3.));
    CHECK_THROWS_WITH(pow(x, -1), "[pow] whole numbers to the power -1 would be fractions");
  }
}

TEST_CASE("whole numbers have bits, on every device") {
  for (Device device : test_devices()) {
    const Tensor a = tensor({6, 5, -1}).to(device), b = tensor({3, 3, 8}).to(device);
    CHECK((a & b).to_vector<int>() == std::vector<int>{2, 1, 8});
    CHECK((a | b).to_vector<int>() == std::vector<int>{7, 7, -1});
    CHECK((a ^ b).to_vector<int>() == std::vector<int>{5, 6, -9});
    CHECK((~a).to_vector<int>() == std::vector<int>{-7, -6, 0});
    const Tensor bytes = tensor<uint8_t>({200, 3}).to(device), flags = tensor({true, false}).to(device);
    CHECK((~bytes).to_vector<int>() == std::vector<int>{55, 252});
    CHECK((~bytes).dtype() == kUint8);
    CHECK((~flags).to_vector<int>() == std::vector<int>{0, 1});
    CHECK((flags & (bytes > 2)).dtype() == kBool);
    CHECK((flags ^ (bytes > 2)).to_vector<int>() == std::vector<int>{0, 1});
    CHECK_THROWS_WITH(a & (a * 0.5), "[bitwise_and] float32: only whole numbers and booleans have bits");
    CHECK_THROWS_AS(~(a * 0.5), DtypeError);
    CHECK_THROWS_WITH((a > 1) - (a > 2), Catch::Contains("[sub] bool - bool"));
    CHECK_VALUES((a > 1) - a * 0, ({3}), 0, 1, 1, 0);
  }
}

}  // namespace minitorch::testing
