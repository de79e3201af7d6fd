// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numeric>

#include "minitorch/core/parallel.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

using Values = std::vector<double>;

// f of the elements that share all but the reduced axes, in row-major order.
Array reduced(const Array& x, const Shape& axes, bool keepdim,
              const std::function<double(const Values&)>& f) {
  bool gone[Shape::kMaxDims] = {};
  for (int d = 0; d < x.shape.dims(); ++d) gone[d] = axes.empty();
  for (int64_t axis : axes) gone[axis < 0 ? axis + x.shape.dims() : axis] = true;
  Shape shape, strides = Shape::filled(x.shape.dims(), 0);
  for (int d = 0; d < x.shape.dims(); ++d)
    if (!gone[d] || keepdim) shape.push_back(gone[d] ? 1 : x.shape[d]);
  int64_t step = 1;
  for (int d = x.shape.dims() - 1; d >= 0; --d)
    if (!gone[d]) strides[d] = step, step *= x.shape[d];
  std::vector<Values> groups(static_cast<std::size_t>(step));
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    int64_t at = 0, rest = static_cast<int64_t>(i);
    for (int d = x.shape.dims() - 1; d >= 0; rest /= x.shape[d--]) at += rest % x.shape[d] * strides[d];
    groups[static_cast<std::size_t>(at)].push_back(x.values[i]);
  }
  Array y(shape);
  for (std::size_t i = 0; i < groups.size(); ++i) y.values[i] = f(groups[i]);
  return y;
}

double total(const Values& v) { return std::accumulate(v.begin(), v.end(), 0.0); }
double average(const Values& v) { return total(v) / static_cast<double>(v.size()); }
double variance(const Values& v, double correction) {
  double sum = 0;
  for (double x : v) sum += (x - average(v)) * (x - average(v));
  return sum / (static_cast<double>(v.size()) - correction);
}
double power_norm(const Values& v, double p) {
  double sum = 0;
  for (double x : v) sum += std::pow(std::fabs(x), p);
  return std::pow(sum, 1 / p);
}

// Distinct values, far enough apart for the steps of the numeric gradient.
Tensor distinct(const Shape& shape) {
  const Tensor order = to(randperm(shape.numel()), kFloat32);
  return reshape(order * 0.37 - 0.1 * static_cast<double>(shape.numel()), shape);
}

const std::pair<Shape, Shape> kCases[] = {
    // shape of x, axes
    {{7}, {}},
    {{3, 37}, {}},
    {{3, 37}, {1}},
    {{37, 3}, {0}},
    {{5, 4, 6}, {1}},
    {{2, 5, 3, 4}, {0, 2, 3}},
    {{4, 3, 5}, {0, -1}},
    {{1, 6}, {0}},
    {{6, 1}, {-1}},
    {{3, 2, 70}, {0, 1}},
};

void check_reduction(const char* name, const std::function<Tensor(const Tensor&, const Shape&, bool)>& op,
                     const std::function<double(const Values&)>& reference,
                     const std::function<Tensor(const Shape&)>& input, bool gradient = true) {
  for (auto& [shape, axes] : kCases)
    for (bool keepdim : {false, true})
      check_op({.name = name,
                .op = [&](const Tensors& in) { return op(in[0], axes, keepdim); },
                .inputs = {input(shape)},
                .reference = [&](const Arrays& in) { return reduced(in[0], axes, keepdim, reference); },
                .gradient = gradient});
}
Tensor normal(const Shape& shape) { return normal_input(shape, 0.5); }

}  // namespace

