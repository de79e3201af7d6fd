// SPDX-License-Identifier: MIT
// Changing tensors in place while the graph is recorded: the gradients are right, or it is refused.
#include <catch2/catch.hpp>

#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

Tensor leaf(std::initializer_list<double> values) { return tensor(values).requires_grad_(); }

struct Witness : RefCounted {
  bool& gone;
  explicit Witness(bool& flag) : gone(flag) {}
  ~Witness() override { gone = true; }
};

// (2) over memory whose end sets `gone`.
Tensor watched(float (&data)[2], bool& gone) {
  Ref<TensorImpl> impl(new TensorImpl);
  impl->storage = Ref<Storage>(new Storage(data, sizeof(data), Ref<RefCounted>(new Witness(gone))));
  impl->sizes = {2};
  impl->strides = {1};
  return Tensor(std::move(impl));
}

}  // namespace

TEST_CASE("a tensor that needs a gradient can be assigned by every kind of index") {
  const Tensor weight = tensor({{1., 2.}, {3., 4.}, {5., 6.}});
  const auto gradient = [&](std::initializer_list<double> values, auto assign) {
    const Tensor w = leaf(values), x = zeros({3, 2});
    assign(x, w);
    (x * weight).sum().backward();
    return w.grad();
  };
  CHECK_VALUES(gradient({2, 3}, [](const Tensor& x, const Tensor& w) { x(0) = w; }), ({2}), 0, 1, 2);
  CHECK_VALUES(gradient({2, 3, 4}, [](const Tensor& x, const Tensor& w) { x(all, 1) = w; }), ({3}), 0, 2, 4,
               6);
  CHECK_VALUES(gradient({2, 3},
                        [](const Tensor& x, const Tensor& w) {
                          x(Slice{1, 3}) = w;
                        }),
               ({2}), 0, 8, 10);
  CHECK_VALUES(gradient({2}, [](const Tensor& x, const Tensor& w) { x(tensor({2, 0})) = w; }), ({1}), 0, 14);
  CHECK_VALUES(gradient({2}, [&](const Tensor& x, const Tensor& w) { x(weight > 4) = w; }), ({1}), 0, 11);
}

TEST_CASE("a view that an in-place change of its base left behind is refused") {
  const Tensor x = leaf({1, 2}), y = x * 1, v = y.select(0, 0);
  y.mul_(2);
  CHECK_THROWS_WITH(
      v.sum(),
      "a view of shape () is older than the `mul_` that changed its base inside the graph: its place "
      "in the graph is no longer known");
  CHECK_THROWS_AS(v.backward(), GradError);
  CHECK_THROWS_AS(v.mul_(2), GradError);
  CHECK(v.item() == 2);  // its elements can still be read
  y.select(0, 0).backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 2, 0);

  const Tensor w = leaf({3, 4}), b = zeros({2, 2}), row = b(0), copy = b.detach();
  b.add_(w);
  CHECK_THROWS_AS(row * 2, GradError);
  CHECK_THROWS_AS(row.fill_(0), GradError);
  CHECK(!(copy * 2).requires_grad());  // detached, it has left the graph for good
  (b(0) * 2).sum().backward();
  CHECK_VALUES(w.grad(), ({2}), 0, 2, 2);

  const Tensor plain = ones({2, 2}), part = plain(0);
  plain.mul_(3);  // outside the graph a view just sees the change
  CHECK_VALUES(part * 1, ({2}), 0, 3, 3);
}

