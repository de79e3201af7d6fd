// SPDX-License-Identifier: MIT
// Every strategy of the CPU's convolution against the definition, summed in double precision.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "minitorch/core/memory.h"
#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_strategies.h"

using namespace minitorch;
using namespace minitorch::cpu;

namespace {

std::vector<float> random_floats(int64_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(n);
  for (float& v : values) v = uniform(generator);
  return values;
}

std::string describe(const Conv2dShape& s) {
  std::string text;
  for (int64_t v : {s.n, s.ci, s.h, s.w, s.co, s.kh, s.kw, s.stride_h, s.stride_w, s.top, s.left, s.bottom,
                    s.right, s.dilation_h, s.dilation_w, s.groups})
    text += std::to_string(v) + " ";
  return text;
}

struct Problem {
  Conv2dShape shape;
  std::vector<float> x, w, bias, dy;
  explicit Problem(const Conv2dShape& s)
      : shape(s),
        x(random_floats(s.n * s.ci * s.h * s.w, 1)),
        w(random_floats(s.co * (s.ci / s.groups) * s.kh * s.kw, 2)),
        bias(random_floats(s.co, 3)),
        dy(random_floats(s.n * s.co * s.out_h() * s.out_w(), 4)) {}
};

// Calls body(place in x, place in w, place in y, output channel) for every product of the definition.
template <class Body>
void each_product(const Conv2dShape& s, Body&& body) {
  const int64_t oh = s.out_h(), ow = s.out_w(), ci = s.ci / s.groups, co = s.co / s.groups;
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t o = 0; o < s.co; ++o)
      for (int64_t p = 0; p < oh; ++p)
        for (int64_t q = 0; q < ow; ++q)
          for (int64_t i = 0; i < ci; ++i)
            for (int64_t a = 0; a < s.kh; ++a)
              for (int64_t b = 0; b < s.kw; ++b) {
                const int64_t y = p * s.stride_h - s.top + a * s.dilation_h,
                              x = q * s.stride_w - s.left + b * s.dilation_w;
                if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
                body(((n * s.ci + o / co * ci + i) * s.h + y) * s.w + x, ((o * ci + i) * s.kh + a) * s.kw + b,
                     ((n * s.co + o) * oh + p) * ow + q);
              }
}

struct Exact {
  std::vector<double> y, dx, dw;
  explicit Exact(const Problem& p) : y(p.dy.size()), dx(p.x.size()), dw(p.w.size()) {
    const int64_t plane = p.shape.out_h() * p.shape.out_w();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = p.bias[i / plane % p.shape.co];
    each_product(p.shape, [&](int64_t x, int64_t w, int64_t at) {
      y[at] += double(p.x[x]) * p.w[w];
      dx[x] += double(p.dy[at]) * p.w[w];
      dw[w] += double(p.dy[at]) * p.x[x];
    });
  }
};

struct Results {
  std::vector<float> y, dx, dw;
};
Results run(const ConvStrategy& strategy, const Problem& p) {
  Results r{std::vector<float>(p.dy.size(), NAN), std::vector<float>(p.x.size(), NAN),
            std::vector<float>(p.w.size(), NAN)};
  conv2d_forward_by(strategy, p.shape, p.x.data(), p.w.data(), p.bias.data(), r.y.data());
  conv2d_backward_data_by(strategy, p.shape, p.dy.data(), p.w.data(), r.dx.data());
  if (strategy.backward_weights)
    conv2d_backward_weights_by(strategy, p.shape, p.x.data(), p.dy.data(), r.dw.data());
  return r;
}

// The largest difference, in units of the largest value (or of 1, should all be small).
double difference(const std::vector<float>& got, const std::vector<double>& expected) {
  double worst = 0, largest = 1;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double d = std::abs(got[i] - expected[i]);
    worst = d > worst || std::isnan(d) ? d : worst;
    largest = std::max(largest, std::abs(expected[i]));
  }
  return worst / largest;
}

const ConvStrategy* const kStrategies[] = {&kConvIm2col,        &kConvImplicit,    &kConvWinograd,
                                           &kConvPointwise,     &kConvFewChannels, &kConvDepthwise,
                                           &kConvDepthwiseSmall};

void check_all_strategies(const Conv2dShape& shape) {
  const Problem problem(shape);
  const Exact exact(problem);
  for (const ConvStrategy* strategy : kStrategies) {
    if (!strategy->handles(shape)) continue;
    INFO(strategy->name << ": n ci h w, co kh kw, strides, padding, dilation, groups = " << describe(shape));
    const Results r = run(*strategy, problem);
    CHECK(difference(r.y, exact.y) < 3e-6);
    CHECK(difference(r.dx, exact.dx) < 3e-6);
    if (strategy->backward_weights) CHECK(difference(r.dw, exact.dw) < 3e-6);
  }
}

