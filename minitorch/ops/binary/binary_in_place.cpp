// SPDX-License-Identifier: MIT
// add_, sub_, mul_ and div_: straight into the memory of a, or recorded like the functions they are named
// after.
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary_types.h"

namespace minitorch {

namespace {
// a = result when the graph must know, else computed straight into a.
template <class Recorded, class Direct>
Tensor in_place(const char* name, const Tensor& a, bool recorded, Recorded graph_form, Direct direct) {
  if (recorded) return finish_in_place(name, a, to(graph_form(), a.dtype()));
  before_in_place(name, a);
  direct();
  return a;
}

template <class B>
void check_kind(const char* name, BinaryOp op, const Tensor& a, const B& b) {
  if (is_floating(a.dtype())) return;  // everything fits
  if (const Dtype result = result_type(op, common_type(a, b)); !fits_kind(result, a.dtype()))
    throw DtypeError(
        format("[%s] %s results do not fit into a tensor of type %s", name, minitorch::name(result),
               minitorch::name(a.dtype())),
        "use the form without the underscore, or convert first with .to(kFloat32) or .to(kInt64)");
}

void check_fits(const char* op, const Tensor& a, const Tensor& b) {
  check_same_device(op, a, b);
  if (!(broadcast_shapes(op, a.shape(), b.shape()) == a.shape()))
    throw ShapeError(format("[%s] %s cannot be broadcast into %s", op, to_string(b.shape()).c_str(),
                            to_string(a.shape()).c_str()));
}

Tensor in_place(const char* name, BinaryOp op, const Tensor& a, const Tensor& b,
                Tensor (*form)(const Tensor&, const Tensor&)) {
  check_fits(name, a, b);
  check_kind(name, op, a, b);
  const bool direct =
      a.dtype() == kFloat32 || (a.dtype() == kInt64 && op != BinaryOp::Div && !is_floating(b.dtype()));
  return in_place(
      name, a, needs_graph(a, b), [&] { return form(a, b); },
      [&] {
        if (!direct) return void(copy_(a, form(a.detach(), b.detach())));
        const Tensor v = operand(apart_from(a, b), a.dtype(), a.shape());
        MT_DISPATCH(a.device(), binary, op, view_of(a), view_of(v), view_of(a));
      });
}
}  // namespace

Tensor add_(const Tensor& a, const Tensor& b, double scale) {
  if (scale == 1) return in_place("add_", BinaryOp::Add, a, b, &add);
  if (a.dtype() != kFloat32 || needs_graph(a, b)) return add_(a, b * as_written(scale));
  check_fits("add_", a, b);
  before_in_place("add_", a);
  const Tensor v = operand(apart_from(a, b), kFloat32, a.shape());
  MT_DISPATCH(a.device(), add_scaled, view_of(a), view_of(v), static_cast<float>(scale));
  return a;
}
Tensor sub_(const Tensor& a, const Tensor& b, double scale) {
  return scale == 1 ? in_place("sub_", BinaryOp::Sub, a, b, &sub) : add_(a, b, -scale);
}
Tensor mul_(const Tensor& a, const Tensor& b) {
  return in_place("mul_", BinaryOp::Mul, a, b, [](const Tensor& x, const Tensor& by) {
    if (!needs_graph(by)) return mul(x, by);
    const Tensor before = clone(x);  // the gradient of `by` needs it
    return mul(before, x.same(by) ? before : by);
  });
}
Tensor div_(const Tensor& a, const Tensor& b) { return in_place("div_", BinaryOp::Div, a, b, &div); }

static Tensor number_in_place(const char* name, BinaryOp op, const Tensor& a, Scalar b,
                              Tensor (*form)(const Tensor&, Scalar)) {
  check_kind(name, op, a, b);
  return in_place(
      name, a, needs_graph(a), [&] { return form(a, b); },
      [&] {
        if (a.dtype() != kFloat32 && !(a.dtype() == kInt64 && b.whole))
          return void(copy_(a, form(a.detach(), b)));
        MT_DISPATCH(a.device(), binary_number, op, view_of(a), b.value, false, view_of(a));
      });
}
Tensor add_(const Tensor& a, Scalar b) { return number_in_place("add_", BinaryOp::Add, a, b, &add); }
Tensor sub_(const Tensor& a, Scalar b) { return number_in_place("sub_", BinaryOp::Sub, a, b, &sub); }
Tensor mul_(const Tensor& a, Scalar b) { return number_in_place("mul_", BinaryOp::Mul, a, b, &mul); }
Tensor div_(const Tensor& a, Scalar b) { return number_in_place("div_", BinaryOp::Div, a, b, &div); }

}  // namespace minitorch
