// SPDX-License-Identifier: MIT
// The two things a tensor must be able to do before any mathematics: be filled and be copied.
#pragma once
#include "minitorch/core/view.h"

namespace minitorch {

/// @throws ValueError, naming `op`, for infinity, NaN or too large a value in a tensor of whole numbers
void check_fill(const char* op, Dtype dtype, double value);

MT_EVERY_DEVICE(
    /// to[i] = from[i], any strides, converting between element types; sizes are equal.
    void copy_strided(AnyView from, AnyView to);
    /// Every element becomes `value`.
    void fill_strided(AnyView to, double value);
    /// to[i] = start + i * step, computed in double; to has one axis.
    void fill_sequence(AnyView to, double start, double step);)

}  // namespace minitorch