Conv2dShape square(int64_t n, int64_t ci, int64_t size, int64_t co, int64_t k, int64_t stride,
                   int64_t padding) {
  return {.n = n,
          .ci = ci,
          .h = size,
          .w = size,
          .co = co,
          .kh = k,
          .kw = k,
          .stride_h = stride,
          .stride_w = stride,
          .top = padding,
          .left = padding,
          .bottom = padding,
          .right = padding};
}

struct ThreadCount {  // restored at the end of the test
  int before = num_threads();
  ~ThreadCount() { set_num_threads(before); }
};

}  // namespace

TEST_CASE("every strategy computes the definition of a convolution, sizes at random") {
  std::mt19937 generator(7);
  const auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(generator);
  };
  for (int i = 0; i < 300; ++i) {
    Conv2dShape s{.n = draw(0, 5),
                  .ci = draw(1, 9),
                  .h = draw(1, 19),
                  .w = draw(1, 19),
                  .co = draw(1, 17),
                  .kh = draw(1, 5),
                  .kw = draw(1, 5)};
    if (i % 3 == 0) s.kw = s.kh;
    s.stride_h = draw(1, 3), s.stride_w = i % 2 ? s.stride_h : draw(1, 3);
    s.top = draw(0, 4), s.left = draw(0, 4), s.bottom = draw(0, 4), s.right = draw(0, 4);
    if (i % 4 == 0) s.dilation_h = draw(1, 3), s.dilation_w = draw(1, 3);
    if (i % 5 == 0) s.groups = draw(2, 3), s.ci *= s.groups, s.co *= s.groups;
    if (i % 5 == 1) s.groups = s.co = s.ci;
    check_all_strategies(s);
  }
}

TEST_CASE("3x3 convolutions of stride 1 with every border and odd sizes") {
  for (int64_t size : {1, 2, 3, 4, 5, 7, 8, 14, 17, 33})
    for (int64_t padding : {0, 1, 2}) {
      if (size + 2 * padding < 3) continue;
      check_all_strategies(square(3, 5, size, 7, 3, 1, padding));
      Conv2dShape s = square(2, 18, size, 17, 3, 1, padding);
      s.bottom = 0, s.right = padding + 1;
      if (size + padding >= 3) check_all_strategies(s);
    }
  check_all_strategies(square(40, 20, 6, 33, 3, 1, 1));
  check_all_strategies(square(1, 3, 70, 2, 3, 1, 1));
}

TEST_CASE("pictures of a few pixels and many channels") {
  check_all_strategies(square(40, 100, 2, 70, 3, 1, 1));
  check_all_strategies(square(33, 70, 4, 90, 3, 2, 1));
  check_all_strategies(square(65, 33, 3, 41, 3, 2, 1));
}

TEST_CASE("1x1 convolutions of small, ragged and large planes") {
  for (int64_t size : {1, 2, 3, 5, 7, 13, 21})
    for (int64_t stride : {1, 2, 3}) check_all_strategies(square(4, 19, size, 23, 1, stride, 0));
}

TEST_CASE("few channels in batches that do not fill the vectors") {
  for (int64_t n : {1, 7, 33, 70})
    for (int64_t k : {2, 3, 5})
      for (int64_t stride : {1, 2}) check_all_strategies(square(n, 3, 9, 10, k, stride, k / 2));
  check_all_strategies(square(130, 64, 2, 10, 3, 2, 1));
  check_all_strategies(square(65, 1, 28, 8, 5, 2, 2));
  check_all_strategies(
      square(19, 3, 64, 64, 3, 2, 1));  // gradients of few weights: two and three images a part
}

TEST_CASE("depthwise convolutions with TensorFlow's padding") {
  for (int64_t k : {2, 3, 5, 7})
    for (int64_t stride : {1, 2, 3})
      for (int64_t size : {k - 1, k, 2 * k + 1, int64_t{24}}) {
        Conv2dShape s = square(3, 37, size, 37, k, stride, 0);
        s.groups = 37;
        const int64_t outputs = (size + stride - 1) / stride,
                      total = std::max<int64_t>((outputs - 1) * stride + k - size, 0);
        s.top = s.left = total / 2, s.bottom = s.right = total - total / 2;
        check_all_strategies(s);
        s.top = 0, s.right += 2;
        check_all_strategies(s);
      }
}

