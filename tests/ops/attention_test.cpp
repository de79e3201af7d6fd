// SPDX-License-Identifier: MIT
// Attention in one kernel, against its composition of products and softmax on the CPU.
#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/profile.h"
#include "minitorch/core/random.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

struct Sizes {
  Shape lead;
  int64_t queries, keys, depth, width;
  bool causal;
  Tensor mask = {};
  double dropout = 0;
};

std::vector<Tensor> results(const Sizes& s, Device device, const std::vector<Tensor>& inputs,
                            const Tensor& dy, Dtype dtype) {
  std::vector<Tensor> x;
  for (const Tensor& t : inputs) x.push_back(t.to(device).clone().requires_grad_());
  manual_seed(7);  // of dropout
  const Tensor y = scaled_dot_product_attention(
      x[0].to(dtype), x[1].to(dtype), x[2].to(dtype),
      {.mask = s.mask.defined() ? s.mask.to(device) : s.mask, .is_causal = s.causal, .dropout = s.dropout});
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
                   << ", causal " << s.causal << ", mask "
                   << (s.mask.defined() ? name(s.mask.dtype()) + (" " + to_string(s.mask.shape())) : "none")
                   << ", dropout " << s.dropout << ", " << name(dtype) << " on " << to_string(device));
    const auto got = results(s, device, inputs, dy, dtype);
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(difference(expected[i], got[i], tolerance) == "");
  }
}

// True for most, and for each query at the first key, so that nobody sees nothing.
Tensor some_seen(const Shape& shape) {
  Tensor mask = uniform_input(shape, 0, 1) < 0.7;
  slice(mask, -1, 0, 1).fill_(true);
  return mask;
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

TEST_CASE("op table: attention in one kernel with masks") {
  check_sizes({{}, 35, 37, 8, 8, false, some_seen({35, 37})}, kFloat32, 2e-5);
  check_sizes({{2, 3}, 35, 20, 8, 5, true, some_seen({2, 1, 1, 20})}, kFloat32, 2e-5);
  check_sizes({{2, 3}, 66, 36, 8, 5, false, uniform_input({3, 66, 1}, -1, 1)}, kFloat32, 2e-5);
  check_sizes({{2, 3}, 7, 36, 8, 5, false, uniform_input({2, 3, 7, 36}, -1, 1)}, kFloat32, 2e-5);
  check_sizes({{2, 1, 3}, 7, 9, 4, 5, false, some_seen({2, 1, 3, 7, 9})}, kFloat32, 2e-5);
  check_sizes({{3}, 7, 9, 4, 5, false, uniform_input({7, 9}, -1, 1).to(kFloat16)}, kFloat16, 5e-3);
}

TEST_CASE("op table: a query that may look nowhere gets 0, and spoils nobody's gradient") {
  Tensor seen = some_seen({3, 5}), added = uniform_input({3, 5}, -1, 1);
  slice(seen, 0, 1, 2).fill_(false);
  slice(added, 0, 1, 2).fill_(-INFINITY);
  const Tensor q = uniform_input({2, 3, 4}, -1, 1), k = uniform_input({2, 5, 4}, -1, 1),
               v = uniform_input({2, 5, 6}, -1, 1), dy = uniform_input({2, 3, 6}, -1, 1);
  const auto without = [](const Tensor& x) { return cat({slice(x, -2, 0, 1), slice(x, -2, 2, 3)}, -2); };
  for (const Tensor& mask : {seen, added})
    for (Device device : test_devices()) {
      INFO(name(mask.dtype()) << " on " << to_string(device));
      const auto all = results({{2}, 3, 5, 4, 6, false, mask}, device, {q, k, v}, dy, kFloat32);
      // The same without that query.
      const auto rest = results({{2}, 2, 5, 4, 6, false, without(mask)}, Device::cpu(), {without(q), k, v},
                                without(dy), kFloat32);
      CHECK(difference(rest[0], without(all[0]), 2e-5) == "");
      CHECK(difference(rest[1], without(all[1]), 2e-5) == "");
      CHECK(difference(rest[2], all[2], 2e-5) == "");
      CHECK(difference(rest[3], all[3], 2e-5) == "");
      CHECK(slice(all[0], 1, 1, 2).abs().max().item() == 0);
      CHECK(slice(all[1], 1, 1, 2).abs().max().item() == 0);
    }
  Tensor bias = added.clone().requires_grad_();
  sum(square(scaled_dot_product_attention(q, k, v, {.mask = bias}))).backward();
  CHECK(bias.grad()[1].abs().max().item() == 0);
  CHECK(bias.grad()[0].abs().max().item() > 0);
}

TEST_CASE("op table: attention in one kernel with dropout drops the same weights on every device") {
  check_sizes({{2}, 35, 38, 8, 8, false, {}, 0.3}, kFloat32, 2e-5);
  check_sizes({{2, 3}, 66, 35, 8, 5, true, {}, 0.5}, kFloat32, 2e-5);
  check_sizes({{1}, 5, 33, 8, 5, false, some_seen({33}), 0.2}, kFloat32, 2e-5);
  check_sizes({{1}, 5, 6, 8, 5, false, {}, 1}, kFloat32, 2e-5);
}

TEST_CASE("attention with a mask and dropout is one kernel on a GPU") {
  const Device sim = Device::sim();
  const Tensor q = uniform_input({2, 5, 4}, -1, 1).to(sim), mask = some_seen({5, 5}).to(sim);
  const auto kernels = [&](const AttentionOptions& options) {
    Profile profile({.trace = "", .print = false, .machine = false});
    scaled_dot_product_attention(q, q, q, options);
    std::vector<std::string> names;
    for (const auto& row : profile.stop().rows)
      if (row.calls > 0) names.push_back(row.op + " x" + std::to_string(row.calls));
    return names;
  };
  const auto plain = kernels({});
  CHECK(plain == std::vector<std::string>{"attention (sim) x1"});
  CHECK(kernels({.mask = mask, .is_causal = true, .dropout = 0.1}) == plain);
}

TEST_CASE("op table: a mask that learns gets its gradient") {
  for (Device device : test_devices()) {
    const Tensor q = uniform_input({5, 4}, -1, 1).to(device);
    const Tensor bias = zeros({5, 5}, {kFloat32, device}).requires_grad_();
    sum(square(scaled_dot_product_attention(q, q, q, {.mask = bias}))).backward();
    CHECK(bias.grad().defined());
    CHECK(bias.grad().abs().max().item() > 1e-3);
  }
}

TEST_CASE("the causal mask of composed attention is made on the device") {
  const Device sim = Device::sim();
  const Tensor q = uniform_input({2, 4, 130}, -1, 1).to(sim);  // too deep for one kernel
  CudaGraph graph(sim);
  Tensor y;
  scaled_dot_product_attention(q, q, q, {.is_causal = true});
  graph.record([&] { y = scaled_dot_product_attention(q, q, q, {.is_causal = true}); });  // refuses copies
  graph.replay();
  CHECK(difference(scaled_dot_product_attention(q.cpu(), q.cpu(), q.cpu(), {.is_causal = true}), y.cpu(),
                   2e-5) == "");
}

}  // namespace minitorch::testing