TEST_CASE("in-place products have the gradients of both sides") {
  const Tensor x = leaf({1, 2}), w = leaf({3, 5}), y = x * 1;
  y.mul_(w);
  y.sum().backward();
  CHECK_VALUES(x.grad(), ({2}), 0, 3, 5);
  CHECK_VALUES(w.grad(), ({2}), 0, 1, 2);

  const Tensor u = leaf({3, 4}), square = u * 1;
  square.mul_(square);
  square.sum().backward();
  CHECK_VALUES(u.grad(), ({2}), 0, 6, 8);

  const Tensor a = leaf({6, 8}), b = leaf({2, 4}), quotient = a * 1;
  quotient.div_(b);
  quotient.sum().backward();
  CHECK_VALUES(a.grad(), ({2}), 0, .5, .25);
  CHECK_VALUES(b.grad(), ({2}), 0, -1.5, -.5);

  const Tensor c = leaf({1, 5}), clamped = c * 1;
  clamped.clamp_(0, 3);
  clamped.sum().backward();
  CHECK_VALUES(c.grad(), ({2}), 0, 1, 0);
}

TEST_CASE("what an op saved is freed without a backward") {
  const auto freed = [](auto compute) {
    float data[2] = {1, 2};
    bool gone = false;
    {
      const Tensor x = leaf({1, 2});
      compute(x, watched(data, gone));
    }
    return gone;
  };
  CHECK(freed([](const Tensor& x, const Tensor& t) { (x * 1).mul_(t); }));
  CHECK(freed([](const Tensor& x, const Tensor& t) { (x * 1).div_(t); }));
  CHECK(freed([](const Tensor& x, const Tensor& t) {
    const Tensor y = x * 1, product = y * t;
    y.add_(product);
  }));
  CHECK(freed([](const Tensor& x, const Tensor& t) { (x * t).std({0}, true); }));
  CHECK(freed([](const Tensor& x, const Tensor& t) { norm(x * t, 2, {0}, true); }));
  CHECK(freed([](const Tensor& x, const Tensor& t) { logsumexp(x * t, {0}, true); }));
  CHECK(freed([](const Tensor& x, const Tensor& t) { amax(x * t, {0}, true); }));
  CHECK(freed([](const Tensor& x, const Tensor& t) {
    const Tensor y = x.reshape({1, 2}) * 1, product = matmul(y, t.reshape({2, 1}));
    y.add_(product);
  }));
}

TEST_CASE("operands that overlap are read before they are written") {
  const Tensor x = arange(4);
  x(Slice{1, 4}) = x(Slice{0, 3});
  CHECK(x.to_vector<int>() == std::vector<int>{0, 0, 1, 2});
  const Tensor y = arange(4);
  y(tensor({1, 2, 3})) = y(Slice{0, 3});
  CHECK(y.to_vector<int>() == std::vector<int>{0, 0, 1, 2});
  const Tensor places = tensor({1, 2, 3, 0});
  places(places) = tensor({10, 20, 30, 40});
  CHECK(places.to_vector<int>() == std::vector<int>{40, 10, 20, 30});

  const auto square = [] { return arange(9).reshape({3, 3}).clone(); };
  const Tensor expected = square().t().clone();
  CHECK_TENSOR(square().copy_(square()), square(), 0);
  const Tensor copied = square();
  CHECK_TENSOR(copied.copy_(copied.t()), expected, 0);
  const Tensor sum = square();
  CHECK_TENSOR(sum.add_(sum.t()), square() + expected, 0);
  const Tensor scaled = square().to(kFloat32);
  CHECK_TENSOR(scaled.add_(scaled.t(), 3), square() + expected * 3, 0);
  const Tensor less = square();
  CHECK_TENSOR(less.sub_(less(all, Slice{0, 1})), square() - square()(all, Slice{0, 1}), 0);
  const Tensor doubled = square();
  CHECK_TENSOR(doubled.add_(doubled), square() * 2, 0);
  const Tensor scattered = arange(4);
  scattered.scatter_(0, tensor({3, 2, 1, 0}), scattered);
  CHECK(scattered.to_vector<int>() == std::vector<int>{3, 2, 1, 0});
  const Tensor inside = leaf({1, 2, 3, 4}), recorded = inside * 1;
  recorded(Slice{1, 4}) = recorded(Slice{0, 3});
  (recorded * tensor({1., 10., 100., 1000.})).sum().backward();
  CHECK_VALUES(inside.grad(), ({4}), 0, 11, 100, 1000, 0);
}

