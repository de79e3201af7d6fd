// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/pixel_shuffle/pixel_shuffle_kernels.h"

namespace minitorch::cpu {
namespace {

// Each row of the large picture is r rows of the small planes, interleaved. kR = r where the compiler shall
// know it: it then interleaves with shuffles.
template <int kR, bool kBack, class Large, class Small>
void rows_of(Large* large, Small* small, int64_t planes, int64_t height, int64_t width, int64_t any_r) {
  const int64_t r = kR ? kR : any_r, area = height * width;
  parallel_for(planes * height * r, 1 + kGrain / (width * r + 8), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t i = row % r, h = row / r % height, p = row / r / height;
      Large* wide = large + row * width * r;
      Small* narrow = small + (p * r + i) * r * area + h * width;
      for (int64_t w = 0; w < width; ++w)
        for (int64_t j = 0; j < r; ++j) {
          if constexpr (kBack) narrow[j * area + w] = wide[w * r + j];
          else wide[w * r + j] = narrow[j * area + w];
        }
    }
  });
}

template <bool kBack, class Large, class Small>
void all_rows(Large* large, Small* small, int64_t planes, int64_t height, int64_t width, int64_t r) {
  switch (r) {
    case 2: return rows_of<2, kBack>(large, small, planes, height, width, r);
    case 3: return rows_of<3, kBack>(large, small, planes, height, width, r);
    case 4: return rows_of<4, kBack>(large, small, planes, height, width, r);
    default: return rows_of<0, kBack>(large, small, planes, height, width, r);
  }
}

}  // namespace

void pixel_shuffle(View<const float, 3> small, View<float, 3> large, int64_t r) {
  all_rows<false>(large.data, small.data, large.size[0], small.size[1], small.size[2], r);
}
void pixel_unshuffle(View<const float, 3> large, View<float, 3> small, int64_t r) {
  all_rows<true>(large.data, small.data, large.size[0], small.size[1], small.size[2], r);
}

}  // namespace minitorch::cpu