TEST_CASE("op table: sum, mean, prod, var, std") {
  check_reduction("sum", sum, total, normal);
  check_reduction("mean", mean, average, normal);
  check_reduction(
      "prod", prod,
      [](const Values& v) { return std::accumulate(v.begin(), v.end(), 1.0, std::multiplies<>()); },
      [](const Shape& shape) { return uniform_input(shape, 0.8, 1.2); });
  // Of two or more elements: of one the variance is 0 / 0.
  for (auto& [shape, axes] :
       {std::pair<Shape, Shape>{{9}, {}}, {{3, 37}, {1}}, {{37, 3}, {0}}, {{2, 5, 3, 4}, {0, 2, 3}}})
    for (int64_t correction : {0, 1}) {
      check_op({.name = "var",
                .op = [&](const Tensors& in) { return var(in[0], axes, {.correction = correction}); },
                .inputs = {normal(shape)},
                .reference =
                    [&](const Arrays& in) {
                      return reduced(in[0], axes, false, [&](const Values& v) {
                        return variance(v, static_cast<double>(correction));
                      });
                    }});
      check_op({.name = "std",
                .op =
                    [&](const Tensors& in) {
                      return stddev(in[0], axes, {.correction = correction, .keepdim = true});
                    },
                .inputs = {normal(shape)},
                .reference =
                    [&](const Arrays& in) {
                      return reduced(in[0], axes, true, [&](const Values& v) {
                        return std::sqrt(variance(v, static_cast<double>(correction)));
                      });
                    }});
    }
}

TEST_CASE("op table: norm and logsumexp") {
  const auto away_from_zero = [](const Shape& shape) { return distinct(shape) + 0.05; };
  for (double p : {1.0, 2.0, 3.0})
    check_reduction(
        "norm", [p](const Tensor& x, const Shape& axes, bool keepdim) { return norm(x, p, axes, keepdim); },
        [p](const Values& v) { return power_norm(v, p); },
        [&](const Shape& shape) { return away_from_zero(shape) * 0.1; });
  check_reduction(
      "norm, largest",
      [](const Tensor& x, const Shape& axes, bool keepdim) { return norm(x, HUGE_VAL, axes, keepdim); },
      [](const Values& v) {
        return std::fabs(*std::max_element(v.begin(), v.end(),
                                           [](double a, double b) { return std::fabs(a) < std::fabs(b); }));
      },
      away_from_zero);
  check_reduction(
      "logsumexp", logsumexp,
      [](const Values& v) {
        double sum = 0;
        for (double x : v) sum += std::exp(x);
        return std::log(sum);
      },
      normal);
  CHECK(logsumexp(tensor({1000., 1000.}), {}).item() == Approx(1000 + std::log(2.0)));
  CHECK(logsumexp(tensor({-HUGE_VAL, -HUGE_VAL}), {}).item() == -HUGE_VAL);
}

TEST_CASE("op table: max, min, argmax, argmin, amax, amin") {
  const auto largest = [](const Values& v) { return *std::max_element(v.begin(), v.end()); };
  const auto smallest = [](const Values& v) { return *std::min_element(v.begin(), v.end()); };
  check_reduction("amax", amax, largest, distinct);
  check_reduction("amin", amin, smallest, distinct);
  for (auto& [shape, axis] :
       {std::pair<Shape, int64_t>{{3, 37}, 1}, {{37, 3}, 0}, {{2, 5, 4}, 1}, {{2, 3, 70}, -1}, {{600, 5}, 0}})
    for (bool keepdim : {false, true}) {
      const auto row = [&](const char* name, auto op, auto f, bool gradient) {
        check_op({.name = name,
                  .op = [&](const Tensors& in) { return op(in[0]); },
                  .inputs = {distinct(shape)},
                  .reference = [&](const Arrays& in) { return reduced(in[0], {axis}, keepdim, f); },
                  .gradient = gradient});
      };
      row(
          "max(axis)", [&](const Tensor& x) { return max(x, axis, keepdim).values; }, largest, true);
      row(
          "min(axis)", [&](const Tensor& x) { return min(x, axis, keepdim).values; }, smallest, true);
      row(
          "argmax", [&](const Tensor& x) { return argmax(x, axis, keepdim); },
          [](const Values& v) { return double(std::max_element(v.begin(), v.end()) - v.begin()); }, false);
      row(
          "argmin", [&](const Tensor& x) { return argmin(x, axis, keepdim); },
          [](const Values& v) { return double(std::min_element(v.begin(), v.end()) - v.begin()); }, false);
    }
}

