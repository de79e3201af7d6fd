// SPDX-License-Identifier: MIT
// The loops of all elementwise CPU kernels: a kernel brings a functor and writes no loop.
#pragma once
#include <algorithm>
#include <concepts>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/core/strided_loop.h"

namespace minitorch::cpu {

/// Elements worth one thread's time when a kernel does little more than move memory.
inline constexpr int64_t kGrain = 16384;

/// Calls body(pointers, count) for each run along the innermost axis; pointers[k] is operand k's first
/// element of the run, and further elements are loop.inner(k) apart. Threads share the elements.
template <int N, class Body>
void for_each_run(const StridedLoop<N>& loop, int64_t grain, const int (&item_bytes)[N], Body&& body) {
  if (loop.numel == 0) return;
  const int64_t run = loop.inner_size();
  parallel_for(loop.numel, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end;) {
      const int64_t count = std::min(run - i % run, end - i);
      int64_t at[N];
      loop.offsets(i, at);
      char* pointers[N];
      for (int k = 0; k < N; ++k) pointers[k] = static_cast<char*>(loop.data[k]) + at[k] * item_bytes[k];
      body(pointers, count);
      i += count;
    }
  });
}

namespace detail {
template <class F, class... V>
concept GivesVec = requires(const F& f, V... v) {
  { f(v...) } -> std::same_as<simd::Vec>;
};

// One run of y = f(x...), all float: whole vectors, a broadcast operand loaded once, the tail by masked
// access.
template <class F, class... S>
void run_of_vectors(const F& f, float* y, int64_t count, S... source) {
  using simd::Vec, simd::kLanes;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) f(source.load(i)...).store(y + i);
  if (i < count) f(source.load(i, count - i)...).store(y + i, count - i);
}
struct Stream {
  const float* p;
  simd::Vec load(int64_t i) const { return simd::Vec::load(p + i); }
  simd::Vec load(int64_t i, int64_t n) const { return simd::Vec::load(p + i, n); }
};
struct Repeated {
  simd::Vec v;
  explicit Repeated(const float* p) : v(*p) {}
  simd::Vec load(int64_t) const { return v; }
  simd::Vec load(int64_t, int64_t) const { return v; }
};
}  // namespace detail

/// y = f(x) over any strides. X and Y are the element types; float to float runs on vectors.
template <class X, class Y, class F>
void map(const AnyView& x, const AnyView& y, const F& f, int64_t grain = kGrain) {
  const auto loop = plan_loop<2>({x, y});
  const int64_t sx = loop.inner(0), sy = loop.inner(1);
  for_each_run(loop, grain, {sizeof(X), sizeof(Y)}, [&](char* const* p, int64_t n) {
    auto* a = reinterpret_cast<const X*>(p[0]);
    auto* out = reinterpret_cast<Y*>(p[1]);
    if constexpr (std::is_same_v<X, float> && detail::GivesVec<F, simd::Vec>) {
      if (sx == 1 && sy == 1) return detail::run_of_vectors(f, out, n, detail::Stream{a});
    }
    if (sx == 1 && sy == 1)
      for (int64_t i = 0; i < n; ++i) out[i] = f(a[i]);
    else
      for (int64_t i = 0; i < n; ++i) out[i * sy] = f(a[i * sx]);
  });
}

/// y = f(a, b) over any strides, broadcast operands having stride 0.
template <class X, class Y, class F>
void map(const AnyView& a, const AnyView& b, const AnyView& y, const F& f, int64_t grain = kGrain) {
  const auto loop = plan_loop<3>({a, b, y});
  const int64_t sa = loop.inner(0), sb = loop.inner(1), sy = loop.inner(2);
  for_each_run(loop, grain, {sizeof(X), sizeof(X), sizeof(Y)}, [&](char* const* p, int64_t n) {
    auto* u = reinterpret_cast<const X*>(p[0]);
    auto* v = reinterpret_cast<const X*>(p[1]);
    auto* out = reinterpret_cast<Y*>(p[2]);
    if constexpr (std::is_same_v<X, float> && detail::GivesVec<F, simd::Vec, simd::Vec>) {
      using detail::Repeated, detail::Stream;
      if (sy == 1 && sa == 1 && sb == 1) return detail::run_of_vectors(f, out, n, Stream{u}, Stream{v});
      if (sy == 1 && sa == 1 && sb == 0) return detail::run_of_vectors(f, out, n, Stream{u}, Repeated(v));
      if (sy == 1 && sa == 0 && sb == 1) return detail::run_of_vectors(f, out, n, Repeated(u), Stream{v});
    }
    if (sa == 1 && sb == 1 && sy == 1)
      for (int64_t i = 0; i < n; ++i) out[i] = f(u[i], v[i]);
    else
      for (int64_t i = 0; i < n; ++i) out[i * sy] = f(u[i * sa], v[i * sb]);
  });
}

/// y = f(c, a, b) over any strides; c has its own element type (a mask, say), or is a float that may be
/// broadcast.
template <class C, class X, class Y, class F>
void map(const AnyView& c, const AnyView& a, const AnyView& b, const AnyView& y, const F& f,
         int64_t grain = kGrain) {
  const auto loop = plan_loop<4>({c, a, b, y});
  const int64_t sc = loop.inner(0), sa = loop.inner(1), sb = loop.inner(2), sy = loop.inner(3);
  for_each_run(loop, grain, {sizeof(C), sizeof(X), sizeof(X), sizeof(Y)}, [&](char* const* p, int64_t n) {
    auto* m = reinterpret_cast<const C*>(p[0]);
    auto* u = reinterpret_cast<const X*>(p[1]);
    auto* v = reinterpret_cast<const X*>(p[2]);
    auto* out = reinterpret_cast<Y*>(p[3]);
    if constexpr (std::is_same_v<C, float> && std::is_same_v<X, float> &&
                  detail::GivesVec<F, simd::Vec, simd::Vec, simd::Vec>) {
      using detail::Repeated, detail::Stream;
      if (sy == 1 && sa == 1 && sb == 1 && sc == 1)
        return detail::run_of_vectors(f, out, n, Stream{m}, Stream{u}, Stream{v});
      if (sy == 1 && sa == 1 && sb == 1 && sc == 0)
        return detail::run_of_vectors(f, out, n, Repeated(m), Stream{u}, Stream{v});
    }
    for (int64_t i = 0; i < n; ++i) out[i * sy] = f(m[i * sc], u[i * sa], v[i * sb]);
  });
}

}  // namespace minitorch::cpu
