// SPDX-License-Identifier: MIT
// half and bfloat16 in kernels: CUDA's headers under nvcc, their common forms in the simulator. Arithmetic is
// done in float and gives what the GPU's single operations give, which round once.
#pragma once
#include "minitorch/simt/cuda.h"
#if defined(__CUDACC__)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#else
#include "minitorch/core/half.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

// The float next to value + rest, odd in its last bit where something was cut off: rounded once more, to 16
// bits, it becomes what the exact number becomes ("round to odd"). `rest` is below the last bit of `value`.
MT_HD float rounded_to_odd(double value, double rest = 0) {
  const float nearest = static_cast<float>(value);
  const double cut = value == nearest ? rest : value - nearest;
  const uint32_t bits = minitorch::detail::float_bits(nearest);
  if ((bits & 1) || !(cut < 0 || cut > 0)) return nearest;  // no number has no cut, either
  return minitorch::detail::bits_float((cut < 0) == (bits >> 31 != 0) ? bits + 1 : bits - 1);
}
MT_HD float exact_fma(float a, float b, float c) {
  const double product = static_cast<double>(a) * b, sum = product + c;  // of 16 bits: a product is exact
  const double added = sum - product;
  return rounded_to_odd(sum, (product - (sum - added)) + (c - added));
}

// A 16-bit number `Type` stored as minitorch's `Storage`, and what CUDA lets one do with it.
#define MT_SMALL_FLOAT(Type, Storage, to_small)                                                       \
  struct __align__(2) Type {                                                                          \
    minitorch::Storage value;                                                                         \
    Type() = default;                                                                                 \
    MT_HD Type(minitorch::Storage v) : value(v) {}                                                    \
    MT_HD Type(float x) : value(minitorch::to_small(x)) {}                                            \
    MT_HD Type(double x) : Type(rounded_to_odd(x)) {}                                                 \
    MT_HD Type(int x) : Type(static_cast<double>(x)) {}                                               \
    MT_HD operator float() const { return minitorch::to_float(value); }                               \
    MT_HD Type& operator+=(Type b) { return *this = Type(float(*this) + float(b)); }                  \
    MT_HD Type& operator-=(Type b) { return *this = Type(float(*this) - float(b)); }                  \
    MT_HD Type& operator*=(Type b) { return *this = Type(float(*this) * float(b)); }                  \
    MT_HD Type& operator/=(Type b) { return *this = Type(float(*this) / float(b)); }                  \
  };                                                                                                  \
  MT_HD Type operator+(Type a, Type b) { return Type(float(a) + float(b)); }                          \
  MT_HD Type operator-(Type a, Type b) { return Type(float(a) - float(b)); }                          \
  MT_HD Type operator*(Type a, Type b) { return Type(float(a) * float(b)); }                          \
  MT_HD Type operator/(Type a, Type b) { return Type(float(a) / float(b)); }                          \
  MT_HD Type operator-(Type a) { return Type(-float(a)); }                                            \
  MT_HD bool operator<(Type a, Type b) { return float(a) < float(b); }                                \
  MT_HD bool operator>(Type a, Type b) { return float(a) > float(b); }                                \
  MT_HD bool operator<=(Type a, Type b) { return float(a) <= float(b); }                              \
  MT_HD bool operator>=(Type a, Type b) { return float(a) >= float(b); }                              \
  MT_HD bool operator==(Type a, Type b) { return float(a) == float(b); }                              \
  MT_HD bool operator!=(Type a, Type b) { return float(a) != float(b); }                              \
  struct __align__(4) Type##2 {                                                                       \
    Type x, y;                                                                                        \
    Type##2() = default;                                                                              \
    MT_HD Type##2(Type a, Type b) : x(a), y(b) {}                                                     \
  };                                                                                                  \
  MT_HD Type __hadd(Type a, Type b) { return a + b; }                                                 \
  MT_HD Type __hsub(Type a, Type b) { return a - b; }                                                 \
  MT_HD Type __hmul(Type a, Type b) { return a * b; }                                                 \
  MT_HD Type __hdiv(Type a, Type b) { return a / b; }                                                 \
  MT_HD Type __hneg(Type a) { return -a; }                                                            \
  MT_HD Type __hmax(Type a, Type b) { return Type(max(float(a), float(b))); }                         \
  MT_HD Type __hmin(Type a, Type b) { return Type(min(float(a), float(b))); }                         \
  MT_HD Type __hfma(Type a, Type b, Type c) { return Type(exact_fma(float(a), float(b), float(c))); } \
  MT_HD bool __hisnan(Type a) { return float(a) != float(a); }                                        \
  MT_HD Type##2 __hadd2(Type##2 a, Type##2 b) { return {a.x + b.x, a.y + b.y}; }                      \
  MT_HD Type##2 __hsub2(Type##2 a, Type##2 b) { return {a.x - b.x, a.y - b.y}; }                      \
  MT_HD Type##2 __hmul2(Type##2 a, Type##2 b) { return {a.x * b.x, a.y * b.y}; }                      \
  MT_HD Type##2 __hfma2(Type##2 a, Type##2 b, Type##2 c) {                                            \
    return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)};                                            \
  }
MT_SMALL_FLOAT(__half, Half, to_half)
MT_SMALL_FLOAT(__nv_bfloat16, BFloat16, to_bfloat16)
#undef MT_SMALL_FLOAT

using half = __half;
using half2 = __half2;
using nv_bfloat16 = __nv_bfloat16;
using __nv_bfloat162 = __nv_bfloat162;

// --- conversions ---
MT_HD float __half2float(__half h) { return float(h); }
MT_HD __half __float2half(float x) { return __half(x); }
MT_HD __half __float2half_rn(float x) { return __half(x); }
MT_HD __half2 __float2half2_rn(float x) { return {__half(x), __half(x)}; }
MT_HD __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
MT_HD __half2 __float22half2_rn(float2 v) { return {__half(v.x), __half(v.y)}; }
MT_HD float2 __half22float2(__half2 h) { return {float(h.x), float(h.y)}; }
MT_HD __half2 __halves2half2(__half x, __half y) { return {x, y}; }
MT_HD float __low2float(__half2 h) { return float(h.x); }
MT_HD float __high2float(__half2 h) { return float(h.y); }
MT_HD __half __low2half(__half2 h) { return h.x; }
MT_HD __half __high2half(__half2 h) { return h.y; }
MT_HD unsigned short __half_as_ushort(__half h) { return h.value.bits; }
MT_HD __half __ushort_as_half(unsigned short bits) { return __half(minitorch::Half{bits}); }

MT_HD float __bfloat162float(__nv_bfloat16 h) { return float(h); }
MT_HD __nv_bfloat16 __float2bfloat16(float x) { return __nv_bfloat16(x); }
MT_HD __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16(x); }
MT_HD __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {__nv_bfloat16(x), __nv_bfloat16(y)}; }
MT_HD __nv_bfloat162 __float22bfloat162_rn(float2 v) { return {__nv_bfloat16(v.x), __nv_bfloat16(v.y)}; }
MT_HD float2 __bfloat1622float2(__nv_bfloat162 h) { return {float(h.x), float(h.y)}; }
MT_HD unsigned short __bfloat16_as_ushort(__nv_bfloat16 h) { return h.value.bits; }
MT_HD __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) {
  return __nv_bfloat16(minitorch::BFloat16{bits});
}

}  // namespace simulated
   // NOLINTEND
#endif
