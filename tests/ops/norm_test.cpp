// SPDX-License-Identifier: MIT
#include <limits>
#include <map>

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// (x - mean) / sqrt(var + eps), means over `same(i) == same(j)`: item i belongs to group group[i].
Array normalize(const Array& x, const std::vector<int64_t>& group, double eps) {
  std::map<int64_t, std::array<double, 3>> g;
  for (std::size_t i = 0; i < group.size(); ++i) g[group[i]][0] += 1, g[group[i]][1] += x.values[i];
  for (std::size_t i = 0; i < group.size(); ++i)
    g[group[i]][2] += std::pow(x.values[i] - g[group[i]][1] / g[group[i]][0], 2);
  Array y = x;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto& [n, sum, square] = g[group[i]];
    y.values[i] = (x.values[i] - sum / n) / std::sqrt(square / n + eps);
  }
  return y;
}

std::vector<int64_t> channel_of(const Shape& shape) {
  std::vector<int64_t> out;
  const int64_t c = shape[1], inner = shape.numel() / (shape[0] * c);
  for (int64_t i = 0; i < shape.numel(); ++i) out.push_back(i / inner % c);
  return out;
}

Array scale_shift(Array y, const std::vector<int64_t>& channel, const Array& w, const Array& b, double low,
                  double high) {
  for (std::size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = std::clamp(y.values[i] * w.values[channel[i]] + b.values[channel[i]], low, high);
  return y;
}

}  // namespace

TEST_CASE("op table: batch_norm in training, with each activation") {
  const double inf = std::numeric_limits<double>::infinity();
  struct Case {
    Activation activation;
    double low, high;
  };
  for (const Case c :
       {Case{Activation::none, -inf, inf}, Case{Activation::relu, 0, inf}, Case{Activation::relu6, 0, 6}})
    for (const Shape& shape :
         {Shape{5, 3}, Shape{2, 3, 4, 5}, Shape{3, 2, 7, 9}, Shape{4, 17, 2, 2}, Shape{2, 18, 7, 7}})
      check_op({.name = "batch_norm",
                .op =
                    [=](const Tensors& in) {
                      return batch_norm(in[0], in[1], in[2], {}, {}, {.activation = c.activation});
                    },
                .inputs = {normal_input(shape, 0.5, 2), uniform_input({shape[1]}, 0.5, 4),
                           normal_input({shape[1]})},
                .reference =
                    [=](const Arrays& in) {
                      const auto channel = channel_of(shape);
                      return scale_shift(normalize(in[0], channel, 1e-5), channel, in[1], in[2], c.low,
                                         c.high);
                    },
                .gradient_tolerance = 3e-4,
                .step = 1e-6});
}

TEST_CASE("op table: batch_norm in evaluation") {
  for (const Shape& shape : {Shape{5, 3}, Shape{3, 2, 7, 9}})
    check_op(
        {.name = "batch_norm eval",
         .op =
             [=](const Tensors& in) {
               return batch_norm(in[0], in[1], in[2], in[3].detach(), in[4].detach(), {.training = false});
             },
         .inputs = {normal_input(shape), normal_input({shape[1]}), normal_input({shape[1]}),
                    normal_input({shape[1]}).to(kBFloat16).to(kFloat32), uniform_input({shape[1]}, 0.5, 2)},
         .reference =
             [=](const Arrays& in) {
               Array y = in[0];
               const auto channel = channel_of(shape);
               for (std::size_t i = 0; i < y.values.size(); ++i) {
                 const auto k = static_cast<std::size_t>(channel[i]);
                 y.values[i] = (in[0].values[i] - in[3].values[k]) / std::sqrt(in[4].values[k] + 1e-5) *
                                   in[1].values[k] +
                               in[2].values[k];
               }
               return y;
             },
         .gradient = false});
}

TEST_CASE("op table: batch_norm keeps running statistics as PyTorch does") {
  for (Device device : test_devices()) {
    Tensor x = tensor({{1.}, {2.}, {3.}, {6.}}).to(device), mean = zeros({1}).to(device),
           var = ones({1}).to(device);
    const Tensor y = batch_norm(x, ones({1}).to(device), zeros({1}).to(device), mean, var);
    CHECK_VALUES(y, ({4, 1}), 2e-6, -1.069043, -.534522, 0, 1.603565);
    CHECK_VALUES(mean, ({1}), 1e-6, .3);
    CHECK_VALUES(var, ({1}), 1e-6, 1.366667);
  }
  CHECK_THROWS_WITH(batch_norm(ones({1, 3}), ones({3}), ones({3}), {}, {}),
                    "[batch_norm] x of shape (1, 3) has one value per channel: no variance can be computed");
  CHECK_THROWS_WITH(batch_norm(ones({4, 3}), ones({2}), {}, {}, {}),
                    "[batch_norm] a weight of shape (2) for x (4, 3): expected (3), one for each channel");
}

