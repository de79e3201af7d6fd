// SPDX-License-Identifier: MIT
// Simulator: what cuda_fp16.h and cuda_bf16.h call by name rather than by an operator. Everything exists for
// half and bfloat16, and for one number and for a pair, whose name then has a 2 in it.
#pragma once
#include "minitorch/simt/fp16.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

// --- conversions; `tag` is what the names call the type ---

/// The nearest number on the side that `towards` says: below (-1), above (1), nearer to zero (0).
template <class Small>
Small small_rounded(float x, int towards) {
  const Small nearest(x);
  const float y = nearest;
  const bool go_up = towards > 0 || (towards == 0 && x < 0);
  if (y == x || x != x || (y > x) == go_up) return nearest;
  const unsigned bits = nearest.value.bits;
  const bool grows = go_up == !(bits >> 15);  // away from zero: the next larger bit pattern
  const unsigned next = (bits & 0x7fff) == 0 ? (go_up ? 0x0001u : 0x8001u) : grows ? bits + 1 : bits - 1;
  return decltype(nearest.value){static_cast<uint16_t>(next)};
}

#define MT_FROM_INTEGER(Type, tag, name, Integer) \
  MT_HD Type __##name##2##tag##_rn(Integer x) { return Type(x); }
#define MT_TO_INTEGER(Type, tag, rounding)                                                       \
  MT_HD int __##tag##2int_##rounding(Type h) { return __float2int_##rounding(float(h)); }        \
  MT_HD unsigned __##tag##2uint_##rounding(Type h) { return __float2uint_##rounding(float(h)); } \
  MT_HD long long __##tag##2ll_##rounding(Type h) { return __float2ll_##rounding(float(h)); }
