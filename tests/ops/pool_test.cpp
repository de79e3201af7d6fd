// SPDX-License-Identifier: MIT
#include <limits>

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

struct Window {
  int64_t k, s, p;
  bool ceil;
};

// Pools every plane of (n, c, h, w) in plain loops.
Array pool(const Array& x, Window v, bool maximum, bool include_pad, int64_t oh, int64_t ow) {
  Array y({x.size(0), x.size(1), oh, ow});
  for (int64_t n = 0; n < x.size(0); ++n)
    for (int64_t c = 0; c < x.size(1); ++c)
      for (int64_t i = 0; i < oh; ++i)
        for (int64_t j = 0; j < ow; ++j) {
          double best = -std::numeric_limits<double>::infinity(), total = 0;
          int64_t inside = 0, counted = 0;
          for (int64_t a = i * v.s - v.p; a < i * v.s - v.p + v.k; ++a)
            for (int64_t b = j * v.s - v.p; b < j * v.s - v.p + v.k; ++b) {
              if (a < x.size(2) + v.p && b < x.size(3) + v.p) ++counted;
              if (a < 0 || b < 0 || a >= x.size(2) || b >= x.size(3)) continue;
              ++inside;
              best = std::max(best, x(n, c, a, b));
              total += x(n, c, a, b);
            }
          y(n, c, i, j) = maximum ? best : total / static_cast<double>(include_pad ? counted : inside);
        }
  return y;
}

Array adaptive(const Array& x, int64_t oh, int64_t ow, bool maximum) {
  Array y({x.size(0), x.size(1), oh, ow});
  for (int64_t n = 0; n < x.size(0); ++n)
    for (int64_t c = 0; c < x.size(1); ++c)
      for (int64_t i = 0; i < oh; ++i)
        for (int64_t j = 0; j < ow; ++j) {
          const int64_t r0 = i * x.size(2) / oh, r1 = ((i + 1) * x.size(2) + oh - 1) / oh;
          const int64_t c0 = j * x.size(3) / ow, c1 = ((j + 1) * x.size(3) + ow - 1) / ow;
          double best = -std::numeric_limits<double>::infinity(), total = 0;
          for (int64_t a = r0; a < r1; ++a)
            for (int64_t b = c0; b < c1; ++b) best = std::max(best, x(n, c, a, b)), total += x(n, c, a, b);
          y(n, c, i, j) = maximum ? best : total / static_cast<double>((r1 - r0) * (c1 - c0));
        }
  return y;
}

// Distinct values, far enough apart for the steps of the numeric gradient.
Tensor spread(const Shape& shape) { return to(randperm(shape.numel()), kFloat32).reshape(shape) * 0.1 - 3; }

}  // namespace

TEST_CASE("op table: max_pool2d and avg_pool2d") {
  for (const Window v : {Window{3, 2, 1, false},
                         {2, 2, 0, false},
                         {3, 2, 0, true},
                         {2, 2, 0, true},
                         {3, 1, 1, false},
                         {5, 3, 2, false}})
    for (const Shape& shape : {Shape{2, 3, 7, 11}, Shape{1, 1, 5, 5}}) {
      const PoolOptions o{.stride = v.s, .padding = v.p, .ceil_mode = v.ceil};
      const Shape out = avg_pool2d(ones(shape), v.k, o).shape();
      check_op({.name = "max_pool2d",
                .op = [=](const Tensors& in) { return max_pool2d(in[0], v.k, o); },
                .inputs = {spread(shape)},
                .reference = [=](const Arrays& in) { return pool(in[0], v, true, false, out[2], out[3]); }});
      for (bool include : {true, false}) {
        PoolOptions p = o;
        p.count_include_pad = include;
        check_op(
            {.name = "avg_pool2d",
             .op = [=](const Tensors& in) { return avg_pool2d(in[0], v.k, p); },
             .inputs = {spread(shape)},
             .reference = [=](const Arrays& in) { return pool(in[0], v, false, include, out[2], out[3]); }});
      }
    }
}

TEST_CASE("op table: adaptive pools") {
  for (auto [oh, ow] : {std::pair<int64_t, int64_t>{1, 1}, {3, 2}, {7, 9}}) {
    check_op({.name = "adaptive_avg_pool2d",
              .op =
                  [=](const Tensors& in) {
                    return adaptive_avg_pool2d(in[0], {oh, ow});
                  },
              .inputs = {spread({2, 3, 5, 7})},
              .reference = [=](const Arrays& in) { return adaptive(in[0], oh, ow, false); }});
    check_op({.name = "adaptive_max_pool2d",
              .op =
                  [=](const Tensors& in) {
                    return adaptive_max_pool2d(in[0], {oh, ow});
                  },
              .inputs = {spread({2, 3, 5, 7})},
              .reference = [=](const Arrays& in) { return adaptive(in[0], oh, ow, true); }});
  }
}

