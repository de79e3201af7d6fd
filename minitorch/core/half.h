// SPDX-License-Identifier: MIT
// 16-bit storage types and their conversions. Light enough for kernel files.
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

/// IEEE half precision: 1 sign, 5 exponent, 10 fraction bits. Arithmetic is done in float.
struct Half {
  uint16_t bits;
};
/// The upper half of a float32: 1 sign, 8 exponent, 7 fraction bits.
struct BFloat16 {
  uint16_t bits;
};

namespace detail {
MT_HD uint32_t float_bits(float x) {
  uint32_t u;
  __builtin_memcpy(&u, &x, 4);
  return u;
}
MT_HD float bits_float(uint32_t u) {
  float x;
  __builtin_memcpy(&x, &u, 4);
  return x;
}
}  // namespace detail

MT_HD float to_float(BFloat16 h) { return detail::bits_float(static_cast<uint32_t>(h.bits) << 16); }

/// Rounds to nearest, ties to even; NaN stays NaN.
MT_HD BFloat16 to_bfloat16(float x) {
  uint32_t u = detail::float_bits(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return {static_cast<uint16_t>((u >> 16) | 0x40)};
  return {static_cast<uint16_t>((u + 0x7fff + ((u >> 16) & 1)) >> 16)};
}

MT_HD float to_float(Half h) {
#if defined(__CUDA_ARCH__)
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(h.bits));
  return x;
#else
  const uint32_t sign = static_cast<uint32_t>(h.bits & 0x8000) << 16, rest = h.bits & 0x7fff;
  if (rest >= 0x7c00) return detail::bits_float(sign | 0x7f800000u | (rest & 0x3ff) << 13);  // infinity, NaN
  // Shifted into place the exponent is 112 too small; multiplying by 2^112 mends that, subnormals included.
  return detail::bits_float(sign | detail::float_bits(detail::bits_float(rest << 13) * 0x1p112f));
#endif
}

/// Rounds to nearest, ties to even; above 65504 becomes infinity.
MT_HD Half to_half(float x) {
#if defined(__CUDA_ARCH__)
  Half h;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h.bits) : "f"(x));
  return h;
#else
  const uint32_t u = detail::float_bits(x), sign = (u >> 16) & 0x8000;
  uint32_t rest = u & 0x7fffffffu;
  if (rest > 0x7f800000u) return {static_cast<uint16_t>(sign | 0x7e00)};
  if (rest >= 0x477ff000u) return {static_cast<uint16_t>(sign | 0x7c00)};
  if (rest < 0x38800000u)  // subnormal: adding 0.5 lines the bits up with a fixed exponent and rounds
    return {
        static_cast<uint16_t>(sign | (detail::float_bits(detail::bits_float(rest) + 0.5f) - 0x3f000000u))};
  rest += 0xc8000fffu + ((rest >> 13) & 1);
  return {static_cast<uint16_t>(sign | rest >> 13)};
#endif
}

}  // namespace minitorch
