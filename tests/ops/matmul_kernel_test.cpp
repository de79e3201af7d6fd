// SPDX-License-Identifier: MIT
// The matrix product kernels against a double loop: ragged sizes, strides, batches, threads.
#include "minitorch/ops/matmul/matmul_kernels.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "minitorch/core/parallel.h"

using namespace minitorch;

namespace {

std::vector<float> random_floats(int64_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(n);
  for (float& v : values) v = uniform(generator);
  return values;
}

struct Product {
  int64_t batch, rows, inner, cols;
};

// Operands whose memory order is chosen; strides of 2 and gaps make sure that nothing is taken for
// contiguous.
enum Layout { kRows, kColumns, kGaps, kBroadcast };

struct Operand {
  std::vector<float> values;
  View<const float, 3> view;
  Operand(int64_t batch, int64_t rows, int64_t cols, Layout layout, unsigned seed)
      : values(random_floats(batch * (rows * 2 + 1) * (cols * 3 + 1) + 1, seed)) {
    view = {values.data(), {batch, rows, cols}, {rows * cols, cols, 1}};
    if (layout == kColumns) view.stride[1] = 1, view.stride[2] = rows;
    if (layout == kGaps)
      view.stride[0] = rows * 2 * (cols * 3 + 1), view.stride[1] = 2 * (cols * 3 + 1), view.stride[2] = 3;
    if (layout == kBroadcast) view.stride[0] = 0;
  }
};

double exact(const Operand& a, const Operand& b, int64_t n, int64_t i, int64_t j) {
  double sum = 0;
  for (int64_t k = 0; k < a.view.size[2]; ++k) sum += double(a.view(n, i, k)) * b.view(n, k, j);
  return sum;
}

// The largest error, relative to what rounding of that many terms of size about 1/3 may give.
double error_of(const Product& p, Layout la, Layout lb, bool accumulate, bool columns_of_c) {
  const Operand a(p.batch, p.rows, p.inner, la, 1), b(p.batch, p.inner, p.cols, lb, 2);
  const auto before = random_floats(p.batch * p.rows * p.cols, 3);
  auto c = before;
  View<float, 3> view{c.data(), {p.batch, p.rows, p.cols}, {p.rows * p.cols, p.cols, 1}};
  if (columns_of_c) view.stride[1] = 1, view.stride[2] = p.rows;
  cpu::matmul(a.view, b.view, view, accumulate);
  double worst = 0;
  for (int64_t n = 0; n < p.batch; ++n)
    for (int64_t i = 0; i < p.rows; ++i)
      for (int64_t j = 0; j < p.cols; ++j) {
        const float& got = view(n, i, j);
        const double expected = exact(a, b, n, i, j) + (accumulate ? before[&got - c.data()] : 0.f);
        const double difference = std::abs(got - expected) / (1e-6 * std::sqrt(p.inner + 1.0));
        worst = difference > worst || std::isnan(difference) ? difference : worst;
      }
  return worst;
}

const Product kShapes[] = {{1, 1, 1, 1},     {1, 1, 7, 5},      {1, 5, 7, 1},      {1, 1, 300, 129},
                           {1, 129, 300, 1}, {1, 2, 3, 4},      {1, 6, 8, 16},     {1, 7, 9, 17},
                           {1, 14, 33, 31},  {1, 13, 40, 47},   {1, 64, 100, 30},  {1, 30, 100, 64},
                           {1, 33, 515, 18}, {1, 200, 17, 100}, {1, 61, 1030, 35}, {3, 5, 6, 7},
                           {17, 4, 5, 19},   {2, 300, 3, 2},    {1, 12, 1, 33},    {5, 1, 9, 3}};

struct ThreadCount {  // restored at the end of the test
  int before = num_threads();
  ~ThreadCount() { set_num_threads(before); }
};

}  // namespace

TEST_CASE("matmul is the sum over k for every layout of its operands") {
  for (const Product& p : kShapes)
    for (Layout la : {kRows, kColumns, kGaps})
      for (Layout lb : {kRows, kColumns, kGaps}) {
        INFO(p.batch << " x " << p.rows << " x " << p.inner << " x " << p.cols << ", layouts " << la << " "
                     << lb);
        CHECK(error_of(p, la, lb, false, false) < 1);
      }
}

TEST_CASE("matmul adds, repeats a matrix along the batch and writes columns") {
  for (const Product& p : kShapes) {
    INFO(p.batch << " x " << p.rows << " x " << p.inner << " x " << p.cols);
    CHECK(error_of(p, kRows, kColumns, true, false) < 1);
    CHECK(error_of(p, kRows, kRows, false, true) < 1);
    CHECK(error_of(p, kColumns, kGaps, true, true) < 1);
    CHECK(error_of(p, kBroadcast, kRows, false, false) < 1);
    CHECK(error_of(p, kRows, kBroadcast, true, false) < 1);
  }
}

