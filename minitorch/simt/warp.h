// SPDX-License-Identifier: MIT
// Simulator: barriers of the block, and the operations in which the lanes of a warp take part together. Each
// lane leaves its operand and waits; the last to arrive computes the results of all.
#pragma once
#include <bit>

#include "minitorch/simt/execution.h"

namespace minitorch::simt {

template <class T>
struct Lane {
  T value;
  int source;
  T result;
};

/// What __shfl_sync() and its like pass on: of a struct shuffle the members.
template <class T>
concept Shuffled = kIsSmallFloat<T> ||(std::is_arithmetic_v<T> && sizeof(T) <= 8);

/// Each lane receives `value` of lane `source`. A lane that takes no part has none to give: the result is
/// then poisoned (all bits set: NaN, -1), because a GPU leaves it undefined.
template <class T>
T shuffle(unsigned mask, T value, int source, Site site) {
  Lane<T> mine{value, source, value};
  const auto exchange = [](void* const* lanes, unsigned present) {
    for (unsigned rest = present; rest; rest &= rest - 1) {
      const int lane = std::countr_zero(rest);
      auto* to = static_cast<Lane<T>*>(lanes[lane]);
      if (present >> to->source & 1) {
        to->result = static_cast<Lane<T>*>(lanes[to->source])->value;
      } else {
        __builtin_memset(static_cast<void*>(&to->result), 0xff, sizeof(T));
        shuffle_from_absent(lane, to->source);
      }
    }
  };
  warp_collective(mask, &mine, exchange, site);
  return mine.result;
}

/// Every lane receives combine(... combine(first lane, second lane) ..., last lane).
template <class T, class Combine>
T fold(unsigned mask, T value, const Combine& combine, Site site) {
  struct Operand {
    T value;
    const Combine* combine;
    T result;
  } mine{value, &combine, value};
  const auto reduce = [](void* const* lanes, unsigned present) {
    const auto* first = static_cast<Operand*>(lanes[std::countr_zero(present)]);
    T sum = first->value;
    for (unsigned rest = present & (present - 1); rest; rest &= rest - 1)
      sum = (*first->combine)(sum, static_cast<Operand*>(lanes[std::countr_zero(rest)])->value);
    for (unsigned rest = present; rest; rest &= rest - 1)
      static_cast<Operand*>(lanes[std::countr_zero(rest)])->result = sum;
  };
  warp_collective(mask, &mine, reduce, site);
  return mine.result;
}

/// Every lane receives the lanes whose value has the same bits: a NaN is like itself, 0 is not like -0.
template <class T>
unsigned match(unsigned mask, T value, Site site) {
  static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8, "lanes compare integers, floats and doubles");
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  struct Operand {
    Bits value;
    unsigned same;
  } mine{};
  __builtin_memcpy(&mine.value, &value, sizeof value);
  const auto compare = [](void* const* lanes, unsigned present) {
    for (unsigned a = present; a; a &= a - 1)
      for (unsigned b = present; b; b &= b - 1) {
        auto* to = static_cast<Operand*>(lanes[std::countr_zero(a)]);
        if (to->value == static_cast<Operand*>(lanes[std::countr_zero(b)])->value) to->same |= b & -b;
      }
  };
  warp_collective(mask, &mine, compare, site);
  return mine.same;
}

/// What a shuffle within groups of `width` lanes reads from; its own lane where the source leaves the group.
inline int shuffle_up_source(unsigned delta, int width) {
  const int lane = static_cast<int>(lane_id()), source = lane - static_cast<int>(delta);
  return source < (lane & ~(width - 1)) ? lane : source;
}
inline int shuffle_down_source(unsigned delta, int width) {
  const int lane = static_cast<int>(lane_id()), source = lane + static_cast<int>(delta);
  return source > (lane | (width - 1)) ? lane : source;
}
inline int shuffle_xor_source(int bits, int width) {
  const int lane = static_cast<int>(lane_id()), source = lane ^ bits;
  return source > (lane | (width - 1)) ? lane : source;
}

struct Add {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a + b);
  }
};
struct Least {
  template <class T>
  T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};
struct Greatest {
  template <class T>
  T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};
struct BitAnd {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a & b);
  }
};
struct BitOr {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a | b);
  }
};
struct BitXor {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a ^ b);
  }
};

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

