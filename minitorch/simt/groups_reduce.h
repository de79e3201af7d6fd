// SPDX-License-Identifier: MIT
// Simulator: sums and scans of cooperative groups, as in cooperative_groups/reduce.h and scan.h. They take
// tiles and coalesced groups, not the block.
#pragma once
#include "minitorch/simt/groups.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
namespace cooperative_groups {

#define MT_OPERATOR(name, expression)                   \
  template <class T>                                    \
  struct name {                                         \
    T operator()(T a, T b) const { return expression; } \
  };
MT_OPERATOR(plus, a + b)
MT_OPERATOR(less, b < a ? b : a)
MT_OPERATOR(greater, a < b ? b : a)
MT_OPERATOR(bit_and, a& b)
MT_OPERATOR(bit_or, a | b)
MT_OPERATOR(bit_xor, a ^ b)
#undef MT_OPERATOR

template <class T, class Combine>
concept Combines = std::is_same_v<std::remove_cvref_t<std::invoke_result_t<const Combine&, T, T> >, T>;

/// Every member receives the sum, or what `combine` computes, over the group.
template <class T, class Combine>
T reduce(const lane_group& group, T value, const Combine& combine, MT_CALLER) {
  static_assert(Combines<T, Combine>,
                "the operator must give what it takes: reduce(tile, 1.0f, plus<float>())");
  return minitorch::simt::fold(group.mask, value, combine, {"reduce()", file_, line_});
}
/// The sum over the members of lower rank and the calling one.
template <class T, class Combine>
T inclusive_scan(const lane_group& group, T value, const Combine& combine, MT_CALLER) {
  static_assert(Combines<T, Combine>, "the operator must give what it takes: plus<float> of floats");
  for (unsigned delta = 1; delta < group.size(); delta *= 2) {
    const T other = group.shfl_up(value, delta, file_, line_);
    if (group.thread_rank() >= delta) value = combine(other, value);
  }
  return value;
}
template <class T>
T inclusive_scan(const lane_group& group, T value, MT_CALLER) {
  return inclusive_scan(group, value, plus<T>{}, file_, line_);
}
/// The same over the members of lower rank alone; T{} for the first, whatever the operator.
template <class T, class Combine>
T exclusive_scan(const lane_group& group, T value, const Combine& combine, MT_CALLER) {
  const T with_own = inclusive_scan(group, value, combine, file_, line_);
  const T before = group.shfl_up(with_own, 1, file_, line_);
  return group.thread_rank() == 0 ? T{} : before;
}
template <class T>
T exclusive_scan(const lane_group& group, T value, MT_CALLER) {
  return exclusive_scan(group, value, plus<T>{}, file_, line_);
}

}  // namespace cooperative_groups
}  // namespace simulated
   // NOLINTEND
