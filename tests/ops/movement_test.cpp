// SPDX-License-Identifier: MIT
// Rows of the op table: functions that give the same elements in another order or shape.
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

using Place = std::vector<int64_t>;

// y(place) = x(source(place)) for every place of `shape`.
std::function<Array(const Arrays&)> takes(const Shape& shape, std::function<Place(const Place&)> source) {
  return [=](const Arrays& in) {
    Array y(shape);
    Place place(shape.dims());
    for (std::size_t flat = 0; flat < y.values.size(); ++flat) {
      for (int64_t d = shape.dims() - 1, rest = static_cast<int64_t>(flat); d >= 0; --d) {
        place[d] = rest % shape[static_cast<int>(d)];
        rest /= shape[static_cast<int>(d)];
      }
      int64_t at = 0;
      const Place from = source(place);
      for (std::size_t d = 0; d < from.size(); ++d) at = at * in[0].shape[static_cast<int>(d)] + from[d];
      y.values[flat] = in[0].values[static_cast<std::size_t>(at)];
    }
    return y;
  };
}

struct Movement {
  const char* name;
  std::function<Tensor(const Tensor&)> op;
  Shape from, to;
  std::function<Place(const Place&)> source;
};

void check_movement(const Movement& m) {
  check_op({.name = m.name,
            .op = [&](const Tensors& in) { return m.op(in[0]); },
            .inputs = {normal_input(m.from)},
            .reference = takes(m.to, m.source)});
}

}  // namespace

TEST_CASE("op table: shapes and axes") {
  const auto flat = [](const Place& p, const Shape& of) {
    int64_t at = 0;
    for (int d = 0; d < of.dims(); ++d) at = at * of[d] + p[static_cast<std::size_t>(d)];
    return at;
  };
  const auto unflat = [](int64_t at, const Shape& of) {
    Place p(of.dims());
    for (int64_t d = of.dims() - 1; d >= 0; at /= of[static_cast<int>(d--)])
      p[d] = at % of[static_cast<int>(d)];
    return p;
  };
  const Shape x{2, 3, 4};
  const auto same_order = [&](const Shape& to) {
    return [=](const Place& p) { return unflat(flat(p, to), x); };
  };
  check_movement({"reshape",
                  [](const Tensor& t) {
                    return reshape(t, {4, -1});
                  },
                  x,
                  {4, 6},
                  same_order({4, 6})});
  check_movement({"flatten", [](const Tensor& t) { return flatten(t, 1); }, x, {2, 12}, same_order({2, 12})});
  check_movement({"unsqueeze",
                  [](const Tensor& t) { return unsqueeze(t, -2); },
                  x,
                  {2, 3, 1, 4},
                  same_order({2, 3, 1, 4})});
  check_movement({"squeeze",
                  [](const Tensor& t) { return squeeze(t, 1); },
                  {2, 1, 4},
                  {2, 4},
                  [](const Place& p) {
                    return Place{p[0], 0, p[1]};
                  }});
  check_movement({"permute",
                  [](const Tensor& t) {
                    return permute(t, {2, 0, 1});
                  },
                  x,
                  {4, 2, 3},
                  [](const Place& p) {
                    return Place{p[1], p[2], p[0]};
                  }});
  check_movement({"transpose",
                  [](const Tensor& t) { return transpose(t, 0, -1); },
                  x,
                  {4, 3, 2},
                  [](const Place& p) {
                    return Place{p[2], p[1], p[0]};
                  }});
  check_movement({"t",
                  [](const Tensor& t) { return minitorch::t(t); },
                  {3, 5},
                  {5, 3},
                  [](const Place& p) {
                    return Place{p[1], p[0]};
                  }});
  check_movement({"expand",
                  [](const Tensor& t) {
                    return expand(t, {5, 2, 3});
                  },
                  {2, 1},
                  {5, 2, 3},
                  [](const Place& p) {
                    return Place{p[1], 0};
                  }});
}

TEST_CASE("op table: parts") {
  const Shape x{4, 5};
  check_movement({"select",
                  [](const Tensor& t) { return select(t, 1, -2); },
                  x,
                  {4},
                  [](const Place& p) {
                    return Place{p[0], 3};
                  }});
  check_movement({"slice",
                  [](const Tensor& t) { return slice(t, 0, 1, 4, 2); },
                  x,
                  {2, 5},
                  [](const Place& p) {
                    return Place{1 + 2 * p[0], p[1]};
                  }});
  check_movement({"split",
                  [](const Tensor& t) { return split(t, 2, 1)[1]; },
                  x,
                  {4, 2},
                  [](const Place& p) {
                    return Place{p[0], 2 + p[1]};
                  }});
  check_movement({"chunk",
                  [](const Tensor& t) { return chunk(t, 2)[1]; },
                  x,
                  {2, 5},
                  [](const Place& p) {
                    return Place{2 + p[0], p[1]};
                  }});
  check_movement({"unbind",
                  [](const Tensor& t) { return unbind(t, 1)[4]; },
                  x,
                  {4},
                  [](const Place& p) {
                    return Place{p[0], 4};
                  }});
  check_movement({"clone", [](const Tensor& t) { return clone(t); }, x, x, [](const Place& p) { return p; }});
  check_movement({"sum_to",
                  [](const Tensor& t) {
                    return sum_to(expand(t, {3, 4, 5}), {4, 5}) / 3;
                  },
                  x, x, [](const Place& p) { return p; }});
}

TEST_CASE("what holds nothing is copied as it lies") {
  const Tensor x = arange(12).view({4, 3}), none = x.t().slice(0, 0, 0);
  CHECK(zeros({0, 3}).t().clone().shape() == Shape{3, 0});
  CHECK(none.clone().shape() == Shape{0, 4});
  CHECK_TENSOR(cat({x, x.view({3, 4}).t().slice(1, 0, 0)}, 1), x, 0);
  CHECK_TENSOR(roll(x.t(), {0}, {0}), x.t(), 0);
  const Tensor y = zeros({4, 3});
  y(Slice{0, 0}) = x.view({3, 4}).t()(Slice{0, 0});
  CHECK_TENSOR(y, zeros({4, 3}), 0);
}

}  // namespace minitorch::testing