// --- the block ---
inline void __syncthreads(MT_CALLER) {
  minitorch::simt::block_barrier(minitorch::simt::BarrierVote::kNone, false,
                                 {"__syncthreads()", file_, line_});
}
inline int __syncthreads_count(int p, MT_CALLER) {
  return minitorch::simt::block_barrier(minitorch::simt::BarrierVote::kCount, p,
                                        {"__syncthreads_count()", file_, line_});
}
inline int __syncthreads_and(int p, MT_CALLER) {
  return minitorch::simt::block_barrier(minitorch::simt::BarrierVote::kAnd, p,
                                        {"__syncthreads_and()", file_, line_});
}
inline int __syncthreads_or(int p, MT_CALLER) {
  return minitorch::simt::block_barrier(minitorch::simt::BarrierVote::kOr, p,
                                        {"__syncthreads_or()", file_, line_});
}

// --- the warp ---
inline void __syncwarp(unsigned mask = 0xffffffffu, MT_CALLER) {
  int none = 0;
  const auto order = [](void* const*, unsigned lanes) { minitorch::simt::order_lanes(lanes); };
  minitorch::simt::warp_collective(mask, &none, order, {"__syncwarp()", file_, line_});
}
/// The lanes that run together here: all of the warp that come to this line before they wait for others
/// elsewhere, and in a random order of threads any of them.
inline unsigned __activemask(MT_CALLER) {
  return minitorch::simt::lanes_together({"__activemask()", file_, line_});
}

template <minitorch::simt::Shuffled T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, MT_CALLER) {
  const int lane = static_cast<int>(minitorch::simt::lane_id());
  return minitorch::simt::shuffle(mask, value, (lane & ~(width - 1)) | (source & (width - 1)),
                                  {"__shfl_sync()", file_, line_});
}
template <minitorch::simt::Shuffled T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, MT_CALLER) {
  return minitorch::simt::shuffle(mask, value, minitorch::simt::shuffle_up_source(delta, width),
                                  {"__shfl_up_sync()", file_, line_});
}
template <minitorch::simt::Shuffled T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, MT_CALLER) {
  return minitorch::simt::shuffle(mask, value, minitorch::simt::shuffle_down_source(delta, width),
                                  {"__shfl_down_sync()", file_, line_});
}
template <minitorch::simt::Shuffled T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, MT_CALLER) {
  return minitorch::simt::shuffle(mask, value, minitorch::simt::shuffle_xor_source(bits, width),
                                  {"__shfl_xor_sync()", file_, line_});
}

inline unsigned __ballot_sync(unsigned mask, int p, MT_CALLER) {
  return minitorch::simt::fold(mask, p ? 1u << minitorch::simt::lane_id() : 0u, minitorch::simt::BitOr{},
                               {"__ballot_sync()", file_, line_});
}
inline int __any_sync(unsigned mask, int p, MT_CALLER) {
  return minitorch::simt::fold(mask, static_cast<int>(p != 0), minitorch::simt::BitOr{},
                               {"__any_sync()", file_, line_});
}
inline int __all_sync(unsigned mask, int p, MT_CALLER) {
  return minitorch::simt::fold(mask, static_cast<int>(p != 0), minitorch::simt::BitAnd{},
                               {"__all_sync()", file_, line_});
}
template <class T>
unsigned __match_any_sync(unsigned mask, T value, MT_CALLER) {
  return minitorch::simt::match(mask, value, {"__match_any_sync()", file_, line_});
}
template <class T>
unsigned __match_all_sync(unsigned mask, T value, int* all_same, MT_CALLER) {
  const unsigned same = minitorch::simt::match(mask, value, {"__match_all_sync()", file_, line_});
  *all_same = same == mask;
  return *all_same ? mask : 0;
}

#define MT_REDUCE(name, Combine)                                                                       \
  template <class T>                                                                                   \
  T name(unsigned mask, T value, MT_CALLER) {                                                          \
    static_assert(sizeof(T) == 4 && std::is_integral_v<T>, #name " takes int and unsigned");           \
    return minitorch::simt::fold(mask, value, minitorch::simt::Combine{}, {#name "()", file_, line_}); \
  }
MT_REDUCE(__reduce_add_sync, Add)
MT_REDUCE(__reduce_min_sync, Least)
MT_REDUCE(__reduce_max_sync, Greatest)
MT_REDUCE(__reduce_and_sync, BitAnd)
MT_REDUCE(__reduce_or_sync, BitOr)
MT_REDUCE(__reduce_xor_sync, BitXor)
#undef MT_REDUCE

// --- memory order ---
inline void __threadfence_block() { minitorch::simt::fence(false); }
inline void __threadfence() { minitorch::simt::fence(true); }
inline void __threadfence_system() { minitorch::simt::fence(true); }
inline void __nanosleep(unsigned) { minitorch::simt::yield_thread(); }

// --- the end of a kernel that has gone wrong ---
[[noreturn]] inline void __trap(MT_CALLER) { minitorch::simt::trap({"__trap()", file_, line_}); }

}  // namespace simulated
// NOLINTEND
