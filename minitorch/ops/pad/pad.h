// SPDX-License-Identifier: MIT
// Borders around a tensor.
#pragma once
#include <vector>

#include "minitorch/ops/pad/pad_mode.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// x with borders, given from the last axis on as in PyTorch: {left, right}, {left, right, top, bottom}, ...
/// Negative widths cut off instead. Gradient: the inside of dy; what was mirrored, repeated or continued is
/// added to where it came from.
/// @throws ShapeError for an odd count of widths or more axes than x has,
///   for a cut beyond the other edge,
///   or a border wider than the inside offers (reflect: size - 1, circular: size)
Tensor pad(const Tensor& x, const std::vector<int64_t>& widths, PaddingMode mode = PaddingMode::kConstant,
           double value = 0);

}  // namespace minitorch
