// SPDX-License-Identifier: MIT
// Moving floats between the lanes of vectors: transposes, even and odd elements apart, sums across lanes.
// The patterns are written once for every vector length; the compiler turns each into one or two
// instructions.
#pragma once
#include <utility>

#include "minitorch/core/simd.h"

namespace minitorch::simd {
namespace detail {

template <class Pattern, int... I>
MT_INLINE Vec shuffle(Vec a, Vec b, std::integer_sequence<int, I...>) {
  return Vec::Native(__builtin_shufflevector(a.v, b.v, Pattern::at(I)...));
}

// Where lane i of the result comes from: 0 to kLanes - 1 are the lanes of a, the next kLanes those of b.
// The first two work inside blocks of 4 lanes, as the instructions of x86 do.
template <int Half>
struct Unpack {  // a0 b0 a1 b1 (Half 0) or a2 b2 a3 b3 (Half 1) of each block
  static constexpr int at(int i) { return i / 4 * 4 + i % 4 / 2 + Half * 2 + i % 2 * kLanes; }
};
template <int Half>
struct UnpackPairs {  // a0 a1 b0 b1 or a2 a3 b2 b3 of each block
  static constexpr int at(int i) { return i / 4 * 4 + i % 2 + Half * 2 + i % 4 / 2 * kLanes; }
};
template <int Half>
struct InterleaveBlocks {  // whole blocks of 4, by turns from a and b, of their lower or upper halves
  static constexpr int at(int i) { return i % 4 + (i / 8 + Half * kLanes / 8) * 4 + i / 4 % 2 * kLanes; }
};
template <int Half>
struct Interleave {
  static constexpr int at(int i) { return i / 2 + Half * kLanes / 2 + i % 2 * kLanes; }
};
template <int First>
struct EverySecond {
  static constexpr int at(int i) { return 2 * i + First; }
};

template <class Pattern>
MT_INLINE Vec shuffle(Vec a, Vec b) {
  return shuffle<Pattern>(a, b, std::make_integer_sequence<int, kLanes>{});
}

}  // namespace detail

/// a0 b0 a1 b1 ... of the lower halves, and of the upper halves.
MT_INLINE Vec interleave_low(Vec a, Vec b) { return detail::shuffle<detail::Interleave<0>>(a, b); }
MT_INLINE Vec interleave_high(Vec a, Vec b) { return detail::shuffle<detail::Interleave<1>>(a, b); }

/// Elements 0, 2, 4 ... and 1, 3, 5 ... of the 2 kLanes elements of a followed by b.
MT_INLINE Vec even_elements(Vec a, Vec b) { return detail::shuffle<detail::EverySecond<0>>(a, b); }
MT_INLINE Vec odd_elements(Vec a, Vec b) { return detail::shuffle<detail::EverySecond<1>>(a, b); }

/// kLanes rows of kLanes floats become its columns. Three instructions a row with AVX2, four with AVX-512.
MT_INLINE void transpose(Vec (&r)[kLanes]) {
  using namespace detail;
  Vec t[kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i += 2) {
    t[i] = shuffle<Unpack<0>>(r[i], r[i + 1]);
    t[i + 1] = shuffle<Unpack<1>>(r[i], r[i + 1]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; i += 4) {
    r[i] = shuffle<UnpackPairs<0>>(t[i], t[i + 2]);
    r[i + 1] = shuffle<UnpackPairs<1>>(t[i], t[i + 2]);
    r[i + 2] = shuffle<UnpackPairs<0>>(t[i + 1], t[i + 3]);
    r[i + 3] = shuffle<UnpackPairs<1>>(t[i + 1], t[i + 3]);
  }
  // Now r[4 g + c] holds columns c, 4 + c, 8 + c ... of rows 4 g to 4 g + 3, a block each: transpose the
  // blocks.
#pragma GCC unroll 2
  for (int round = 4; round < kLanes; round *= 2) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes / 2; ++i) {
      t[i / 4 * 8 + i % 4] = shuffle<InterleaveBlocks<0>>(r[i], r[i + kLanes / 2]);
      t[i / 4 * 8 + i % 4 + 4] = shuffle<InterleaveBlocks<1>>(r[i], r[i + kLanes / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) r[i] = t[i];
  }
}

/// Copies n floats: for short rows, where a call of memcpy would cost more than the copy.
MT_INLINE void copy_floats(float* __restrict to, const float* __restrict from, int64_t n) {
  for (; n >= kLanes; n -= kLanes, to += kLanes, from += kLanes) Vec::load(from).store(to);
  for (int64_t i = 0; i < n; ++i) to[i] = from[i];
}

/// even[i] = from[2 i], odd[i] = from[2 i + 1], for `pairs` pairs.
MT_INLINE void split_pairs(float* __restrict even, float* __restrict odd, const float* from, int64_t pairs) {
  int64_t i = 0;
  for (; i + kLanes <= pairs; i += kLanes) {
    const Vec a = Vec::load(from + 2 * i), b = Vec::load(from + 2 * i + kLanes);
    even_elements(a, b).store(even + i);
    odd_elements(a, b).store(odd + i);
  }
  for (; i < pairs; ++i) even[i] = from[2 * i], odd[i] = from[2 * i + 1];
}
/// The reverse: to[2 i] = even[i], to[2 i + 1] = odd[i].
MT_INLINE void join_pairs(float* __restrict to, const float* even, const float* odd, int64_t pairs) {
  int64_t i = 0;
  for (; i + kLanes <= pairs; i += kLanes) {
    const Vec a = Vec::load(even + i), b = Vec::load(odd + i);
    interleave_low(a, b).store(to + 2 * i);
    interleave_high(a, b).store(to + 2 * i + kLanes);
  }
  for (; i < pairs; ++i) to[2 * i] = even[i], to[2 * i + 1] = odd[i];
}

/// sums[i] = the sum of the lanes of v[i], always added in the same order.
template <int N>
MT_INLINE void sum_lanes(const Vec (&v)[N], float* sums) {
#pragma GCC unroll 16
  for (int first = 0; first < N; first += kLanes) {
    Vec r[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) r[i] = first + i < N ? v[first + i < N ? first + i : 0] : Vec(0.f);
    transpose(r);
#pragma GCC unroll 16
    for (int i = 1; i < kLanes; ++i) r[0] += r[i];
    r[0].store(sums + first, N - first < kLanes ? N - first : kLanes);
  }
}

}  // namespace minitorch::simd
