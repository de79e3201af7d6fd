// SPDX-License-Identifier: MIT
// Making tensors. Names and defaults are PyTorch's; options choose the element type and the device.
#pragma once
#include <type_traits>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

Tensor zeros(const Shape& shape, TensorOptions options = {});
Tensor ones(const Shape& shape, TensorOptions options = {});
Tensor full(const Shape& shape, double value, TensorOptions options = {});
Tensor zeros_like(const Tensor& like);
Tensor ones_like(const Tensor& like);
Tensor full_like(const Tensor& like, double value);

/// start, start + step, ... before end: (ceil((end - start) / step)). int64 when all three are whole numbers.
/// @throws ValueError when step is 0 or leads away from end
Tensor arange(double start, double end, double step = 1);
Tensor arange(double end);
/// `count` numbers from start to end, both included: (count), float32.
Tensor linspace(double start, double end, int64_t count);
/// The identity matrix: (n, n), or (n, m) with ones on the diagonal.
Tensor eye(int64_t n, int64_t m = -1);

// --- random, drawn from the generator that manual_seed() sets, number for number as PyTorch draws on the CPU
// ---
/// Uniform in [0, 1).
Tensor rand(const Shape& shape, TensorOptions options = {});
/// Normal with mean 0 and standard deviation 1.
Tensor randn(const Shape& shape, TensorOptions options = {});
/// Whole numbers in [low, high), int64. @throws ValueError unless low < high
Tensor randint(int64_t low, int64_t high, const Shape& shape);
/// The numbers 0 to n - 1 in random order: (n), int64.
Tensor randperm(int64_t n);
Tensor rand_like(const Tensor& like);
Tensor randn_like(const Tensor& like);

/// From values: doubles and floats become float32, whole numbers int64, bools boolean.
Tensor from_values(const std::vector<double>& values, const Shape& shape, Dtype dtype);
/// The same for whole numbers, of which a double holds those up to 2^53.
Tensor from_integers(const std::vector<int64_t>& values, const Shape& shape, Dtype dtype);

namespace detail {
template <class T>
constexpr Dtype literal_dtype() {
  if constexpr (std::is_same_v<T, bool>) return kBool;
  else if constexpr (std::is_same_v<T, uint8_t>) return kUint8;
  else if constexpr (std::is_integral_v<T>) return kInt64;
  else return kFloat32;
}
template <class T>
concept Number = std::is_arithmetic_v<T>;
[[noreturn]] void throw_ragged();
template <class T, class Values>
Tensor from(const Values& values, const Shape& shape) {
  if constexpr (std::is_integral_v<T>)
    return from_integers({values.begin(), values.end()}, shape, literal_dtype<T>());
  else return from_values({values.begin(), values.end()}, shape, literal_dtype<T>());
}
}  // namespace detail

/// A scalar: tensor(3.5) has shape (), int64 for a whole number.
template <detail::Number T>
Tensor tensor(T value) {
  return detail::from<T>(std::initializer_list<T>{value}, {});
}

/// A vector from two or more numbers: tensor(3., 2) is float32 because one of them is.
template <detail::Number A, detail::Number B, detail::Number... T>
Tensor tensor(A a, B b, T... rest) {
  using Common = std::common_type_t<A, B, T...>;
  return detail::from<Common>(std::initializer_list<Common>{static_cast<Common>(a), static_cast<Common>(b),
                                                            static_cast<Common>(rest)...},
                              {2 + static_cast<int64_t>(sizeof...(T))});
}

/// A vector: tensor({1., 2., 3.}) has shape (3).
template <detail::Number T>
Tensor tensor(std::initializer_list<T> values) {
  return detail::from<T>(values, {static_cast<int64_t>(values.size())});
}
/// A matrix: tensor({{1., 2.}, {3., 4.}}). @throws ShapeError when the rows differ in length
template <detail::Number T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows) {
  std::vector<T> values;
  for (auto& row : rows) {
    if (row.size() != rows.begin()->size()) detail::throw_ragged();
    values.insert(values.end(), row.begin(), row.end());
  }
  const auto cols = rows.size() ? static_cast<int64_t>(rows.begin()->size()) : 0;
  return detail::from<T>(values, {static_cast<int64_t>(rows.size()), cols});
}
/// A vector's elements, reshaped to `shape` when given.
template <detail::Number T>
Tensor tensor(const std::vector<T>& values) {
  return detail::from<T>(values, {static_cast<int64_t>(values.size())});
}
template <detail::Number T>
Tensor tensor(const std::vector<T>& values, const Shape& shape) {
  return detail::from<T>(values, shape);
}

}  // namespace minitorch
