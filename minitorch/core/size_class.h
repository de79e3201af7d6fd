// SPDX-License-Identifier: MIT
// Sizes that the caches of memory round to, so that a freed block fits the next request of about its size.
#pragma once
#include <bit>
#include <cstddef>

namespace minitorch {

/// Block sizes rise by a quarter of a power of two, so at most a fifth of a block is unused.
inline int size_class(std::size_t bytes) {
  if (bytes <= 64) return 1;
  if (bytes <= 256) return static_cast<int>((bytes + 63) / 64);  // 2 to 4
  const int power = std::bit_width(bytes - 1) - 1;               // 2^power < bytes <= 2^(power + 1)
  const std::size_t quarter = std::size_t{1} << (power - 2);
  return 4 + (power - 8) * 4 + static_cast<int>((bytes - (std::size_t{1} << power) + quarter - 1) / quarter);
}

inline std::size_t class_bytes(int index) {
  if (index <= 4) return static_cast<std::size_t>(index) * 64;
  const int power = 8 + (index - 5) / 4, quarters = (index - 5) % 4 + 1;
  return (std::size_t{1} << power) + (std::size_t{1} << (power - 2)) * static_cast<std::size_t>(quarters);
}

inline constexpr int kSizeClasses = 4 + 4 * 48;

}  // namespace minitorch
