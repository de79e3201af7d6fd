// SPDX-License-Identifier: MIT
// Layer norm: a row belongs to one thread, a column of the weight gradient to one thread.
#include <algorithm>
#include <cmath>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/ops/norm/norm_kernels.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes;
using simd::Vec;

// Sum of f over a row, the tail lane by lane.
template <class F>
double sum_row(int64_t n, F f) {
  Vec a(0.f), b(0.f);
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    a += f([i](const float* p) { return Vec::load(p + i); });
    b += f([i](const float* p) { return Vec::load(p + i + kLanes); });
  }
  double total = sum(a + b);
  for (; i < n; ++i) total += f([i](const float* p) { return Vec(p[i]); })[0];
  return total;
}

template <class F>
void map_row(int64_t n, float* out, F f) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) f([i](const float* p) { return Vec::load(p + i); }).store(out + i);
  if (i < n) f([i, n](const float* p) { return Vec::load(p + i, n - i); }).store(out + i, n - i);
}

}  // namespace

void layer_norm_forward(int64_t rows, int64_t cols, const float* x, const float* weight, const float* bias,
                        float eps, float* y, float* mean, float* rstd) {
  parallel_for(rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const float* row = x + r * cols;
      const double n = static_cast<double>(cols);
      const float mu = static_cast<float>(sum_row(cols, [&](auto load) { return load(row); }) / n);
      const double square = sum_row(cols, [&](auto load) {
        const Vec d = load(row) - Vec(mu);
        return d * d;
      });
      const float scale = static_cast<float>(1 / std::sqrt(square / n + eps));
      mean[r] = mu;
      rstd[r] = scale;
      map_row(cols, y + r * cols, [&](auto load) {
        Vec z = (load(row) - Vec(mu)) * Vec(scale);
        if (weight) z = z * load(weight);
        if (bias) z = z + load(bias);
        return z;
      });
    }
  });
}

void layer_norm_backward(int64_t rows, int64_t cols, const float* x, const float* dy, const float* weight,
                         const float* mean, const float* rstd, float* dx, float* dweight, float* dbias) {
  parallel_for(rows, 1 + 4096 / (cols + 1), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const float *row = x + r * cols, *d = dy + r * cols;
      const Vec mu(mean[r]), scale(rstd[r]);
      auto dz = [&](auto load) {
        return weight ? load(d) * load(weight) : load(d);
      };  // gradient of the normalised value
      const double n = static_cast<double>(cols);
      const Vec offset(static_cast<float>(sum_row(cols, dz) / n));
      const Vec slope(static_cast<float>(
          sum_row(cols, [&](auto load) { return dz(load) * (load(row) - mu) * scale; }) / n));
      map_row(cols, dx + r * cols,
              [&](auto load) { return scale * (dz(load) - offset - (load(row) - mu) * scale * slope); });
    }
  });
  if (!dweight && !dbias) return;
  parallel_for((cols + kLanes - 1) / kLanes, 1 + 4096 / (rows * kLanes + 1), [&](int64_t begin, int64_t end) {
    for (int64_t j = begin * kLanes; j < std::min(cols, end * kLanes); j += kLanes) {
      const int64_t n = std::min<int64_t>(kLanes, cols - j);
      Vec w(0.f), b(0.f);
      for (int64_t r = 0; r < rows; ++r) {
        const Vec d = Vec::load(dy + r * cols + j, n);
        w += d * (Vec::load(x + r * cols + j, n) - Vec(mean[r])) * Vec(rstd[r]);
        b += d;
      }
      if (dweight) w.store(dweight + j, n);
      if (dbias) b.store(dbias + j, n);
    }
  });
}

}  // namespace minitorch::cpu
