// SPDX-License-Identifier: MIT
// Handwritten digits as tensors, so many of each kind.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/image_tensors.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

struct Set {
  Tensor x, y;  // (n, 1, 28, 28), (n)
};

inline Set digits(const Path& folder, int64_t from, int64_t count) {
  std::vector<Tensor> x, y;
  for (int64_t digit = 0; digit < 10; ++digit) {
    const auto files = (folder / std::to_string(digit)).ls();
    const auto chosen = files.slice(from, from + count);
    x.push_back(stack_grey_images(chosen).unsqueeze(1));
    y.push_back(full({chosen.size()}, double(digit), {.dtype = kInt64}));
  }
  return {cat(x), cat(y)};
}