TEST_CASE("matmul writes between the elements of c that it owns and nowhere else") {
  const Operand a(1, 5, 4, kRows, 1), b(1, 4, 9, kRows, 2);
  std::vector<float> c(5 * 30 + 1, -7.f);
  View<float, 3> view{c.data(), {1, 5, 9}, {0, 30, 3}};
  cpu::matmul(a.view, b.view, view, false);
  int untouched = 0;
  for (float v : c) untouched += v == -7.f;
  CHECK(untouched == 5 * 30 + 1 - 5 * 9);
  CHECK(view(0, 4, 8) == Approx(exact(a, b, 0, 4, 8)).epsilon(1e-5));
}

TEST_CASE("a product over an empty axis is zero, and an empty product writes nothing") {
  std::vector<float> c{5, 5, 5, 5, 5, 5};
  cpu::matmul({nullptr, {1, 2, 0}, {0, 0, 1}}, {nullptr, {1, 0, 3}, {0, 3, 1}},
              {c.data(), {1, 2, 3}, {6, 3, 1}}, false);
  CHECK(c == std::vector<float>(6, 0.f));
  cpu::matmul({nullptr, {1, 0, 2}, {0, 2, 1}}, {c.data(), {1, 2, 3}, {6, 3, 1}},
              {nullptr, {1, 0, 3}, {0, 3, 1}}, false);
  cpu::matmul({nullptr, {0, 1, 2}, {2, 2, 1}}, {c.data(), {0, 2, 3}, {6, 3, 1}},
              {nullptr, {0, 1, 3}, {3, 3, 1}}, false);
}

TEST_CASE("linear adds the bias and cuts below zero") {
  for (const Product& p : kShapes)
    for (bool bias : {false, true})
      for (bool relu : {false, true}) {
        const Operand x(1, p.rows, p.inner, kRows, 1), w(1, p.cols, p.inner, kRows, 2);
        const auto b = random_floats(p.cols, 3);
        std::vector<float> y(p.rows * p.cols, -7.f);
        cpu::linear({x.values.data(), {p.rows, p.inner}, {p.inner, 1}},
                    {w.values.data(), {p.cols, p.inner}, {p.inner, 1}}, bias ? b.data() : nullptr, relu,
                    {y.data(), {p.rows, p.cols}, {p.cols, 1}});
        double worst = 0;
        for (int64_t i = 0; i < p.rows; ++i)
          for (int64_t j = 0; j < p.cols; ++j) {
            double sum = bias ? b[j] : 0;
            for (int64_t k = 0; k < p.inner; ++k) sum += double(x.view(0, i, k)) * w.view(0, j, k);
            worst = std::max(worst, std::abs(y[i * p.cols + j] - (relu ? std::max(sum, 0.0) : sum)));
          }
        INFO(p.rows << " x " << p.inner << " x " << p.cols << " bias " << bias << " relu " << relu);
        CHECK(worst < 1e-6 * std::sqrt(p.inner + 1.0));
      }
}

TEST_CASE("linear keeps not-a-number through relu") {
  for (int64_t rows : {1, 3}) {
    std::vector<float> x(rows * 2, std::numeric_limits<float>::quiet_NaN()), w{1, 1}, y(rows);
    cpu::linear({x.data(), {rows, 2}, {2, 1}}, {w.data(), {1, 2}, {2, 1}}, nullptr, true,
                {y.data(), {rows, 1}, {1, 1}});
    for (float v : y) CHECK(std::isnan(v));
  }
}

TEST_CASE("matmul gives the same bits with any number of threads") {
  ThreadCount restore;
  for (const Product& p : {Product{1, 200, 600, 190}, Product{1, 64, 784, 30}, Product{1, 1, 700, 900},
                           Product{1, 900, 700, 1}, Product{13, 40, 50, 60}, Product{3, 100, 90, 120},
                           Product{1, 7, 900, 45}, Product{1, 250, 700, 19}, Product{1, 150, 1300, 16}})
    for (Layout lb : {kRows, kColumns, kGaps}) {
      const Operand a(p.batch, p.rows, p.inner, kRows, 1), b(p.batch, p.inner, p.cols, lb, 2);
      std::vector<float> first;
      for (int threads : {1, 2, 3}) {
        set_num_threads(threads);
        std::vector<float> c(p.batch * p.rows * p.cols, 9.f);
        cpu::matmul(a.view, b.view, {c.data(), {p.batch, p.rows, p.cols}, {p.rows * p.cols, p.cols, 1}},
                    false);
        if (threads == 1) first = c;
        INFO(p.rows << " x " << p.inner << " x " << p.cols << ", " << threads << " threads");
        CHECK((c == first));
      }
    }
}
