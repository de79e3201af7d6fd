// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

namespace minitorch {

/// What fills a border: a number; the inside mirrored about the edge element (2 1 | 0 1 2); the edge element
/// repeated (0 0 | 0 1 2); the inside continued from the other end (1 2 | 0 1 2).
enum class PaddingMode : uint8_t { kConstant, kReflect, kReplicate, kCircular };

}  // namespace minitorch
