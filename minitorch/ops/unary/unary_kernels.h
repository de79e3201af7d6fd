// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"
#include "minitorch/ops/unary/unary_functors.h"

namespace minitorch {

#define MT_NAME(F) F,
enum class UnaryOp { MT_UNARY_OPS(MT_NAME) };
#undef MT_NAME

/// What a profile calls the kernel.
constexpr const char* kernel_name(UnaryOp op) {
#define MT_NAME(F) #F,
  constexpr const char* names[] = {MT_UNARY_OPS(MT_NAME)};
#undef MT_NAME
  return names[static_cast<int>(op)];
}

MT_EVERY_DEVICE(
    /// y = f(x), float32, any strides; a and b are the functor's parameters.
    void unary(UnaryOp op, float a, float b, AnyView x, AnyView y);
    /// dx = f'(saved) dy, where saved is x or y as the functor says.
    void unary_backward(UnaryOp op, float a, float b, AnyView saved, AnyView dy, AnyView dx);)

}  // namespace minitorch
