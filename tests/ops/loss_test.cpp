// SPDX-License-Identifier: MIT
#include <algorithm>

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

Array scalar(double value) { return Array({}, {value}); }

Array reduced(const Array& losses, Reduction reduction, double divisor) {
  if (reduction == Reduction::none) return losses;
  double total = 0;
  for (double v : losses.values) total += v;
  return scalar(reduction == Reduction::sum ? total : total / divisor);
}

constexpr Reduction kReductions[] = {Reduction::mean, Reduction::sum, Reduction::none};

void check_pair_loss(const char* name,
                     const std::function<Tensor(const Tensor&, const Tensor&, Reduction)>& op,
                     double (*loss)(double, double), const std::function<Tensor(const Shape&)>& x,
                     const std::function<Tensor(const Shape&)>& t) {
  for (const Shape& shape : {Shape{3, 37}, Shape{5}, Shape{}})
    for (Reduction reduction : kReductions)
      check_op({.name = name,
                .op = [&](const Tensors& in) { return op(in[0], in[1], reduction); },
                .inputs = {x(shape), t(shape)},
                .reference =
                    [&](const Arrays& in) {
                      return reduced(elementwise(in[0], in[1], loss), reduction,
                                     static_cast<double>(shape.numel()));
                    }});
}

// Cross-entropy of (N, C, inner) in plain loops.
struct Expected {
  std::vector<int64_t> target;
  std::vector<double> weight;
  double smoothing = 0;
  int64_t ignore = -100;
  Reduction reduction = Reduction::mean;
  Shape targets;

  Array operator()(const Array& x) const {
    const int axis = x.shape.dims() > 1 ? 1 : 0;
    int64_t inner = 1;
    for (int d = axis + 1; d < x.shape.dims(); ++d) inner *= x.shape[d];
    const int64_t n = x.shape[axis];
    Array losses(targets);
    double counted = 0;
    for (int64_t i = 0; i < targets.numel(); ++i) {
      const int64_t t = target[static_cast<std::size_t>(i)];
      if (t == ignore) continue;
      const auto at = [&](int64_t c) {
        return x.values[static_cast<std::size_t>(i / inner * inner * n + c * inner + i % inner)];
      };
      double total = 0;
      for (int64_t c = 0; c < n; ++c) total += std::exp(at(c));
      for (int64_t c = 0; c < n; ++c) {
        const double w = weight.empty() ? 1 : weight[static_cast<std::size_t>(c)];
        const double share = (c == t ? 1 - smoothing : 0) + smoothing / static_cast<double>(n);
        losses.values[static_cast<std::size_t>(i)] += share * w * (std::log(total) - at(c));
        if (c == t) counted += w;
      }
    }
    return reduced(losses, reduction, counted);
  }
};

}  // namespace

TEST_CASE("op table: losses of differences") {
  const auto x = [](const Shape& shape) { return normal_input(shape, 0, 2); };
  check_pair_loss(
      "mse_loss", [](const Tensor& x, const Tensor& t, Reduction r) { return mse_loss(x, t, {r}); },
      [](double x, double t) { return (x - t) * (x - t); }, x, x);
  check_pair_loss(
      "l1_loss", [](const Tensor& x, const Tensor& t, Reduction r) { return l1_loss(x, t, {r}); },
      [](double x, double t) { return std::fabs(x - t); }, x, x);
  check_pair_loss(
      "smooth_l1_loss",
      [](const Tensor& x, const Tensor& t, Reduction r) {
        return smooth_l1_loss(x, t, {.beta = 0.7, .reduction = r});
      },
      [](double x, double t) {
        const double d = std::fabs(x - t);
        return d < 0.7 ? d * d / 1.4 : d - 0.35;
      },
      x, x);
  check_pair_loss(
      "huber_loss",
      [](const Tensor& x, const Tensor& t, Reduction r) {
        return huber_loss(x, t, {.delta = 1.5, .reduction = r});
      },
      [](double x, double t) {
        const double d = std::fabs(x - t);
        return d < 1.5 ? d * d / 2 : 1.5 * (d - 0.75);
      },
      x, x);
}

