// SPDX-License-Identifier: MIT
// The harness of op_table.h, and its own tests: a wrong op must be caught.
#include "tests/ops/op_table.h"

#include <cstdlib>
#include <iostream>

#include "minitorch/core/memory.h"

namespace minitorch::testing {

std::size_t Array::offset(std::initializer_list<int64_t> index) const {
  if (static_cast<int>(index.size()) != shape.dims()) throw ShapeError("[Array] wrong number of indices");
  int64_t at = 0;
  int d = 0;
  for (int64_t i : index) {
    if (i < 0 || i >= shape[d]) throw IndexError("[Array] index out of range");
    at = at * shape[d++] + i;
  }
  return static_cast<std::size_t>(at);
}

std::vector<Device> test_devices() {
  const char* only = std::getenv("MT_TEST_DEVICE");
  if (only && *only) return {Device::parse(only)};
  return available_devices();
}

static Generator uniform_numbers(20260101), normal_numbers(20260102);
void restart_inputs() {
  uniform_numbers.manual_seed(20260101);
  normal_numbers.manual_seed(20260102);
}
Tensor uniform_input(const Shape& shape, double low, double high) {
  Tensor x = empty(shape);
  uniform_numbers.fill_uniform(x.data<float>(), x.numel(), static_cast<float>(low), static_cast<float>(high));
  return x;
}
Tensor normal_input(const Shape& shape, double mean, double std) {
  Tensor x = empty(shape);
  normal_numbers.fill_normal(x.data<float>(), x.numel(), static_cast<float>(mean), static_cast<float>(std));
  return x;
}

Array elementwise(const Array& x, const std::function<double(double)>& f) {
  Array y = x;
  for (double& v : y.values) v = f(v);
  return y;
}

Array elementwise(const Array& a, const Array& b, const std::function<double(double, double)>& f) {
  Array y(broadcast_shapes("reference", a.shape, b.shape));
  auto source = [&](const Array& x, int64_t flat) {
    int64_t at = 0, step = 1;
    for (int d = y.shape.dims() - 1, k = x.shape.dims() - 1; k >= 0; --d, --k) {
      const int64_t i = flat % y.shape[d];
      flat /= y.shape[d];
      if (x.shape[k] != 1) at += i * step;
      step *= x.shape[k];
    }
    return x.values[static_cast<std::size_t>(at)];
  };
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const auto flat = static_cast<int64_t>(i);
    y.values[i] = f(source(a, flat), source(b, flat));
  }
  return y;
}

namespace {

Arrays to_arrays(const Tensors& inputs) {
  Arrays arrays;
  for (auto& x : inputs) arrays.emplace_back(x.shape(), x.to_vector<double>());
  return arrays;
}

double dot(const Array& a, const std::vector<double>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) total += a.values[i] * b[i];
  return total;
}

// d(sum(reference * cotangent)) / d(input k) by central differences in double.
Array numeric_gradient(const OpRow& row, Arrays inputs, std::size_t k, const std::vector<double>& cotangent) {
  Array gradient(inputs[k].shape);
  for (std::size_t i = 0; i < gradient.values.size(); ++i) {
    const double x = inputs[k].values[i];
    inputs[k].values[i] = x + row.step;
    const double above = dot(row.reference(inputs), cotangent);
    inputs[k].values[i] = x - row.step;
    const double below = dot(row.reference(inputs), cotangent);
    inputs[k].values[i] = x;
    gradient.values[i] = (above - below) / (2 * row.step);
  }
  return gradient;
}

// The same values with other strides: axes reversed in memory, every second element of a longer last axis.
Tensor strided_copy(const Tensor& x) {
  if (x.dims() == 0) return x.clone();
  Shape reversed, order;
  for (int d = x.dims() - 1; d >= 0; --d) {
    reversed.push_back(x.shape()[d] * (d == 0 ? 2 : 1));
    order.push_back(d);
  }
  Tensor big = full(reversed, 7, x.options());
  Tensor y = big.permute(order).slice(0, 1, 2 * x.shape()[0], 2);
  y.copy_(x);
  return y;
}

struct Poison {
  Poison() { set_memory_poison(true); }
  ~Poison() { set_memory_poison(false); }
};

Tensors on_device(const Tensors& inputs, Device device, bool with_gradient, bool strided) {
  Tensors moved;
  for (auto& x : inputs) {
    Tensor y = x.to(device);
    if (strided) y = strided_copy(y);
    else if (y.same(x)) y = x.clone();
    y = y.detach();
    if (with_gradient && is_floating(y.dtype())) y.requires_grad_();
    moved.push_back(y);
  }
  return moved;
}

