// SPDX-License-Identifier: MIT
// y = f(a, b) for two tensors that broadcast against each other, or a tensor and a number, y = c ? a : b, and
// a += scale b. The kernels, which element a thread owns and what that costs: core/elementwise_cuda.h. 12
// bytes an element of float for 1 to 3 operations, pow some 20.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/binary/binary_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

template <class F, class T, class R>
struct Both {
  __device__ R operator()(T x, T y) const { return F::forward(x, y); }
};
template <class F, class T, class R>
struct WithNumber {
  T number;
  bool first;
  __device__ R operator()(T x) const { return first ? F::forward(number, x) : F::forward(x, number); }
};
template <class T>
struct Select {
  __device__ T operator()(bool c, T a, T b) const { return c ? a : b; }
};
struct AddScaled {
  float scale;
  __device__ float operator()(float a, float b) const { return a + scale * b; }
};

// Calls visit<F, R>() with the functor of `op` and its result type for elements of type T.
template <class T, class Visit>
void with_functor(BinaryOp op, Visit visit) {
  switch (op) {
#define MT_CASE(F) \
  case BinaryOp::F: return visit.template operator()<functors::F, T>();
    MT_ARITHMETIC_OPS(MT_CASE)
#undef MT_CASE
#define MT_CASE(F)                                                                       \
  case BinaryOp::F:                                                                      \
    if constexpr (std::is_same_v<T, float>) visit.template operator()<functors::F, T>(); \
    return;
    MT_FLOAT_OPS(MT_CASE)
#undef MT_CASE
#define MT_CASE(F)                                                                         \
  case BinaryOp::F:                                                                        \
    if constexpr (std::is_same_v<T, int64_t>) visit.template operator()<functors::F, T>(); \
    return;
    MT_WHOLE_OPS(MT_CASE)
#undef MT_CASE
#define MT_CASE(F) \
  case BinaryOp::F: return visit.template operator()<functors::F, bool>();
    MT_COMPARE_OPS(MT_CASE)
#undef MT_CASE
  }
}

template <class T>
void binary_typed(BinaryOp op, const AnyView& a, const AnyView& b, const AnyView& y) {
  with_functor<T>(op, [&]<class F, class R>() { map<T, R>("binary", a, b, y, Both<F, T, R>{}); });
}
template <class T>
void number_typed(BinaryOp op, const AnyView& a, double number, bool first, const AnyView& y) {
  with_functor<T>(op, [&]<class F, class R>() {
    map<T, R>("binary", a, y, WithNumber<F, T, R>{static_cast<T>(number), first});
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
  y.dtype == kInt64 ? map<bool, int64_t, int64_t>("where", c, a, b, y, Select<int64_t>{})
                    : map<bool, float, float>("where", c, a, b, y, Select<float>{});
}
void add_scaled(AnyView a, AnyView b, float scale) {
  map<float, float>("add_scaled", a, b, a, AddScaled{scale});
}

}  // namespace minitorch::MT_DEVICE
