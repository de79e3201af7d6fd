// SPDX-License-Identifier: MIT
// Batch norm, with a clamp (ReLU, ReLU6) in the same pass. A channel belongs to one thread, so that its sums
// do not depend on the number of threads; a few channels are taken together, so that memory is read in order
// and the second pass finds them in the cache. Sums are shifted by the channel's first value: no cancellation
// when the mean is large.
#include <algorithm>
#include <cmath>
#include <vector>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/ops/norm/norm_kernels.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes;
using simd::Vec;

constexpr int64_t kSmallPlane = 48;  // below this, vectors run across channels instead of along a plane
constexpr int64_t kCacheFloats = 64 * 1024;  // a quarter of a megabyte: half of a usual L2

// Channels that are visited together.
int64_t channels_at_once(const ChannelShape& s) {
  return std::clamp<int64_t>(kCacheFloats / std::max<int64_t>(1, s.n * s.hw), 1, 16);
}

// Calls body(first, last) for groups of channels; a thread takes whole groups.
template <class Body>
void each_channel_group(const ChannelShape& s, Body body) {
  const int64_t step = channels_at_once(s), groups = (s.c + step - 1) / step;
  parallel_for(groups, 1 + 8192 / (s.n * s.hw * step + 1), [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) body(g * step, std::min(s.c, (g + 1) * step));
  });
}

struct Pair {
  double first = 0, second = 0;
};

// Sums of f(i) for both results of f over a plane, by vectors; f(load) takes a loader so that the tail is
// masked.
template <class F>
Pair sum_pair(int64_t n, F f) {
  Vec a0(0.f), b0(0.f), a1(0.f), b1(0.f);
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    f(a0, b0, [i](const float* p) { return Vec::load(p + i); });
    f(a1, b1, [i](const float* p) { return Vec::load(p + i + kLanes); });
  }
  for (; i + kLanes <= n; i += kLanes) f(a0, b0, [i](const float* p) { return Vec::load(p + i); });
  Pair total{sum(a0 + a1), sum(b0 + b1)};
  for (; i < n; ++i) {  // lane by lane, so that what stands behind the plane is not counted
    Vec a(0.f), b(0.f);
    f(a, b, [i](const float* p) { return Vec(p[i]); });
    total.first += a[0];
    total.second += b[0];
  }
  return total;
}

template <class F>
void map_plane(int64_t n, float* out, F f) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) f([i](const float* p) { return Vec::load(p + i); }).store(out + i);
  if (i < n) f([i, n](const float* p) { return Vec::load(p + i, n - i); }).store(out + i, n - i);
}

Vec limit(Vec z, const ClampRange& r) { return r.on ? min(max(z, Vec(r.low)), Vec(r.high)) : z; }
Vec passed(Vec z, Vec dy, const ClampRange& r) {
  return r.on ? select((z > Vec(r.low)) & (z < Vec(r.high)), dy, Vec(0.f)) : dy;
}

// The channel's scale and shift: y = x scale + shift.
struct Affine {
  float scale, shift;
};
Affine affine(int64_t k, const float* weight, const float* bias, float mean, float rstd) {
  const float scale = (weight ? weight[k] : 1.f) * rstd;
  return {scale, (bias ? bias[k] : 0.f) - mean * scale};
}

void finish_statistics(Pair sums, double count, double shift, float eps, float& mean, float& rstd) {
  const double m = sums.first / count, var = std::max(0.0, sums.second / count - m * m);
  mean = static_cast<float>(shift + m);
  rstd = static_cast<float>(1 / std::sqrt(var + eps));
}

// Small planes: columns of the (n, c hw) matrix are summed by vectors, then folded into channels.
void column_sums(const ChannelShape& s, const float* x, int64_t first, int64_t last, const float* shift,
                 double* a, double* b) {
  const int64_t cols = s.c * s.hw;
  for (int64_t j = first; j < last; j += kLanes) {
    const int64_t n = std::min<int64_t>(kLanes, last - j);
    const Vec base = Vec::load(shift + j, n);
    Vec sa(0.f), sb(0.f);
    for (int64_t i = 0; i < s.n; ++i) {
      const Vec d = Vec::load(x + i * cols + j, n) - base;
      sa += d;
      sb += d * d;
    }
    for (int64_t l = 0; l < n; ++l) a[j + l] = sa[static_cast<int>(l)], b[j + l] = sb[static_cast<int>(l)];
  }
}

// For small planes: value(j) of each column's channel.
std::vector<float> per_column(const ChannelShape& s, const float* per_channel, float otherwise) {
  std::vector<float> out(static_cast<std::size_t>(s.c * s.hw));
  for (int64_t j = 0; j < s.c * s.hw; ++j) out[j] = per_channel ? per_channel[j / s.hw] : otherwise;
  return out;
}

