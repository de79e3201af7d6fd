// SPDX-License-Identifier: MIT
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/core/random_kernels.h"
#include "minitorch/core/simd_math.h"

namespace minitorch::cpu {

void normals_from_uniforms(float* data, int64_t blocks, float mean, float std) {
  using simd::Vec;
  constexpr int kHalf = 8, kStep = std::min(simd::kLanes, kHalf);
  parallel_for(blocks, 64, [=](int64_t begin, int64_t end) {
    for (float* block = data + begin * 2 * kHalf; block < data + end * 2 * kHalf; block += 2 * kHalf)
      for (int j = 0; j < kHalf; j += kStep) {
        const Vec u1 = Vec(1.f) - Vec::load(block + j, kStep);  // in (0, 1], for the logarithm
        const Vec angle = Vec(6.28318530717958647692f) * Vec::load(block + j + kHalf, kStep);
        const Vec radius = simd::sqrt(Vec(-2.f) * simd::log(u1));
        (radius * simd::cos(angle) * Vec(std) + Vec(mean)).store(block + j, kStep);
        (radius * simd::sin(angle) * Vec(std) + Vec(mean)).store(block + j + kHalf, kStep);
      }
  });
}

}  // namespace minitorch::cpu
