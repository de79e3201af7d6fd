// SPDX-License-Identifier: MIT
#include "minitorch/ops/dropout/dropout.h"

#include "minitorch/core/parallel.h"
#include "minitorch/core/philox.h"
#include "minitorch/core/random.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// The mask that the seed gives, by the definition: item i is dropped when its uniform number lies below p.
std::vector<double> expected_mask(uint64_t seed, double p, std::size_t n) {
  const uint64_t key = Generator(seed).random64();
  std::vector<double> mask(n);
  for (std::size_t i = 0; i < n; ++i) mask[i] = philox_uniform(key, i) < p ? 0 : 1 / (1 - p);
  return mask;
}

}  // namespace

TEST_CASE("op table: dropout") {
  for (auto [n, p] : {std::pair{1, 0.3}, {3, 0.5}, {257, 0.1}, {1000, 0.75}})
    check_op({.name = "dropout",
              .op =
                  [p = p](const Tensors& in) {
                    manual_seed(7);
                    return dropout(in[0], p);
                  },
              .inputs = {normal_input({2, n})},
              .reference =
                  [p = p](const Arrays& in) {
                    Array y = in[0];
                    const auto mask = expected_mask(7, p, y.values.size());
                    for (std::size_t i = 0; i < mask.size(); ++i) y.values[i] *= mask[i];
                    return y;
                  }});
  check_op({.name = "dropout2d",
            .op =
                [](const Tensors& in) {
                  manual_seed(8);
                  return dropout2d(in[0], 0.4);
                },
            .inputs = {normal_input({3, 5, 2, 7})},
            .reference =
                [](const Arrays& in) {
                  Array y = in[0];
                  const auto mask = expected_mask(8, 0.4, 15);
                  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] *= mask[i / 14];
                  return y;
                }});
}

TEST_CASE(
    "op table: dropout drops the share it should, the same for any number of threads and part of a tensor") {
  const int before = num_threads();
  const Tensor x = ones({100003});
  const auto run = [&](int threads) {
    set_num_threads(threads);
    manual_seed(1);
    return dropout(x, 0.3).to_vector<float>();
  };
  const auto one = run(1);
  CHECK(run(2) == one);
  CHECK(run(7) == one);
  set_num_threads(before);
  const auto kept = std::count_if(one.begin(), one.end(), [](float v) { return v != 0; });
  CHECK(std::abs(kept / 100003.0 - 0.7) < 0.005);  // the standard deviation is 0.0014
  for (Device device : test_devices()) {
    manual_seed(1);
    const Tensor odd = ones({100004}).to(device).slice(0, 1, 100004);  // not aligned to a vector
    CHECK(dropout(odd, 0.3).to_vector<float>() == one);
  }
}

TEST_CASE("op table: dropout in evaluation, at the ends of p, and its masks") {
  for (Device device : test_devices()) {
    const Tensor x = ones({4, 3, 2}).to(device);
    CHECK(dropout(x, 0.5, false).same(x));
    CHECK(dropout2d(x, 0).same(x));
    CHECK(dropout(x, 1).to_vector<float>() == std::vector<float>(24, 0));
    CHECK(dropout(full({3}, INFINITY).to(device), 1).to_vector<float>() == std::vector<float>(3, 0));
    manual_seed(3);
    const Tensor mask = dropout_mask({4, 1, 6}, 0.25, {kFloat32, device});
    CHECK(difference({4, 1, 6}, expected_mask(3, 0.25, 24), mask, 1e-6) == "");
    CHECK(dropout(ones({2}).to(kFloat16).to(device), 0.5).dtype() == kFloat16);
    const auto first = dropout(x, 0.5).to_vector<float>();
    CHECK(first != dropout(x, 0.5).to_vector<float>());
  }
}

TEST_CASE("dropout's refusals") {
  CHECK_THROWS_WITH(dropout(ones({2}), 1.5), "[dropout] p = 1.5: expected a probability, 0 to 1");
  CHECK_THROWS_AS(dropout(ones({2}), NAN), ValueError);
  CHECK_THROWS_WITH(dropout(arange(2)), "[dropout] a int64 tensor: expected a floating-point one");
  CHECK_THROWS_WITH(dropout2d(ones({2, 2})), "[dropout2d] a tensor of shape (2, 2): expected (N, C, ...)");
}

}  // namespace minitorch::testing
