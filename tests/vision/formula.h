// SPDX-License-Identifier: MIT
// Weights and pictures that formula.py draws too: from the name and the position of each number.
#pragma once
#include <cmath>
#include <string>

#include "minitorch/minitorch.h"

namespace formula {

inline uint64_t fnv(const std::string& text) {
  uint64_t value = 0xCBF29CE484222325;
  for (unsigned char c : text) value = (value ^ c) * 0x100000001B3;
  return value;
}

/// A number in [-1, 1) for position i of the tensor of that name.
inline double noise(uint32_t name, uint32_t i) {
  uint32_t x = name + i * 0x9E3779B9u;
  x ^= x >> 16;
  x *= 0x85EBCA6B;
  x ^= x >> 13;
  x *= 0xC2B2AE35;
  x ^= x >> 16;
  return static_cast<double>(x) / 2147483648.0 - 1;
}

/// scale noise + shift in every element.
inline void fill(const std::string& name, const minitorch::Tensor& t, double scale, double shift) {
  const auto key = static_cast<uint32_t>(fnv(name));
  float* to = t.data<float>();
  for (int64_t i = 0; i < t.numel(); ++i)
    to[i] = static_cast<float>(noise(key, static_cast<uint32_t>(i)) * scale + shift);
}

/// Matrices and filters of variance 1 / inputs, scales around 1, everything else around 0; in eval mode.
inline void fill(minitorch::nn::Module& net) {
  for (auto& [name, t] : net.state_dict()) {
    if (t.dims() == 0) continue;
    const bool weight = name.ends_with("weight");
    if (t.dims() > 1 && weight)
      fill(name, t, std::sqrt(3.0 * static_cast<double>(t.size(0)) / static_cast<double>(t.numel())), 0);
    else if (weight || name.ends_with("running_var") || name.ends_with("gamma")) fill(name, t, 0.25, 1);
    else fill(name, t, 0.1, 0);
  }
  net.eval();
}

inline minitorch::Tensor noise(const std::string& name, const minitorch::Shape& shape) {
  minitorch::Tensor x = minitorch::empty(shape);
  fill(name, x, 1, 0);
  return x;
}

}  // namespace formula
