// SPDX-License-Identifier: MIT
// Simulator: CUDA's arithmetic, bit and load intrinsics. The fast variants (__expf) are as exact as the
// ordinary functions here, so results on a GPU may differ in the last digits.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

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
#define __powf(x, y) ::powf(x, y)
#define __sincosf(x, s, c) ::sincosf(x, s, c)

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

// --- float ---
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fdividef(float a, float b) { return a / b; }
inline float fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __frsqrt_rn(float a) { return 1.0f / std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

// --- conversions; integers saturate, NaN becomes 0 ---
#define MT_TO_INTEGER(suffix, rounded)                                                   \
  inline int __float2int_##suffix(float x) {                                             \
    const float r = rounded;                                                             \
    return r != r               ? 0                                                      \
           : r >= 2147483648.0f ? INT32_MAX                                              \
           : r < -2147483648.0f ? INT32_MIN                                              \
                                : static_cast<int>(r);                                   \
  }                                                                                      \
  inline unsigned __float2uint_##suffix(float x) {                                       \
    const float r = rounded;                                                             \
    return !(r > 0.0f) ? 0 : r >= 4294967296.0f ? UINT32_MAX : static_cast<unsigned>(r); \
  }
MT_TO_INTEGER(rn, std::nearbyint(x))
MT_TO_INTEGER(rz, std::trunc(x))
MT_TO_INTEGER(rd, std::floor(x))
MT_TO_INTEGER(ru, std::ceil(x))
#undef MT_TO_INTEGER
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
inline float __ll2float_rn(long long x) { return static_cast<float>(x); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }

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

// --- integers ---
inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<int64_t>(a) * b) >> 32); }
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<unsigned long long>((static_cast<Wide>(a) * b) >> 64);
}
inline int __mul24(int a, int b) { return ((a << 8) >> 8) * ((b << 8) >> 8); }
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 32; i += 8) c += static_cast<int8_t>(a >> i) * static_cast<int8_t>(b >> i);
  return c;
}

// --- time: nanoseconds, not cycles ---
long long clock64();

}  // namespace simulated
// NOLINTEND
