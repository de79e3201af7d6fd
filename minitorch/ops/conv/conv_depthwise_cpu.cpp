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
// dot product.
#include <algorithm>
#include <vector>

#include "minitorch/core/parallel.h"
#include "minitorch/core/scratch.h"
#include "minitorch/ops/conv/conv_depthwise.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes, simd::Vec;

// out[j] = bias + sum over taps of w[t] * in[offset[t] + j], in steps of four vectors: up to 4 kLanes - 1 too
// many.
void filter(int64_t length, const std::vector<int64_t>& offset, const float* w, float bias, const float* in,
            float* out) {
  const int taps = static_cast<int>(offset.size());
  for (int64_t j = 0; j < length; j += 4 * kLanes) {
    Vec sum[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) sum[i] = bias;
    for (int t = 0; t < taps; ++t) {
      const Vec weight = w[t];
      const float* p = in + offset[t] + j;
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sum[i] = multiply_add(weight, Vec::load(p + i * kLanes), sum[i]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) sum[i].store(out + j + i * kLanes);
  }
}

// sums[b] += sum over j < length of dy[j] * x[offset[b] + j], for the Taps taps of one row of the filter.
template <int Taps>
void correlate(int64_t length, const float* dy, const float* x, const int64_t* offset, Vec* sums) {
  Vec sum[Taps][2];
  const float* p[Taps];
#pragma GCC unroll 8
  for (int b = 0; b < Taps; ++b) sum[b][0] = sums[b], sum[b][1] = Vec(0.f), p[b] = x + offset[b];
  int64_t j = 0;
  for (; j + 2 * kLanes <= length; j += 2 * kLanes) {
    const Vec d0 = Vec::load(dy + j), d1 = Vec::load(dy + j + kLanes);
#pragma GCC unroll 8
    for (int b = 0; b < Taps; ++b) {
      sum[b][0] = multiply_add(d0, Vec::load(p[b] + j), sum[b][0]);
      sum[b][1] = multiply_add(d1, Vec::load(p[b] + j + kLanes), sum[b][1]);
    }
  }
  for (; j < length; j += kLanes) {
    const Vec d = Vec::load(dy + j, std::min<int64_t>(kLanes, length - j));
#pragma GCC unroll 8
    for (int b = 0; b < Taps; ++b) sum[b][0] = multiply_add(d, Vec::load(p[b] + j), sum[b][0]);
  }
#pragma GCC unroll 8
  for (int b = 0; b < Taps; ++b) sums[b] = sum[b][0] + sum[b][1];
}

void correlate_row(int64_t taps, int64_t length, const float* dy, const float* x, const int64_t* offset,
                   Vec* sums) {
  if (taps == 3) return correlate<3>(length, dy, x, offset, sums);
  if (taps == 5) return correlate<5>(length, dy, x, offset, sums);
  for (int64_t b = 0; b < taps; ++b) correlate<1>(length, dy, x, offset + b, sums + b);
}

// Calls body(first channel, number of channels) for all runs of channels, shared out among the threads.
template <class Scratches, class Body>
void each_run(const PlaneRuns& runs, int64_t channels, Scratches&& scratches, Body&& body) {
  parallel_for((channels + runs.planes - 1) / runs.planes, 1, [&](int64_t begin, int64_t end) {
    auto memory = scratches();
    for (int64_t r = begin; r < end; ++r) {
      const int64_t first = r * runs.planes;
      body(memory, first, std::min(runs.planes, channels - first));
    }
  });
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  const PlaneRuns runs(c);
  const auto offsets = runs.taps();
  struct Memory {
    PlaneScratch in, out;
  };
  each_run(
      runs, c.ci,
      [&] {
        return Memory{PlaneScratch(runs, c.sh * c.sw), PlaneScratch(runs, 1)};
      },
      [&](Memory& m, int64_t first, int64_t planes) {
        for (int64_t n = 0; n < c.n; ++n) {
          runs.put_x(m.in.data(), x + n * c.x_image + first * c.x_plane(), planes);
          for (int64_t i = 0; i < planes; ++i)
            filter(runs.y_length(), offsets, w + (first + i) * c.taps(), bias ? bias[first + i] : 0.f,
                   m.in.data() + i * runs.plane, m.out.data() + i * runs.plane);
          runs.get_y(y + n * c.y_image + first * c.y_plane(), m.out.data(), planes);
        }
      });
}

void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  const PlaneRuns runs(c);
  const auto phases = runs.gradient_phases();
  struct Memory {
    PlaneScratch dy, dx;
    std::vector<float> weights;
  };
  each_run(
      runs, c.ci,
      [&] {
        return Memory{PlaneScratch(runs, 1), PlaneScratch(runs, c.sh * c.sw), std::vector<float>(c.taps())};
      },
      [&](Memory& m, int64_t first, int64_t planes) {
        for (int64_t n = 0; n < c.n; ++n) {
          runs.put_y(m.dy.data(), dy + n * c.y_image + first * c.y_plane(), planes);
          for (const auto& phase : phases)
            for (int64_t i = 0; i < planes; ++i) {
              for (std::size_t t = 0; t < phase.tap.size(); ++t)
                m.weights[t] = w[(first + i) * c.taps() + phase.tap[t]];
              filter(phase.length, phase.offset, m.weights.data(), 0.f, m.dy.data() + i * runs.plane,
                     m.dx.data() + phase.start + i * runs.plane);
            }
          runs.get_x(dx + n * c.x_image + first * c.x_plane(), m.dx.data(), planes);
        }
      });
}

void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const PlaneRuns runs(c);
  const auto offsets = runs.taps();
  struct Memory {
    PlaneScratch x, dy;
  };
  each_run(
      runs, c.ci,
      [&] {
        return Memory{PlaneScratch(runs, c.sh * c.sw), PlaneScratch(runs, 1)};
      },
      [&](Memory& m, int64_t first, int64_t planes) {
        std::vector<Vec> sums(planes * c.taps(), Vec(0.f));  // over all images, in order, by one thread
        for (int64_t n = 0; n < c.n; ++n) {
          runs.put_x(m.x.data(), x + n * c.x_image + first * c.x_plane(), planes);
          runs.put_y(m.dy.data(), dy + n * c.y_image + first * c.y_plane(), planes);
          for (int64_t i = 0; i < planes; ++i)
            for (int64_t a = 0; a < c.kh; ++a)
              correlate_row(c.kw, runs.y_length(), m.dy.data() + i * runs.plane, m.x.data() + i * runs.plane,
                            &offsets[a * c.kw], &sums[i * c.taps() + a * c.kw]);
        }
        for (int64_t i = 0; i < planes * c.taps(); ++i) dw[first * c.taps() + i] = simd::sum(sums[i]);
      });
}

bool handles(const Conv2dShape& s) { return s.groups == s.ci && s.co == s.ci && s.ci > 1; }

}  // namespace

const ConvStrategy kConvDepthwise{"depthwise", true, handles, forward, backward_data, backward_weights};

}  // namespace minitorch::cpu
