// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/unfold/unfold_kernels.h"

namespace minitorch::cpu {

// Threads share the rows of the result; each is one tap seen from all places, copied a picture row at a time.
void unfold(View<const float, 3> pictures, View<float, 2> columns, SlidingAxis rows, SlidingAxis cols) {
  const int64_t taps = rows.size * cols.size;
  parallel_for(columns.size[0], 1 + kGrain / (columns.size[1] + 1), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const int64_t i = r % taps / cols.size, j = r % cols.size, first = cols.first_place(j),
                    past = std::max(first, cols.past_place(j));
      const float* picture = pictures.data + r / taps * rows.in * cols.in;
      for (int64_t oy = 0; oy < rows.out; ++oy) {
        float* out = columns.data + (r * rows.out + oy) * cols.out;
        const int64_t y = rows.element(oy, i);
        if (y < 0 || y >= rows.in) {
          std::fill_n(out, cols.out, 0.0f);
          continue;
        }
        const float* in = picture + y * cols.in + cols.element(0, j);  // from `first` on it lies inside
        std::fill_n(out, first, 0.0f);
        if (cols.stride == 1) std::memcpy(out + first, in + first, (past - first) * sizeof(float));
        else
          for (int64_t ox = first; ox < past; ++ox) out[ox] = in[ox * cols.stride];
        std::fill_n(out + past, cols.out - past, 0.0f);
      }
    }
  });
}

// Threads share the pictures: a pixel's sum is made by one thread, tap by tap.
void fold(View<const float, 2> columns, View<float, 3> pictures, SlidingAxis rows, SlidingAxis cols) {
  const int64_t taps = rows.size * cols.size, area = rows.in * cols.in;
  parallel_for(pictures.size[0], 1 + kGrain / (taps * columns.size[1] + 1), [&](int64_t begin, int64_t end) {
    std::fill_n(pictures.data + begin * area, (end - begin) * area, 0.0f);
    for (int64_t r = begin * taps; r < end * taps; ++r) {
      const int64_t i = r % taps / cols.size, j = r % cols.size, first = cols.first_place(j),
                    past = cols.past_place(j);
      float* picture = pictures.data + r / taps * area;
      for (int64_t oy = rows.first_place(i); oy < rows.past_place(i); ++oy) {
        const float* in = columns.data + (r * rows.out + oy) * cols.out;
        float* out = picture + rows.element(oy, i) * cols.in + cols.element(0, j);
        if (cols.stride == 1)
          for (int64_t ox = first; ox < past; ++ox) out[ox] += in[ox];
        else
          for (int64_t ox = first; ox < past; ++ox) out[ox * cols.stride] += in[ox];
      }
    }
  });
}

}  // namespace minitorch::cpu
