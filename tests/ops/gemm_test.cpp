// SPDX-License-Identifier: MIT
// The products of GPU and simulator by tiles, against the CPU's: each size of tile, each layout of the
// operands, ragged edges, cut sums.
#include <cmath>

#include "minitorch/core/dispatch.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/simt/control.h"
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

namespace {

// What products in a narrow type may differ from those of the rounded operands in float32: the sums are in
// float32 and rounded once.
double rounding_of(Dtype dtype) { return dtype == kFloat16 ? 1e-3 : dtype == kBFloat16 ? 8e-3 : 2e-5; }

void check_mixed(const Product& p, Dtype dtype, Layout la, Layout lb, Layout lc) {
  const Tensor a = uniform_input({p.batch, p.rows, p.inner}, -1, 1).to(dtype),
               b = uniform_input({p.batch, p.inner, p.cols}, -1, 1).to(dtype);
  const Tensor expected = matmul(a.to(kFloat32), b.to(kFloat32));
  for (Device device : test_devices()) {
    INFO(p.what << " in " << name(dtype) << " on " << to_string(device) << ", layouts " << la << " " << lb
                << " " << lc);
    const Tensor x = laid_out(a.to(device), la), y = laid_out(b.to(device), lb),
                 c = laid_out(full({p.batch, p.rows, p.cols}, NAN, {dtype, device}), lc);
    MT_DISPATCH(device, matmul_mixed, view_of(x), view_of(y), view_of(c), MatmulFinish{});
    CHECK(difference(expected, c.to(kFloat32), rounding_of(dtype)) == "");
  }
}

const Product kMixedProducts[] = {
    {"a corner of one tile", 1, 3, 5, 7},   {"small tiles, vectors", 2, 72, 40, 88},
    {"small tiles, ragged", 1, 70, 35, 67}, {"large tiles, vectors", 1, 520, 24, 512},
    {"a cut sum", 2, 34, 1100, 30},         {"nothing to add", 1, 5, 0, 6},
};

}  // namespace

TEST_CASE("op table: products on tensor cores") {
  for (Dtype dtype : {kFloat16, kBFloat16})
    for (const Product& p : kMixedProducts) {
      check_mixed(p, dtype, kRows, kRows, kRows);
      check_mixed(p, dtype, kRows, kColumns, kRows);
      if (dtype == kBFloat16 || p.rows > 500) continue;
      check_mixed(p, dtype, kColumns, kRows, kRows);
      check_mixed(p, dtype, kColumns, kColumns, kColumns);
      check_mixed(p, dtype, kGaps, kGaps, kGaps);
    }
}

TEST_CASE("op table: TF32 rounds the operands of products, where it is allowed") {
  const Tensor a = uniform_input({37, 130}, -1, 1), b = uniform_input({130, 70}, -1, 1);
  const Tensor exact = matmul(a, b);
  for (Device device : test_devices()) {
    set_allow_tf32(true);
    const Tensor rounded = matmul(a.to(device), b.to(device)).cpu();
    const Tensor across = matmul(a.t().contiguous().to(device).t(), b.t().contiguous().to(device).t()).cpu();
    set_allow_tf32(false);
    const Tensor again = matmul(a.to(device), b.to(device)).cpu();
    CHECK(difference(exact, rounded, 4e-3) == "");
    CHECK(difference(rounded, across, 2e-5) == "");
    CHECK(difference(exact, again, 2e-5) == "");
    // Before sm_80 there is no TF32, and products stay as they are.
    if (device == Device::sim())
      CHECK((difference(exact, rounded, 2e-5) != "") == (simt::compute_capability() >= 80));
  }
}

TEST_CASE("op table: gradients of products in float16") {
  const Tensor x = uniform_input({20, 33}, -1, 1), w = uniform_input({17, 33}, -1, 1),
               bias = uniform_input({17}, -1, 1);
  // None for results next to the bend of the ReLU, where float16 may be on its other side.
  const Tensor dy = where(linear(x, w, bias).abs() > 0.02, uniform_input({20, 17}, -1, 1), 0);
  auto gradients = [&](Device device, Dtype dtype) {
    const Tensor a = x.to(device).clone().requires_grad_(), b = w.to(device).clone().requires_grad_(),
                 c = bias.to(device).clone().requires_grad_();
    const Tensor y = linear(a.to(dtype), b.to(dtype), c, true);
    CHECK(y.dtype() == dtype);
    y.backward(dy.to(device).to(dtype));
    return std::vector<Tensor>{y.detach().to(kFloat32).cpu(), a.grad().cpu(), b.grad().cpu(), c.grad().cpu()};
  };
  const auto expected = gradients(Device::cpu(), kFloat32);
  for (Device device : test_devices()) {
    const auto got = gradients(device, kFloat16);
    for (std::size_t i = 0; i < got.size(); ++i) {
      INFO("result " << i << " on " << to_string(device));
      CHECK(got[i].dtype() == kFloat32);  // of the master weights
      CHECK(difference(expected[i], got[i], 1e-2) == "");
    }
  }
}

}  // namespace minitorch::testing
