// SPDX-License-Identifier: MIT
// Numbers as text that loses nothing.
#pragma once
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

}  // namespace minitorch
