// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/binary/binary_functors.h"

namespace minitorch {

#define MT_NAME(F) F,
enum class BinaryOp { MT_BINARY_OPS(MT_NAME) };
#undef MT_NAME

/// "Add" for BinaryOp::Add: what a profile calls the kernel.
constexpr const char* kernel_name(BinaryOp op) {
#define MT_NAME(F) #F,
  constexpr const char* names[] = {MT_BINARY_OPS(MT_NAME)};
#undef MT_NAME
  return names[static_cast<int>(op)];
}

/// Whether the op gives booleans.
constexpr bool is_comparison(BinaryOp op) { return op >= BinaryOp::Eq; }

MT_EVERY_DEVICE(
    /// y = f(a, b); a and b are both float32 or both int64, broadcast to y's sizes by strides of 0.
    /// y has their type, or boolean for a comparison.
    void binary(BinaryOp op, AnyView a, AnyView b, AnyView y);
    /// The same with a plain number for b, or for a when number_first.
    void binary_number(BinaryOp op, AnyView a, double number, bool number_first, AnyView y);
    /// y = c ? a : b; c boolean, a, b and y of one type, float32 or int64.
    void where(AnyView c, AnyView a, AnyView b, AnyView y);
    /// a = a + scale b, float32.
    void add_scaled(AnyView a, AnyView b, float scale);)

}  // namespace minitorch
