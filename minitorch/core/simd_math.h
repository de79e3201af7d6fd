// SPDX-License-Identifier: MIT
// The functions of math.h for a whole vector, within about two units in the last place of the scalar ones.
// Range reduction and a polynomial each, after Cody and Waite and the Cephes library. For *_cpu.cpp files
// only.
#pragma once
#include <cmath>
#include <initializer_list>

#include "minitorch/core/simd.h"

namespace minitorch::simd {

namespace detail {
using Native = Vec::Native;
MT_INLINE Vec from_bits(Mask bits) { return Vec((Native)bits); }
MT_INLINE Mask bits(Vec x) { return (Mask)x.v; }
MT_INLINE Mask to_int(Vec x) { return __builtin_convertvector(x.v, Mask); }
MT_INLINE Vec to_float(Mask i) { return Vec(__builtin_convertvector(i, Native)); }
MT_INLINE bool any(Mask m) {
  int32_t found = 0;
  for (int i = 0; i < kLanes; ++i) found |= m[i];
  return found != 0;
}
constexpr float kInfinity = __builtin_inff();
}  // namespace detail

#if defined(__AVX512F__)
MT_INLINE Vec sqrt(Vec x) { return Vec((Vec::Native)_mm512_sqrt_ps((__m512)x.v)); }
MT_INLINE Vec floor(Vec x) { return Vec((Vec::Native)_mm512_roundscale_ps((__m512)x.v, 0x09)); }
MT_INLINE Vec round(Vec x) { return Vec((Vec::Native)_mm512_roundscale_ps((__m512)x.v, 0x08)); }
#elif defined(__AVX2__)
MT_INLINE Vec sqrt(Vec x) { return Vec((Vec::Native)_mm256_sqrt_ps((__m256)x.v)); }
MT_INLINE Vec floor(Vec x) { return Vec((Vec::Native)_mm256_floor_ps((__m256)x.v)); }
MT_INLINE Vec round(Vec x) { return Vec((Vec::Native)_mm256_round_ps((__m256)x.v, 0x08)); }
#else
MT_INLINE Vec sqrt(Vec x) {
  return each_lane(x, [](float v) { return std::sqrt(v); });
}
MT_INLINE Vec floor(Vec x) {
  return each_lane(x, [](float v) { return std::floor(v); });
}
MT_INLINE Vec round(Vec x) {
  return each_lane(x, [](float v) { return std::rint(v); });
}
#endif

namespace detail {
// x between low and high; a NaN stays one.
MT_INLINE Vec limit(Vec x, float low, float high) {
#if defined(__AVX512F__)
  return Vec((Native)_mm512_max_ps((__m512)Vec(low).v, _mm512_min_ps((__m512)Vec(high).v, (__m512)x.v)));
#elif defined(__AVX2__)
  return Vec((Native)_mm256_max_ps((__m256)Vec(low).v, _mm256_min_ps((__m256)Vec(high).v, (__m256)x.v)));
#else
  return select(x > Vec(high), Vec(high), select(x < Vec(low), Vec(low), x));
#endif
}
// x 2^n for whole n, applied in two halves where there is no instruction, so that the ends of the range come
// out right.
MT_INLINE Vec scale(Vec x, Vec n) {
#if defined(__AVX512F__)
  return Vec((Native)_mm512_scalef_ps((__m512)x.v, (__m512)n.v));
#else
  const Mask whole = to_int(n), half = whole >> 1, rest = whole - half;
  return x * from_bits((half + 127) << 23) * from_bits((rest + 127) << 23);
#endif
}
}  // namespace detail

// e^x = 2^n e^r with |r| <= ln(2) / 2.
MT_INLINE Vec exp(Vec x) {
  const Vec limited = detail::limit(x, -104.f, 104.f);
  const Vec n = round(limited * Vec(1.44269504f));
  const Vec r = limited - n * Vec(0.693359375f) + n * Vec(2.12194440e-4f);
  Vec p = Vec(1.9875691500e-4f);
  p = p * r + Vec(1.3981999507e-3f);
  p = p * r + Vec(8.3334519073e-3f);
  p = p * r + Vec(4.1665795894e-2f);
  p = p * r + Vec(1.6666665459e-1f);
  p = p * r + Vec(5.0000001201e-1f);
  p = p * r * r + r + Vec(1.f);
  return detail::scale(p, n);
}

// log x = e log 2 + log m with m in [sqrt(1/2), sqrt 2).
MT_INLINE Vec log(Vec x) {
  const Mask tiny = x < Vec(1.17549435e-38f);  // subnormal: scaled up by 2^23 first
  const Vec scaled = select(tiny, x * Vec(8388608.f), x);
  const Mask u = detail::bits(scaled);
  Vec e = detail::to_float(((u >> 23) & 0xff) - 126) - select(tiny, Vec(23.f), Vec(0.f));
  Vec m = detail::from_bits((u & 0x7fffff) | 0x3f000000);  // in [1/2, 1)
  const Mask low = m < Vec(0.707106781f);
  e = select(low, e - Vec(1.f), e);
  m = select(low, m + m, m) - Vec(1.f);
  const Vec z = m * m;
  Vec p = Vec(7.0376836292e-2f);
  p = p * m - Vec(1.1514610310e-1f);
  p = p * m + Vec(1.1676998740e-1f);
  p = p * m - Vec(1.2420140846e-1f);
  p = p * m + Vec(1.4249322787e-1f);
  p = p * m - Vec(1.6668057665e-1f);
  p = p * m + Vec(2.0000714765e-1f);
  p = p * m - Vec(2.4999993993e-1f);
  p = p * m + Vec(3.3333331174e-1f);
  Vec y = p * m * z + e * Vec(-2.12194440e-4f) - Vec(0.5f) * z;
  y = m + y + e * Vec(0.693359375f);
  y = select(x == Vec(detail::kInfinity), x, y);
  y = select(x == Vec(0.f), Vec(-detail::kInfinity), y);
  return select(x < Vec(0.f), Vec(__builtin_nanf("")), select(x == x, y, x));
}

// log(1 + x): what 1 + x rounds away is put back by the ratio of x to the rounded 1 + x - 1.
MT_INLINE Vec log1p(Vec x) {
  const Vec u = Vec(1.f) + x, d = u - Vec(1.f);
  const Vec y = log(u) * x / select(d == Vec(0.f), Vec(1.f), d);
  return select(d == Vec(0.f), x,
                select(x > Vec(1e9f), log(u), y));  // 1 + x is x, and log(x) x may be infinite
}

// e^x - 1: below 1/2 in size by its series, elsewhere by exp.
MT_INLINE Vec expm1(Vec x) {
  Vec p = Vec(1.f / 40320);
  for (float c : {1.f / 5040, 1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 0.5f}) p = p * x + Vec(c);
  return select(abs(x) < Vec(0.5f), p * x * x + x, exp(x) - Vec(1.f));
}

// x times a rational function of x^2 on [-9.01, 9.01], beyond which tanh is 1 in float32: 5 units in the last
// place at worst, 3e-7 of the value.
MT_INLINE Vec tanh(Vec x) {
  const Vec a = detail::limit(x, -9.01f, 9.01f), z = a * a;
  Vec p = Vec(1.33367966e-8f);
  for (float c : {2.05962333e-5f, 3.49480845e-3f, 1.33803695e-1f, 1.f}) p = p * z + Vec(c);
  Vec q = Vec(7.76926129e-7f);
  for (float c : {3.28435912e-4f, 2.58740168e-2f, 4.67136860e-1f, 1.f}) q = q * z + Vec(c);
  return detail::limit(a * p / q, -1.f, 1.f);
}

namespace detail {
// sin and cos of the same angle reduced to the nearest multiple of pi / 4; good to |x| = 8192.
template <bool kCosine>
MT_INLINE Vec sine(Vec x) {
  const Vec a = abs(x);
  Mask j = to_int(a * Vec(1.27323954f));
  j = (j + 1) & ~1;
  const Vec n = to_float(j);
  const Vec r =
      ((a - n * Vec(0.78515625f)) - n * Vec(2.4187564849853515625e-4f)) - n * Vec(3.77489497744594108e-8f);
  const Vec z = r * r;
  const Vec s =
      ((Vec(-1.9515295891e-4f) * z + Vec(8.3321608736e-3f)) * z - Vec(1.6666654611e-1f)) * z * r + r;
  const Vec c =
      ((Vec(2.443315711809948e-5f) * z - Vec(1.388731625493765e-3f)) * z + Vec(4.166664568298827e-2f)) * z *
          z -
      Vec(0.5f) * z + Vec(1.f);
  if (kCosine) {
    const Vec y = select((j & 2) != 0, s, c);
    return select(((j + 2) & 4) != 0, -y, y);
  }
  const Vec y = select((j & 2) != 0, c, s);
  return select(((j & 4) != 0) ^ (x < Vec(0.f)), -y, y);
}
}  // namespace detail

MT_INLINE Vec sin(Vec x) {
  if (detail::any(!(abs(x) < Vec(8192.f)))) return each_lane(x, [](float v) { return std::sin(v); });
  return detail::sine<false>(x);
}
MT_INLINE Vec cos(Vec x) {
  if (detail::any(!(abs(x) < Vec(8192.f)))) return each_lane(x, [](float v) { return std::cos(v); });
  return detail::sine<true>(x);
}

// A rational function of x on [-4, 4], beyond which erf is 1 in float32.
MT_INLINE Vec erf(Vec x) {
  const Vec a = detail::limit(x, -4.f, 4.f), z = a * a;
  Vec p = Vec(-2.72614225801306e-10f);
  for (float c : {2.77068142495902e-08f, -2.10102402082508e-06f, -5.69250639462346e-05f,
                  -7.34990630326855e-04f, -2.95459980854025e-03f, -1.60960333262415e-02f})
    p = p * z + Vec(c);
  Vec q = Vec(-1.45660718464996e-05f);
  for (float c :
       {-2.13374055278905e-04f, -1.68282697438203e-03f, -7.37332916720468e-03f, -1.42647390514189e-02f})
    q = q * z + Vec(c);
  return a * p / q;
}

MT_INLINE Vec pow(Vec x, Vec y) {
  Vec z;
  for (int i = 0; i < kLanes; ++i) z.v[i] = std::pow(x[i], y[i]);
  return z;
}

}  // namespace minitorch::simd
