// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

enum class ReduceOp { Sum };

MT_EVERY_DEVICE(
  /// y = op over the axes where y has size 1 and x has not; x and y have the same number of axes and one type,
  /// float32 or int64.
  void reduce(ReduceOp op, AnyView x, AnyView y);
)

}  // namespace minitorch
