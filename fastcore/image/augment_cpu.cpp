// SPDX-License-Identifier: MIT
// The loops of augmentation on the CPU, each one pass over the pictures: resampling without a grid in memory,
// and light without the tensors between its steps.
#include <cstring>

#include "fastcore/image/augment_kernels.h"
#include "minitorch/core/elementwise_cpu.h"

namespace fastcore::kernels {
using minitorch::GridPadding;
using minitorch::GridRule;
using minitorch::parallel_for;
using minitorch::SampleMode;
using minitorch::View;
using minitorch::cpu::kGrain;
namespace simd = minitorch::simd;
using simd::Vec, simd::kLanes;

namespace {

MT_INLINE Vec logit(Vec x) {
  const Vec inside = simd::min(simd::max(x, Vec(1e-7f)), Vec(1 - 1e-7f));
  return simd::log(inside / (Vec(1.f) - inside));
}
MT_INLINE Vec sigmoid(Vec x) { return Vec(1.f) / (Vec(1.f) + simd::exp(-x)); }

void light_plane(const float* x, LightChange change, float* y, int64_t count) {
  const auto lit = [=](Vec v) { return sigmoid(logit(v) * Vec(change.scale) + Vec(change.offset)); };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) lit(Vec::load(x + i)).store(y + i);
  if (i < count) lit(Vec::load(x + i, count - i)).store(y + i, count - i);
}

// Three channels whose planes are `plane` apart, each moved towards their common grey.
void light_colours(const float* x, LightChange change, float* y, int64_t plane, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) {
    Vec logits[3];
    for (int c = 0; c < 3; ++c)
      logits[c] = logit(Vec::load(x + c * plane + i, std::min<int64_t>(kLanes, count - i)));
    const Vec grey = logits[0] * Vec(0.2989f) + logits[1] * Vec(0.5870f) + logits[2] * Vec(0.1140f);
    const Vec common = grey * Vec(change.grey) + Vec(change.offset);
    for (int c = 0; c < 3; ++c)
      sigmoid(logits[c] * Vec(change.scale) + common)
          .store(y + c * plane + i, std::min<int64_t>(kLanes, count - i));
  }
}

// The pixels beside a position along one axis and their weights. What outside pixels would add has weight 0.
struct Taps {
  simd::Mask low, high;
  Vec low_weight, high_weight;
};

MT_INLINE Vec between(Vec at, float low, float high) {  // NaN becomes low
  return simd::select(at > Vec(low), simd::select(at < Vec(high), at, Vec(high)), Vec(low));
}
MT_INLINE simd::Mask whole(Vec at) { return __builtin_convertvector(at.v, simd::Mask); }

// One axis of `n` pixels, as minitorch's GridAxis has it, for a vector of coordinates at a time.
template <GridPadding kPadding>
struct Axis {
  float n;
  bool aligned;

  MT_INLINE Vec position(Vec g) const {
    const Vec at = aligned ? (g + 1.f) * Vec(0.5f * (n - 1)) : ((g + 1.f) * Vec(n) - 1.f) * 0.5f;
    if constexpr (kPadding == GridPadding::kZeros) return between(at, -1, n);
    if constexpr (kPadding == GridPadding::kBorder) return between(at, 0, n - 1);
    return between(folded(at), 0, n - 1);
  }
  MT_INLINE Taps taps(Vec g) const {
    const Vec at = position(g), low = simd::floor(at), share = at - low, last(n - 1);
    Taps taps = {whole(between(low, 0, n - 1)), whole(between(low + 1.f, 0, n - 1)), Vec(1.f) - share, share};
    if constexpr (kPadding == GridPadding::kZeros) {
      taps.low_weight = simd::select((low >= Vec(0.f)) & (low <= last), taps.low_weight, Vec(0.f));
      taps.high_weight = simd::select(low + 1.f <= last, taps.high_weight, Vec(0.f));
    }
    return taps;
  }
  MT_INLINE Taps nearest(Vec g) const {
    const Vec at = simd::round(position(g));
    const simd::Mask inside = (at >= Vec(0.f)) & (at <= Vec(n - 1));
    const simd::Mask pixel = whole(between(at, 0, n - 1));
    return {pixel, pixel, simd::select(inside, Vec(1.f), Vec(0.f)), Vec(0.f)};
  }

 private:
  // Mirrored at both ends, over and over: about the outermost pixels' centres, or their outer edges.
  MT_INLINE Vec folded(Vec at) const {
    const float first = aligned ? 0 : -0.5f, span = aligned ? n - 1 : n;
    if (span <= 0) return Vec(0.f);
    const Vec distance = simd::abs(at - Vec(first)), folds = simd::floor(distance / Vec(span));
    const Vec rest = distance - folds * Vec(span), half = folds * 0.5f;
    return Vec(first) + simd::select(half == simd::floor(half), rest, Vec(span) - rest);
  }
};

