// SPDX-License-Identifier: MIT
// The loops of all elementwise CPU kernels: a kernel brings a functor and writes no loop.
//
// A functor of floats is compiled once, for whole vectors of operands that lie in line. Whatever lies
// otherwise, and the end of a run, comes to that one loop by way of small buffers.
//
// The way down, from what kernels call to the loop: map (at the end of this file) picks the functor's loop;
// map_views merges axes that lie in line; for_each_run shares the elements among threads; run cuts them into
// vectors; run_of_vectors is the loop.
#pragma once
#include <algorithm>
#include <concepts>
#include <utility>

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

using simd::kLanes, simd::Mask, simd::Vec;

/// One operand of a run: element i lies at data[i * step].
template <class T>
struct Stream {
  T* data;
  int64_t step;
};

// Floats are loaded as they are, booleans as masks; results are stored likewise.
using Bytes = uint8_t __attribute__((vector_size(kLanes)));
using BytesAnywhere = uint8_t __attribute__((vector_size(kLanes), aligned(1), may_alias));
MT_INLINE Vec load_vector(const float* p) { return Vec::load(p); }
MT_INLINE Mask load_vector(const bool* p) {
  const Bytes bytes = *reinterpret_cast<const BytesAnywhere*>(p);
  return __builtin_convertvector(bytes, Mask) != 0;
}
MT_INLINE void store_vector(float* p, Vec v) { v.store(p); }
MT_INLINE void store_vector(bool* p, Mask m) {
  *reinterpret_cast<BytesAnywhere*>(p) = __builtin_convertvector(m & 1, Bytes);
}

template <class F, class Y, class... X>
concept OnVectors = requires(const F& f, Y* y, const X*... x) {
  store_vector(y, f(load_vector(x)...));
};

// `vectors` of y = f(x...), the one loop of a functor. The step of an operand is kLanes, or 0 for one that
// stays.
template <class F, class Y, class... X>
void run_of_vectors(const void* functor, int64_t vectors, Y* y, Stream<const X>... x) {
  const F f = *static_cast<const F*>(functor);
  for (; vectors > 0; --vectors, y += kLanes) {
    store_vector(y, f(load_vector(x.data)...));
    ((x.data += x.step), ...);
  }
}
template <class F, class Y, class... X>
void run_of_items(const void* functor, int64_t count, Stream<Y> y, Stream<const X>... x) {
  const F f = *static_cast<const F*>(functor);
  for (int64_t i = 0; i < count; ++i) y.data[i * y.step] = f(x.data[i * x.step]...);
}

// An operand as run_of_vectors wants it: where it lies, or copied to `buffer`.
template <class X>
Stream<const X> in_line(Stream<const X> x, int64_t count, X* buffer) {
  if (x.step == 0) {
    std::fill_n(buffer, kLanes, *x.data);
    return {buffer, 0};
  }
  if (x.step == 1 && count % kLanes == 0) return {x.data, kLanes};
  for (int64_t i = 0; i < count; ++i) buffer[i] = x.data[i * x.step];
  std::fill_n(buffer + count, (kLanes - count % kLanes) % kLanes, X(1));  // harmless to every function
  return {buffer, kLanes};
}

/// Which loops a functor has: they depend on nothing else, so all that is around them is compiled once.
template <class Y, class... X>
struct Loops {
  void (*vectors)(const void* functor, int64_t vectors, Y* y, Stream<const X>... x);
  void (*items)(const void* functor, int64_t count, Stream<Y> y, Stream<const X>... x);
};

// One run of y = f(x...): all whole vectors at once where everything lies in line, else a buffer at a time.
template <class Y, class... X, std::size_t... K>
void run(const Loops<Y, X...>& loops, const void* functor, int64_t count, Stream<Y> y,
         std::index_sequence<K...>, Stream<const X>... x) {
  if (loops.items) return loops.items(functor, count, y, x...);
  constexpr int64_t kBuffer = 16 * kLanes;
  alignas(64) float buffers[sizeof...(X)][kBuffer];
  alignas(64) Y out[kBuffer];
  const bool lies_well = y.step == 1 && ((x.step == 1 || x.step == 0) && ...);
  for (int64_t n; count > 0; count -= n) {
    n = lies_well && count >= kLanes ? count / kLanes * kLanes : std::min(count, kBuffer);
    const bool direct = y.step == 1 && n % kLanes == 0;
    loops.vectors(functor, (n + kLanes - 1) / kLanes, direct ? y.data : out,
                  in_line<X>(x, n, reinterpret_cast<X*>(buffers[K]))...);
    for (int64_t i = 0; i < n && !direct; ++i) y.data[i * y.step] = out[i];
    y.data += n * y.step;
    ((x.data += n * x.step), ...);
  }
}

template <class Y, class... X, std::size_t... K>
void map_views(const Loops<Y, X...>& loops, const void* functor, int64_t grain,
               const AnyView (&views)[sizeof...(X) + 1], std::index_sequence<K...> operands) {
  constexpr int kOut = sizeof...(X);
  const auto loop = plan_loop<kOut + 1>(views);
  for_each_run(loop, grain, {sizeof(X)..., sizeof(Y)}, [&](char* const* p, int64_t count) {
    run<Y, X...>(loops, functor, count, {reinterpret_cast<Y*>(p[kOut]), loop.inner(kOut)}, operands,
                 Stream<const X>{reinterpret_cast<const X*>(p[K]), loop.inner(K)}...);
  });
}

template <class Y, class... X, class F>
void map_with(const F& f, int64_t grain, const AnyView (&views)[sizeof...(X) + 1]) {
  Loops<Y, X...> loops{};
  if constexpr (OnVectors<F, Y, X...>) loops.vectors = run_of_vectors<F, Y, X...>;
  else loops.items = run_of_items<F, Y, X...>;
  map_views(loops, &f, grain, views, std::index_sequence_for<X...>{});
}

}  // namespace detail

/// y = f(x) over any strides. X and Y are the element types; floats, and masks of booleans, run on vectors.
template <class X, class Y, class F>
void map(const AnyView& x, const AnyView& y, const F& f, int64_t grain = kGrain) {
  detail::map_with<Y, X>(f, grain, {x, y});
}

/// y = f(a, b) over any strides, broadcast operands having stride 0.
template <class X, class Y, class F>
void map(const AnyView& a, const AnyView& b, const AnyView& y, const F& f, int64_t grain = kGrain) {
  detail::map_with<Y, X, X>(f, grain, {a, b, y});
}

/// y = f(c, a, b) over any strides; c has its own element type (a mask, say).
template <class C, class X, class Y, class F>
void map(const AnyView& c, const AnyView& a, const AnyView& b, const AnyView& y, const F& f,
         int64_t grain = kGrain) {
  detail::map_with<Y, C, X, X>(f, grain, {c, a, b, y});
}

}  // namespace minitorch::cpu
