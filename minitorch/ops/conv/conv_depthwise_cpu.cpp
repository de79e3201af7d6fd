// SPDX-License-Identifier: MIT
// Depthwise convolution: every channel has one filter of its own, so there is no sum over channels to make a
// matrix product of. What costs here is the ends of rows and the borders, and one trick removes both:
//
// Planes are copied to a scratch memory with a gap of zeros behind every row and behind every plane. What
// lies left of a row are then the zeros that end the row above, so a tap of the filter is ONE constant offset
// for all pixels, a run of planes is one long row, and the loop
//
//     out[j] += w[tap] * in[offset[tap] + j]
//
// runs on over the ends of rows without a branch. The few values that it computes for the gaps are not copied
// back. With strides, a plane is split into its stride_h * stride_w phases, and each tap reads one of them.
// The gradient of the data is the same loop over dy, a phase of dx at a time; that of the weights its twin, a
// dot product. Small planes go another way (conv_depthwise_small_cpu.cpp).
#include <algorithm>
#include <vector>

#include "minitorch/core/parallel.h"
#include "minitorch/core/scratch.h"
#include "minitorch/ops/conv/conv_depthwise.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes, simd::Vec;

/// The taps of one filter: weights and where each reads.
struct Taps {
  int64_t count;
  const int64_t* offset;
  const float* weight;
};

// Vectors * kLanes outputs.
template <int Vectors>
void filter_step(const Taps& taps, float bias, const float* in, float* out) {
  Vec sum[Vectors];
#pragma GCC unroll 8
  for (int i = 0; i < Vectors; ++i) sum[i] = bias;
  for (int64_t t = 0; t < taps.count; ++t) {
    const Vec weight = taps.weight[t];
    const float* p = in + taps.offset[t];
#pragma GCC unroll 8
    for (int i = 0; i < Vectors; ++i) sum[i] = multiply_add(weight, Vec::load(p + i * kLanes), sum[i]);
  }
#pragma GCC unroll 8
  for (int i = 0; i < Vectors; ++i) sum[i].store(out + i * kLanes);
}

// out[j] = bias + sum over taps of weight[t] * in[offset[t] + j], in whole vectors. Eight independent sums
// hide the latency of the multiply-adds; the last step takes as many as are left.
void filter(int64_t length, const Taps& taps, float bias, const float* in, float* out) {
  constexpr int kMost = 8;
  static constexpr decltype(&filter_step<1>) kSteps[kMost] = {filter_step<1>, filter_step<2>, filter_step<3>,
                                                              filter_step<4>, filter_step<5>, filter_step<6>,
                                                              filter_step<7>, filter_step<8>};
  const int64_t vectors = (length + kLanes - 1) / kLanes, steps = (vectors + kMost - 1) / kMost;
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t first = vectors * s / steps, last = vectors * (s + 1) / steps;
    kSteps[last - first - 1](taps, bias, in + first * kLanes, out + first * kLanes);
  }
}

// The same for stride 1 and filters of Kh rows: tap (a, b) of output (y, x) reads in[(y + a) * pitch + x +
// b]. A vector of the input serves Kh rows of outputs, so that there are more multiply-adds than loads.
template <int Kh>
void filter_rows(int64_t rows, int64_t cols, int64_t pitch, int64_t kw, const float* w, float bias,
                 const float* in, float* out) {
  constexpr int kRows = PlaneRuns::kRows;
  for (int64_t y = 0; y < rows; y += kRows) {
    const int64_t row = std::min(y, rows - kRows);  // the last block computes some rows again
    for (int64_t x = 0; x < cols; x += kLanes) {
      Vec sum[kRows];
#pragma GCC unroll 8
      for (int i = 0; i < kRows; ++i) sum[i] = bias;
      for (int64_t b = 0; b < kw; ++b) {
        Vec weight[Kh];
#pragma GCC unroll 8
        for (int a = 0; a < Kh; ++a) weight[a] = w[a * kw + b];
        const float* p = in + row * pitch + x + b;
#pragma GCC unroll 16
        for (int r = 0; r < kRows + Kh - 1; ++r, p += pitch) {
          const Vec pixels = Vec::load(p);
#pragma GCC unroll 8
          for (int a = 0; a < Kh; ++a)
            if (r - a >= 0 && r - a < kRows) sum[r - a] = multiply_add(weight[a], pixels, sum[r - a]);
        }
      }
#pragma GCC unroll 8
      for (int i = 0; i < kRows; ++i) sum[i].store(out + (row + i) * pitch + x);
    }
  }
}

// sums[b] += sum over j < length of dy[j] * x[offset[b] + j], for Taps taps, in Parts vectors each.
template <int Taps, int Parts>
void correlate(int64_t length, const float* dy, const float* x, const int64_t* offset, Vec* sums) {
  Vec sum[Taps][Parts];
#pragma GCC unroll 9
  for (int b = 0; b < Taps; ++b) {
    sum[b][0] = sums[b];
#pragma GCC unroll 4
    for (int i = 1; i < Parts; ++i) sum[b][i] = 0.f;
  }
  int64_t j = 0;
  for (; j + Parts * kLanes <= length; j += Parts * kLanes)
#pragma GCC unroll 4
    for (int i = 0; i < Parts; ++i) {
      const Vec d = Vec::load(dy + j + i * kLanes);
#pragma GCC unroll 9
      for (int b = 0; b < Taps; ++b)
        sum[b][i] = multiply_add(d, Vec::load(x + offset[b] + j + i * kLanes), sum[b][i]);
    }
  for (; j < length; j += kLanes) {
    const Vec d = Vec::load(dy + j, std::min<int64_t>(kLanes, length - j));
#pragma GCC unroll 9
    for (int b = 0; b < Taps; ++b) sum[b][0] = multiply_add(d, Vec::load(x + offset[b] + j), sum[b][0]);
  }
#pragma GCC unroll 9
  for (int b = 0; b < Taps; ++b) {
#pragma GCC unroll 4
    for (int i = 1; i < Parts; ++i) sum[b][0] += sum[b][i];
    sums[b] = sum[b][0];
  }
}

