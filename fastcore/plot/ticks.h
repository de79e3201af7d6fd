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

/// Round numbers (1, 2, 2.5 or 5 times a power of ten) covering [low, high], about `about` of them; with
/// `whole` only whole numbers.
std::vector<Tick> linear_ticks(double low, double high, int about, bool whole = false);

/// Powers of ten in [low, high]; with few of them also their doubles and fives.
std::vector<Tick> log_ticks(double low, double high, int about);

/// A number as one would write it on an axis: 0.25, 1,500, 2×10⁻⁵.
std::string axis_number(double value, int decimals);

}  // namespace fastcore