TEST_CASE("op table: adaptive pools along one axis") {
  for (const bool maximum : {false, true})
    check_op({.name = maximum ? "adaptive_max_pool1d" : "adaptive_avg_pool1d",
              .op =
                  [=](const Tensors& in) {
                    return maximum ? adaptive_max_pool1d(in[0], 5) : adaptive_avg_pool1d(in[0], 5);
                  },
              .inputs = {spread({2, 3, 13})},
              .reference =
                  [=](const Arrays& in) {
                    Array y = adaptive(Array({2, 3, 1, 13}, in[0].values), 1, 5, maximum);
                    y.shape = {2, 3, 5};
                    return y;
                  }});
}

TEST_CASE("op table: max_pool1d and avg_pool1d") {
  for (const bool maximum : {false, true})
    check_op({.name = maximum ? "max_pool1d" : "avg_pool1d",
              .op =
                  [=](const Tensors& in) {
                    return maximum ? max_pool1d(in[0], 3, 2, 1) : avg_pool1d(in[0], 3, 2, 1);
                  },
              .inputs = {normal_input({2, 3, 12})},
              .reference =
                  [=](const Arrays& in) {
                    Array y({2, 3, 6});
                    for (int64_t n = 0; n < 2; ++n)
                      for (int64_t c = 0; c < 3; ++c)
                        for (int64_t i = 0; i < 6; ++i) {
                          double best = -1e30, total = 0;
                          for (int64_t a = std::max<int64_t>(0, 2 * i - 1); a < 2 * i + 2; ++a)
                            best = std::max(best, in[0](n, c, a)), total += in[0](n, c, a);
                          y(n, c, i) = maximum ? best : total / 3;
                        }
                    return y;
                  }});
}

TEST_CASE("op table: pools give PyTorch's numbers") {
  for (Device device : test_devices()) {
    const Tensor line = arange(5).to(kFloat32).reshape({1, 5}).to(device);
    CHECK_VALUES(max_pool1d(line, 3, 2, 1), ({1, 3}), 0, 1, 3, 4);
    CHECK_VALUES(avg_pool1d(line, 2, 2, 0, true), ({1, 3}), 0, .5, 2.5, 4);
    CHECK_VALUES(avg_pool2d(ones({1, 3, 3}).to(device), 3, {.stride = 1, .padding = 1}), ({1, 3, 3}), 1e-6,
                 .444444, .666667, .444444, .666667, 1, .666667, .444444, .666667, .444444);
    CHECK_VALUES(adaptive_avg_pool1d(arange(7).to(kFloat32).reshape({1, 7}).to(device), 3), ({1, 3}), 0, 1, 3,
                 5);
    CHECK_VALUES(adaptive_avg_pool1d(line, 8), ({1, 8}), 0, 0, .5, 1, 1.5, 2.5, 3, 3.5, 4);
  }
}

TEST_CASE("op table: of equal values the first takes the gradient") {
  for (Device device : test_devices()) {
    Tensor x = zeros({1, 4, 4}).to(device).requires_grad_();
    max_pool2d(x, 2).sum().backward();
    CHECK_VALUES(x.grad(), ({1, 4, 4}), 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0);
  }
}

TEST_CASE("pools refuse what does not fit") {
  CHECK_THROWS_WITH(max_pool2d(ones({1, 2, 2}), 3),
                    "[max_pool2d] a window of 3 does not fit into 2 with padding 0");
  CHECK_THROWS_WITH(max_pool2d(ones({2, 2}), 2),
                    "[max_pool2d] x of shape (2, 2): expected (N, C, H, W) or (C, H, W)");
  CHECK_THROWS_AS(avg_pool2d(ones({1, 4, 4}), 2, {.padding = 2}), ValueError);
}

TEST_CASE("a batch of nothing is pooled, and stays in the graph") {
  for (Device device : test_devices())
    for (const Shape& shape : {Shape{0, 2, 6, 6}, Shape{2, 0, 6, 6}}) {
      const Tensor x = zeros(shape, {kFloat32, device}).requires_grad_();
      sum(max_pool2d(x, 2) + avg_pool2d(x, 2)).backward();
      CHECK(x.grad().shape() == shape);
      CHECK(adaptive_max_pool2d(x, 1).requires_grad());
      CHECK(adaptive_avg_pool2d(x, 3).requires_grad());
    }
}

}  // namespace minitorch::testing
