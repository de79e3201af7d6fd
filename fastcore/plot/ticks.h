// SPDX-License-Identifier: MIT
// Where an axis gets its numbers, and how they are written.
#pragma once
#include <string>
#include <vector>

namespace fastcore {

struct Tick {
  double value;
  std::string text;
};

/// Whether two numbers differ by no more than rounding, a millionth of a millionth (or 1e-300): there are no
/// round numbers between them, and a range from one to the other would magnify noise.
bool is_one_number(double low, double high);

/// Round numbers (1, 2, 2.5 or 5 times a power of ten) covering [low, high], about `about` of them; with
/// `whole` only whole numbers. None where the range is_one_number.
std::vector<Tick> linear_ticks(double low, double high, int about, bool whole = false);

/// Powers of ten in [low, high]; with few of them also their doubles and fives. Where there are not two of
/// these, as from 1.1 to 1.9, the linear_ticks.
std::vector<Tick> log_ticks(double low, double high, int about);

/// A number as one would write it on an axis: 0.25, 1,500, 2×10⁻⁵.
std::string axis_number(double value, int decimals);

}  // namespace fastcore