#define MT_CONVERSIONS(Type, tag)                                                     \
  MT_HD float __##tag##2float(Type h) { return float(h); }                            \
  MT_HD Type __float2##tag(float x) { return Type(x); }                               \
  MT_HD Type __float2##tag##_rn(float x) { return Type(x); }                          \
  MT_HD Type __float2##tag##_rz(float x) { return small_rounded<Type>(x, 0); }        \
  MT_HD Type __float2##tag##_rd(float x) { return small_rounded<Type>(x, -1); }       \
  MT_HD Type __float2##tag##_ru(float x) { return small_rounded<Type>(x, 1); }        \
  MT_HD Type __double2##tag(double x) { return Type(x); }                             \
  MT_FROM_INTEGER(Type, tag, int, int)                                                \
  MT_FROM_INTEGER(Type, tag, uint, unsigned)                                          \
  MT_FROM_INTEGER(Type, tag, short, short)                                            \
  MT_FROM_INTEGER(Type, tag, ushort, unsigned short)                                  \
  MT_FROM_INTEGER(Type, tag, ll, long long)                                           \
  MT_FROM_INTEGER(Type, tag, ull, unsigned long long)                                 \
  MT_TO_INTEGER(Type, tag, rn)                                                        \
  MT_TO_INTEGER(Type, tag, rz)                                                        \
  MT_TO_INTEGER(Type, tag, rd)                                                        \
  MT_TO_INTEGER(Type, tag, ru)                                                        \
  MT_HD Type##2 make_##tag##2(Type x, Type y) { return {x, y}; }                      \
  MT_HD Type##2 __halves2##tag##2(Type x, Type y) { return {x, y}; }                  \
  MT_HD Type##2 __##tag##2##tag##2(Type h) { return {h, h}; }                         \
  MT_HD Type##2 __float2##tag##2_rn(float x) { return {Type(x), Type(x)}; }           \
  MT_HD Type##2 __floats2##tag##2_rn(float x, float y) { return {Type(x), Type(y)}; } \
  MT_HD Type##2 __float22##tag##2_rn(float2 v) { return {Type(v.x), Type(v.y)}; }     \
  MT_HD float2 __##tag##22float2(Type##2 h) { return {float(h.x), float(h.y)}; }      \
  MT_HD float __low2float(Type##2 h) { return float(h.x); }                           \
  MT_HD float __high2float(Type##2 h) { return float(h.y); }                          \
  MT_HD Type __low2##tag(Type##2 h) { return h.x; }                                   \
  MT_HD Type __high2##tag(Type##2 h) { return h.y; }                                  \
  MT_HD Type##2 __low2##tag##2(Type##2 h) { return {h.x, h.x}; }                      \
  MT_HD Type##2 __high2##tag##2(Type##2 h) { return {h.y, h.y}; }                     \
  MT_HD Type##2 __lows2##tag##2(Type##2 a, Type##2 b) { return {a.x, b.x}; }          \
  MT_HD Type##2 __highs2##tag##2(Type##2 a, Type##2 b) { return {a.y, b.y}; }         \
  MT_HD Type##2 __lowhigh2highlow(Type##2 h) { return {h.y, h.x}; }
MT_CONVERSIONS(__half, half)
MT_CONVERSIONS(__nv_bfloat16, bfloat16)
#undef MT_CONVERSIONS
#undef MT_FROM_INTEGER
#undef MT_TO_INTEGER

// --- arithmetic, comparisons, functions ---

// __hlt is false where a number is NaN, __hltu true; of pairs there is a pair of 0 and 1, one bool, a mask.
#define MT_COMPARISON(Type, name, op)                                                                    \
  MT_HD bool __h##name(Type a, Type b) { return !__hisnan(a) && !__hisnan(b) && float(a) op float(b); }  \
  MT_HD bool __h##name##u(Type a, Type b) { return __hisnan(a) || __hisnan(b) || float(a) op float(b); } \
  MT_COMPARISON_OF_PAIRS(Type, name)                                                                     \
  MT_COMPARISON_OF_PAIRS(Type, name##u)
#define MT_COMPARISON_OF_PAIRS(Type, name)                                                              \
  MT_HD Type##2 __h##name##2(Type##2 a, Type##2 b) {                                                    \
    return {Type(__h##name(a.x, b.x)), Type(__h##name(a.y, b.y))};                                      \
  }                                                                                                     \
  MT_HD bool __hb##name##2(Type##2 a, Type##2 b) { return __h##name(a.x, b.x) && __h##name(a.y, b.y); } \
  MT_HD unsigned __h##name##2_mask(Type##2 a, Type##2 b) {                                              \
    return (__h##name(a.x, b.x) ? 0x0000ffffu : 0) | (__h##name(a.y, b.y) ? 0xffff0000u : 0);           \
  }
#define MT_UNARY(Type, name, name2, expression) \
  MT_HD Type name(Type h) {                     \
    const float x = h;                          \
    return Type(expression);                    \
  }                                             \
  MT_HD Type##2 name2(Type##2 h) { return {name(h.x), name(h.y)}; }
#define MT_BINARY(Type, name, name2, expression)         \
  MT_HD Type name(Type a, Type b) { return expression; } \
  MT_HD Type##2 name2(Type##2 a, Type##2 b) { return {name(a.x, b.x), name(a.y, b.y)}; }
#define MT_TERNARY(Type, name, name2, expression)             \
  MT_HD Type name(Type a, Type b, Type c) {                   \
    const float x = fma_to_odd(float(a), float(b), float(c)); \
    return Type(expression);                                  \
  }                                                           \
  MT_HD Type##2 name2(Type##2 a, Type##2 b, Type##2 c) { return {name(a.x, b.x, c.x), name(a.y, b.y, c.y)}; }

#define MT_SMALL_FUNCTIONS(Type)                                                             \
  MT_BINARY(Type, __hadd, __hadd2, a + b)                                                    \
  MT_BINARY(Type, __hsub, __hsub2, a - b)                                                    \
  MT_BINARY(Type, __hmul, __hmul2, a* b)                                                     \
  MT_BINARY(Type, __hdiv, __h2div, a / b)                                                    \
  MT_BINARY(Type, __hadd_rn, __hadd2_rn, a + b)                                              \
  MT_BINARY(Type, __hsub_rn, __hsub2_rn, a - b)                                              \
  MT_BINARY(Type, __hmul_rn, __hmul2_rn, a* b)                                               \
  MT_BINARY(Type, __hadd_sat, __hadd2_sat, Type(__saturatef(float(a + b))))                  \
  MT_BINARY(Type, __hsub_sat, __hsub2_sat, Type(__saturatef(float(a - b))))                  \
  MT_BINARY(Type, __hmul_sat, __hmul2_sat, Type(__saturatef(float(a * b))))                  \
  MT_BINARY(Type, __hmax, __hmax2, Type(max(float(a), float(b))))                            \
  MT_BINARY(Type, __hmin, __hmin2, Type(min(float(a), float(b))))                            \
  MT_BINARY(Type, __hmax_nan, __hmax2_nan, __hisnan(a) ? a : __hisnan(b) ? b : __hmax(a, b)) \
  MT_BINARY(Type, __hmin_nan, __hmin2_nan, __hisnan(a) ? a : __hisnan(b) ? b : __hmin(a, b)) \
  MT_TERNARY(Type, __hfma, __hfma2, x)                                                       \
  MT_TERNARY(Type, __hfma_sat, __hfma2_sat, __saturatef(x))                                  \
  MT_TERNARY(Type, __hfma_relu, __hfma2_relu, x < 0 ? 0.0f : x)                              \
  MT_UNARY(Type, __hneg, __hneg2, -x)                                                        \
  MT_UNARY(Type, __habs, __habs2, std::fabs(x))                                              \
  MT_UNARY(Type, hsqrt, h2sqrt, std::sqrt(x))                                                \
  MT_UNARY(Type, hrsqrt, h2rsqrt, rounded_to_odd(1.0 / std::sqrt(static_cast<double>(x))))   \
  MT_UNARY(Type, hrcp, h2rcp, 1.0f / x)                                                      \
  MT_UNARY(Type, hexp, h2exp, rounded_to_odd(std::exp(static_cast<double>(x))))              \
  MT_UNARY(Type, hexp2, h2exp2, rounded_to_odd(std::exp2(static_cast<double>(x))))           \
  MT_UNARY(Type, hexp10, h2exp10, rounded_to_odd(std::pow(10.0, static_cast<double>(x))))    \
  MT_UNARY(Type, hlog, h2log, rounded_to_odd(std::log(static_cast<double>(x))))              \
  MT_UNARY(Type, hlog2, h2log2, rounded_to_odd(std::log2(static_cast<double>(x))))           \
  MT_UNARY(Type, hlog10, h2log10, rounded_to_odd(std::log10(static_cast<double>(x))))        \
  MT_UNARY(Type, hsin, h2sin, rounded_to_odd(std::sin(static_cast<double>(x))))              \
  MT_UNARY(Type, hcos, h2cos, rounded_to_odd(std::cos(static_cast<double>(x))))              \
  MT_UNARY(Type, htanh, h2tanh, rounded_to_odd(std::tanh(static_cast<double>(x))))           \
  MT_UNARY(Type, hfloor, h2floor, std::floor(x))                                             \
  MT_UNARY(Type, hceil, h2ceil, std::ceil(x))                                                \
  MT_UNARY(Type, htrunc, h2trunc, std::trunc(x))                                             \
  MT_UNARY(Type, hrint, h2rint, std::nearbyint(x))                                           \
  MT_COMPARISON(Type, eq, ==)                                                                \
  MT_COMPARISON(Type, ne, !=)                                                                \
  MT_COMPARISON(Type, lt, <)                                                                 \
  MT_COMPARISON(Type, gt, >)                                                                 \
  MT_COMPARISON(Type, le, <=)                                                                \
  MT_COMPARISON(Type, ge, >=)                                                                \
  MT_HD Type##2 __hisnan2(Type##2 a) { return {Type(__hisnan(a.x)), Type(__hisnan(a.y))}; }  \
  MT_HD int __hisinf(Type a) { return std::isinf(float(a)) ? (float(a) < 0 ? -1 : 1) : 0; }
MT_SMALL_FUNCTIONS(__half)
MT_SMALL_FUNCTIONS(__nv_bfloat16)
#undef MT_SMALL_FUNCTIONS
#undef MT_UNARY
#undef MT_BINARY
#undef MT_TERNARY
#undef MT_COMPARISON
#undef MT_COMPARISON_OF_PAIRS

}  // namespace simulated
   // NOLINTEND