TEST_CASE("op table: binary cross-entropy") {
  const auto p = [](const Shape& shape) { return uniform_input(shape, 0.05, 0.95); };
  check_pair_loss(
      "binary_cross_entropy",
      [](const Tensor& x, const Tensor& t, Reduction r) {
        return binary_cross_entropy(x, t, {.reduction = r});
      },
      [](double x, double t) { return -t * std::log(x) - (1 - t) * std::log(1 - x); }, p, p);
  const auto logit = [](const Shape& shape) { return normal_input(shape, 0, 3); };
  const auto with_logits = [](double x, double t) {
    return std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::fabs(x)));
  };
  check_pair_loss(
      "binary_cross_entropy_with_logits",
      [](const Tensor& x, const Tensor& t, Reduction r) {
        return binary_cross_entropy_with_logits(x, t, {.reduction = r});
      },
      with_logits, logit, p);
  check_op(
      {.name = "binary_cross_entropy_with_logits, weights",
       .op =
           [](const Tensors& in) {
             return binary_cross_entropy_with_logits(
                 in[0], in[1], {.weight = in[2].detach(), .pos_weight = in[3].detach()});
           },
       .inputs = {logit({4, 3}), p({4, 3}), to(tensor({1, 2, 3}), kFloat32).clone(), tensor({0.5, 1., 4.})},
       .reference =
           [&](const Arrays& in) {
             double total = 0;
             for (int i = 0; i < 4; ++i)
               for (int c = 0; c < 3; ++c) {
                 const double x = in[0](i, c), t = in[1](i, c), yes = std::log1p(std::exp(-x)),
                              no = std::log1p(std::exp(x));
                 total += in[2](c) * (in[3](c) * t * yes + (1 - t) * no);
               }
             return scalar(total / 12);
           },
       .gradient = false});
  CHECK(binary_cross_entropy(tensor({0., 1.}), tensor({1., 1.})).item() == Approx(50));  // log 0 counts -100
  CHECK(binary_cross_entropy_with_logits(tensor({-200.0}), tensor({1.0})).item() == Approx(200));
  CHECK_THROWS_WITH(binary_cross_entropy(tensor({1.5}), tensor({1.})),
                    "[binary_cross_entropy] probabilities outside [0, 1]");
}

TEST_CASE("op table: cross_entropy and nll_loss") {
  struct Case {
    Shape x, target;
  };
  for (const Case& c : {Case{{5, 10}, {5}}, Case{{3, 37}, {3}}, Case{{6}, {}}, Case{{2, 4, 5}, {2, 5}},
                        Case{{2, 3, 3, 4}, {2, 3, 4}}}) {
    const int axis = c.x.dims() > 1 ? 1 : 0;
    const int64_t classes = c.x[axis];
    const Tensor target = randint(0, classes, c.target);
    const Tensor weight = uniform_input({classes}, 0.5, 2);
    for (Reduction reduction : kReductions)
      for (bool weighted : {false, true})
        for (double smoothing : {0.0, 0.1}) {
          Expected expected{target.to_vector<int64_t>(), {}, smoothing, -100, reduction, c.target};
          if (weighted) expected.weight = weight.to_vector<double>();
          if (c.target.dims() > 0) expected.ignore = expected.target[1];
          const auto here = [&](const Tensor& x) { return weighted ? weight.to(x.device()) : Tensor(); };
          check_op({.name = "cross_entropy",
                    .op =
                        [&](const Tensors& in) {
                          return cross_entropy(in[0], in[1],
                                               {.weight = here(in[0]),
                                                .ignore_index = expected.ignore,
                                                .label_smoothing = smoothing,
                                                .reduction = reduction});
                        },
                    .inputs = {normal_input(c.x, 0, 2), target},
                    .reference =
                        [&](const Arrays& in) {
                          Expected e = expected;
                          for (std::size_t i = 0; i < e.target.size(); ++i)
                            e.target[i] = static_cast<int64_t>(in[1].values[i]);
                          return e(in[0]);
                        }});
          if (smoothing == 0)
            check_op(
                {.name = "nll_loss",
                 .op =
                     [&](const Tensors& in) {
                       return nll_loss(
                           log_softmax(in[0], axis), in[1],
                           {.weight = here(in[0]), .ignore_index = expected.ignore, .reduction = reduction});
                     },
                 .inputs = {normal_input(c.x, 0, 2), target},
                 .reference = [&](const Arrays& in) { return expected(in[0]); }});
        }
  }
  check_op({.name = "cross_entropy of probabilities",
            .op =
                [](const Tensors& in) {
                  return cross_entropy(in[0], softmax(in[1], 1).detach(), {.label_smoothing = 0.2});
                },
            .inputs = {normal_input({4, 6}), normal_input({4, 6})},
            .reference =
                [](const Arrays& in) {
                  double total = 0;
                  for (int i = 0; i < 4; ++i) {
                    double sx = 0, st = 0;
                    for (int c = 0; c < 6; ++c) sx += std::exp(in[0](i, c)), st += std::exp(in[1](i, c));
                    for (int c = 0; c < 6; ++c)
                      total += (std::exp(in[1](i, c)) / st * 0.8 + 0.2 / 6) * (std::log(sx) - in[0](i, c));
                  }
                  return scalar(total / 4);
                },
            .gradient = false});
}