void apply_rows(const ChannelShape& s, const float* x, const std::vector<float>& scale,
                const std::vector<float>& shift, ClampRange clamp, float* y) {
  const int64_t cols = s.c * s.hw;
  parallel_for(s.n, 1 + 16384 / (cols + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      map_plane(cols, y + i * cols, [&](auto load) {
        return limit(load(x + i * cols) * load(scale.data()) + load(shift.data()), clamp);
      });
  });
}

void train_small(const ChannelShape& s, const float* x, const float* weight, const float* bias, float eps,
                 ClampRange clamp, float* y, float* mean, float* rstd) {
  const int64_t cols = s.c * s.hw;
  std::vector<float> shift(static_cast<std::size_t>(cols));
  for (int64_t j = 0; j < cols; ++j) shift[j] = x[j / s.hw * s.hw];
  std::vector<double> a(shift.size()), b(shift.size());
  const int64_t blocks = (cols + kLanes - 1) / kLanes;
  parallel_for(blocks, 1 + 16384 / (s.n * kLanes), [&](int64_t begin, int64_t end) {
    column_sums(s, x, begin * kLanes, std::min(cols, end * kLanes), shift.data(), a.data(), b.data());
  });
  std::vector<float> scales(shift.size()), shifts(shift.size());
  for (int64_t k = 0; k < s.c; ++k) {
    Pair sums;
    for (int64_t j = k * s.hw; j < (k + 1) * s.hw; ++j) sums.first += a[j], sums.second += b[j];
    finish_statistics(sums, static_cast<double>(s.n * s.hw), x[k * s.hw], eps, mean[k], rstd[k]);
    const Affine f = affine(k, weight, bias, mean[k], rstd[k]);
    for (int64_t j = k * s.hw; j < (k + 1) * s.hw; ++j) scales[j] = f.scale, shifts[j] = f.shift;
  }
  apply_rows(s, x, scales, shifts, clamp, y);
}

}  // namespace

void batch_norm_train(ChannelShape s, const float* x, const float* weight, const float* bias, float eps,
                      ClampRange clamp, float* y, float* mean, float* rstd) {
  if (s.hw < kSmallPlane) return train_small(s, x, weight, bias, eps, clamp, y, mean, rstd);
  each_channel_group(s, [&](int64_t first, int64_t last) {
    Pair sums[16];
    for (int64_t i = 0; i < s.n; ++i)
      for (int64_t k = first; k < last; ++k) {
        const float* plane = x + (i * s.c + k) * s.hw;
        const Vec base(x[k * s.hw]);
        const Pair p = sum_pair(s.hw, [&](Vec& a, Vec& b, auto load) {
          const Vec d = load(plane) - base;
          a += d;
          b += d * d;
        });
        sums[k - first].first += p.first;
        sums[k - first].second += p.second;
      }
    for (int64_t k = first; k < last; ++k)
      finish_statistics(sums[k - first], static_cast<double>(s.n * s.hw), x[k * s.hw], eps, mean[k], rstd[k]);
    for (int64_t i = 0; i < s.n; ++i)
      for (int64_t k = first; k < last; ++k) {
        const float* plane = x + (i * s.c + k) * s.hw;
        const Affine f = affine(k, weight, bias, mean[k], rstd[k]);
        map_plane(s.hw, y + (i * s.c + k) * s.hw,
                  [&](auto load) { return limit(load(plane) * Vec(f.scale) + Vec(f.shift), clamp); });
      }
  });
}

void batch_norm_infer(ChannelShape s, const float* x, const float* scale, const float* shift,
                      ClampRange clamp, float* y) {
  if (s.hw < kSmallPlane) return apply_rows(s, x, per_column(s, scale, 1), per_column(s, shift, 0), clamp, y);
  parallel_for(s.n * s.c, 1 + 16384 / s.hw, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Vec a(scale[i % s.c]), b(shift[i % s.c]);
      map_plane(s.hw, y + i * s.hw, [&](auto load) { return limit(load(x + i * s.hw) * a + b, clamp); });
    }
  });
}

