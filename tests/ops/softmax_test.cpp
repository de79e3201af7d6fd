// SPDX-License-Identifier: MIT
#include "tests/ops/op_table.h"

namespace minitorch::testing {

// e^x / sum along an axis, or its logarithm.
static Array softmax_of(const Array& x, int axis, bool logarithm) {
  Array y = x;
  int64_t n = x.shape[axis], inner = 1;
  for (int d = axis + 1; d < x.shape.dims(); ++d) inner *= x.shape[d];
  for (int64_t line = 0; line < x.shape.numel() / n; ++line) {
    const int64_t first = line / inner * inner * n + line % inner;
    double total = 0;
    for (int64_t i = 0; i < n; ++i) total += std::exp(x.values[static_cast<std::size_t>(first + i * inner)]);
    for (int64_t i = 0; i < n; ++i) {
      double& v = y.values[static_cast<std::size_t>(first + i * inner)];
      v = logarithm ? v - std::log(total) : std::exp(v) / total;
    }
  }
  return y;
}

TEST_CASE("op table: softmax and log_softmax") {
  for (auto& [shape, axis] : {std::pair<Shape, int>{{7}, 0},
                              {{3, 37}, 1},
                              {{1, 1}, 1},
                              {{5, 3}, 0},
                              {{2, 5, 19}, 1},
                              {{2, 3, 4, 5}, 2}}) {
    check_op({.name = "softmax",
              .op = [&](const Tensors& in) { return softmax(in[0], axis); },
              .inputs = {normal_input(shape, 0, 2)},
              .reference = [&](const Arrays& in) { return softmax_of(in[0], axis, false); }});
    check_op({.name = "log_softmax",
              .op = [&](const Tensors& in) { return log_softmax(in[0], axis - shape.dims()); },
              .inputs = {normal_input(shape, 0, 2)},
              .reference = [&](const Arrays& in) { return softmax_of(in[0], axis, true); }});
  }
  for (auto& [shape, axis] :
       {std::pair<Shape, int>{{2, 3000}, 1}, {{300, 40}, 0}})  // rows of more than a warp, more than a tile
    check_op({.name = "softmax",
              .op = [&](const Tensors& in) { return softmax(in[0], axis); },
              .inputs = {normal_input(shape, 0, 2)},
              .reference = [&](const Arrays& in) { return softmax_of(in[0], axis, false); },
              .gradient = false});
}

TEST_CASE("softmax of extreme scores") {
  CHECK_VALUES(softmax(tensor({1000., 1000., -1000.}), 0), ({3}), 1e-6, 0.5, 0.5, 0);
  CHECK_VALUES(log_softmax(tensor({0., -1000.}), 0), ({2}), 1e-6, 0, -1000);
  CHECK_VALUES(softmax(tensor({0., -HUGE_VAL}), 0), ({2}), 0, 1, 0);  // a masked score
  CHECK(std::isnan(softmax(tensor({0., double(NAN)}), 0).to_vector<float>()[0]));
  CHECK(softmax(zeros({0, 3}), 1).shape() == Shape{0, 3});
  CHECK(softmax(to(zeros({2}), kBFloat16), 0).dtype() == kBFloat16);
  CHECK_THROWS_WITH(softmax(arange(3), 0), "[softmax] a int64 tensor: expected a float type");
  CHECK_THROWS_AS(log_softmax(zeros({2, 3}), 2), IndexError);
}

}  // namespace minitorch::testing
