// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

namespace minitorch {

/// How a resized picture gets its values: from one element; from the element whose centre is nearest; from
/// the two next to it along each axis, by distance (bilinear in a picture); as the mean of the elements it
/// covers (adaptive average).
enum class Resample : uint8_t { kNearest, kNearestExact, kLinear, kBilinear = kLinear, kArea };

}  // namespace minitorch
