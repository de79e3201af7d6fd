// SPDX-License-Identifier: MIT
// Joining runs of neighbouring elements into one result, with vectors for floats. For *_cpu.cpp files only.
#pragma once
#include "minitorch/core/simd_math.h"
#include "minitorch/ops/reduce/reduce_functors.h"

namespace minitorch::cpu {

using simd::kLanes, simd::Mask, simd::Vec;

MT_INLINE Mask first_lanes(int64_t n) {
  Mask lane;
  for (int i = 0; i < kLanes; ++i) lane[i] = i;
  return lane < Mask{} + static_cast<int32_t>(n);
}

template <class Op>
MT_INLINE float join_lanes(Vec v) {
  float lanes[kLanes];
  v.store(lanes);
  for (int half = kLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] = Op::join(lanes[i], lanes[i + half]);
  return lanes[0];
}

// Joins runs of neighbouring elements into one result. Four vectors, because a join takes four cycles.
template <class Op, class T>
struct RunJoin {
  T result = Op::template start<T>(), shift;
  explicit RunJoin(T s) : shift(s) {}
  void add(const T* p, int64_t n) {
    for (int64_t i = 0; i < n; ++i) result = Op::join(result, Op::map(p[i], shift));
  }
  T total() const { return result; }
};
template <class Op>
struct RunJoin<Op, float> {
  Vec r0 = Op::template start<float>(), r1 = r0, r2 = r0, r3 = r0, shift;
  explicit MT_INLINE RunJoin(float s) : shift(s) {}
  MT_INLINE void add(const float* p, int64_t n) {
    int64_t i = 0;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
      r0 = Op::join(r0, Op::map(Vec::load(p + i), shift));
      r1 = Op::join(r1, Op::map(Vec::load(p + i + kLanes), shift));
      r2 = Op::join(r2, Op::map(Vec::load(p + i + 2 * kLanes), shift));
      r3 = Op::join(r3, Op::map(Vec::load(p + i + 3 * kLanes), shift));
    }
    for (; i + kLanes <= n; i += kLanes) r0 = Op::join(r0, Op::map(Vec::load(p + i), shift));
    if (i < n)
      r1 = simd::select(first_lanes(n - i), Op::join(r1, Op::map(Vec::load(p + i, n - i), shift)), r1);
  }
  MT_INLINE float total() const { return join_lanes<Op>(Op::join(Op::join(r0, r1), Op::join(r2, r3))); }
};

}  // namespace minitorch::cpu
