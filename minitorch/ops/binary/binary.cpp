// SPDX-License-Identifier: MIT
#include "minitorch/ops/binary/binary.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary_types.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {

Scalar as_written(double number) {
  const bool whole = std::fabs(number) < 0x1p53 && std::trunc(number) == number;
  return whole ? Scalar(static_cast<int64_t>(number)) : Scalar(number);
}

namespace {

// y = op(a, b) without the graph: promoted, broadcast, computed.
Tensor compute(const char* name, BinaryOp op, const Tensor& a, const Tensor& b) {
  check_same_device(name, a, b);
  const Shape shape = broadcast_shapes(name, a.shape(), b.shape());
  const Dtype promoted = common_type(a, b), type = compute_type(op, promoted),
              out = result_type(op, promoted);
  const Tensor x = operand(a, type, shape), z = operand(b, type, shape);
  Tensor y = empty(shape, {is_comparison(op) ? kBool : type, a.device()});
  MT_DISPATCH(a.device(), binary, op, view_of(x), view_of(z), view_of(y));
  return to(y, out);
}

Tensor compute(BinaryOp op, const Tensor& a, Scalar number, bool number_first) {
  const Dtype promoted = common_type(a, number), type = compute_type(op, promoted);
  const Tensor x = operand(a, type, a.shape());
  Tensor y = empty(a.shape(), {is_comparison(op) ? kBool : type, a.device()});
  MT_DISPATCH(a.device(), binary_number, op, view_of(x), number.value, number_first, view_of(y));
  return to(y, result_type(op, promoted));
}

// The gradient of a broadcast, promoted operand: summed to its shape, in its type.
Tensor back_to(const Tensor& d, const Shape& shape, Dtype dtype) { return to(sum_to(d, shape), dtype); }

// Where the larger (or smaller) of a and b came from a: 1, 0, and one half where they are equal. Beside NaN
// both have 1, as in PyTorch.
Tensor share(const Tensor& a, const Tensor& b, bool larger) {
  const Tensor less = larger ? lt(a, b) : gt(a, b);
  return 1 - to(less, kFloat32) - 0.5 * to(eq(a, b), kFloat32);
}

Tensor extreme(const char* name, BinaryOp op, const Tensor& a, const Tensor& b) {
  Tensor y = compute(name, op, a, b);
  if (!needs_graph(a, b)) return y;
  const bool larger = op == BinaryOp::Maximum;
  return with_gradients(y, name,
                        wrt(a,
                            [=, u = Saved(a.detach()), v = Saved(b.detach())](const Tensor& dy) {
                              return back_to(dy * share(u(), v(), larger), u().shape(), u().dtype());
                            }),
                        wrt(b, [=, u = Saved(a.detach()), v = Saved(b.detach())](const Tensor& dy) {
                          return back_to(dy * share(v(), u(), larger), v().shape(), v().dtype());
                        }));
}

Tensor extreme(const char* name, BinaryOp op, const Tensor& a, Scalar b) {
  Tensor y = compute(op, a, b, false);
  if (!needs_graph(a)) return y;
  return with_gradients(y, name, wrt(a, [=, u = Saved(a.detach())](const Tensor& dy) {
                          return to(dy * share(u(), full_like(u(), b.value), op == BinaryOp::Maximum),
                                    u().dtype());
                        }));
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  Tensor y = compute("add", BinaryOp::Add, a, b);
  if (!needs_graph(a, b)) return y;
  return with_gradients(
      y, "add", wrt(a, [s = a.shape(), t = a.dtype()](const Tensor& dy) { return back_to(dy, s, t); }),
      wrt(b, [s = b.shape(), t = b.dtype()](const Tensor& dy) { return back_to(dy, s, t); }));
}
Tensor add(const Tensor& a, Scalar b) {
  return with_gradients(compute(BinaryOp::Add, a, b, false), "add",
                        wrt(a, [](const Tensor& dy) { return dy; }));
}
Tensor add(Scalar a, const Tensor& b) { return add(b, a); }

Tensor sub(const Tensor& a, const Tensor& b) {
  if (a.dtype() == kBool && b.dtype() == kBool)
    throw DtypeError("[sub] bool - bool: whether two truths differ is no difference of numbers",
                     "write a ^ b where one of the two holds, a & ~b where a alone does");
  Tensor y = compute("sub", BinaryOp::Sub, a, b);
  if (!needs_graph(a, b)) return y;
  return with_gradients(
      y, "sub", wrt(a, [s = a.shape(), t = a.dtype()](const Tensor& dy) { return back_to(dy, s, t); }),
      wrt(b, [s = b.shape(), t = b.dtype()](const Tensor& dy) { return back_to(neg(dy), s, t); }));
}
Tensor sub(const Tensor& a, Scalar b) {
  return with_gradients(compute(BinaryOp::Sub, a, b, false), "sub",
                        wrt(a, [](const Tensor& dy) { return dy; }));
}
Tensor sub(Scalar a, const Tensor& b) {
  return with_gradients(compute(BinaryOp::Sub, b, a, true), "sub",
                        wrt(b, [](const Tensor& dy) { return neg(dy); }));
}

Tensor mul(const Tensor& a, const Tensor& b) {
  Tensor y = compute("mul", BinaryOp::Mul, a, b);
  if (!needs_graph(a, b)) return y;
  return with_gradients(y, "mul",
                        wrt(a, [b = Saved(b.detach()), s = a.shape(),
                                t = a.dtype()](const Tensor& dy) { return back_to(dy * b(), s, t); }),
                        wrt(b, [a = Saved(a.detach()), s = b.shape(), t = b.dtype()](const Tensor& dy) {
                          return back_to(dy * a(), s, t);
                        }));
}
Tensor mul(const Tensor& a, Scalar b) {
  return with_gradients(compute(BinaryOp::Mul, a, b, false), "mul",
                        wrt(a, [b](const Tensor& dy) { return dy * b; }));
}
Tensor mul(Scalar a, const Tensor& b) { return mul(b, a); }

Tensor div(const Tensor& a, const Tensor& b) {
  Tensor y = compute("div", BinaryOp::Div, a, b);
  if (!needs_graph(a, b)) return y;
  return with_gradients(y, "div",
                        wrt(a, [b = Saved(b.detach()), s = a.shape(),
                                t = a.dtype()](const Tensor& dy) { return back_to(dy / b(), s, t); }),
                        wrt(b, [b = Saved(b.detach()), y = Saved(y.detach())](const Tensor& dy) {
                          return back_to(neg(dy * y()) / b(), b().shape(), b().dtype());
                        }));
}
Tensor div(const Tensor& a, Scalar b) {
  return with_gradients(compute(BinaryOp::Div, a, b, false), "div",
                        wrt(a, [b](const Tensor& dy) { return dy / b; }));
}
Tensor div(Scalar a, const Tensor& b) {
  Tensor y = compute(BinaryOp::Div, b, a, true);
  if (!needs_graph(b)) return y;
  return with_gradients(y, "div", wrt(b, [b = Saved(b.detach()), y = Saved(y.detach())](const Tensor& dy) {
                          return neg(dy * y()) / b();
                        }));
}

Tensor maximum(const Tensor& a, const Tensor& b) { return extreme("maximum", BinaryOp::Maximum, a, b); }
Tensor maximum(const Tensor& a, Scalar b) { return extreme("maximum", BinaryOp::Maximum, a, b); }
Tensor maximum(Scalar a, const Tensor& b) { return maximum(b, a); }
Tensor minimum(const Tensor& a, const Tensor& b) { return extreme("minimum", BinaryOp::Minimum, a, b); }
Tensor minimum(const Tensor& a, Scalar b) { return extreme("minimum", BinaryOp::Minimum, a, b); }
Tensor minimum(Scalar a, const Tensor& b) { return minimum(b, a); }

#define MT_COMPARE(name, Op)                                                                   \
  Tensor name(const Tensor& a, const Tensor& b) { return compute(#name, BinaryOp::Op, a, b); } \
  Tensor name(const Tensor& a, Scalar b) { return compute(BinaryOp::Op, a, b, false); }        \
  Tensor name(Scalar a, const Tensor& b) { return compute(BinaryOp::Op, b, a, true); }
MT_COMPARE(eq, Eq)
MT_COMPARE(ne, Ne)
MT_COMPARE(lt, Lt)
MT_COMPARE(le, Le)
MT_COMPARE(gt, Gt)
MT_COMPARE(ge, Ge)
#undef MT_COMPARE

Tensor logical_and(const Tensor& a, const Tensor& b) { return compute("logical_and", BinaryOp::And, a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return compute("logical_or", BinaryOp::Or, a, b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return compute("logical_xor", BinaryOp::Xor, a, b); }
Tensor logical_not(const Tensor& a) { return eq(a, 0); }

namespace {
void check_has_bits(const char* op, Dtype type) {
  if (is_floating(type))
    throw DtypeError(format("[%s] %s: only whole numbers and booleans have bits", op, name(type)),
                     "compare first, as in (x > 0) & (x < 1)");
}

// Of booleans the logic, which their kernel has.
Tensor bitwise(const char* op, BinaryOp bits, BinaryOp logic, const Tensor& a, const Tensor& b) {
  const Dtype type = promote(a.dtype(), b.dtype());
  check_has_bits(op, type);
  return compute(op, type == kBool ? logic : bits, a, b);
}
}  // namespace

Tensor bitwise_and(const Tensor& a, const Tensor& b) {
  return bitwise("bitwise_and", BinaryOp::BitAnd, BinaryOp::And, a, b);
}
Tensor bitwise_or(const Tensor& a, const Tensor& b) {
  return bitwise("bitwise_or", BinaryOp::BitOr, BinaryOp::Or, a, b);
}
Tensor bitwise_xor(const Tensor& a, const Tensor& b) {
  return bitwise("bitwise_xor", BinaryOp::BitXor, BinaryOp::Xor, a, b);
}
Tensor bitwise_not(const Tensor& a) {
  if (a.dtype() == kBool) return logical_not(a);
  check_has_bits("bitwise_not", a.dtype());
  return compute(BinaryOp::BitXor, a, -1, false);
}

Tensor pow(const Tensor& a, const Tensor& b) {
  Tensor y = compute("pow", BinaryOp::Power, a, b);
  if (!needs_graph(a, b)) return y;
  return with_gradients(
      y, "pow",
      wrt(a,
          [a = Saved(a.detach()), b = Saved(b.detach())](const Tensor& dy) {
            // x^0 is 1 everywhere, at 0 too
            const Tensor slope = where(b() == 0, 0.0, b() * pow(a(), b() - 1));
            return back_to(dy * slope, a().shape(), a().dtype());
          }),
      wrt(b, [a = Saved(a.detach()), b = Saved(b.detach()), y = Saved(y.detach())](const Tensor& dy) {
        // 0^b is 0 for all b around one above 0
        const Tensor slope = where((a() == 0) & (b() >= 0), 0.0, y() * log(a()));
        return back_to(dy * slope, b().shape(), b().dtype());
      }));
}
Tensor pow(Scalar a, const Tensor& b) {
  Tensor y = compute(BinaryOp::Power, b, a, true);
  if (!needs_graph(b)) return y;
  return with_gradients(y, "pow",
                        wrt(b, [a = a.value, b = Saved(b.detach()), y = Saved(y.detach())](const Tensor& dy) {
                          const Tensor slope = y() * std::log(a);
                          return dy * (a == 0 ? where(b() >= 0, 0.0, slope) : slope);
                        }));
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  if (condition.dtype() != kBool)
    throw DtypeError(format("[where] a %s condition: expected bool", name(condition.dtype())),
                     "compare it, as in x > 0");
  check_same_device("where", condition, a);
  check_same_device("where", a, b);
  const Shape shape =
      broadcast_shapes("where", condition.shape(), broadcast_shapes("where", a.shape(), b.shape()));
  const Dtype promoted = common_type(a, b), type = is_floating(promoted) ? kFloat32 : kInt64;
  const Tensor c = expand(condition, shape), u = expand(to(a.detach(), type), shape),
               v = expand(to(b.detach(), type), shape);
  Tensor y = empty(shape, {type, a.device()});
  MT_DISPATCH(a.device(), where, view_of(c), view_of(u), view_of(v), view_of(y));
  y = to(y, promoted);
  if (!needs_graph(a, b)) return y;
  return with_gradients(y, "where",
                        wrt(a, [c = Saved(condition.detach()), s = a.shape(), t = a.dtype()](
                                   const Tensor& dy) { return back_to(where(c(), dy, 0.0), s, t); }),
                        wrt(b, [c = Saved(condition.detach()), s = b.shape(), t = b.dtype()](
                                   const Tensor& dy) { return back_to(where(c(), 0.0, dy), s, t); }));
}
Tensor where(const Tensor& condition, const Tensor& a, Scalar b) {
  return where(condition, a, full({}, b.value, {common_type(a, b), a.device()}));
}
Tensor where(const Tensor& condition, Scalar a, const Tensor& b) {
  return where(logical_not(condition), b, a);
}

// From the nearer end, as PyTorch does: with weight 1 the result is b to the last bit, whatever a is.
Tensor lerp(const Tensor& a, const Tensor& b, double weight) {
  return std::fabs(weight) < 0.5 ? a + (b - a) * weight : b + (b - a) * (weight - 1);
}
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight) {
  const Tensor near_a = abs(weight.detach()) < 0.5;
  return where(near_a, a, b) + (b - a) * where(near_a, weight, weight - 1);
}

}  // namespace minitorch
