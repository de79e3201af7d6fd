// SPDX-License-Identifier: MIT
// Rows of a matrix taken and put by number, and the positions of set flags: what all indexing comes down to.
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// Flags that one part of count_flags and flag_positions covers.
inline constexpr int64_t kFlagChunk = 1024;

MT_EVERY_DEVICE(
    /// y[i, j] = x[rows[i], j]. x (n, c), rows (m), y (m, c), contiguous, of one element type.
    void take_rows(AnyView x, View<const int64_t, 1> rows, AnyView y);
    /// x[rows[i], j] = y[i, j] for i = 0, 1, ...: the last of repeated rows stays.
    void put_rows(AnyView x, View<const int64_t, 1> rows, AnyView y);
    /// x[rows[i], j] += y[i, j] for i = 0, 1, ... in this order on every device; float32 or int64.
    /// Row number `skip` is left as it is (-1: none).
    void add_rows(AnyView x, View<const int64_t, 1> rows, AnyView y, int64_t skip);
    /// counts[k] = set flags among the k-th kFlagChunk of them; flags contiguous.
    void count_flags(View<const bool, 1> flags, View<int64_t, 1> counts);
    /// The positions of set flags in rising order; starts[k] = how many come before chunk k.
    void flag_positions(View<const bool, 1> flags, View<const int64_t, 1> starts, View<int64_t, 1> positions);
    /// y[i, d] = coordinate d of the flat position positions[i] in a tensor of `like`'s sizes; y (k,
    /// like.dims).
    void unravel(View<const int64_t, 1> positions, AnyView like, View<int64_t, 2> y);)

namespace cpu {
/// The first i with p[i] outside [low, high), or -1.
int64_t first_outside(const int64_t* p, int64_t n, int64_t low, int64_t high);
}  // namespace cpu

}  // namespace minitorch
