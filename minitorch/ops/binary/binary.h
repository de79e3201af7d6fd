// SPDX-License-Identifier: MIT
// Functions of two tensors, element by element, with broadcasting: shapes are matched from the last axis, and
// sizes must agree or be 1. Types are promoted (bool < uint8 < int64 < float), but a tensor without axes
// takes the type of one with axes unless it is of a higher kind (bool < whole < float); so does a number, and
// bool becomes int64 beside a whole number, whole types float32 beside a fraction. Gradients are summed back
// over broadcast axes. All throw ShapeError when shapes do not match and DeviceError when devices differ.
#pragma once
#include <type_traits>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// A plain number beside a tensor; remembers whether it was written as a whole number.
struct Scalar {
  double value;
  bool whole;
  template <class T>
  requires std::is_arithmetic_v<T> Scalar(T v)
      : value(static_cast<double>(v)), whole(std::is_integral_v<T>) {}
};

/// A number that came as a double: whole when it has no fraction.
Scalar as_written(double number);

#define MT_BINARY(name)                          \
  Tensor name(const Tensor& a, const Tensor& b); \
  Tensor name(const Tensor& a, Scalar b);        \
  Tensor name(Scalar a, const Tensor& b);

MT_BINARY(add)      ///< a + b. Gradients dy, dy
MT_BINARY(sub)      ///< a - b, not of two booleans. Gradients dy, -dy
MT_BINARY(mul)      ///< a b. Gradients b dy, a dy
MT_BINARY(div)      ///< a / b, float32 for whole numbers. Gradients dy / b, -y dy / b
MT_BINARY(maximum)  ///< the larger. Gradient to the larger, half to each where equal, to both beside NaN
MT_BINARY(minimum)  ///< the smaller. Gradient to the smaller, half to each where equal, to both beside NaN

// Comparisons give a boolean tensor.
MT_BINARY(eq)
MT_BINARY(ne)
MT_BINARY(lt)
MT_BINARY(le)
MT_BINARY(gt)
MT_BINARY(ge)

#define MT_OPERATOR(symbol, name)                                                        \
  inline Tensor operator symbol(const Tensor& a, const Tensor& b) { return name(a, b); } \
  inline Tensor operator symbol(const Tensor& a, Scalar b) { return name(a, b); }        \
  inline Tensor operator symbol(Scalar a, const Tensor& b) { return name(a, b); }
MT_OPERATOR(+, add)
MT_OPERATOR(-, sub)
MT_OPERATOR(*, mul)
MT_OPERATOR(/, div)
MT_OPERATOR(==, eq)
MT_OPERATOR(!=, ne)
MT_OPERATOR(<, lt)
MT_OPERATOR(<=, le)
MT_OPERATOR(>, gt)
MT_OPERATOR(>=, ge)
#undef MT_OPERATOR
#undef MT_BINARY

/// a^b. Gradients b a^(b-1) dy and log(a) y dy. Whole numbers stay whole; what would be a fraction between -1
/// and 1 becomes 0, as in PyTorch. For a plain exponent see unary.h.
Tensor pow(const Tensor& a, const Tensor& b);
Tensor pow(Scalar a, const Tensor& b);

// Logic on boolean tensors (others: whether not 0).
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& a);

// Bit by bit for whole numbers, which for booleans is their logic. @throws DtypeError for floating-point ones
Tensor bitwise_and(const Tensor& a, const Tensor& b);
Tensor bitwise_or(const Tensor& a, const Tensor& b);
Tensor bitwise_xor(const Tensor& a, const Tensor& b);
Tensor bitwise_not(const Tensor& a);
inline Tensor operator&(const Tensor& a, const Tensor& b) { return bitwise_and(a, b); }
inline Tensor operator|(const Tensor& a, const Tensor& b) { return bitwise_or(a, b); }
inline Tensor operator^(const Tensor& a, const Tensor& b) { return bitwise_xor(a, b); }
inline Tensor operator~(const Tensor& a) { return bitwise_not(a); }

/// a where condition holds, else b; all three broadcast. Gradients dy where taken, 0 elsewhere.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, Scalar b);
Tensor where(const Tensor& condition, Scalar a, const Tensor& b);
/// a + weight (b - a), computed as b - (1 - weight) (b - a) where |weight| >= 1/2. Gradients (1 - weight) dy,
/// weight dy, (b - a) dy.
Tensor lerp(const Tensor& a, const Tensor& b, double weight);
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight);

// In place: a becomes a op b, b broadcast to a's shape and converted to its type.
// @throws DtypeError when the result is of a higher kind than a: a fraction for whole numbers, a number for
// bool
Tensor add_(const Tensor& a, const Tensor& b, double scale = 1);  ///< a + scale b
Tensor sub_(const Tensor& a, const Tensor& b, double scale = 1);  ///< a - scale b
Tensor mul_(const Tensor& a, const Tensor& b);
Tensor div_(const Tensor& a, const Tensor& b);
Tensor add_(const Tensor& a, Scalar b);
Tensor sub_(const Tensor& a, Scalar b);
Tensor mul_(const Tensor& a, Scalar b);
Tensor div_(const Tensor& a, Scalar b);

}  // namespace minitorch
