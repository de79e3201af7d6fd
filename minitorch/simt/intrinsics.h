// SPDX-License-Identifier: MIT
// Simulator: CUDA's arithmetic, bit and load intrinsics. The fast variants (__expf) are as exact as the
// ordinary functions here, so results on a GPU may differ in the last digits.
#pragma once
#include <math.h>    // not <cmath>: kernels say isnan(x) and sqrt(x) without std::, and mean those for float
#include <stdio.h>   // printf, which nvcc knows without an include
#include <stdlib.h>  // abs of all types

#include <bit>
#include <cstdint>
#include <type_traits>

#include "minitorch/simt/rounding.h"
#include "minitorch/simt/types.h"

// glibc's math.h declares these very names, so that they can only be macros.
#define __expf(x) ::expf(x)
#define __exp10f(x) ::exp10f(x)
#define __logf(x) ::logf(x)
#define __log2f(x) ::log2f(x)
#define __log10f(x) ::log10f(x)
#define __sinf(x) ::sinf(x)
#define __cosf(x) ::cosf(x)
#define __tanf(x) ::tanf(x)
#define __tanhf(x) ::tanhf(x)
#define __powf(x, y) ::powf(x, y)
#define __sincosf(x, s, c) ::sincosf(x, s, c)

#if !defined(__clang__)  // which has it
#define __builtin_assume(condition) static_cast<void>(0)
#endif

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

// --- loads and stores with a cache hint ---
// clang-format off
#define MT_LOAD(name) template <class T> __forceinline__ T name(const T* p) { return *p; }
#define MT_STORE(name) template <class T> __forceinline__ void name(T* p, std::type_identity_t<T> v) { *p = v; }
MT_LOAD(__ldg) MT_LOAD(__ldca) MT_LOAD(__ldcg) MT_LOAD(__ldcs) MT_LOAD(__ldlu) MT_LOAD(__ldcv)
MT_STORE(__stwb) MT_STORE(__stcg) MT_STORE(__stcs) MT_STORE(__stwt)
// clang-format on
#undef MT_LOAD
#undef MT_STORE

    // --- the larger and the smaller; a NaN loses, as in CUDA ---
    template <class A, class B>
requires(std::is_arithmetic_v<A>&& std::is_arithmetic_v<B>) constexpr std::common_type_t<A, B> max(A a, B b) {
  const std::common_type_t<A, B> x = a, y = b;
  return x < y || x != x ? y : x;
}
template <class A, class B>
requires(std::is_arithmetic_v<A>&& std::is_arithmetic_v<B>) constexpr std::common_type_t<A, B> min(A a, B b) {
  const std::common_type_t<A, B> x = a, y = b;
  return y < x || x != x ? y : x;
}
constexpr unsigned umax(unsigned a, unsigned b) { return a < b ? b : a; }
constexpr unsigned umin(unsigned a, unsigned b) { return b < a ? b : a; }

// --- functions that the C library lacks, or has since lately ---
#if !__GLIBC_PREREQ(2, 42)
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
#endif
#if !__GLIBC_PREREQ(2, 41)
inline float sinpif(float x) { return static_cast<float>(std::sin(M_PI * std::fmod(x, 2.0))); }
inline float cospif(float x) { return static_cast<float>(std::cos(M_PI * std::fmod(x, 2.0))); }
inline double sinpi(double x) { return std::sin(M_PI * std::fmod(x, 2.0)); }
inline double cospi(double x) { return std::cos(M_PI * std::fmod(x, 2.0)); }
#endif
inline void sincospif(float x, float* s, float* c) { *s = sinpif(x), *c = cospif(x); }
inline void sincospi(double x, double* s, double* c) { *s = sinpi(x), *c = cospi(x); }
inline float rcbrtf(float x) { return 1.0f / std::cbrt(x); }
inline double rcbrt(double x) { return 1.0 / std::cbrt(x); }
inline float rhypotf(float x, float y) { return 1.0f / std::hypot(x, y); }
inline float norm3df(float x, float y, float z) { return std::hypot(x, y, z); }
inline float rnorm3df(float x, float y, float z) { return 1.0f / std::hypot(x, y, z); }
inline float norm4df(float x, float y, float z, float w) { return std::hypot(std::hypot(x, y, z), w); }
inline float normcdff(float x) { return 0.5f * std::erfc(-x * static_cast<float>(M_SQRT1_2)); }
inline double normcdf(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }
inline double erfinv(double y) {
  if (!(std::fabs(y) < 1)) return std::fabs(y) > 1 ? std::nan("") : std::copysign(HUGE_VAL, y);
  const double a = 0.147, l = std::log1p(-y * y), t = 2 / (M_PI * a) + l / 2;  // Winitzki: to 0.2 %
  double x = std::copysign(std::sqrt(std::sqrt(t * t - l / a) - t), y);
  for (int i = 0; i < 3; ++i) {  // Halley's steps, each of which trebles the digits
    const double error = (std::erf(x) - y) / (M_2_SQRTPI * std::exp(-x * x));
    x -= error / (1 + x * error);
  }
  return x;
}
inline float erfinvf(float y) { return static_cast<float>(erfinv(y)); }

