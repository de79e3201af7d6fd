// SPDX-License-Identifier: MIT
// Tensor cores by their own instructions: a warp multiplies a 16 x 16 matrix by a 16 x 8 one at a time, and
// knows which lane holds which number (NVIDIA's PTX manual, "Matrix fragments for mma.m16n8k16").
//
// With g = lane / 4 and t = lane % 4, the registers of a lane hold (row, column), two numbers each:
//
//     A    a[0]: (g, 2t) (g, 2t+1)   a[1]: (g+8, 2t) ...   a[2]: (g, 2t+8) ...   a[3]: (g+8, 2t+8) ...
//     B    b[0]: (2t, g) (2t+1, g)   b[1]: (2t+8, g) (2t+9, g)
//     sums d[0]: (g, 2t)   d[1]: (g, 2t+1)   d[2]: (g+8, 2t)   d[3]: (g+8, 2t+1), one number each
//
// and for TF32, where a register holds one number and the depth is 8:
//
//     A    a[0]: (g, t)   a[1]: (g+8, t)   a[2]: (g, t+4)   a[3]: (g+8, t+4)
//     B    b[0]: (t, g)   b[1]: (t+4, g)
//
// float16 needs sm_75; bfloat16 and TF32 need sm_80: launchers ask before.
#pragma once
#include <bit>

#include "minitorch/core/half.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

#if defined(__CUDACC__)
/// Four 8 x 8 matrices of 16-bit numbers from shared memory. Lane l gives the address of row l % 8 of matrix
/// l / 8, a multiple of 16; it receives in r[m] the elements (g, 2t) and (g, 2t+1) of matrix m, or of its
/// transpose.
template <bool kTransposed>
__device__ __forceinline__ void load_matrices(uint32_t (&r)[4], const void* row) {
  const unsigned from = static_cast<unsigned>(__cvta_generic_to_shared(row));
  if constexpr (kTransposed)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(from)
                 : "memory");
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(from)
                 : "memory");
}

/// d += a b, 16 x 16 by 16 x 8, sums in float32.
__device__ __forceinline__ void multiply_add(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                                             Half) {
#if MT_ARCH_AT_LEAST(800)
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, "
      "%1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  for (int half = 0; half < 2; ++half)
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[2 * half]), "r"(a[2 * half + 1]), "r"(b[half]));
#endif
}
__device__ __forceinline__ void multiply_add(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                                             BFloat16) {
#if MT_ARCH_AT_LEAST(800)
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}
/// d += a b, 16 x 8 by 8 x 8, of numbers that to_tf32 has rounded.
__device__ __forceinline__ void multiply_add(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                                             float) {
#if MT_ARCH_AT_LEAST(800)
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, "
      "%1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

/// The bits of x, its fraction rounded to the 10 bits that TF32 keeps.
__device__ __forceinline__ uint32_t to_tf32(float x) {
#if MT_ARCH_AT_LEAST(800)
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
#else
  return __float_as_uint(x);
#endif
}
#else

template <bool kTransposed>
__forceinline__ void load_matrices(uint32_t (&r)[4], const void* row, MT_CALLER) {
  simt::check_alignment(row, 16, {"load_matrices()", file_, line_});
  // The lanes exchange their addresses and then load for themselves, so that the checker sees who loads what.
  struct Operand {
    const void* row;
    const char* first[4];   // of the rows that hold the lane's elements,
    const char* second[4];  // transposed: two of them
    simt::Site site;
  } mine{row, {}, {}, {"load_matrices()", file_, line_}};
  const auto exchange = [](void* const* lanes, unsigned present) {
    if (present != 0xffffffffu)
      simt::stop_partial_warp(static_cast<Operand*>(lanes[std::countr_zero(present)])->site);
    for (int lane = 0; lane < 32; ++lane) {
      auto* to = static_cast<Operand*>(lanes[lane]);
      const int g = lane / 4, t = lane % 4;
      for (int m = 0; m < 4; ++m) {
        const auto row_of = [&](int i) {
          return static_cast<const char*>(static_cast<Operand*>(lanes[8 * m + i])->row);
        };
        to->first[m] = row_of(kTransposed ? 2 * t : g);
        to->second[m] = row_of(kTransposed ? 2 * t + 1 : g);
      }
    }
  };
  simt::warp_collective(0xffffffffu, &mine, exchange, mine.site);
  const int lane = static_cast<int>(simt::lane_id()), g = lane / 4, t = lane % 4;
  for (int m = 0; m < 4; ++m) {
    if constexpr (kTransposed)
      r[m] = reinterpret_cast<const uint16_t*>(mine.first[m])[g] |
             static_cast<uint32_t>(reinterpret_cast<const uint16_t*>(mine.second[m])[g]) << 16;
    else r[m] = reinterpret_cast<const uint32_t*>(mine.first[m])[t];
  }
}

namespace mma_detail {
/// Number `half` of a register, 0 the lower.
inline float number(uint32_t r, int half, Half) {
  return to_float(Half{static_cast<uint16_t>(r >> 16 * half)});
}
inline float number(uint32_t r, int half, BFloat16) {
  return to_float(BFloat16{static_cast<uint16_t>(r >> 16 * half)});
}
inline float number(uint32_t r, int, float) { return __uint_as_float(r); }
}  // namespace mma_detail

template <class T>
void multiply_add(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], T, MT_CALLER) {
  struct Operand {
    float* d;
    const uint32_t *a, *b;
    simt::Site site;
  } mine{d, a, b, {"multiply_add()", file_, line_}};
  // The last lane to arrive computes the product for the whole warp.
  const auto multiply = [](void* const* lanes, unsigned present) {
    if (present != 0xffffffffu)
      simt::stop_partial_warp(static_cast<Operand*>(lanes[std::countr_zero(present)])->site);
    constexpr int kNumbers = sizeof(T) == 2 ? 2 : 1, kDepth = 8 * kNumbers;  // in a register; k
    float left[16][kDepth], right[kDepth][8];
    for (int lane = 0; lane < 32; ++lane) {
      const auto* of = static_cast<const Operand*>(lanes[lane]);
      const int g = lane / 4, t = lane % 4;
      for (int n = 0; n < kNumbers; ++n)
        for (int r = 0; r < 4; ++r) {
          const int k = kNumbers * t + n + r / 2 * kDepth / 2;
          left[g + r % 2 * 8][k] = mma_detail::number(of->a[r], n, T{});
          if (r < 2) right[kNumbers * t + n + r * kDepth / 2][g] = mma_detail::number(of->b[r], n, T{});
        }
    }
    for (int lane = 0; lane < 32; ++lane) {
      const auto* of = static_cast<const Operand*>(lanes[lane]);
      for (int r = 0; r < 4; ++r) {
        const int i = lane / 4 + r / 2 * 8, j = lane % 4 * 2 + r % 2;
        float sum = of->d[r];
        for (int k = 0; k < kDepth; ++k) sum += left[i][k] * right[k][j];
        of->d[r] = sum;
      }
    }
  };
  simt::warp_collective(0xffffffffu, &mine, multiply, mine.site);
}

inline uint32_t to_tf32(float x) {
  const uint32_t u = __float_as_uint(x);
  if ((u & 0x7f800000u) == 0x7f800000u) return u;
  return (u + 0x1000u) & ~0x1fffu;  // to nearest, ties away from zero
}
#endif

}  // namespace minitorch::MT_DEVICE
