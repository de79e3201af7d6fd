// SPDX-License-Identifier: MIT
#include "tests/ops/op_table.h"

namespace minitorch::testing {

// (r, n) x (n, c) in plain loops.
static Array product(const Array& a, const Array& b) {
  Array c({a.size(0), b.size(1)});
  for (int64_t i = 0; i < a.size(0); ++i)
    for (int64_t j = 0; j < b.size(1); ++j)
      for (int64_t k = 0; k < a.size(1); ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}

TEST_CASE("op table: matmul of matrices") {
  for (auto [r, n, c] : {std::array<int64_t, 3>{3, 4, 5}, {1, 1, 1}, {17, 33, 9}, {2, 7, 1}, {1, 19, 3}})
    check_op({.name = "matmul",
              .op = [](const Tensors& in) { return matmul(in[0], in[1]); },
              .inputs = {normal_input({r, n}), normal_input({n, c})},
              .reference = [](const Arrays& in) { return product(in[0], in[1]); }});
}

TEST_CASE("op table: matmul of every rank") {
  auto dot = [](const Arrays& in) {
    Array y;
    for (int64_t k = 0; k < in[0].size(0); ++k) y() += in[0](k) * in[1](k);
    return y;
  };
  auto run = [](const Tensors& in) { return matmul(in[0], in[1]); };
  check_op({.name = "matmul 1 x 1",
            .op = run,
            .inputs = {normal_input({7}), normal_input({7})},
            .reference = dot});
  check_op({.name = "matmul 2 x 1",
            .op = run,
            .inputs = {normal_input({3, 7}), normal_input({7})},
            .reference = [](const Arrays& in) {
              Array y({3});
              for (int i = 0; i < 3; ++i)
                for (int k = 0; k < 7; ++k) y(i) += in[0](i, k) * in[1](k);
              return y;
            }});
  check_op({.name = "matmul 1 x 2",
            .op = run,
            .inputs = {normal_input({7}), normal_input({7, 2})},
            .reference = [](const Arrays& in) {
              Array y({2});
              for (int j = 0; j < 2; ++j)
                for (int k = 0; k < 7; ++k) y(j) += in[0](k) * in[1](k, j);
              return y;
            }});
  auto batched = [](const Arrays& in) {  // (2, 1, 3, 4) x (5, 4, 2) -> (2, 5, 3, 2)
    Array y({2, 5, 3, 2});
    for (int a = 0; a < 2; ++a)
      for (int b = 0; b < 5; ++b)
        for (int i = 0; i < 3; ++i)
          for (int j = 0; j < 2; ++j)
            for (int k = 0; k < 4; ++k) y(a, b, i, j) += in[0](a, 0, i, k) * in[1](b, k, j);
    return y;
  };
  check_op({.name = "matmul batched",
            .op = run,
            .inputs = {normal_input({2, 1, 3, 4}), normal_input({5, 4, 2})},
            .reference = batched});
  check_op({.name = "matmul 3 x 2",
            .op = run,
            .inputs = {normal_input({2, 3, 4}), normal_input({4, 2})},
            .reference = [](const Arrays& in) {
              Array y({2, 3, 2});
              for (int a = 0; a < 2; ++a)
                for (int i = 0; i < 3; ++i)
                  for (int j = 0; j < 2; ++j)
                    for (int k = 0; k < 4; ++k) y(a, i, j) += in[0](a, i, k) * in[1](k, j);
              return y;
            }});
}

TEST_CASE("op table: linear, with bias and fused ReLU") {
  for (bool relu : {false, true})
    check_op({.name = relu ? "linear + relu" : "linear",
              .op = [=](const Tensors& in) { return linear(in[0], in[1], in[2], relu); },
              .inputs = {normal_input({6, 5}), normal_input({3, 5}), normal_input({3})},
              .reference =
                  [=](const Arrays& in) {
                    Array y({6, 3});
                    for (int i = 0; i < 6; ++i)
                      for (int j = 0; j < 3; ++j) {
                        y(i, j) = in[2](j);
                        for (int k = 0; k < 5; ++k) y(i, j) += in[0](i, k) * in[1](j, k);
                        if (relu) y(i, j) = std::max(0.0, y(i, j));
                      }
                    return y;
                  }});
}

TEST_CASE("op table: einsum") {
  auto sums = [](const char* name, const char* formula, Tensors inputs,
                 std::function<Array(const Arrays&)> reference) {
    check_op({.name = name,
              .op = [=](const Tensors& in) { return einsum(formula, in); },
              .inputs = inputs,
              .reference = reference});
  };
  sums("einsum ik,kj->ij", "ik,kj->ij", {normal_input({3, 4}), normal_input({4, 5})},
       [](const Arrays& in) { return product(in[0], in[1]); });
  sums("einsum ik,kj", "ik,kj", {normal_input({3, 4}), normal_input({4, 5})},
       [](const Arrays& in) { return product(in[0], in[1]); });
  sums("einsum ij->ji", "ij->ji", {normal_input({3, 4})}, [](const Arrays& in) {
    Array y({4, 3});
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 4; ++j) y(j, i) = in[0](i, j);
    return y;
  });
  sums("einsum ii", "ii", {normal_input({4, 4})}, [](const Arrays& in) {
    Array y;
    for (int i = 0; i < 4; ++i) y() += in[0](i, i);
    return y;
  });
  sums("einsum ...ij,...kj->...ik", "...ij,...kj->...ik", {normal_input({2, 3, 4}), normal_input({2, 5, 4})},
       [](const Arrays& in) {
         Array y({2, 3, 5});
         for (int b = 0; b < 2; ++b)
           for (int i = 0; i < 3; ++i)
             for (int k = 0; k < 5; ++k)
               for (int j = 0; j < 4; ++j) y(b, i, k) += in[0](b, i, j) * in[1](b, k, j);
         return y;
       });
  sums("einsum ...ij,...jk->...ik", "...ij,...jk->...ik", {normal_input({1, 2, 3}), normal_input({5, 3, 4})},
       [](const Arrays& in) {
         Array y({5, 2, 4});
         for (int b = 0; b < 5; ++b)
           for (int i = 0; i < 2; ++i)
             for (int k = 0; k < 4; ++k)
               for (int j = 0; j < 3; ++j) y(b, i, k) += in[0](0, i, j) * in[1](b, j, k);
         return y;
       });
  sums("einsum i,i,i->i", "i,i,i->i", {normal_input({4}), normal_input({4}), normal_input({4})},
       [](const Arrays& in) {
         Array y({4});
         for (int i = 0; i < 4; ++i) y(i) = in[0](i) * in[1](i) * in[2](i);
         return y;
       });
  sums("einsum ck,kij->cij", "ck,kij->cij", {normal_input({2, 3}), normal_input({3, 4, 5})},
       [](const Arrays& in) {
         Array y({2, 4, 5});
         for (int c = 0; c < 2; ++c)
           for (int k = 0; k < 3; ++k)
             for (int i = 0; i < 4; ++i)
               for (int j = 0; j < 5; ++j) y(c, i, j) += in[0](c, k) * in[1](k, i, j);
         return y;
       });
}

TEST_CASE("products over no terms are zero") {
  for (Device device : test_devices()) {
    const Tensor a = ones({4, 2, 0}).to(device).requires_grad_(), b = ones({0, 3}).to(device);
    const Tensor c = matmul(a, b);
    CHECK_TENSOR(c, zeros({4, 2, 3}), 0);
    c.sum().backward();
    CHECK(a.grad().shape() == Shape{4, 2, 0});
    CHECK_TENSOR(linear(ones({4, 2, 0}).to(device), ones({3, 0}).to(device)), zeros({4, 2, 3}), 0);
    CHECK_TENSOR(einsum("...ij,...jk->...ik", {a, ones({1, 0, 3}).to(device)}), zeros({4, 2, 3}), 0);
  }
}

TEST_CASE("matrix products refuse what does not fit") {
  CHECK_THROWS_WITH(matmul(ones({2, 4}), ones({3, 5})),
                    "[matmul] (2, 4) x (3, 5): inner sizes 4 and 3 differ");
  CHECK_THROWS_WITH(matmul(ones({}), ones({3})), "[matmul] () x (3): a scalar is no matrix");
  CHECK_THROWS_WITH(linear(ones({2, 4}), ones({3, 5})),
                    "[linear] (2, 4) x (3, 5): inner sizes 4 and 5 differ");
  CHECK_THROWS_WITH(matmul(arange(4).reshape({2, 2}), ones({2, 2})),
                    Catch::StartsWith("[matmul] int64 x float32"));
  CHECK_THROWS_WITH(einsum("ij,jk->iz", {ones({2, 3}), ones({3, 2})}),
                    "[einsum] \"ij,jk->iz\": 'z' stands in no operand");
  CHECK_THROWS_WITH(einsum("ij,jk", {ones({2, 3}), ones({4, 2})}),
                    "[einsum] axis 'j' has size 3 in one operand and 4 in another");
  CHECK_THROWS_AS(einsum("...i,...i->...", {ones({2, 3}), ones({4, 3})}), ShapeError);
}

}  // namespace minitorch::testing