TEST_CASE("op table: all, any, cumsum") {
  const auto bits = [](const Shape& shape) { return normal_input(shape) > 0.8; };
  check_reduction(
      "any", any, [](const Values& v) { return double(total(v) > 0); }, bits, false);
  check_reduction(
      "all",
      [](const Tensor& x, const Shape& axes, bool keepdim) { return all(logical_not(x), axes, keepdim); },
      [](const Values& v) { return double(total(v) == 0); }, bits, false);
  for (auto& [shape, axis] :
       {std::pair<Shape, int>{{7}, 0}, {{3, 600}, 1}, {{37, 3}, 0}, {{2, 5, 4}, 1}, {{5, 1100}, 0}})
    check_op({.name = "cumsum",
              .op = [&](const Tensors& in) { return cumsum(in[0], axis); },
              .inputs = {normal_input(shape)},
              .reference =
                  [&](const Arrays& in) {
                    Array y = in[0];
                    int64_t step = 1;
                    for (int d = axis + 1; d < shape.dims(); ++d) step *= shape[d];
                    for (int64_t i = 0; i < shape.numel(); ++i)
                      if (i / step % shape[axis])
                        y.values[static_cast<std::size_t>(i)] += y.values[static_cast<std::size_t>(i - step)];
                    return y;
                  },
              .gradient = shape.numel() < 100});
}

TEST_CASE("long reductions are exact enough, and the same on any number of threads") {
  const int before = num_threads();
  for (const Shape& shape :
       {Shape{1000003}, Shape{3, 333337}, Shape{200003, 5}, Shape{999, 1001}, Shape{70, 11, 1300}}) {
    const Tensor x = uniform_input(shape, 0, 1);
    for (const Shape& axes : {Shape{}, Shape{0}, Shape{-1}}) {
      const Array expected = reduced({shape, x.to_vector<double>()}, axes, false, total);
      for (int threads : {1, 2, 3}) {
        set_num_threads(threads);
        static Tensor first;
        const Tensor y = sum(x, axes);
        CHECK(difference(expected.shape, expected.values, y, 5e-7) == "");
        if (threads == 1) first = y;
        CHECK(y.to_vector<float>() == first.to_vector<float>());
      }
    }
  }
  set_num_threads(before);
}

TEST_CASE("the norm of p = 0 counts what is not zero") {
  const Tensor x = tensor({{0., 2.}, {3., -0.}, {5., 6.}}).requires_grad_();
  CHECK(norm(x, 0).item() == 4);
  CHECK_VALUES(norm(x, 0, {1}), ({3}), 0, 1, 1, 2);
  norm(x, 0).backward();
  CHECK(all(x.grad() == 0).item() == 1);
  CHECK_THROWS_WITH(norm(x, -1), Catch::Contains("[norm] p = -1: expected 0 or more"));
}

TEST_CASE("reductions of nothing") {
  const Tensor none = zeros({0}), rows = zeros({0, 3});
  CHECK(sum(none).item() == 0);
  CHECK(prod(none).item() == 1);
  CHECK(std::isnan(mean(none).item()));
  CHECK(all(none).item() == 1);
  CHECK(any(none).item() == 0);
  CHECK(logsumexp(none, {}).item() == -HUGE_VAL);
  CHECK_VALUES(sum(rows, {0}), ({3}), 0, 0, 0, 0);
  CHECK(sum(rows, {1}).shape() == Shape{0});
  CHECK(max(rows, 1).values.shape() == Shape{0});
  CHECK_THROWS_AS(max(none), ValueError);
  CHECK_THROWS_WITH(max(rows, 0), "[max] no elements to choose from in a tensor of shape (0, 3)");
  CHECK_THROWS_WITH(argmin(none), "[argmin] no elements to choose from in a tensor of shape (0)");
}

