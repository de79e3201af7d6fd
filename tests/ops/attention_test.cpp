// SPDX-License-Identifier: MIT
// Attention in one kernel, against its composition of products and softmax on the CPU.
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

struct Sizes {
  Shape lead;
  int64_t queries, keys, depth, width;
  bool causal;
};

std::vector<Tensor> results(const Sizes& s, Device device, const std::vector<Tensor>& inputs,
                            const Tensor& dy, Dtype dtype) {
  std::vector<Tensor> x;
  for (const Tensor& t : inputs) x.push_back(t.to(device).clone().requires_grad_());
  const Tensor y =
      scaled_dot_product_attention(x[0].to(dtype), x[1].to(dtype), x[2].to(dtype), {.is_causal = s.causal});
  CHECK(y.dtype() == dtype);
  y.backward(dy.to(device).to(dtype));
  return {y.detach().to(kFloat32).cpu(), x[0].grad().cpu(), x[1].grad().cpu(), x[2].grad().cpu()};
}

void check_sizes(const Sizes& s, Dtype dtype, double tolerance) {
  auto shape = [&](int64_t rows, int64_t cols) {
    Shape all = s.lead;
    return all.push_back(rows).push_back(cols);
  };
  const std::vector<Tensor> inputs = {uniform_input(shape(s.queries, s.depth), -2, 2),
                                      uniform_input(shape(s.keys, s.depth), -2, 2),
                                      uniform_input(shape(s.keys, s.width), -1, 1)};
  const Tensor dy = uniform_input(shape(s.queries, s.width), -1, 1);
  const auto expected = results(s, Device::cpu(), inputs, dy, kFloat32);
  for (Device device : test_devices()) {
    INFO(s.queries << " queries, " << s.keys << " keys, depth " << s.depth << ", width " << s.width
                   << ", causal " << s.causal << ", " << name(dtype) << " on " << to_string(device));
    const auto got = results(s, device, inputs, dy, dtype);
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(difference(expected[i], got[i], tolerance) == "");
  }
}

}  // namespace

TEST_CASE("op table: attention in one kernel") {
  check_sizes({{}, 3, 5, 4, 2, false}, kFloat32, 2e-5);
  check_sizes({{2, 3}, 70, 45, 20, 12, false}, kFloat32, 2e-5);
  check_sizes({{2}, 67, 67, 33, 64, true}, kFloat32, 2e-5);
  check_sizes({{1}, 40, 75, 64, 40, true}, kFloat32, 2e-5);
  check_sizes({{1}, 75, 40, 90, 128, true}, kFloat32, 2e-5);
  check_sizes({{2}, 66, 34, 16, 16, false}, kFloat16, 5e-3);
  check_sizes({{1}, 6, 7, 130, 3, false}, kFloat32, 2e-5);  // too deep for one kernel: composed
}

}  // namespace minitorch::testing
