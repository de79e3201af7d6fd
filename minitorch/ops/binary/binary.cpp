// SPDX-License-Identifier: MIT
#include "minitorch/ops/binary/binary.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary_kernels.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

// Kernels know float32 and int64; smaller types are widened, half types computed in float32.
Dtype compute_type(BinaryOp op, Dtype promoted) {
  if (is_floating(promoted) || op == BinaryOp::Div || op == BinaryOp::Power) return kFloat32;
  return kInt64;
}
// uint8 and bool arithmetic keeps the type only between equals; comparisons give bool.
Dtype result_type(BinaryOp op, Dtype promoted) {
  if (is_comparison(op)) return kBool;
  if (is_floating(promoted)) return promoted;
  return op == BinaryOp::Div || op == BinaryOp::Power ? kFloat32 : promoted;
}

// y = op(a, b) without the graph: promoted, broadcast, computed.
Tensor compute(const char* name, BinaryOp op, const Tensor& a, const Tensor& b) {
  check_same_device(name, a, b);
  const Shape shape = broadcast_shapes(name, a.shape(), b.shape());
  const Dtype promoted = promote(a.dtype(), b.dtype()), type = compute_type(op, promoted),
              out = result_type(op, promoted);
  const Tensor x = expand(to(a.detach(), type), shape), z = expand(to(b.detach(), type), shape);
  Tensor y = empty(shape, {is_comparison(op) ? kBool : type, a.device()});
  MT_DISPATCH(a.device(), binary, op, view_of(x), view_of(z), view_of(y));
  return to(y, out);
}

Tensor compute(BinaryOp op, const Tensor& a, Scalar number, bool number_first) {
  Dtype promoted = a.dtype();
  if (!is_floating(promoted)) promoted = number.whole ? promote(promoted, kInt64) : kFloat32;
  const Dtype type = compute_type(op, promoted);
  const Tensor x = to(a.detach(), type);
  Tensor y = empty(a.shape(), {is_comparison(op) ? kBool : type, a.device()});
  MT_DISPATCH(a.device(), binary_number, op, view_of(x), number.value, number_first, view_of(y));
  return to(y, result_type(op, promoted));
}

// The gradient of a broadcast, promoted operand: summed to its shape, in its type.
Tensor back_to(const Tensor& d, const Shape& shape, Dtype dtype) { return to(sum_to(d, shape), dtype); }