TEST_CASE("op table: when every target is ignored the mean is NaN, and its gradient 0") {
  const auto nothing = [](const Tensor& x, const auto& loss) {
    const Tensor leaf = x.clone().requires_grad_();
    const Tensor y = loss(leaf);
    CHECK(std::isnan(y.item()));
    y.backward();
    CHECK(leaf.grad().abs().max().item() == 0);
  };
  for (Device device : test_devices()) {
    INFO(to_string(device));
    const Tensor x = normal_input({4, 33}).to(device), ignored = full({4}, -100, {kInt64, device});
    for (double smoothing : {0.0, 0.1})
      nothing(x, [&](const Tensor& x) { return cross_entropy(x, ignored, {.label_smoothing = smoothing}); });
    nothing(x, [&](const Tensor& x) { return nll_loss(x, ignored); });
    const Tensor pixels = normal_input({2, 3, 4, 5}).to(device),
                 none = full({2, 4, 5}, -100, {kInt64, device});
    nothing(pixels, [&](const Tensor& x) { return cross_entropy(x, none); });
    // Nor does a class of weight 0 count.
    const Tensor weight = tensor({0., 1., 1.}).to(device);
    nothing(pixels, [&](const Tensor& x) { return cross_entropy(x, none * 0, {.weight = weight}); });
  }
}

TEST_CASE("op table: where there are no classes every item must be ignored") {
  for (Device device : test_devices()) {
    INFO(to_string(device));
    const Tensor ignored = full({2}, -100, {kInt64, device}), pixels = full({2, 4}, -100, {kInt64, device});
    const Tensor scores = zeros({2, 0}, {kFloat32, device}), planes = zeros({2, 0, 4}, {kFloat32, device});
    for (const auto loss : {Reduction::none, Reduction::sum}) {
      CHECK(cross_entropy(scores, ignored, {.reduction = loss}).abs().sum().item() == 0);
      CHECK(nll_loss(planes, pixels, {.reduction = loss}).abs().sum().item() == 0);
    }
    const Tensor leaf = scores.clone().requires_grad_();
    const Tensor mean = cross_entropy(leaf, ignored) + nll_loss(leaf, ignored);
    CHECK(std::isnan(mean.item()));
    mean.backward();
    CHECK(leaf.grad().shape() == Shape{2, 0});
    if (device.is_cpu()) {
      CHECK_THROWS_WITH(cross_entropy(scores, tensor({-100, 0})),
                        "[cross_entropy] a target other than -100, which ignores the item, and no classes");
      CHECK_THROWS_AS(cross_entropy(planes, pixels * 0, {.label_smoothing = .1}), IndexError);
      CHECK_THROWS_WITH(nll_loss(scores, tensor({-100, 0})),
                        "[nll_loss] a target other than -100, which ignores the item, and no classes");
    } else {
      CHECK(std::isnan(cross_entropy(scores, ignored * 0).item()));
      CHECK(std::isnan(nll_loss(scores, ignored * 0).item()));
    }
  }
}

