// SPDX-License-Identifier: MIT
// One vector of floats for every instruction set: 16 lanes with AVX-512, 8 with AVX2, 4 with SSE or NEON.
// Built on the compiler's vector extensions, so that x86 and ARM share one source. For *_cpu.cpp files only.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace minitorch::simd {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX2__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

#define MT_INLINE inline __attribute__((always_inline))

/// All-ones or all-zeros per lane: the result of a comparison.
using Mask = int32_t __attribute__((vector_size(kLanes * 4)));

/// kLanes floats. Mixes with plain floats, which are copied to all lanes.
struct Vec {
  using Native = float __attribute__((vector_size(kLanes * 4)));
  using Unaligned = float __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
  Native v;

  Vec() = default;
  MT_INLINE Vec(Native native) : v(native) {}
  MT_INLINE Vec(float x) : v(x - Native{}) {}

  static MT_INLINE Vec load(const float* p) { return Vec(*reinterpret_cast<const Unaligned*>(p)); }
  MT_INLINE void store(float* p) const { *reinterpret_cast<Unaligned*>(p) = v; }

  /// The first n lanes only, n <= kLanes: the rest reads as zero and is not written.
#if defined(__AVX512F__)
  static MT_INLINE Vec load(const float* p, int64_t n) {
    return n <= 0 ? Vec(0.f) : Vec((Native)_mm512_maskz_loadu_ps((1u << n) - 1, p));
  }
  MT_INLINE void store(float* p, int64_t n) const {
    if (n > 0) _mm512_mask_storeu_ps(p, (1u << n) - 1, (__m512)v);
  }
#elif defined(__AVX2__)
  static MT_INLINE __m256i first(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static MT_INLINE Vec load(const float* p, int64_t n) {
    return Vec((Native)_mm256_maskload_ps(p, first(n)));
  }
  MT_INLINE void store(float* p, int64_t n) const { _mm256_maskstore_ps(p, first(n), (__m256)v); }
#else
  static MT_INLINE Vec load(const float* p, int64_t n) {
    Native v{};
    for (int i = 0; i < kLanes; ++i)
      if (i < n) v[i] = p[i];
    return v;
  }
  MT_INLINE void store(float* p, int64_t n) const {
    for (int i = 0; i < kLanes; ++i)
      if (i < n) p[i] = v[i];
  }
#endif

  MT_INLINE float operator[](int lane) const { return v[lane]; }
  MT_INLINE Vec operator-() const { return -v; }
  MT_INLINE Vec& operator+=(Vec o) {
    v += o.v;
    return *this;
  }
  MT_INLINE Vec& operator-=(Vec o) {
    v -= o.v;
    return *this;
  }
  MT_INLINE Vec& operator*=(Vec o) {
    v *= o.v;
    return *this;
  }
  friend MT_INLINE Vec operator+(Vec a, Vec b) { return a.v + b.v; }
  friend MT_INLINE Vec operator-(Vec a, Vec b) { return a.v - b.v; }
  friend MT_INLINE Vec operator*(Vec a, Vec b) { return a.v * b.v; }
  friend MT_INLINE Vec operator/(Vec a, Vec b) { return a.v / b.v; }
  friend MT_INLINE Mask operator<(Vec a, Vec b) { return a.v < b.v; }
  friend MT_INLINE Mask operator<=(Vec a, Vec b) { return a.v <= b.v; }
  friend MT_INLINE Mask operator>(Vec a, Vec b) { return a.v > b.v; }
  friend MT_INLINE Mask operator>=(Vec a, Vec b) { return a.v >= b.v; }
  friend MT_INLINE Mask operator==(Vec a, Vec b) { return a.v == b.v; }
  friend MT_INLINE Mask operator!=(Vec a, Vec b) { return a.v != b.v; }
};

MT_INLINE Vec select(Mask m, Vec a, Vec b) { return m ? a.v : b.v; }
MT_INLINE Vec max(Vec a, Vec b) { return select((a > b) | (a != a), a, b); }  // NaN wins, as in PyTorch
MT_INLINE Vec min(Vec a, Vec b) { return select((a < b) | (a != a), a, b); }
/// a * b + c in one expression, which every compiler may contract to one fused instruction.
MT_INLINE Vec multiply_add(Vec a, Vec b, Vec c) { return a.v * b.v + c.v; }
MT_INLINE Vec abs(Vec x) { return (Vec::Native)((Mask)x.v & 0x7fffffff); }

MT_INLINE float sum(Vec v) {
  float s = 0;
  for (int i = 0; i < kLanes; ++i) s += v[i];
  return s;
}

/// Applies a scalar function to each lane: for functions too rare to deserve a vector form.
template <class F>
MT_INLINE Vec each_lane(Vec x, F f) {
  Vec y;
  for (int i = 0; i < kLanes; ++i) y.v[i] = f(x[i]);
  return y;
}

}  // namespace minitorch::simd
