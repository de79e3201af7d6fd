// SPDX-License-Identifier: MIT
// Batch norm, with a clamp (ReLU, ReLU6) in the same pass. A channel belongs to one thread, so that its sums
// do not depend on the number of threads; a few channels are taken together, so that memory is read in order
// and, where they fit, the second pass finds them in the cache. Sums are shifted by the channel's first
// value: no cancellation when the mean is large.
#include <algorithm>
#include <cmath>
#include <vector>

#include "minitorch/core/parallel.h"
#include "minitorch/core/simd_math.h"
#include "minitorch/ops/norm/norm_kernels.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes, simd::Vec;

constexpr int64_t kSmallPlane = 48;  // below this, vectors run across channels instead of along a plane
constexpr int64_t kCacheFloats = 64 * 1024;  // a quarter of a megabyte: half of a usual L2
constexpr int kMostChannels = 16;            // that are visited together
constexpr int64_t kLineFloats = 4 * 1024;    // so much in one piece is read as fast as memory can

// Calls body(first, last) for groups of channels; a thread takes whole groups. Visited together are the
// channels that stay in the cache between two passes, or at least so many that long pieces of memory are
// read. Each channel is summed on its own, so the groups may depend on the number of threads.
template <class Body>
void each_channel_group(const ChannelShape& s, Body body) {
  const int64_t cached = kCacheFloats / std::max<int64_t>(1, s.n * s.hw), threads = num_threads();
  const int64_t together = std::clamp<int64_t>(std::max(cached, kLineFloats / s.hw), 1, kMostChannels);
  const int64_t fewest = (s.c + together - 1) / together;
  const int64_t groups = std::min(s.c, (fewest + threads - 1) / threads * threads);
  parallel_for(groups, 1 + 8192 * groups / (s.n * s.hw * s.c + 1), [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) body(s.c * g / groups, s.c * (g + 1) / groups);
  });
}

struct Pair {
  double first = 0, second = 0;
};

Vec first_lanes(Vec v, int64_t n) {
  float lanes[kLanes];
  v.store(lanes);
  return Vec::load(lanes, n);
}

// Adds what f makes of the elements of a plane to the lanes of a and b. f(a, b, load) takes a loader, so that
// the end of the plane is a vector, too, of which only the lanes that exist count.
template <class F>
MT_INLINE void add_plane(int64_t n, Vec& a, Vec& b, F f) {
  Vec a0 = a, b0 = b, a1(0.f), b1(0.f), a2(0.f), b2(0.f);
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    f(a0, b0, [i](const float* p) { return Vec::load(p + i); });
    f(a1, b1, [i](const float* p) { return Vec::load(p + i + kLanes); });
  }
  for (; i + kLanes <= n; i += kLanes) f(a0, b0, [i](const float* p) { return Vec::load(p + i); });
  if (i < n) f(a2, b2, [i, n](const float* p) { return Vec::load(p + i, n - i); });
  a = a0 + a1 + first_lanes(a2, n - i), b = b0 + b1 + first_lanes(b2, n - i);
}