// --- arithmetic that says how it rounds: to nearest, to zero, down, up ---
#define MT_ROUNDED(suffix, way)                                                                        \
  inline float __fadd_##suffix(float a, float b) { return minitorch::simt::add_rounded(a, b, way); }   \
  inline float __fsub_##suffix(float a, float b) { return minitorch::simt::add_rounded(a, -b, way); }  \
  inline float __fmul_##suffix(float a, float b) { return minitorch::simt::mul_rounded(a, b, way); }   \
  inline float __fmaf_##suffix(float a, float b, float c) {                                            \
    return minitorch::simt::fma_rounded(a, b, c, way);                                                 \
  }                                                                                                    \
  inline float __fdiv_##suffix(float a, float b) { return minitorch::simt::div_rounded(a, b, way); }   \
  inline float __frcp_##suffix(float a) { return minitorch::simt::div_rounded(1.0f, a, way); }         \
  inline float __fsqrt_##suffix(float a) { return minitorch::simt::sqrt_rounded(a, way); }             \
  inline float __double2float_##suffix(double x) { return minitorch::simt::float_rounded(x, 0, way); } \
  inline float __int2float_##suffix(int x) { return minitorch::simt::float_rounded(x, 0, way); }       \
  inline float __uint2float_##suffix(unsigned x) { return minitorch::simt::float_rounded(x, 0, way); } \
  inline float __ll2float_##suffix(long long x) { return minitorch::simt::integer_rounded(x, way); }   \
  inline float __ull2float_##suffix(unsigned long long x) { return minitorch::simt::integer_rounded(x, way); }
MT_ROUNDED(rn, minitorch::simt::Round::kNearest)
MT_ROUNDED(rz, minitorch::simt::Round::kToZero)
MT_ROUNDED(rd, minitorch::simt::Round::kDown)
MT_ROUNDED(ru, minitorch::simt::Round::kUp)
#undef MT_ROUNDED
inline float __fdividef(float a, float b) { return a / b; }
inline float fdividef(float a, float b) { return a / b; }
inline float __frsqrt_rn(float a) { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(a))); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __drcp_rn(double a) { return 1.0 / a; }
inline double __dsqrt_rn(double a) { return std::sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

// --- conversions to integers, which saturate; NaN becomes 0 ---
#define MT_TO_INTEGER(suffix, rounded)                                                                       \
  inline int __float2int_##suffix(float x) { return minitorch::simt::saturated<int>(rounded); }              \
  inline unsigned __float2uint_##suffix(float x) { return minitorch::simt::saturated<unsigned>(rounded); }   \
  inline long long __float2ll_##suffix(float x) { return minitorch::simt::saturated<long long>(rounded); }   \
  inline unsigned long long __float2ull_##suffix(float x) {                                                  \
    return minitorch::simt::saturated<unsigned long long>(rounded);                                          \
  }                                                                                                          \
  inline int __double2int_##suffix(double x) { return minitorch::simt::saturated<int>(rounded); }            \
  inline unsigned __double2uint_##suffix(double x) { return minitorch::simt::saturated<unsigned>(rounded); } \
  inline long long __double2ll_##suffix(double x) { return minitorch::simt::saturated<long long>(rounded); } \
  inline unsigned long long __double2ull_##suffix(double x) {                                                \
    return minitorch::simt::saturated<unsigned long long>(rounded);                                          \
  }
MT_TO_INTEGER(rn, std::nearbyint(x))
MT_TO_INTEGER(rz, std::trunc(x))
MT_TO_INTEGER(rd, std::floor(x))
MT_TO_INTEGER(ru, std::ceil(x))
#undef MT_TO_INTEGER
inline double __int2double_rn(int x) { return x; }
inline double __uint2double_rn(unsigned x) { return x; }
inline double __ll2double_rn(long long x) { return static_cast<double>(x); }
inline double __ull2double_rn(unsigned long long x) { return static_cast<double>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }
inline int __double2hiint(double x) { return static_cast<int>(std::bit_cast<uint64_t>(x) >> 32); }
inline int __double2loint(double x) { return static_cast<int>(std::bit_cast<uint64_t>(x)); }
inline double __hiloint2double(int high, int low) {
  return std::bit_cast<double>(static_cast<uint64_t>(static_cast<unsigned>(high)) << 32 |
                               static_cast<unsigned>(low));
}

