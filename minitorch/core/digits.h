// SPDX-License-Identifier: MIT
// Numbers as text that loses nothing.
#pragma once
#include <cmath>
#include <cstdlib>
#include <string>

#include "minitorch/core/errors.h"

namespace minitorch {

/// A number as %g prints it, with as many more digits as it takes to read the same number again: modules
/// print theirs so, and exports make modules of what they print.
inline std::string digits(double value) {
  int places = 6;
  std::string text = format("%g", value);
  while (places < 17 && std::strtod(text.c_str(), nullptr) != value) text = format("%.*g", ++places, value);
  return text;
}

/// The same as Python prints a float: 2.0 for 2, 0.1 and 1e-05 as they are.
inline std::string python_float(double value) {
  const bool whole = std::fabs(value) < 1e16 && value == std::floor(value);
  return whole ? format("%.1f", value) : digits(value);
}

}  // namespace minitorch
