// SPDX-License-Identifier: MIT
#include "minitorch/ops/embedding/embedding.h"

#include "minitorch/core/parallel.h"
#include "tests/ops/op_table.h"

namespace minitorch::testing {

TEST_CASE("op table: embedding") {
  const Tensor index = tensor<int64_t>({5, 0, 3, 3, 1, 5, 5, 2, 0, 3}, {2, 5});
  for (int64_t width : {1, 7, 33, 300})
    check_op({.name = "embedding",
              .op = [](const Tensors& in) { return embedding(in[0], in[1]); },
              .inputs = {normal_input({6, width}), index},
              .reference =
                  [=](const Arrays& in) {
                    Array y({2, 5, width});
                    for (int i = 0; i < 2; ++i)
                      for (int j = 0; j < 5; ++j)
                        for (int64_t k = 0; k < width; ++k) y(i, j, k) = in[0](in[1](i, j), k);
                    return y;
                  }});
}

TEST_CASE("op table: the padding row of an embedding gets no gradient") {
  for (Device device : test_devices())
    for (int64_t padding : {1, -2}) {
      const Tensor weight = ones({3, 2}).to(device).requires_grad_();
      embedding(weight, tensor({1, 0, 1, 2, 2}).to(device), padding).sum().backward();
      CHECK(weight.grad().to_vector<float>() == std::vector<float>{1, 1, 0, 0, 2, 2});
    }
}

TEST_CASE("gradients of an embedding do not depend on the number of threads") {
  const auto numbers = uniform_input({64, 72}, 0, 500).to_vector<int64_t>();
  const Tensor index = tensor(numbers, {64, 72});
  const int before = num_threads();
  for (int64_t width : {16, 400}) {
    const Tensor dy = normal_input({64, 72, width});
    const auto gradient = [&](int threads) {
      set_num_threads(threads);
      const Tensor weight = zeros({500, width}).requires_grad_();
      embedding(weight, index).backward(dy);
      return weight.grad().to_vector<float>();
    };
    const auto one = gradient(1);
    CHECK(gradient(2) == one);
    CHECK(gradient(3) == one);
  }
  set_num_threads(before);
}

TEST_CASE("an embedding in half precision sums its gradient in float32") {
  const Tensor weight = zeros({2, 1}).to(kFloat16).requires_grad_();
  embedding(weight, zeros({4096}, {kInt64})).backward(ones({4096, 1}).to(kFloat16));
  CHECK(weight.grad().dtype() == kFloat16);
  CHECK(weight.grad().to_vector<float>() == std::vector<float>{4096, 0});
}

TEST_CASE("an embedding names the index outside its table") {
  const Tensor weight = zeros({10, 4});
  CHECK_THROWS_WITH(embedding(weight, tensor({{1, 2}, {12, 3}})),
                    "[embedding] index 12 at (1, 0) of (2, 2): the table has 10 rows");
  CHECK_THROWS_WITH(embedding(weight, tensor({3, -1})),
                    "[embedding] index -1 at (1) of (2): the table has 10 rows");
  CHECK_THROWS_WITH(embedding(weight, tensor({1., 2.})),
                    "[embedding] a float32 tensor as index: expected int64");
  CHECK_THROWS_WITH(embedding(weight, tensor({1}), 10), "[embedding] padding_idx 10: the table has 10 rows");
  CHECK_THROWS_WITH(embedding(tensor({1, 2}), tensor({0})),
                    "[embedding] a table of shape (2): expected (rows, columns)");
  CHECK_THROWS_AS(embedding(zeros({2, 2}, {kInt64}), tensor({0})), DtypeError);
}

}  // namespace minitorch::testing