TEST_CASE(
    "op table: batch_norm moves running statistics that are views or of half precision, or lacks them") {
  for (Device device : test_devices()) {
    const Tensor x = tensor({{1., 2.}, {2., 4.}, {3., 6.}, {6., 12.}}).to(device),
                 both = tensor({{0., 1.}, {0., 1.}}).to(device), half = both.to(kFloat16),
                 mean = select(both, 1, 0), var = select(both, 1, 1);
    batch_norm(x, {}, {}, mean, var);
    CHECK_VALUES(both, ({2, 2}), 1e-6, .3, 1.366667, .6, 2.766667);
    const uint32_t version = half.version();
    batch_norm(x, {}, {}, select(half, 1, 0), {});
    CHECK_VALUES(half.to(kFloat32), ({2, 2}), 1e-3, .3, 1, .6, 1);
    CHECK(half.version() > version);
    CHECK(batch_norm(x, {}, {}, {}, {}).sum().item() == Approx(0).margin(1e-5));
  }
}

TEST_CASE("op table: the running variance of a channel that hardly changes is right, and never below 0") {
  for (Device device : test_devices())
    for (int64_t plane : {1, 40}) {
      const Tensor x = cat({full({6, 1, plane}, 0.1), normal_input({6, 1, plane}) * 1e-4}, 1),
                   one = select(x, 1, 1).reshape({-1});
      const Tensor mean = zeros({2}).to(device), running = zeros({2}).to(device);
      batch_norm(x.to(device), {}, {}, mean, running, {.momentum = 1});
      CHECK(running.to_vector<double>()[0] == 0);
      CHECK(running.to_vector<double>()[1] == Approx(var(one).item()).epsilon(1e-5));
    }
}

TEST_CASE("op table: batch_norm's gradient in evaluation leaves the statistics out") {
  for (Device device : test_devices()) {
    Tensor x = normal_input({3, 2, 8, 8}).to(device).requires_grad_(),
           w = uniform_input({2}, 1, 2).to(device).requires_grad_();
    const Tensor mean = normal_input({2}).to(device), var = uniform_input({2}, 1, 2).to(device);
    batch_norm(x, w, {}, mean, var, {.training = false}).sum().backward();
    const Tensor expected = (w.detach() / sqrt(var + 1e-5)).reshape({1, 2, 1, 1}).expand({3, 2, 8, 8});
    CHECK_TENSOR(x.grad(), expected, 1e-5);

    for (const Shape& shape : {Shape{3, 2}, Shape{3, 2, 8, 8}}) {  // an infinite input has an ordinary slope
      Tensor far = full(shape, INFINITY).to(device).requires_grad_();
      batch_norm(far, {}, {}, mean, ones({2}).to(device), {.training = false, .eps = 0}).sum().backward();
      CHECK_TENSOR(far.grad(), ones(shape), 1e-6);
    }
  }
}

// y, dx, dweight and dbias of f(x, weight, bias).
template <class F>
Tensors passes(F f, const Tensors& in, const Tensor& dy, Device device) {
  Tensors x;
  for (const Tensor& t : in) x.push_back(t.to(device).clone().requires_grad_());
  const Tensor y = f(x);
  y.backward(dy.to(device));
  return {y.detach().cpu(), x[0].grad().cpu(), x[1].grad().cpu(), x[2].grad().cpu()};
}
template <class F>
void check_against_cpu(F f, const Shape& shape, int64_t weights) {
  const Tensors in = {normal_input(shape, 0.5, 2), uniform_input({weights}, 0.5, 2), normal_input({weights})};
  const Tensor dy = uniform_input(shape, -1, 1);
  const Tensors expected = passes(f, in, dy, Device::cpu());
  for (Device device : test_devices()) {
    INFO(to_string(shape) << " on " << to_string(device));
    const Tensors got = passes(f, in, dy, device);
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(difference(expected[i], got[i], 1e-4) == "");
  }
}

TEST_CASE("op table: batch_norm of few channels, which several blocks share, and layer_norm of many rows") {
  const auto norm = [](Activation activation) {
    return [=](const Tensors& x) { return batch_norm(x[0], x[1], x[2], {}, {}, {.activation = activation}); };
  };
  check_against_cpu(norm(Activation::relu), {3, 1, 45, 50}, 1);
  check_against_cpu(norm(Activation::none), {7, 2, 31, 33}, 2);
  check_against_cpu(norm(Activation::none), {4099, 2}, 2);
  const auto layer = [](const Tensors& x) { return layer_norm(x[0], x[1], x[2]); };
  check_against_cpu(layer, {203, 35}, 35);
  check_against_cpu(layer, {7, 70}, 70);
}

