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

// As many types as CUDA has: what nvcc refuses is refused here, and in words.
#define MT_ATOMIC(name, allowed, types, expression)                               \
  template <class T>                                                              \
  __forceinline__ T name(T* p, minitorch::simt::Same<T> v) {                      \
    static_assert(allowed, #name " takes pointers to " types);                    \
    if constexpr (allowed)                                                        \
      return minitorch::simt::atomic_update(                                      \
          p, [=]([[maybe_unused]] T old) { return static_cast<T>(expression); }); \
    else return v;                                                                \
  }                                                                               \
  MT_ATOMIC_SCOPE(name, block)                                                    \
  MT_ATOMIC_SCOPE(name, system)
#define MT_ATOMIC_SCOPE(name, scope)                                   \
  template <class T>                                                   \
  __forceinline__ T name##_##scope(T* p, minitorch::simt::Same<T> v) { \
    return name(p, v);                                                 \
  }
#define MT_IS(...) (minitorch::simt::kIsOneOf<T, __VA_ARGS__>)
#define MT_IS_INTEGER MT_IS(int, unsigned, long long, unsigned long long)
#define MT_INTEGERS "int, unsigned, long long and unsigned long long"
MT_ATOMIC(atomicAdd,
          MT_IS(int, unsigned, unsigned long long, float, double) || minitorch::simt::kIsSmallFloat<T>,
          "int, unsigned, unsigned long long, float, double, half, bfloat16 and pairs of these two", old + v)
MT_ATOMIC(atomicSub, MT_IS(int, unsigned), "int and unsigned", old - v)
MT_ATOMIC(atomicMin, MT_IS_INTEGER, MT_INTEGERS ": of floats compare the bits, or loop on atomicCAS",
          v < old ? v : old)
MT_ATOMIC(atomicMax, MT_IS_INTEGER, MT_INTEGERS ": of floats compare the bits, or loop on atomicCAS",
          old < v ? v : old)
MT_ATOMIC(atomicAnd, MT_IS_INTEGER, MT_INTEGERS, old& v)
MT_ATOMIC(atomicOr, MT_IS_INTEGER, MT_INTEGERS, old | v)
MT_ATOMIC(atomicXor, MT_IS_INTEGER, MT_INTEGERS, old ^ v)
MT_ATOMIC(atomicExch, MT_IS(int, unsigned, unsigned long long, float),
          "int, unsigned, unsigned long long and float", v)
MT_ATOMIC(atomicInc, MT_IS(unsigned), "unsigned", old >= v ? 0 : old + 1)
MT_ATOMIC(atomicDec, MT_IS(unsigned), "unsigned", old == 0 || old > v ? v : old - 1)
#undef MT_ATOMIC
#undef MT_ATOMIC_SCOPE

template <class T>
__forceinline__ T atomicCAS(T* p, minitorch::simt::Same<T> expected, minitorch::simt::Same<T> v) {
  static_assert(MT_IS(int, unsigned, unsigned long long, unsigned short),
                "atomicCAS takes pointers to int, unsigned, unsigned long long and unsigned short: of others "
                "exchange the bits, __float_as_int()");
  using Bits = minitorch::simt::BitsOf<T>;
  minitorch::simt::count_atomic();
  Bits old = std::bit_cast<Bits>(expected);
  __atomic_compare_exchange_n(reinterpret_cast<Bits*>(p), &old, std::bit_cast<Bits>(v), false,
                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return std::bit_cast<T>(old);
}
template <class T>
__forceinline__ T atomicCAS_block(T* p, minitorch::simt::Same<T> expected, minitorch::simt::Same<T> v) {
  return atomicCAS(p, expected, v);
}
template <class T>
__forceinline__ T atomicCAS_system(T* p, minitorch::simt::Same<T> expected, minitorch::simt::Same<T> v) {
  return atomicCAS(p, expected, v);
}
#undef MT_IS
#undef MT_IS_INTEGER
#undef MT_INTEGERS

}  // namespace simulated
// NOLINTEND