TEST_CASE("cross_entropy gives PyTorch's values") {
  const Tensor logits = tensor({{2., 0.5, -1.}});
  CHECK(cross_entropy(logits, tensor({0})).item() == Approx(0.241311).epsilon(1e-5));
  CHECK(cross_entropy(logits, tensor({0}), {.label_smoothing = 0.1}).item() ==
        Approx(0.391311).epsilon(1e-5));
  CHECK(
      cross_entropy(tensor({{2., 0.5, -1.}, {0., 1., 0.}}), tensor({0, 1}), {.weight = tensor({1., 2., 3.})})
          .item() == Approx(0.448067).epsilon(1e-5));
  CHECK(cross_entropy(tensor({{1000., 0.}}), tensor({1})).item() == 1000);
  CHECK(std::isnan(cross_entropy(logits, tensor({-100})).item()));  // every item ignored
}

TEST_CASE("the softmax of the book's chapter 5") {
  const Tensor activations = tensor({{.6734, .2576},
                                     {.4689, .4607},
                                     {-2.2457, -.3727},
                                     {4.4164, -1.2760},
                                     {.9233, .5347},
                                     {1.0698, 1.6187}});
  const Tensor target = tensor({0, 1, 0, 1, 1, 0});
  CHECK_VALUES(exp(neg(cross_entropy(activations, target, {.reduction = Reduction::none}))), ({6}), 1e-4,
               .6025, .4979, .1332, .0034, .4041, .3661);
  CHECK_VALUES(cross_entropy(activations, target, {.reduction = Reduction::none}), ({6}), 1e-4, .5067, .6973,
               2.0160, 5.6958, .9062, 1.0048);
  CHECK(nll_loss(log_softmax(activations, 1), target).item() == Approx(1.8045).epsilon(1e-4));
}

TEST_CASE("losses refuse what cannot be meant") {
  CHECK_THROWS_WITH(mse_loss(zeros({4, 1}), zeros({4})),
                    "[mse_loss] prediction (4, 1) and target (4): the shapes differ");
  CHECK_THROWS_WITH(cross_entropy(zeros({2, 3}), tensor({0, 3})),
                    "[cross_entropy] target 3 of item 1: expected 0 to 2, or -100 to ignore the item");
  CHECK_THROWS_WITH(nll_loss(zeros({2, 3}), tensor({0, -1})),
                    "[nll_loss] targets from -1 to 0: expected 0 to 2, or -100 to ignore the item");
  CHECK_THROWS_WITH(cross_entropy(zeros({2, 3}), zeros({2})),
                    "[cross_entropy] a float32 target: expected int64 class numbers");
  CHECK_THROWS_WITH(cross_entropy(zeros({2, 3}), tensor({{0}, {1}})),
                    "[cross_entropy] scores (2, 3) and target (2, 1): expected a target (2)");
  CHECK_THROWS_WITH(cross_entropy(zeros({2, 3}), tensor({0, 1}), {.weight = ones({2})}),
                    "[cross_entropy] weight (2): expected one for each class, (3)");
  CHECK_THROWS_AS(huber_loss(zeros({2}), zeros({2}), {.delta = 0}), ValueError);
  for (Device device : test_devices())
    if (!device.is_cpu())
      CHECK(std::isnan(cross_entropy(zeros({1, 3}).to(device), tensor({7}).to(device)).item()));
}

}  // namespace minitorch::testing
