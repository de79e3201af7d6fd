// SPDX-License-Identifier: MIT
// Simulator: atomic operations. Real ones: blocks run on several operating-system threads.
#pragma once
#include <bit>

#include "minitorch/simt/execution.h"

namespace minitorch::simt {

/// A loop that spins on an atomic must not starve the thread that it waits for.
inline void count_atomic() {
  if ((++block_state.atomics & 4095) == 0) yield_thread();
}

template <class T>
using BitsOf =
    std::conditional_t<sizeof(T) == 2, uint16_t, std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

/// Replaces *p by change(*p) and returns what it was.
template <class T, class Change>
__forceinline__ T atomic_update(T* p, Change change) {
  static_assert(sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
  count_atomic();
  auto* bits = reinterpret_cast<BitsOf<T>*>(p);
  BitsOf<T> old = __atomic_load_n(bits, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(bits, &old, std::bit_cast<BitsOf<T>>(change(std::bit_cast<T>(old))),
                                      true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
  return std::bit_cast<T>(old);
}

/// Keeps T from being deduced twice: atomicAdd(&double_value, 1.0f) adds a double.
template <class T>
using Same = std::type_identity_t<T>;

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

#define MT_ATOMIC(name, expression)                                             \
  template <class T>                                                            \
  __forceinline__ T name(T* p, minitorch::simt::Same<T> v) {                    \
    return minitorch::simt::atomic_update(                                      \
        p, [=]([[maybe_unused]] T old) { return static_cast<T>(expression); }); \
  }                                                                             \
  template <class T>                                                            \
  __forceinline__ T name##_block(T* p, minitorch::simt::Same<T> v) {            \
    return name(p, v);                                                          \
  }
MT_ATOMIC(atomicAdd, old + v)
MT_ATOMIC(atomicSub, old - v)
MT_ATOMIC(atomicMin, v < old ? v : old)
MT_ATOMIC(atomicMax, old < v ? v : old)
MT_ATOMIC(atomicAnd, old& v)
MT_ATOMIC(atomicOr, old | v)
MT_ATOMIC(atomicXor, old ^ v)
MT_ATOMIC(atomicExch, v)
MT_ATOMIC(atomicInc, old >= v ? 0 : old + 1)
MT_ATOMIC(atomicDec, old == 0 || old > v ? v : old - 1)
#undef MT_ATOMIC

/// Compares bits, as the GPU does: a NaN equals itself.
template <class T>
__forceinline__ T atomicCAS(T* p, minitorch::simt::Same<T> expected, minitorch::simt::Same<T> v) {
  using Bits = minitorch::simt::BitsOf<T>;
  minitorch::simt::count_atomic();
  Bits old = std::bit_cast<Bits>(expected);
  __atomic_compare_exchange_n(reinterpret_cast<Bits*>(p), &old, std::bit_cast<Bits>(v), false,
                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return std::bit_cast<T>(old);
}

}  // namespace simulated
// NOLINTEND