TEST_CASE(
    "an empty batch writes nothing, a filter larger than the image gives no outputs and zero gradients") {
  const Problem empty(square(0, 3, 8, 4, 3, 1, 1));
  std::vector<float> dw(empty.w.size(), 5.f);
  conv2d_forward(empty.shape, nullptr, empty.w.data(), nullptr, nullptr);
  conv2d_backward_data(empty.shape, nullptr, empty.w.data(), nullptr);
  conv2d_backward_weights(empty.shape, nullptr, nullptr, dw.data());
  CHECK(dw == std::vector<float>(empty.w.size(), 0.f));

  const Problem large(square(2, 3, 4, 4, 5, 1, 0));
  CHECK(large.shape.out_h() == 0);
  std::vector<float> dx(large.x.size(), 5.f);
  conv2d_backward_data(large.shape, nullptr, large.w.data(), dx.data());
  CHECK(dx == std::vector<float>(large.x.size(), 0.f));
}

TEST_CASE("a convolution without bias adds none") {
  for (const Conv2dShape& s :
       {square(2, 3, 9, 5, 3, 1, 1), square(40, 3, 9, 5, 3, 2, 1), square(2, 8, 5, 9, 1, 1, 0)}) {
    const Problem p(s);
    std::vector<float> with(p.dy.size()), without(p.dy.size()), zero(s.co, 0.f);
    conv2d_forward(s, p.x.data(), p.w.data(), zero.data(), with.data());
    conv2d_forward(s, p.x.data(), p.w.data(), nullptr, without.data());
    CHECK(with == without);
  }
}

TEST_CASE("each shape gets the strategy that was measured to be fastest") {
  const auto name = [](const Conv2dShape& s, ConvPass pass) {
    return std::string(choose_conv_strategy(s, pass).name);
  };
  const ConvPass forward = ConvPass::kForward, weights = ConvPass::kBackwardWeights;
  CHECK(name(square(32, 64, 16, 64, 3, 1, 1), forward) == "winograd");
  CHECK(name(square(32, 64, 16, 64, 3, 1, 1), ConvPass::kBackwardData) == "winograd");
  CHECK(name(square(32, 64, 16, 64, 3, 1, 1), weights) == "winograd");
  CHECK(name(square(32, 64, 16, 128, 3, 2, 1), weights) == "implicit");
  CHECK(name(square(32, 64, 16, 128, 3, 2, 1), forward) == "implicit");
  CHECK(name(square(32, 64, 16, 128, 1, 2, 0), forward) == "pointwise");
  CHECK(name(square(64, 1, 28, 8, 5, 2, 2), forward) == "few_channels");
  CHECK(name(square(64, 1, 28, 8, 5, 2, 2), weights) == "few_channels");
  CHECK(name(square(32, 512, 2, 512, 3, 1, 1), forward) == "few_channels");
  CHECK(name(square(32, 512, 2, 512, 3, 1, 1), weights) == "winograd");
  Conv2dShape depthwise = square(8, 32, 24, 32, 3, 2, 1);
  depthwise.groups = 32;
  CHECK(name(depthwise, forward) == "depthwise");
  depthwise.h = depthwise.w = 8;
  CHECK(name(depthwise, forward) == "depthwise_small");
  CHECK(name(square(1, 3, 10, 4, 3, 1, 1), forward) == "implicit");
}

TEST_CASE("convolutions give the same bits with any number of threads") {
  ThreadCount restore;
  Conv2dShape depthwise = square(3, 40, 15, 40, 3, 2, 1), grouped = square(5, 24, 9, 36, 3, 1, 1);
  depthwise.groups = 40, grouped.groups = 3;
  for (const Conv2dShape& shape :
       {square(70, 5, 9, 12, 3, 2, 1), square(9, 17, 14, 20, 3, 1, 1), depthwise, grouped,
        square(9, 30, 7, 40, 1, 1, 0), square(6, 30, 22, 40, 1, 1, 0), square(19, 3, 32, 64, 3, 1, 1)}) {
    const Problem problem(shape);
    for (const ConvStrategy* strategy : kStrategies) {
      if (!strategy->handles(shape)) continue;
      Results first;
      for (int threads : {1, 2, 3}) {
        set_num_threads(threads);
        Results r = run(*strategy, problem);
        INFO(strategy->name << " with " << threads << " threads: " << describe(shape));
        if (threads == 1) first = r;
        CHECK((r.y == first.y));
        CHECK((r.dx == first.dx));
        if (strategy->backward_weights) CHECK((r.dw == first.dw));
      }
    }
  }
}

TEST_CASE("convolutions give their scratch memory back") {
  const Problem p(square(33, 16, 12, 16, 3, 1, 1));
  const std::size_t before = memory_stats(Device::cpu()).in_use;
  for (const ConvStrategy* strategy : kStrategies)
    if (strategy->handles(p.shape)) run(*strategy, p);
  CHECK(memory_stats(Device::cpu()).in_use == before);
}
