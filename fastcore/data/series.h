// SPDX-License-Identifier: MIT
// A series of numbers as a picture, so that what reads pictures can read it: its curve, or how each of its
// values goes with each other one.
#pragma once
#include <vector>

#include "fastcore/image/image.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// The means of `parts` equal parts of a series; values on a border count in both by their share.
/// @throws ValueError for an empty series, a number that is not finite, or parts < 1
std::vector<double> part_means(const std::vector<double>& series, int parts);

/// Scaled so that the least value becomes -1 and the largest 1; a constant series becomes 0.
std::vector<double> scale_to_unit(std::vector<double> series);

/// How the values of a series go together (Wang and Oates, 2015). With the values scaled to [-1, 1] and seen
/// as cosines of angles p, the sum field is cos(p_i + p_j) = x_i x_j - s_i s_j and the difference field
/// sin(p_i - p_j) = s_i x_j - x_i s_j, where s = sqrt(1 - x^2). The sum field's diagonal, 2 x^2 - 1, holds
/// the series.
enum class Gramian { sum, difference };

/// The field of a series of n values: (n, n) float32. @throws ValueError as part_means
minitorch::Tensor gramian_field(const std::vector<double>& series, Gramian kind);

/// The field as a grey picture, row 0 at the top, after part_means has made the series `size` long; -1 is
/// black and 1 white.
Image gramian_picture(const std::vector<double>& series, int size, Gramian kind);

/// The series as a white curve on black, its least value at the bottom and its largest at the top.
/// @throws ValueError for an empty series, a number that is not finite, or a side below 1
Image line_picture(const std::vector<double>& series, Size size, double line_width = 1.5);

}  // namespace fastcore
