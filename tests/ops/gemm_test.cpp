// SPDX-License-Identifier: MIT
// The products of GPU and simulator by tiles, against the CPU's: each size of tile, each layout of the
// operands, ragged edges, cut sums.
#include <cmath>

#include "minitorch/core/dispatch.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

struct Product {
  const char* what;
  int64_t batch, rows, inner, cols;
};

const Product kProducts[] = {
    {"a corner of one small tile", 1, 3, 5, 7},
    {"one element", 1, 1, 1, 1},
    {"a row", 1, 1, 40, 70},
    {"a column", 1, 70, 40, 1},
    {"small tiles, ragged", 3, 37, 21, 41},
    {"small tiles, vectors", 2, 36, 16, 40},
    {"middle tiles, ragged", 1, 257, 19, 259},
    {"large tiles, ragged", 1, 513, 17, 518},
    {"large tiles, vectors", 1, 512, 20, 512},
    {"a cut sum", 2, 34, 700, 30},
    {"a cut sum, vectors", 1, 64, 528, 32},
    {"nothing to add", 2, 5, 0, 6},
};

enum Layout { kRows, kColumns, kGaps };

// A view (batch, rows, cols) with the memory order asked for.
Tensor laid_out(const Tensor& x, Layout layout) {
  const int64_t n = x.size(0), r = x.size(1), c = x.size(2);
  if (layout == kColumns) return x.transpose(1, 2).contiguous().transpose(1, 2);
  if (layout == kRows) return x.clone();
  Tensor wide = full({n, r * 2, c * 3}, 7, x.options());
  Tensor y = wide.slice(1, 1, 2 * r, 2).slice(2, 0, 3 * c, 3);
  y.copy_(x);
  return y;
}

Tensor product_on(Device device, const Tensor& a, Layout la, const Tensor& b, Layout lb, Layout lc,
                  bool accumulate, const Tensor& before) {
  const Tensor x = laid_out(a.to(device), la), y = laid_out(b.to(device), lb),
               c = laid_out(before.to(device), lc);
  MT_DISPATCH(device, matmul, (view_of<const float, 3>(x)), (view_of<const float, 3>(y)),
              (view_of<float, 3>(c)), accumulate);
  return c.contiguous().cpu();
}

void check_product(const Product& p, Layout la, Layout lb, Layout lc, bool accumulate) {
  const Tensor a = uniform_input({p.batch, p.rows, p.inner}, -1, 1),
               b = uniform_input({p.batch, p.inner, p.cols}, -1, 1);
  const Tensor before =
      accumulate ? uniform_input({p.batch, p.rows, p.cols}, -1, 1) : full({p.batch, p.rows, p.cols}, NAN);
  const Tensor expected = product_on(Device::cpu(), a, kRows, b, kRows, kRows, accumulate, before);
  for (Device device : test_devices()) {
    if (device.is_cpu()) continue;
    INFO(p.what << " on " << to_string(device) << ", layouts " << la << " " << lb << " " << lc
                << ", accumulate " << accumulate);
    CHECK(difference(expected, product_on(device, a, la, b, lb, lc, accumulate, before), 2e-5) == "");
  }
}

}  // namespace

TEST_CASE("op table: products by tiles, every size and layout") {
  for (const Product& p : kProducts) {
    check_product(p, kRows, kRows, kRows, false);
    check_product(p, kRows, kColumns, kRows, true);
    check_product(p, kColumns, kRows, kRows, false);
    if (p.rows * p.cols > 10000) continue;
    check_product(p, kColumns, kColumns, kRows, false);
    check_product(p, kGaps, kRows, kGaps, false);
    check_product(p, kRows, kGaps, kColumns, true);
  }
}

TEST_CASE("op table: a product of a broadcast matrix, and linear with its bias and ReLU") {
  const Tensor a = uniform_input({1, 20, 24}, -1, 1), b = uniform_input({4, 24, 9}, -1, 1);
  const Tensor x = uniform_input({70, 530}, -1, 1), w = uniform_input({33, 530}, -1, 1),
               bias = uniform_input({33}, -1, 1);
  const Tensor product = matmul(a, b), y = linear(x, w, bias, true);
  for (Device device : test_devices()) {
    CHECK(difference(product, matmul(a.to(device).expand({4, 20, 24}), b.to(device)), 2e-5) == "");
    CHECK(difference(y, linear(x.to(device), w.to(device), bias.to(device), true), 2e-5) == "");
    CHECK(difference(linear(x, w), linear(x.to(device), w.to(device)), 2e-5) == "");
  }
}

}  // namespace minitorch::testing