TEST_CASE("an expanded view can be filled, but not changed element by element") {
  const Tensor row = zeros({2, 1}), wide = row.expand({2, 3});
  CHECK_THROWS_WITH(
      wide(0) = tensor({1., 2., 3.}),
      "[index_put_] an expanded view of shape (2, 3): several of its elements are one in memory");
  CHECK_THROWS_AS(wide.add_(1), ValueError);
  CHECK_THROWS_AS(wide.copy_(ones({2, 3})), ValueError);
  wide.fill_(4);
  CHECK_VALUES(row, ({2, 1}), 0, 4, 4);
}

TEST_CASE("a result that is filled anew leaves the graph") {
  const Tensor x = leaf({1, 2}), y = x * 1, v = y(0);
  y.fill_(3);
  CHECK(!y.requires_grad());
  CHECK_THROWS_AS(v * 1, GradError);
  const Tensor z = x * 1;
  manual_seed(1);
  z.uniform_();
  CHECK(!z.requires_grad());
}

TEST_CASE("a tensor that took a leaf's values is no leaf") {
  const Tensor w = leaf({2}), b = zeros({1});
  b.copy_(w);
  CHECK(!b.is_leaf());
  b.add_(1);
  (b * 3).sum().backward();
  CHECK_VALUES(w.grad(), ({1}), 0, 3);
}

TEST_CASE("what a gradient needs is not overwritten unseen: index tensors, masks and weights") {
  int number = 0;
  const auto refuses = [&](auto result, const Tensor& changed) {  // `changed` may be made by result()
    INFO("case " << ++number);
    const Tensor y = result();
    changed.fill_(0);
    CHECK_THROWS_WITH(y.sum().backward(), Catch::Contains("overwritten by `fill_` after it was used"));
  };
  const auto x = [] { return ones({3, 2}).requires_grad_(); };
  const Tensor i = tensor({2, 1}), mask = tensor({{true}, {false}, {true}}), at = tensor({{1, 0}, {0, 2}});
  const auto fresh = [](const Tensor& t) { return t.clone(); };
  Tensor t = fresh(i);
  refuses([&] { return Tensor(x()(t)); }, t);
  t = fresh(i);
  refuses([&] { return embedding(x(), t); }, t);
  t = fresh(i);
  refuses([&] { return index_select(x(), 0, t); }, t);
  t = fresh(i - 1);
  refuses([&] { return index_select(x(), 1, t); }, t);
  t = fresh(at);
  refuses([&] { return gather(x(), 0, t); }, t);
  t = fresh(at);
  refuses([&] { return scatter(x(), 0, t, ones({2, 2})); }, t);
  t = fresh(at);
  refuses([&] { return scatter(zeros({3, 2}), 0, t, ones({2, 2}).requires_grad_()); }, t);
  t = fresh(mask);
  refuses([&] { return where(t, x(), 0.0); }, t);
  t = fresh(mask);
  refuses([&] { return where(t, zeros({3, 2}), x()); }, t);
  t = fresh(i);
  refuses(
      [&] {
        const Tensor y = x() * 1;
        y(t) = 5.0;
        return y;
      },
      t);
  t = ones({2});
  refuses([&] { return cross_entropy(x(), tensor({1, 0, 1}), {.weight = t}); }, t);
  t = ones({1, 3});
  refuses(
      [&] {
        return lstm(ones({4, 1, 2}), t, zeros({1, 3}), ones({12, 2}), ones({12, 3}).requires_grad_(), {}, {})
            .output;
      },
      t);
  Tensor largest, order;
  refuses(
      [&] {
        const Tensor y = amax(x(), {1}, true);
        largest = y.detach();  // fill_() on y itself would take it out of the graph
        return y;
      },
      largest);
  refuses(
      [&] {
        const auto [values, indices] = max(x(), 1);
        order = indices;
        return values;
      },
      order);
  refuses(
      [&] {
        const auto [values, indices] = sort(x(), 0);
        order = indices;
        return values;
      },
      order);
}