void check_layout(const OpRow& row, Device device, bool strided, const Array& expected,
                  const std::vector<double>& cotangent, const Arrays& gradients) {
  INFO(row.name << " on " << to_string(device) << (strided ? ", strided inputs" : ""));
  Poison poison;
  const Tensors inputs = on_device(row.inputs, device, row.gradient, strided);
  const Tensor y = row.op(inputs);
  CHECK(difference(expected.shape, expected.values, y, row.tolerance) == "");
  if (!row.gradient || !(y.shape() == expected.shape)) return;
  y.backward(from_values(cotangent, y.shape(), kFloat32).to(device));
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (!is_floating(inputs[k].dtype())) continue;
    INFO("gradient of input " << k);
    CHECK(difference(gradients[k].shape, gradients[k].values, inputs[k].grad(), row.gradient_tolerance) ==
          "");
  }
}

// An input that repeats one slice by stride 0 must give what its copy gives.
void check_broadcast(const OpRow& row, Device device) {
  for (std::size_t k = 0; k < row.inputs.size(); ++k) {
    if (row.inputs[k].dims() == 0 || row.inputs[k].shape()[0] < 2) continue;
    INFO(row.name << " on " << to_string(device) << ", input " << k << " repeated by stride 0");
    Tensors inputs = on_device(row.inputs, device, false, false);
    const Tensor repeated = inputs[k].slice(0, 0, 1).expand(inputs[k].shape());
    inputs[k] = repeated.clone();
    const Tensor expected = row.op(inputs);
    inputs[k] = repeated;
    CHECK(difference(expected, row.op(inputs), row.tolerance) == "");
  }
}

// A graph that nobody goes back through is given up whole: nothing that a rule saved holds the result that
// holds the rule.
void check_given_up(const OpRow& row, Device device) {
  INFO(row.name << " on " << to_string(device) << ", a graph that is not gone back through");
  const std::size_t before = memory_stats(device).in_use;
  row.op(on_device(row.inputs, device, row.gradient, false));
  CHECK(memory_stats(device).in_use == before);
}

}  // namespace

void check_op(const OpRow& row) {
  const Arrays arrays = to_arrays(row.inputs);
  const Array expected = row.reference(arrays);
  const auto cotangent = normal_input({expected.shape.numel()}).to_vector<double>();
  Arrays gradients(row.inputs.size());
  if (row.gradient)
    for (std::size_t k = 0; k < row.inputs.size(); ++k)
      if (is_floating(row.inputs[k].dtype())) gradients[k] = numeric_gradient(row, arrays, k, cotangent);
  std::string ran;
  for (Device device : test_devices()) {
    check_layout(row, device, false, expected, cotangent, gradients);
    check_layout(row, device, true, expected, cotangent, gradients);
    check_broadcast(row, device);
    check_given_up(row, device);
    ran += " " + to_string(device);
  }
  std::cout << row.name << ":" << ran << "\n";
}

TEST_CASE("the comparison names the first wrong element") {
  CHECK(difference({2, 2}, {1, 2, 3, 4}, tensor({{1., 2.}, {3.5, 4.}}), 1e-5) ==
        "1 of 4 elements of (2, 2) differ; first at (1, 0): expected 3, got 3.5; largest relative error "
        "0.167, tolerance 1e-05");
  CHECK(difference({2}, {1, 2}, tensor({1., 2., 3.}), 1e-5) == "shape (3), expected (2)");
  CHECK(difference({1}, {NAN}, tensor({1.0}), 1e-5) != "");
}

TEST_CASE("the harness catches a wrong gradient", "[!shouldfail]") {
  check_op(
      {.name = "x^2 with the gradient of x",
       .op =
           [](const Tensors& in) {
             return with_gradients(square(in[0].detach()), "wrong",
                                   wrt(in[0], [](const Tensor& dy) { return dy; }));
           },
       .inputs = {normal_input({3, 4})},
       .reference = [](const Arrays& in) { return elementwise(in[0], [](double x) { return x * x; }); }});
}

TEST_CASE("the harness catches an op that forgets the last element", "[!shouldfail]") {
  check_op({.name = "copy of all but one",
            .op =
                [](const Tensors& in) {
                  Tensor y = empty_like(in[0]);
                  y.flatten()
                      .slice(0, 0, y.numel() - 1)
                      .copy_(in[0].detach().flatten().slice(0, 0, y.numel() - 1));
                  return y;
                },
            .inputs = {normal_input({3, 4})},
            .reference = [](const Arrays& in) { return in[0]; },
            .gradient = false});
}

}  // namespace minitorch::testing
