// SPDX-License-Identifier: MIT
// half and bfloat16 in kernels: CUDA's headers under nvcc, their common forms in the simulator. Arithmetic is
// done in float and gives what the GPU's single operations give, which round once.
#pragma once
#include "minitorch/simt/cuda.h"
#if defined(__CUDACC__)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#else
#include <utility>

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
inline float fma_to_odd(float a, float b, float c) {
  const minitorch::simt::Sum sum = minitorch::simt::exact_fma(a, b, c);
  return rounded_to_odd(sum.value, sum.rest);
}

// A 16-bit number `Type` stored as minitorch's `Storage`, the pair of two, and their operators.
#define MT_SMALL_FLOAT(Type, Storage, to_small)                                                         \
  struct __align__(2) Type {                                                                            \
    minitorch::Storage value;                                                                           \
    Type() = default;                                                                                   \
    MT_HD Type(minitorch::Storage v) : value(v) {}                                                      \
    MT_HD Type(float x) : value(minitorch::to_small(x)) {}                                              \
    MT_HD Type(double x) : Type(rounded_to_odd(x)) {}                                                   \
    template <class T>                                                                                  \
    requires(std::is_integral_v<T>) MT_HD Type(T x) : Type(static_cast<double>(x)) {}                   \
    MT_HD operator float() const { return minitorch::to_float(value); }                                 \
  };                                                                                                    \
  struct __align__(4) Type##2 {                                                                         \
    Type x, y;                                                                                          \
    Type##2() = default;                                                                                \
    MT_HD Type##2(Type a, Type b) : x(a), y(b) {}                                                       \
  };                                                                                                    \
  MT_HD bool __hisnan(Type a) { return float(a) != float(a); }                                          \
  MT_HD Type operator+(Type a) { return a; }                                                            \
  MT_HD Type operator-(Type a) { return Type(-float(a)); }                                              \
  MT_HD Type##2 operator+(Type##2 a) { return a; }                                                      \
  MT_HD Type##2 operator-(Type##2 a) { return {-a.x, -a.y}; }                                           \
  MT_SMALL_ARITHMETIC(Type, +)                                                                          \
  MT_SMALL_ARITHMETIC(Type, -)                                                                          \
  MT_SMALL_ARITHMETIC(Type, *)                                                                          \
  MT_SMALL_ARITHMETIC(Type, /)                                                                          \
  MT_HD Type& operator++(Type& a) { return a += Type(1.0f); }                                           \
  MT_HD Type& operator--(Type& a) { return a -= Type(1.0f); }                                           \
  MT_HD Type operator++(Type& a, int) { return std::exchange(a, a + Type(1.0f)); }                      \
  MT_HD Type operator--(Type& a, int) { return std::exchange(a, a - Type(1.0f)); }                      \
  MT_HD bool operator!=(Type a, Type b) { return float(a) != float(b); }                                \
  MT_HD bool operator!=(Type##2 a, Type##2 b) { return a.x != b.x && a.y != b.y; } /* as CUDA has it */ \
  MT_SMALL_COMPARISON(Type, ==)                                                                         \
  MT_SMALL_COMPARISON(Type, <)                                                                          \
  MT_SMALL_COMPARISON(Type, >)                                                                          \
  MT_SMALL_COMPARISON(Type, <=)                                                                         \
  MT_SMALL_COMPARISON(Type, >=)
#define MT_SMALL_ARITHMETIC(Type, op)                                                  \
  MT_HD Type operator op(Type a, Type b) { return Type(float(a) op float(b)); }        \
  MT_HD Type##2 operator op(Type##2 a, Type##2 b) { return {a.x op b.x, a.y op b.y}; } \
  MT_HD Type& operator op##=(Type& a, Type b) { return a = a op b; }                   \
  MT_HD Type##2 & operator op##=(Type##2 & a, Type##2 b) { return a = a op b; }
#define MT_SMALL_COMPARISON(Type, op)                                     \
  MT_HD bool operator op(Type a, Type b) { return float(a) op float(b); } \
  MT_HD bool operator op(Type##2 a, Type##2 b) { return a.x op b.x && a.y op b.y; }
MT_SMALL_FLOAT(__half, Half, to_half)
MT_SMALL_FLOAT(__nv_bfloat16, BFloat16, to_bfloat16)
#undef MT_SMALL_FLOAT
#undef MT_SMALL_ARITHMETIC
#undef MT_SMALL_COMPARISON

using half = __half;
using half2 = __half2;
using nv_half = __half;
using nv_half2 = __half2;
using nv_bfloat16 = __nv_bfloat16;
using nv_bfloat162 = __nv_bfloat162;

MT_HD unsigned short __half_as_ushort(__half h) { return h.value.bits; }
MT_HD __half __ushort_as_half(unsigned short bits) { return minitorch::Half{bits}; }
MT_HD unsigned short __bfloat16_as_ushort(__nv_bfloat16 h) { return h.value.bits; }
MT_HD __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return minitorch::BFloat16{bits}; }
MT_HD short __half_as_short(__half h) { return static_cast<short>(h.value.bits); }
MT_HD __half __short_as_half(short bits) { return __ushort_as_half(static_cast<unsigned short>(bits)); }

}  // namespace simulated
   // NOLINTEND

namespace minitorch::simt {
template <>
inline constexpr bool kIsSmallFloat<__half> = true;
template <>
inline constexpr bool kIsSmallFloat<__half2> = true;
template <>
inline constexpr bool kIsSmallFloat<__nv_bfloat16> = true;
template <>
inline constexpr bool kIsSmallFloat<__nv_bfloat162> = true;
}  // namespace minitorch::simt

#include "minitorch/simt/fp16_functions.h"
#endif
