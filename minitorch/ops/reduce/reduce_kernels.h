// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// X(name, types) for every reduction; types says which element types have it.
// clang-format off
#define MT_REDUCE_OPS(X)                                                                       \
  X(Sum, numbers) X(SumSquares, floats) X(SumAbs, floats) X(SumSquaredDifferences, floats)     \
  X(SumExp, floats) X(Prod, numbers) X(Max, all) X(Min, all) X(MaxAbs, floats)
// clang-format on

enum class ReduceOp {
#define MT_NAME(name, types) name,
  MT_REDUCE_OPS(MT_NAME)
#undef MT_NAME
};

/// What a profile calls the kernel.
constexpr const char* kernel_name(ReduceOp op) {
#define MT_NAME(name, types) #name,
  constexpr const char* names[] = {MT_REDUCE_OPS(MT_NAME)};
#undef MT_NAME
  return names[static_cast<int>(op)];
}

MT_EVERY_DEVICE(
    /// y = op(x) / divisor over the axes where y has size 1 and x has not. All three have the same number of
    /// axes; x and y one type: float32, int64 for Sum, Prod, Max and Min (divisor 1), uint8 or boolean for
    /// Max and Min. `shift` has y's sizes, or null data for the ops that take none.
    void reduce(ReduceOp op, AnyView x, AnyView shift, double divisor, AnyView y);

    /// positions = the first index along one axis at which x equals `values`, or is NaN. values and positions
    /// have size 1 at that axis; x and values one type: float32, int64, uint8 or boolean; positions int64.
    void first_position(AnyView x, AnyView values, AnyView positions);

    /// y[i] = x[0] + ... + x[i] along `axis`, or from the end when `reverse`. float32 or int64.
    void cumsum(AnyView x, int axis, bool reverse, AnyView y);)

}  // namespace minitorch