// Where the larger (or smaller) of a and b came from a: 1, 0, and one half where they are equal.
Tensor share(const Tensor& a, const Tensor& b, bool larger) {
  return to(larger ? gt(a, b) : lt(a, b), kFloat32) + 0.5 * to(eq(a, b), kFloat32);
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
                        wrt(a, [b = Saved(b), s = a.shape(),
                                t = a.dtype()](const Tensor& dy) { return back_to(dy * b(), s, t); }),
                        wrt(b, [a = Saved(a), s = b.shape(), t = b.dtype()](const Tensor& dy) {
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
                        wrt(a, [b = Saved(b), s = a.shape(),
                                t = a.dtype()](const Tensor& dy) { return back_to(dy / b(), s, t); }),
                        wrt(b, [b = Saved(b), y = Saved(y.detach())](const Tensor& dy) {
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
  return with_gradients(y, "div", wrt(b, [b = Saved(b), y = Saved(y.detach())](const Tensor& dy) {
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

Tensor pow(const Tensor& a, const Tensor& b) {
  Tensor y = compute("pow", BinaryOp::Power, a, b);
  if (!needs_graph(a, b)) return y;
  return with_gradients(y, "pow",
                        wrt(a,
                            [a = Saved(a.detach()), b = Saved(b.detach())](const Tensor& dy) {
                              return back_to(dy * b() * pow(a(), b() - 1), a().shape(), a().dtype());
                            }),
                        wrt(b, [a = Saved(a.detach()), y = Saved(y.detach()), s = b.shape(), t = b.dtype()](
                                   const Tensor& dy) { return back_to(dy * y() * log(a()), s, t); }));
}
Tensor pow(Scalar a, const Tensor& b) {
  Tensor y = compute(BinaryOp::Power, b, a, true);
  if (!needs_graph(b)) return y;
  return with_gradients(y, "pow", wrt(b, [k = std::log(a.value), y = Saved(y.detach())](const Tensor& dy) {
                          return dy * y() * k;
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
  const Dtype promoted = promote(a.dtype(), b.dtype()), type = is_floating(promoted) ? kFloat32 : kInt64;
  const Tensor c = expand(condition, shape), u = expand(to(a.detach(), type), shape),
               v = expand(to(b.detach(), type), shape);
  Tensor y = empty(shape, {type, a.device()});
  MT_DISPATCH(a.device(), where, view_of(c), view_of(u), view_of(v), view_of(y));
  return with_gradients(to(y, promoted), "where",
                        wrt(a, [condition, s = a.shape(), t = a.dtype()](
                                   const Tensor& dy) { return back_to(where(condition, dy, 0.0), s, t); }),
                        wrt(b, [condition, s = b.shape(), t = b.dtype()](const Tensor& dy) {
                          return back_to(where(condition, 0.0, dy), s, t);
                        }));
}
Tensor where(const Tensor& condition, const Tensor& a, Scalar b) {
  return where(condition, a,
               full({}, b.value, {is_floating(a.dtype()) || b.whole ? a.dtype() : kFloat32, a.device()}));
}
Tensor where(const Tensor& condition, Scalar a, const Tensor& b) {
  return where(logical_not(condition), b, a);
}

Tensor lerp(const Tensor& a, const Tensor& b, double weight) { return a + (b - a) * weight; }
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight) { return a + (b - a) * weight; }

namespace {
// a = result when the graph must know, else computed straight into a.
template <class Recorded, class Direct>
Tensor in_place(const char* name, const Tensor& a, bool recorded, Recorded graph_form, Direct direct) {
  if (recorded) return finish_in_place(name, a, to(graph_form(), a.dtype()));
  before_in_place(name, a);
  direct();
  return a;
}

Tensor in_place(const char* name, BinaryOp op, const Tensor& a, const Tensor& b,
                Tensor (*form)(const Tensor&, const Tensor&)) {
  check_same_device(name, a, b);
  if (!(broadcast_shapes(name, a.shape(), b.shape()) == a.shape()))
    throw ShapeError(format("[%s] %s cannot be broadcast into %s", name, to_string(b.shape()).c_str(),
                            to_string(a.shape()).c_str()));
  const bool direct =
      a.dtype() == kFloat32 || (a.dtype() == kInt64 && op != BinaryOp::Div && !is_floating(b.dtype()));
  return in_place(
      name, a, needs_graph(a, b), [&] { return form(a, b); },
      [&] {
        if (!direct) return void(copy_(a, form(a.detach(), b.detach())));
        const Tensor v = expand(to(b.detach(), a.dtype()), a.shape());
        MT_DISPATCH(a.device(), binary, op, view_of(a), view_of(v), view_of(a));
      });
}
}  // namespace

Tensor add_(const Tensor& a, const Tensor& b, double scale) {
  if (scale == 1) return in_place("add_", BinaryOp::Add, a, b, &add);
  if (a.dtype() != kFloat32 || needs_graph(a, b)) return add_(a, b * scale);
  check_same_device("add_", a, b);
  if (!(broadcast_shapes("add_", a.shape(), b.shape()) == a.shape()))
    throw ShapeError(format("[add_] %s cannot be broadcast into %s", to_string(b.shape()).c_str(),
                            to_string(a.shape()).c_str()));
  before_in_place("add_", a);
  const Tensor v = expand(to(b.detach(), kFloat32), a.shape());
  MT_DISPATCH(a.device(), add_scaled, view_of(a), view_of(v), static_cast<float>(scale));
  return a;
}
Tensor sub_(const Tensor& a, const Tensor& b) { return in_place("sub_", BinaryOp::Sub, a, b, &sub); }
Tensor mul_(const Tensor& a, const Tensor& b) { return in_place("mul_", BinaryOp::Mul, a, b, &mul); }
Tensor div_(const Tensor& a, const Tensor& b) { return in_place("div_", BinaryOp::Div, a, b, &div); }

static Tensor number_in_place(const char* name, BinaryOp op, const Tensor& a, Scalar b,
                              Tensor (*form)(const Tensor&, Scalar)) {
  return in_place(
      name, a, needs_graph(a), [&] { return form(a, b); },
      [&] {
        if (a.dtype() != kFloat32 && !(a.dtype() == kInt64 && b.whole))
          return void(copy_(a, form(a.detach(), b)));
        MT_DISPATCH(a.device(), binary_number, op, view_of(a), b.value, false, view_of(a));
      });
}
Tensor add_(const Tensor& a, Scalar b) { return number_in_place("add_", BinaryOp::Add, a, b, &add); }
Tensor mul_(const Tensor& a, Scalar b) { return number_in_place("mul_", BinaryOp::Mul, a, b, &mul); }

}  // namespace minitorch