MT_INLINE Vec gather(const float* from, simd::Mask index) {
#if defined(__AVX512F__)
  return Vec((Vec::Native)_mm512_i32gather_ps((__m512i)index, from, 4));
#elif defined(__AVX2__)
  return Vec((Vec::Native)_mm256_i32gather_ps(from, (__m256i)index, 4));
#else
  Vec values;
  for (int i = 0; i < kLanes; ++i) values.v[i] = from[index[i]];
  return values;
#endif
}

// The numbers 0, 1, 2 ... times step, from `first` on.
MT_INLINE Vec steps(float first, float step) {
  Vec v;
  for (int i = 0; i < kLanes; ++i) v.v[i] = first + static_cast<float>(i) * step;
  return v;
}

// Row i of picture n of the result, all channels.
template <GridPadding kPadding>
void sample_row(const View<const float, 4>& x, const float* map, const View<float, 4>& y,
                const GridRule& rule, int64_t n, int64_t i) {
  const int64_t channels = x.size[1], width = y.size[3], in = x.size[2] * x.size[3], out = y.size[2] * width;
  const Axis<kPadding> rows{static_cast<float>(x.size[2]), rule.aligned},
      columns{static_cast<float>(x.size[3]), rule.aligned};
  const float v = minitorch::grid_coordinate(i, y.size[2], rule.aligned),
              u = minitorch::grid_coordinate(0, width, rule.aligned),
              step = minitorch::grid_coordinate(1, width, rule.aligned) - u;
  const bool affine = map[6] == 0 && map[7] == 0 && map[8] == 1;
  const int across = static_cast<int>(x.size[3]);
  for (int64_t j = 0; j < width; j += kLanes) {
    const Vec at = Vec(u) + (steps(0, 1) + Vec(static_cast<float>(j))) * Vec(step);
    Vec to_x = at * Vec(map[0]) + Vec(map[1] * v + map[2]),
        to_y = at * Vec(map[3]) + Vec(map[4] * v + map[5]);
    if (!affine) {
      const Vec w = at * Vec(map[6]) + Vec(map[7] * v + map[8]);
      to_x = to_x / w;
      to_y = to_y / w;
    }
    const float* from = x.data + n * channels * in;
    float* to = y.data + n * channels * out + i * width + j;
    const int64_t count = std::min<int64_t>(kLanes, width - j);
    if (rule.mode == SampleMode::kNearest) {
      const Taps tx = columns.nearest(to_x), ty = rows.nearest(to_y);
      const simd::Mask pixel = ty.low * across + tx.low;
      const Vec weight = tx.low_weight * ty.low_weight;
      for (int64_t c = 0; c < channels; ++c)
        (gather(from + c * in, pixel) * weight).store(to + c * out, count);
      continue;
    }
    const Taps tx = columns.taps(to_x), ty = rows.taps(to_y);
    const simd::Mask above = ty.low * across, below = ty.high * across;
    const simd::Mask pixel[4] = {above + tx.low, above + tx.high, below + tx.low, below + tx.high};
    for (int64_t c = 0; c < channels; ++c) {
      const float* plane = from + c * in;
      const Vec upper = gather(plane, pixel[0]) * tx.low_weight + gather(plane, pixel[1]) * tx.high_weight;
      const Vec lower = gather(plane, pixel[2]) * tx.low_weight + gather(plane, pixel[3]) * tx.high_weight;
      (upper * ty.low_weight + lower * ty.high_weight).store(to + c * out, count);
    }
  }
}

}  // namespace

void sample_through(View<const float, 4> x, const MapRows* maps, View<float, 4> y, GridRule rule) {
  const int64_t height = y.size[2], grain = 1 + kGrain / (16 * (y.size[3] * (x.size[1] + 1)));
  parallel_for(y.size[0] * height, grain, [&](int64_t begin, int64_t end) {
    minitorch::with_padding(rule.padding, [&]<GridPadding kPadding>() {
      for (int64_t i = begin; i < end; ++i)
        sample_row<kPadding>(x, maps[i / height].m, y, rule, i / height, i % height);
    });
  });
}

void light(View<const float, 3> x, const LightChange* changes, View<float, 3> y) {
  const int64_t channels = x.size[1], plane = x.size[2];
  constexpr int64_t kPart = 4096;  // pixels that a thread takes at a time
  const int64_t parts = (plane + kPart - 1) / kPart;
  parallel_for(x.size[0] * parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / parts, at = i % parts * kPart, count = std::min(kPart, plane - at);
      const float* from = x.data + n * channels * plane + at;
      float* to = y.data + n * channels * plane + at;
      const LightChange& change = changes[n];
      if (change.grey != 0) {
        light_colours(from, change, to, plane, count);
        continue;
      }
      for (int64_t c = 0; c < channels; ++c, from += plane, to += plane)
        if (change.scale == 1 && change.offset == 0) std::memcpy(to, from, count * sizeof(float));
        else light_plane(from, change, to, count);
    }
  });
}

}  // namespace fastcore::kernels
