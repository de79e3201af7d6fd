// SPDX-License-Identifier: MIT
// Text from outside on its way to a terminal.
#pragma once
#include <string>

namespace minitorch {

/// The text with control characters written out by their codes, so that a name in a hostile file cannot
/// command the terminal that shows it, and with no more than `longest` bytes. Line feeds and tabs stay.
std::string printable(const std::string& text, std::size_t longest = 20'000);

}  // namespace minitorch