// All taps of a filter: 9 at once, or 5 of a row, or one by one.
void correlate_filter(const Conv& c, int64_t length, const float* dy, const float* x, const int64_t* offset,
                      Vec* sums) {
  if (c.taps() == 9) return correlate<9, 1>(length, dy, x, offset, sums);
  const int64_t step = c.kw == 5 ? 5 : 1;
  const auto some = c.kw == 5 ? correlate<5, 2> : correlate<1, 4>;
  for (int64_t t = 0; t < c.taps(); t += step) some(length, dy, x, offset + t, sums + t);
}

// Calls body(memory, image, first channel, number of channels) for every run of every image, in the order in
// which they lie, shared out among the threads.
template <class Memory, class Body>
void each_run(const Conv& c, const PlaneRuns& runs, Body&& body) {
  const int64_t per_image = (c.ci + runs.planes - 1) / runs.planes;
  parallel_for(c.n * per_image, 1 + 4096 / (runs.planes * runs.plane), [&](int64_t begin, int64_t end) {
    Memory memory(c, runs);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t n = i / per_image, first = i % per_image * runs.planes;
      body(memory, n, first, std::min(runs.planes, c.ci - first));
    }
  });
}

struct Memory {
  PlaneScratch x, y;
  std::vector<float> weights;
  Memory(const Conv& c, const PlaneRuns& runs) : x(runs, c.sh * c.sw), y(runs, 1), weights(c.taps()) {}
};

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  const PlaneRuns runs(c);
  const auto offsets = runs.taps();
  each_run<Memory>(c, runs, [&](Memory& m, int64_t n, int64_t first, int64_t planes) {
    runs.put_x(m.x.data(), x + n * c.x_image + first * c.x_plane(), planes);
    for (int64_t i = 0; i < planes; ++i) {
      const float* weights = w + (first + i) * c.taps();
      const float b = bias ? bias[first + i] : 0.f;
      float *in = m.x.data() + i * runs.plane, *out = m.y.data() + i * runs.plane;
      if (!runs.by_rows) filter(runs.y_length(), {c.taps(), offsets.data(), weights}, b, in, out);
      else if (c.kh == 3) filter_rows<3>(c.oh, c.ow, runs.pitch, c.kw, weights, b, in + offsets[0], out);
      else filter_rows<5>(c.oh, c.ow, runs.pitch, c.kw, weights, b, in + offsets[0], out);
    }
    runs.get_y(y + n * c.y_image + first * c.y_plane(), m.y.data(), planes);
  });
}

void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  const PlaneRuns runs(c);
  const auto phases = runs.gradient_phases();
  each_run<Memory>(c, runs, [&](Memory& m, int64_t n, int64_t first, int64_t planes) {
    runs.put_y(m.y.data(), dy + n * c.y_image + first * c.y_plane(), planes);
    for (const auto& phase : phases)
      for (int64_t i = 0; i < planes; ++i) {
        const int64_t count = static_cast<int64_t>(phase.tap.size());
        float *in = m.y.data() + i * runs.plane, *out = m.x.data() + phase.start + i * runs.plane;
        for (int64_t t = 0; t < count; ++t) m.weights[t] = w[(first + i) * c.taps() + phase.tap[t]];
        if (!runs.by_rows) filter(phase.length, {count, phase.offset.data(), m.weights.data()}, 0.f, in, out);
        else if (c.kh == 3)
          filter_rows<3>(c.h, c.w, runs.pitch, c.kw, m.weights.data(), 0.f, in + phase.offset[0], out);
        else filter_rows<5>(c.h, c.w, runs.pitch, c.kw, m.weights.data(), 0.f, in + phase.offset[0], out);
      }
    runs.get_x(dx + n * c.x_image + first * c.x_plane(), m.x.data(), planes);
  });
}

// A thread owns some channels and sums over all images in order.
void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const PlaneRuns runs(c);
  const auto offsets = runs.taps();
  parallel_for((c.ci + runs.planes - 1) / runs.planes, 1, [&](int64_t begin, int64_t end) {
    Memory m(c, runs);
    std::vector<Vec> sums(runs.planes * c.taps());
    for (int64_t r = begin; r < end; ++r) {
      const int64_t first = r * runs.planes, planes = std::min(runs.planes, c.ci - first);
      std::fill(sums.begin(), sums.end(), Vec(0.f));
      for (int64_t n = 0; n < c.n; ++n) {
        runs.put_x(m.x.data(), x + n * c.x_image + first * c.x_plane(), planes);
        runs.put_y(m.y.data(), dy + n * c.y_image + first * c.y_plane(), planes);
        for (int64_t i = 0; i < planes; ++i)
          correlate_filter(c, runs.y_length(), m.y.data() + i * runs.plane, m.x.data() + i * runs.plane,
                           offsets.data(), &sums[i * c.taps()]);
      }
      for (int64_t i = 0; i < planes * c.taps(); ++i) dw[first * c.taps() + i] = simd::sum(sums[i]);
    }
  });
}

bool handles(const Conv2dShape& s) { return s.groups == s.ci && s.co == s.ci && s.ci > 1; }

}  // namespace

const ConvStrategy kConvDepthwise{"depthwise", true, handles, forward, backward_data, backward_weights};

}  // namespace minitorch::cpu