namespace {

// dx = scale (dz - sum(dz) / count - (x - mean) rstd^2 sum(dz (x - mean)) / count), dz = what passed the
// clamp.
struct Gradient {
  float scale, shift, mean, offset, slope;
};
Gradient gradient_of(const ChannelShape& s, int64_t k, const float* weight, const float* bias,
                     const float* mean, const float* rstd, Pair sums, bool through_statistics) {
  const Affine f = affine(k, weight, bias, mean[k], rstd[k]);
  const double count = static_cast<double>(s.n * s.hw), r = rstd[k];
  if (!through_statistics) return {f.scale, f.shift, mean[k], 0, 0};
  return {f.scale, f.shift, mean[k], static_cast<float>(sums.first / count),
          static_cast<float>(sums.second * r * r / count)};
}

void backward_small(const ChannelShape& s, const float* x, const float* dy, const float* weight,
                    const float* bias, const float* mean, const float* rstd, ClampRange clamp,
                    bool through_statistics, float* dx, float* dweight, float* dbias) {
  const int64_t cols = s.c * s.hw;
  std::vector<float> scale(static_cast<std::size_t>(cols)), shift(scale), mu(scale), offset(scale),
      slope(scale);
  for (int64_t j = 0; j < cols; ++j) {
    const Affine f = affine(j / s.hw, weight, bias, mean[j / s.hw], rstd[j / s.hw]);
    scale[j] = f.scale, shift[j] = f.shift, mu[j] = mean[j / s.hw];
  }
  std::vector<double> a(scale.size()), b(scale.size());
  const int64_t blocks = (cols + kLanes - 1) / kLanes;
  parallel_for(blocks, 1 + 16384 / (s.n * kLanes), [&](int64_t begin, int64_t end) {
    for (int64_t j = begin * kLanes; j < std::min(cols, end * kLanes); j += kLanes) {
      const int64_t n = std::min<int64_t>(kLanes, cols - j);
      const Vec sc = Vec::load(&scale[j], n), sh = Vec::load(&shift[j], n), m = Vec::load(&mu[j], n);
      Vec sa(0.f), sb(0.f);
      for (int64_t i = 0; i < s.n; ++i) {
        const Vec v = Vec::load(x + i * cols + j, n),
                  d = passed(v * sc + sh, Vec::load(dy + i * cols + j, n), clamp);
        sa += d;
        sb += d * (v - m);
      }
      for (int64_t l = 0; l < n; ++l) a[j + l] = sa[static_cast<int>(l)], b[j + l] = sb[static_cast<int>(l)];
    }
  });
  for (int64_t k = 0; k < s.c; ++k) {
    Pair sums;
    for (int64_t j = k * s.hw; j < (k + 1) * s.hw; ++j) sums.first += a[j], sums.second += b[j];
    dbias[k] = static_cast<float>(sums.first);
    dweight[k] = static_cast<float>(sums.second * rstd[k]);
    const Gradient g = gradient_of(s, k, weight, bias, mean, rstd, sums, through_statistics);
    for (int64_t j = k * s.hw; j < (k + 1) * s.hw; ++j) offset[j] = g.offset, slope[j] = g.slope;
  }
  if (!dx) return;
  parallel_for(s.n, 1 + 16384 / (cols + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      map_plane(cols, dx + i * cols, [&](auto load) {
        const Vec v = load(x + i * cols), sc = load(scale.data());
        const Vec d = passed(v * sc + load(shift.data()), load(dy + i * cols), clamp);
        return sc * (d - load(offset.data()) - (v - load(mu.data())) * load(slope.data()));
      });
  });
}

}  // namespace

void batch_norm_backward(ChannelShape s, const float* x, const float* dy, const float* weight,
                         const float* bias, const float* mean, const float* rstd, ClampRange clamp,
                         bool through_statistics, float* dx, float* dweight, float* dbias) {
  if (s.hw < kSmallPlane)
    return backward_small(s, x, dy, weight, bias, mean, rstd, clamp, through_statistics, dx, dweight, dbias);
  each_channel_group(s, [&](int64_t first, int64_t last) {
    Pair sums[16];
    for (int64_t i = 0; i < s.n; ++i)
      for (int64_t k = first; k < last; ++k) {
        const float *px = x + (i * s.c + k) * s.hw, *pd = dy + (i * s.c + k) * s.hw;
        const Affine f = affine(k, weight, bias, mean[k], rstd[k]);
        const Vec mu(mean[k]);
        const Pair p = sum_pair(s.hw, [&](Vec& a, Vec& b, auto load) {
          const Vec v = load(px), d = passed(v * Vec(f.scale) + Vec(f.shift), load(pd), clamp);
          a += d;
          b += d * (v - mu);
        });
        sums[k - first].first += p.first;
        sums[k - first].second += p.second;
      }
    for (int64_t k = first; k < last; ++k) {
      dbias[k] = static_cast<float>(sums[k - first].first);
      dweight[k] = static_cast<float>(sums[k - first].second * rstd[k]);
    }
    if (!dx) return;
    for (int64_t i = 0; i < s.n; ++i)
      for (int64_t k = first; k < last; ++k) {
        const float *px = x + (i * s.c + k) * s.hw, *pd = dy + (i * s.c + k) * s.hw;
        const Gradient g = gradient_of(s, k, weight, bias, mean, rstd, sums[k - first], through_statistics);
        map_plane(s.hw, dx + (i * s.c + k) * s.hw, [&](auto load) {
          const Vec v = load(px), d = passed(v * Vec(g.scale) + Vec(g.shift), load(pd), clamp);
          return Vec(g.scale) * (d - Vec(g.offset) - (v - Vec(g.mean)) * Vec(g.slope));
        });
      }
  });
}

}  // namespace minitorch::cpu