TEST_CASE("op table: layer_norm and group_norm") {
  for (const Shape& shape : {Shape{4, 7}, Shape{2, 3, 33}, Shape{1, 1, 5}})
    check_op(
        {.name = "layer_norm",
         .op = [](const Tensors& in) { return layer_norm(in[0], in[1], in[2]); },
         .inputs = {normal_input(shape, 1, 2), normal_input({shape.back()}), normal_input({shape.back()})},
         .reference =
             [=](const Arrays& in) {
               std::vector<int64_t> row, col;
               for (int64_t i = 0; i < shape.numel(); ++i)
                 row.push_back(i / shape.back()), col.push_back(i % shape.back());
               return scale_shift(normalize(in[0], row, 1e-5), col, in[1], in[2], -1e30, 1e30);
             },
         .gradient_tolerance = 3e-4});
  const Shape shape{2, 6, 3, 5};
  check_op({.name = "group_norm",
            .op = [](const Tensors& in) { return group_norm(in[0], 3, in[1], in[2]); },
            .inputs = {normal_input(shape, 1, 2), normal_input({6}), normal_input({6})},
            .reference =
                [=](const Arrays& in) {
                  std::vector<int64_t> group;
                  for (int64_t i = 0; i < shape.numel(); ++i) group.push_back(i / 30);
                  return scale_shift(normalize(in[0], group, 1e-5), channel_of(shape), in[1], in[2], -1e30,
                                     1e30);
                },
            .gradient_tolerance = 3e-4});
  CHECK_THROWS_WITH(group_norm(ones({2, 5, 3}), 2),
                    "[group_norm] x (2, 5, 3) in 2 groups: the channels must be a multiple of the groups");
  CHECK_THROWS_WITH(layer_norm(ones({2, 5}), ones({4}), {}),
                    "[layer_norm] x (2, 5) does not end in the axes (4)");
}

TEST_CASE("norms of no items are empty") {
  const Tensor w = ones({4}).requires_grad_(), x = zeros({0, 4, 3}).requires_grad_();
  const Tensor y = group_norm(x, 2, w, zeros({4}));
  CHECK(y.shape() == Shape{0, 4, 3});
  y.sum().backward();
  CHECK(x.grad().shape() == Shape{0, 4, 3});
  CHECK_VALUES(w.grad(), ({4}), 0, 0, 0, 0, 0);
  CHECK(group_norm(zeros({2, 4, 0}), 2).shape() == Shape{2, 4, 0});
  CHECK(group_norm(zeros({2, 0, 3}), 2).shape() == Shape{2, 0, 3});
  w.zero_grad();
  const Tensor rows = zeros({0, 4}).requires_grad_();
  layer_norm(rows, w, zeros({4})).sum().backward();
  CHECK(rows.grad().shape() == Shape{0, 4});
  CHECK_VALUES(w.grad(), ({4}), 0, 0, 0, 0, 0);
  CHECK(batch_norm(x, w, {}, zeros({4}), ones({4}), {.training = false}).shape() == Shape{0, 4, 3});
  CHECK_THROWS_WITH(
      batch_norm(x, w, {}, {}, {}),
      "[batch_norm] x of shape (0, 4, 3) has no value per channel: no variance can be computed");
}

TEST_CASE("op table: norms of modules in half precision compute in float32") {
  for (Device device : test_devices())
    for (Dtype half : {kFloat16, kBFloat16}) {
      INFO(name(half) << " on " << to_string(device));
      const auto leaf = [&](const Tensor& x) { return x.to(device).to(half).requires_grad_(); };
      const Tensor x = leaf(normal_input({6, 4, 3}, 1, 2)), w = leaf(uniform_input({4}, 0.5, 2)),
                   b = leaf(normal_input({4}));
      const auto check = [&](const auto& norm) {
        const auto wide = [](const Tensor& t) { return t.detach().to(kFloat32).requires_grad_(); };
        const Tensor x32 = wide(x), w32 = wide(w), b32 = wide(b), expected = norm(x32, w32, b32);
        for (const Tensor& t : {x, w, b}) t.zero_grad();
        const Tensor y = norm(x, w, b);
        CHECK(y.dtype() == half);
        CHECK(difference(expected.detach().cpu(), y.detach().to(kFloat32).cpu(), 2e-2) == "");
        sum(square(y)).backward();
        sum(square(expected)).backward();
        CHECK(w.grad().dtype() == half);
        CHECK(difference(w32.grad().cpu(), w.grad().to(kFloat32).cpu(), 2e-2) == "");
        CHECK(difference(b32.grad().cpu(), b.grad().to(kFloat32).cpu(), 5e-2) == "");
      };
      check([](const Tensor& x, const Tensor& w, const Tensor& b) {
        return layer_norm(x.transpose(1, 2), w, b);
      });
      check([](const Tensor& x, const Tensor& w, const Tensor& b) {
        const Tensor mean = zeros({4}, w.detach().options()), var = ones({4}, w.detach().options());
        const Tensor y = batch_norm(x, w, b, mean, var);
        return y + batch_norm(x, w, b, mean, var, {.training = false});
      });
    }
}

}  // namespace minitorch::testing
