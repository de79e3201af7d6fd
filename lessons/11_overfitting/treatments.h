// SPDX-License-Identifier: MIT
// What is done against overfitting in lesson 11.
#pragma once
#include "fastcore/image/augment.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

//! [treatments]
struct Treatment {
  const char* name;
  double decay, dropout;
  bool augment;
};
// Each picture turned by up to 15 degrees and zoomed by up to a tenth.
inline Tensor augmented(const Tensor& x) {
  std::vector<PlaneMap> maps;
  const Values draw = rand({2 * x.size(0)}).to_vector<double>();
  for (int64_t i = 0; i < x.size(0); ++i)
    maps.push_back(rotate_mat(draw[2 * i] * 30 - 15) * zoom_mat(0.9 + 0.2 * draw[2 * i + 1], 0.5, 0.5));
  return transform_images(x, maps, {.pad_mode = PadMode::zeros});
}
//! [treatments]