TEST_CASE("NaN and ties as in PyTorch") {
  const double nan = NAN;
  CHECK(std::isnan(max(tensor({1., nan, 3.})).item()));
  const auto [values, indices] = max(tensor({{1., nan, nan}, {2., 5., 5.}}), 1);
  CHECK(std::isnan(values.to_vector<float>()[0]));
  CHECK(indices.to_vector<int64_t>() == std::vector<int64_t>{1, 1});
  CHECK(argmin(tensor({{4., 0.}, {0., 0.}}), 0).to_vector<int64_t>() == std::vector<int64_t>{1, 0});
  CHECK(argmax(tensor({{4., 7.}, {7., 0.}})).item() == 1);

  Tensor x = tensor({{1., 3., 3.}, {3., 0., 2.}}).requires_grad_();
  max(x).backward();  // shared by the three
  CHECK_VALUES(x.grad(), ({2, 3}), 1e-7, 0, 1. / 3, 1. / 3, 1. / 3, 0, 0);
  x.zero_grad();
  sum(max(x, 1).values).backward();  // to the first alone
  CHECK_VALUES(x.grad(), ({2, 3}), 0, 0, 1, 0, 1, 0, 0);

  Tensor z = tensor({2., 0., 3.}).requires_grad_();
  prod(z).backward();
  CHECK_VALUES(z.grad(), ({3}), 0, 0, 6, 0);
}

TEST_CASE("reductions of whole numbers, booleans and half types") {
  CHECK(sum(tensor({true, true, false})).dtype() == kInt64);
  CHECK(sum(arange(1000)).item() == 499500);
  CHECK(prod(tensor({2, 3, 4})).item() == 24);
  CHECK(max(to(tensor({7, 250, 3}), kUint8)).item() == 250);
  CHECK(max(to(tensor({7, 250, 3}), kUint8)).dtype() == kUint8);
  CHECK(min(tensor({{5, -9}, {4, 2}}), 0).values.to_vector<int64_t>() == std::vector<int64_t>{4, -9});
  CHECK(any(tensor({0, 0, 5})).dtype() == kBool);
  const Tensor half = to(tensor({1.5, 2.5, -4.0}), kFloat16);
  CHECK(sum(half).dtype() == kFloat16);
  CHECK(mean(half).item() == 0);
  CHECK(max(half, 0).indices.item() == 1);
  CHECK(cumsum(tensor({true, true, true}), 0).to_vector<int64_t>() == std::vector<int64_t>{1, 2, 3});
  CHECK_THROWS_WITH(mean(arange(3)), "[mean] a int64 tensor: expected a float type");
  CHECK_THROWS_WITH(sum(zeros({2, 3}), {1, -1}), "[sum] axis -1 is named twice");
  CHECK_THROWS_AS(sum(zeros({2, 3}), {2}), IndexError);
  CHECK_THROWS_AS(norm(zeros({2}), -1), ValueError);
}

TEST_CASE("std and var are unbiased unless told otherwise") {
  const Tensor x = tensor({1., 2., 3., 6.});
  CHECK(x.var().item() == Approx(14. / 3));
  CHECK(var(x, {}, {.correction = 0}).item() == Approx(3.5));
  CHECK(std::isnan(tensor({5.}).std().item()));
  CHECK(x.std({0}, true).shape() == Shape{1});
}

// PyTorch's values; its sums of squares are doubles.
TEST_CASE("std and var of elements whose squares are no floats") {
  const Tensor x = tensor({{1., 2., 3.},
                           {1e30, 2e30, 3e30},
                           {-1e-30, 0., 1e-30},
                           {0., 0., 0.},
                           {5., HUGE_VAL - HUGE_VAL, HUGE_VAL}})
                       .requires_grad_();
  const Tensor deviation = x.std({1});
  const auto values = deviation.to_vector<double>();
  CHECK(values[0] == 1);
  CHECK(values[1] == Approx(1e30));
  CHECK(values[2] == Approx(1e-30));
  CHECK(values[3] == 0);
  CHECK(std::isnan(values[4]));
  deviation(Slice{0, 4}).sum().backward();
  const Tensor slopes = x.grad()(Slice{0, 4});
  CHECK_VALUES(slopes, ({4, 3}), 1e-6, -.5, 0, .5, -.5, 0, .5, -.5, 0, .5, 0, 0, 0);

  CHECK(var(x.detach(), {1}).to_vector<double>()[1] == HUGE_VAL);
  const Tensor wide = full({200, 2}, 1e19);
  wide(Slice{0, 100}).fill_(-1e19);
  CHECK_VALUES(var(wide, {0}), ({2}), 1e-6, 1.0050251e38, 1.0050251e38);
  CHECK(stddev(wide).item() == Approx(1.0012516e19));
}

}  // namespace minitorch::testing