// Sums over all images for the channels [first, last): add(image, channel, a, b) adds a plane. The lanes of
// some images are added up in float, those sums in double.
template <class Add>
void sum_channels(const ChannelShape& s, int64_t first, int64_t last, Pair* sums, Add add) {
  const int64_t some = std::max<int64_t>(1, 8192 / s.hw);
  for (int64_t from = 0; from < s.n; from += some) {
    Vec a[kMostChannels], b[kMostChannels];
    for (int64_t k = first; k < last; ++k) a[k - first] = b[k - first] = 0.f;
    for (int64_t i = from; i < std::min(s.n, from + some); ++i)
      for (int64_t k = first; k < last; ++k) add(i, k, a[k - first], b[k - first]);
    for (int64_t k = first; k < last; ++k) {
      sums[k - first].first += sum(a[k - first]);
      sums[k - first].second += sum(b[k - first]);
    }
  }
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

struct Affine {
  float scale, shift;  // y = x scale + shift
};
Affine affine(int64_t k, const float* weight, const float* bias, float mean, float rstd) {
  const float scale = (weight ? weight[k] : 1.f) * rstd;
  return {scale, (bias ? bias[k] : 0.f) - mean * scale};
}

// What training needs of the channels' statistics, besides x.
struct Statistics {
  float eps;
  RunningStats running;
  float *mean, *rstd;

  // Of channel k from the sums of x - shift and of its square.
  void finish(int64_t k, Pair sums, double count, double shift) const {
    const double m = sums.first / count, square = std::max(0.0, sums.second / count - m * m);
    mean[k] = static_cast<float>(shift + m);
    rstd[k] = static_cast<float>(1 / std::sqrt(square + eps));
    running.move(k, mean[k], static_cast<float>(square));
  }
};

// Small planes: f(row, a, b, load) adds a row of the (n, c hw) matrix to the sums of its columns, by vectors.
// Four vectors at a time: single cache lines, a row apart, would be read slowly.
template <class F>
void sum_columns(const ChannelShape& s, double* a, double* b, F f) {
  constexpr int64_t kTogether = 4;
  const int64_t cols = s.c * s.hw;
  const auto sum = [&]<int Vectors>(std::integral_constant<int, Vectors>, int64_t first) {
    Vec va[Vectors], vb[Vectors];
    for (int q = 0; q < Vectors; ++q) va[q] = vb[q] = 0.f;
    for (int64_t i = 0; i < s.n; ++i)
#pragma GCC unroll 4
      for (int q = 0; q < Vectors; ++q) {
        const int64_t j = first + q * kLanes, n = std::min<int64_t>(kLanes, cols - j);
        f(i * cols, va[q], vb[q], [j, n](const float* p) { return Vec::load(p + j, n); });
      }
    for (int64_t j = first; j < std::min(cols, first + Vectors * kLanes); ++j) {
      const int lane = static_cast<int>((j - first) % kLanes);
      a[j] = va[(j - first) / kLanes][lane], b[j] = vb[(j - first) / kLanes][lane];
    }
  };
  const int64_t vectors = (cols + kLanes - 1) / kLanes;
  parallel_for(vectors, 1 + 16384 / (s.n * kLanes + 1), [&](int64_t v, int64_t end) {
    for (; v + kTogether <= end; v += kTogether) sum(std::integral_constant<int, kTogether>{}, v * kLanes);
    for (; v < end; ++v) sum(std::integral_constant<int, 1>{}, v * kLanes);
  });
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

void train_small(const ChannelShape& s, const float* x, const float* weight, const float* bias,
                 const Statistics& statistics, ClampRange clamp, float* y) {
  const int64_t cols = s.c * s.hw;
  std::vector<float> shift(static_cast<std::size_t>(cols));
  for (int64_t j = 0; j < cols; ++j) shift[j] = x[j / s.hw * s.hw];
  std::vector<double> a(shift.size()), b(shift.size());
  sum_columns(s, a.data(), b.data(), [&](int64_t row, Vec& sa, Vec& sb, auto load) {
    const Vec d = load(x + row) - load(shift.data());
    sa += d;
    sb += d * d;
  });
  std::vector<float> scales(shift.size()), shifts(shift.size());
  for (int64_t k = 0; k < s.c; ++k) {
    Pair sums;
    for (int64_t j = k * s.hw; j < (k + 1) * s.hw; ++j) sums.first += a[j], sums.second += b[j];
    statistics.finish(k, sums, static_cast<double>(s.n * s.hw), x[k * s.hw]);
    const Affine f = affine(k, weight, bias, statistics.mean[k], statistics.rstd[k]);
    for (int64_t j = k * s.hw; j < (k + 1) * s.hw; ++j) scales[j] = f.scale, shifts[j] = f.shift;
  }
  apply_rows(s, x, scales, shifts, clamp, y);
}

}  // namespace

void batch_norm_train(ChannelShape s, const float* x, const float* weight, const float* bias, float eps,
                      ClampRange clamp, RunningStats running, float* y, float* mean, float* rstd) {
  const Statistics statistics{eps, running, mean, rstd};
  if (s.hw < kSmallPlane) return train_small(s, x, weight, bias, statistics, clamp, y);
  each_channel_group(s, [&](int64_t first, int64_t last) {
    Pair sums[kMostChannels];
    sum_channels(s, first, last, sums, [&](int64_t i, int64_t k, Vec& a, Vec& b) {
      const float* plane = x + (i * s.c + k) * s.hw;
      const Vec base(x[k * s.hw]);
      add_plane(s.hw, a, b, [&](Vec& a, Vec& b, auto load) {
        const Vec d = load(plane) - base;
        a += d;
        b += d * d;
      });
    });
    for (int64_t k = first; k < last; ++k)
      statistics.finish(k, sums[k - first], static_cast<double>(s.n * s.hw), x[k * s.hw]);
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
  sum_columns(s, a.data(), b.data(), [&](int64_t row, Vec& sa, Vec& sb, auto load) {
    const Vec v = load(x + row),
              d = passed(v * load(scale.data()) + load(shift.data()), load(dy + row), clamp);
    sa += d;
    sb += d * (v - load(mu.data()));
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
        if (!through_statistics) return sc * d;  // the rest is 0, but NaN where x is infinite
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
    Pair sums[kMostChannels];
    sum_channels(s, first, last, sums, [&](int64_t i, int64_t k, Vec& a, Vec& b) {
      const float *px = x + (i * s.c + k) * s.hw, *pd = dy + (i * s.c + k) * s.hw;
      const Affine f = affine(k, weight, bias, mean[k], rstd[k]);
      const Vec mu(mean[k]);
      add_plane(s.hw, a, b, [&](Vec& a, Vec& b, auto load) {
        const Vec v = load(px), d = passed(v * Vec(f.scale) + Vec(f.shift), load(pd), clamp);
        a += d;
        b += d * (v - mu);
      });
    });
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
          if (!through_statistics) return Vec(g.scale) * d;
          return Vec(g.scale) * (d - Vec(g.offset) - (v - Vec(g.mean)) * Vec(g.slope));
        });
      }
  });
}

}  // namespace minitorch::cpu