// --- bits ---
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __popcll(unsigned long long x) { return std::popcount(x); }
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __clzll(long long x) { return std::countl_zero(static_cast<unsigned long long>(x)); }
inline int __ffs(int x) { return x ? std::countr_zero(static_cast<unsigned>(x)) + 1 : 0; }
inline int __ffsll(long long x) { return x ? std::countr_zero(static_cast<unsigned long long>(x)) + 1 : 0; }
inline unsigned __brev(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; ++i) r |= (x >> i & 1) << (31 - i);
  return r;
}
inline unsigned long long __brevll(unsigned long long x) {
  return static_cast<unsigned long long>(__brev(static_cast<unsigned>(x))) << 32 |
         __brev(static_cast<unsigned>(x >> 32));
}
/// The place of the n-th bit that is set, counted from `base` up (n > 0) or down (n < 0); ~0 if there is
/// none.
inline unsigned __fns(unsigned mask, unsigned base, int n) {
  if (n == 0) return mask >> base & 1 ? base : ~0u;
  for (int bit = static_cast<int>(base), left = n; bit >= 0 && bit<32; bit += n> 0 ? 1 : -1)
    if ((mask >> bit & 1) && (left -= n > 0 ? 1 : -1) == 0) return static_cast<unsigned>(bit);
  return ~0u;
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  const uint64_t both = static_cast<uint64_t>(y) << 32 | x;
  unsigned r = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned pick = selector >> (4 * i), byte = both >> (8 * (pick & 7)) & 0xff;
    r |= (pick & 8 ? (byte & 0x80 ? 0xffu : 0u) : byte) << (8 * i);  // bit 3 copies the sign instead
  }
  return r;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>(((static_cast<uint64_t>(high) << 32 | low) << (shift & 31)) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((static_cast<uint64_t>(high) << 32 | low) >> (shift & 31));
}
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return shift < 32 ? __funnelshift_l(low, high, shift) : low;
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return shift < 32 ? __funnelshift_r(low, high, shift) : high;
}

// --- integers; sums wrap around ---
inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<int64_t>(a) * b) >> 32); }
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<unsigned long long>((static_cast<Wide>(a) * b) >> 64);
}
inline long long __mul64hi(long long a, long long b) {
  __extension__ typedef __int128 Wide;
  return static_cast<long long>((static_cast<Wide>(a) * b) >> 64);
}
inline unsigned __umul24(unsigned a, unsigned b) { return (a & 0xffffff) * (b & 0xffffff); }
inline int __mul24(int a, int b) {
  const auto signed24 = [](int x) { return static_cast<int>(static_cast<unsigned>(x) << 8) >> 8; };
  return static_cast<int>(static_cast<unsigned>(signed24(a)) * static_cast<unsigned>(signed24(b)));
}
/// |x - y| + z
inline unsigned __usad(unsigned x, unsigned y, unsigned z) { return (x < y ? y - x : x - y) + z; }
inline unsigned __sad(int x, int y, unsigned z) {
  return (x < y ? static_cast<unsigned>(y) - static_cast<unsigned>(x)
                : static_cast<unsigned>(x) - static_cast<unsigned>(y)) +
         z;
}
/// (a + b) / 2 without an overflow, rounded down and up.
inline int __hadd(int a, int b) { return static_cast<int>((static_cast<int64_t>(a) + b) >> 1); }
inline int __rhadd(int a, int b) { return static_cast<int>((static_cast<int64_t>(a) + b + 1) >> 1); }
inline unsigned __uhadd(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) + b) >> 1);
}
inline unsigned __urhadd(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) + b + 1) >> 1);
}
/// c + the products of the four bytes of a and b.
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 32; i += 8) c += static_cast<int8_t>(a >> i) * static_cast<int8_t>(b >> i);
  return c;
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  for (int i = 0; i < 32; i += 8) c += static_cast<uint8_t>(a >> i) * static_cast<uint8_t>(b >> i);
  return c;
}

// --- time: nanoseconds, not cycles ---
long long clock64();

}  // namespace simulated
// NOLINTEND
