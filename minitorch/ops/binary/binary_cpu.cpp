// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/binary/binary_kernels.h"

namespace minitorch::cpu {
namespace {

template <class F>
struct Forward {
  template <class V>
  auto operator()(V x, V y) const {
    return F::forward(x, y);
  }
};

// Calls visit with the functor of `op` for elements of type T, and with its result type.
template <class T, class Visit>
void with_functor(BinaryOp op, Visit visit) {
  switch (op) {
#define MT_CASE(F) \
  case BinaryOp::F: return visit.template operator()<T>(Forward<functors::F>{});
    MT_ARITHMETIC_OPS(MT_CASE)
#undef MT_CASE
#define MT_CASE(F)                                                                                \
  case BinaryOp::F:                                                                               \
    if constexpr (std::is_same_v<T, float>) visit.template operator()<T>(Forward<functors::F>{}); \
    return;
    MT_FLOAT_OPS(MT_CASE)
#undef MT_CASE
#define MT_CASE(F)                                                                                  \
  case BinaryOp::F:                                                                                 \
    if constexpr (std::is_same_v<T, int64_t>) visit.template operator()<T>(Forward<functors::F>{}); \
    return;
    MT_WHOLE_OPS(MT_CASE)
#undef MT_CASE
#define MT_CASE(F) \
  case BinaryOp::F: return visit.template operator()<bool>(Forward<functors::F>{});
    MT_COMPARE_OPS(MT_CASE)
#undef MT_CASE
  }
}

template <class T>
void binary_typed(BinaryOp op, const AnyView& a, const AnyView& b, const AnyView& y) {
  with_functor<T>(op, [&]<class R>(auto f) { map<T, R>(a, b, y, f); });
}

template <class T>
void number_typed(BinaryOp op, const AnyView& a, double number, bool number_first, const AnyView& y) {
  const T n = static_cast<T>(number);
  with_functor<T>(op, [&]<class R>(auto f) {
    if (number_first) map<T, R>(a, y, [=]<class V>(V v) { return f(V(n), v); });
    else map<T, R>(a, y, [=]<class V>(V v) { return f(v, V(n)); });
  });
}

}  // namespace

void binary(BinaryOp op, AnyView a, AnyView b, AnyView y) {
  a.dtype == kInt64 ? binary_typed<int64_t>(op, a, b, y) : binary_typed<float>(op, a, b, y);
}

void binary_number(BinaryOp op, AnyView a, double number, bool number_first, AnyView y) {
  a.dtype == kInt64 ? number_typed<int64_t>(op, a, number, number_first, y)
                    : number_typed<float>(op, a, number, number_first, y);
}

void where(AnyView c, AnyView a, AnyView b, AnyView y) {
  if (y.dtype == kInt64)
    map<bool, int64_t, int64_t>(c, a, b, y, [](bool m, int64_t u, int64_t v) { return m ? u : v; });
  else map<bool, float, float>(c, a, b, y, [](auto m, auto u, auto v) { return select(m, u, v); });
}

void add_scaled(AnyView a, AnyView b, float scale) {
  map<float, float>(a, b, a, [=]<class V>(V x, V y) { return x + V(scale) * y; });
}

}  // namespace minitorch::cpu
