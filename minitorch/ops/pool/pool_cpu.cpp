// SPDX-License-Identifier: MIT
// Pooling on the CPU: a plane belongs to one thread. A maximum is found in two steps: down the columns of the
// window's rows by vectors, then along the row that this leaves, k instead of k^2 comparisons an output.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/ops/pool/pool_kernels.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes;
using simd::Mask;
using simd::Vec;

int64_t plane_grain(const PoolShape& s) { return 1 + 8192 / (s.h * s.w + s.oh * s.ow + 1); }

// best[c] = the largest of x[begin..end)[c], row[c] = the first row that holds it; NaN counts as largest.
void column_maxima(const float* x, int64_t w, PoolShape::Range rows, float* best, int32_t* row) {
  for (int64_t c = 0; c < w; c += kLanes) {
    const int64_t n = std::min<int64_t>(kLanes, w - c);
    Vec m = Vec::load(x + rows.begin * w + c, n);
    Mask at = Mask{} + static_cast<int32_t>(rows.begin);
    for (int64_t r = rows.begin + 1; r < rows.end; ++r) {
      const Vec v = Vec::load(x + r * w + c, n);
      const Mask larger = (v > m) | (v != v);
      m = select(larger, v, m);
      at = larger ? Mask{} + static_cast<int32_t>(r) : at;
    }
    m.store(best + c);  // both rows have room for a whole vector
    std::memcpy(row + c, &at, sizeof at);
  }
}

void max_plane(const PoolShape& s, const float* x, float* y, int32_t* where, float* best, int32_t* row) {
  for (int64_t i = 0; i < s.oh; ++i) {
    column_maxima(x, s.w, s.rows(i), best, row);
    for (int64_t j = 0; j < s.ow; ++j) {
      const auto cols = s.cols(j);
      float m = best[cols.begin];
      int32_t r = row[cols.begin], at = static_cast<int32_t>(cols.begin);
      for (int64_t c = cols.begin + 1; c < cols.end; ++c) {
        const float v = best[c];
        const bool larger =
            (v > m) | ((v == m) & (row[c] < r)) | (v != v);  // of equals, the first in row order
        m = larger ? v : m;
        r = larger ? row[c] : r;
        at = larger ? static_cast<int32_t>(c) : at;
      }
      y[i * s.ow + j] = m;
      where[i * s.ow + j] = r * static_cast<int32_t>(s.w) + at;
    }
  }
}

}  // namespace

void max_pool_forward(PoolShape s, const float* x, float* y, int32_t* where) {
  parallel_for(s.planes, plane_grain(s), [&](int64_t begin, int64_t end) {
    std::vector<float> best(static_cast<std::size_t>(s.w + kLanes));
    std::vector<int32_t> row(best.size());
    for (int64_t p = begin; p < end; ++p)
      max_plane(s, x + p * s.h * s.w, y + p * s.oh * s.ow, where + p * s.oh * s.ow, best.data(), row.data());
  });
}

void max_pool_backward(PoolShape s, const float* dy, const int32_t* where, float* dx) {
  parallel_for(s.planes, plane_grain(s), [&](int64_t begin, int64_t end) {
    std::memset(dx + begin * s.h * s.w, 0,
                static_cast<std::size_t>((end - begin) * s.h * s.w) * sizeof(float));
    for (int64_t p = begin; p < end; ++p)
      for (int64_t i = p * s.oh * s.ow; i < (p + 1) * s.oh * s.ow; ++i) dx[p * s.h * s.w + where[i]] += dy[i];
  });
}

namespace {

// One output row: the window's rows are added up by vectors, then the columns of that sum.
void avg_plane(const PoolShape& s, const float* x, float* y, float* total) {
  for (int64_t i = 0; i < s.oh; ++i) {
    const auto rows = s.rows(i);
    for (int64_t c = 0; c < s.w; c += kLanes) {
      const int64_t n = std::min<int64_t>(kLanes, s.w - c);
      Vec t(0.f);
      for (int64_t r = rows.begin; r < rows.end; ++r) t += Vec::load(x + r * s.w + c, n);
      t.store(total + c);
    }
    for (int64_t j = 0; j < s.ow; ++j) {
      const auto cols = s.cols(j);
      float t = 0;
      for (int64_t c = cols.begin; c < cols.end; ++c) t += total[c];
      y[i * s.ow + j] = t / static_cast<float>(s.divisor(i, j));
    }
  }
}

float plane_sum(const float* x, int64_t n) {
  Vec a(0.f), b(0.f);
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    a += Vec::load(x + i);
    b += Vec::load(x + i + kLanes);
  }
  float total = sum(a + b);
  for (; i < n; ++i) total += x[i];
  return total;
}

}  // namespace

void avg_pool_forward(PoolShape s, const float* x, float* y) {
  const bool whole = s.adaptive && s.oh == 1 && s.ow == 1;
  parallel_for(s.planes, plane_grain(s), [&](int64_t begin, int64_t end) {
    std::vector<float> total(static_cast<std::size_t>(s.w + kLanes));
    for (int64_t p = begin; p < end; ++p)
      if (whole) y[p] = plane_sum(x + p * s.h * s.w, s.h * s.w) / static_cast<float>(s.h * s.w);
      else avg_plane(s, x + p * s.h * s.w, y + p * s.oh * s.ow, total.data());
  });
}

void avg_pool_backward(PoolShape s, const float* dy, float* dx) {
  parallel_for(s.planes, plane_grain(s), [&](int64_t begin, int64_t end) {
    std::fill(dx + begin * s.h * s.w, dx + end * s.h * s.w, 0.f);
    for (int64_t p = begin; p < end; ++p)
      for (int64_t i = 0; i < s.oh; ++i)
        for (int64_t j = 0; j < s.ow; ++j) {
          const float share = dy[(p * s.oh + i) * s.ow + j] / static_cast<float>(s.divisor(i, j));
          const auto rows = s.rows(i), cols = s.cols(j);
          for (int64_t r = rows.begin; r < rows.end; ++r) {
            float* row = dx + (p * s.h + r) * s.w;
            for (int64_t c = cols.begin; c < cols.end; ++c) row[c] += share;
          }
        }
  });
}

}  // namespace minitorch::cpu
