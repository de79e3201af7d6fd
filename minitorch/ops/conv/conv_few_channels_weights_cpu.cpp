// SPDX-License-Identifier: MIT
// The gradient of the weights for few channels: dw[o][i][tap] = sum over images and pixels of dy[o] * x[i],
// moved by the tap. Images lie in lanes (conv_few_channels_cpu.cpp), so a tile of output and input channels
// is a number of running sums in registers over vectors of dy and x; the lanes are added up once per tile and
// block.
#include <array>
#include <utility>

#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_few_channels.h"

namespace minitorch::cpu::few_channels {
namespace {

/// A loop of `count` steps through dy and x.
struct Loop {
  int64_t count, dy_step, x_step;
};
/// Where one tap's products lie: rows, columns and images of a grid, in three nested loops, the longest
/// innermost.
struct Overlap {
  const float *dy, *x;
  int64_t dy_channel, x_channel;
  Loop loops[3];
};

// sums[j][0..kRows), vectors, += sum over the grid of dy[kRows channels] * x[channel j], for Cols input
// channels.
template <int Cols>
void correlate(const Overlap& o, float* sums, int64_t sums_channel) {
  Vec sum[Cols][kRows];
#pragma GCC unroll 4
  for (int j = 0; j < Cols; ++j)
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) sum[j][i] = Vec::load(sums + j * sums_channel + i * kLanes);
  const Loop inner = o.loops[2];
  for (int64_t r = 0; r < o.loops[0].count; ++r)
    for (int64_t q = 0; q < o.loops[1].count; ++q) {
      const float* d = o.dy + r * o.loops[0].dy_step + q * o.loops[1].dy_step;
      const float* p = o.x + r * o.loops[0].x_step + q * o.loops[1].x_step;
      for (int64_t l = 0; l < inner.count; ++l, d += inner.dy_step, p += inner.x_step) {
        Vec x[Cols];
#pragma GCC unroll 4
        for (int j = 0; j < Cols; ++j) x[j] = Vec::load(p + j * o.x_channel);
#pragma GCC unroll 8
        for (int i = 0; i < kRows; ++i) {
          const Vec y = Vec::load(d + i * o.dy_channel);
#pragma GCC unroll 4
          for (int j = 0; j < Cols; ++j) sum[j][i] = multiply_add(y, x[j], sum[j][i]);
        }
      }
    }
#pragma GCC unroll 4
  for (int j = 0; j < Cols; ++j)
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) sum[j][i].store(sums + j * sums_channel + i * kLanes);
}

// The outputs along one axis for which tap t reads inside the image: [first, last).
std::pair<int64_t, int64_t> inside(int64_t t, int64_t in, int64_t out, int64_t stride, int64_t pad,
                                   int64_t dilation) {
  const int64_t start = t * dilation - pad;  // the input that output 0 reads
  const int64_t first = start >= 0 ? 0 : (-start + stride - 1) / stride;
  const int64_t last = start >= in ? 0 : std::min(out, (in - 1 - start) / stride + 1);
  return {first, std::max(first, last)};
}

// Adds one block to sums[input channel][tap][output channel, rounded up to kRows][lane]. A tile of channels
// is visited for all taps while its rows of dy and x are in the first-level cache.
void correlate_block(const Conv& c, int64_t lanes, const float* x, const float* dy, float* sums) {
  constexpr int64_t kFloats = 6144, kLine = 16;  // of dy and x at a time, in whole cache lines
  const int64_t outs = round_up(c.co, kRows), per_row = kRows * c.ow + kCols * c.w * c.sh;
  const int64_t rows = std::clamp<int64_t>(kFloats / (per_row * kLine), 1, c.oh);
  const int64_t some =
      std::clamp<int64_t>(kFloats / (per_row * rows) / kLine * kLine, std::min(kLine, lanes), lanes);
  for (int64_t l = 0; l < lanes; l += some)
    for (int64_t r0 = 0; r0 < c.oh; r0 += rows)
      for (int64_t o = 0; o < outs; o += kRows)
        for (int64_t i = 0; i < c.ci; i += kCols)
          for (int64_t a = 0; a < c.kh; ++a)
            for (int64_t b = 0; b < c.kw; ++b) {
              auto [y0, y1] = inside(a, c.h, c.oh, c.sh, c.top, c.dh);
              const auto [x0, x1] = inside(b, c.w, c.ow, c.sw, c.left, c.dw);
              y0 = std::max(y0, r0), y1 = std::min(y1, r0 + rows);
              if (y0 >= y1 || x0 >= x1) continue;
              const int64_t in_y = y0 * c.sh - c.top + a * c.dh, in_x = x0 * c.sw - c.left + b * c.dw;
              Overlap overlap{dy + ((o * c.oh + y0) * c.ow + x0) * lanes + l,
                              x + ((i * c.h + in_y) * c.w + in_x) * lanes + l,
                              c.y_plane() * lanes,
                              c.x_plane() * lanes,
                              {{y1 - y0, c.ow * lanes, c.sh * c.w * lanes},
                               {x1 - x0, lanes, c.sw * lanes},
                               {std::min(some, lanes - l) / kLanes, kLanes, kLanes}}};
              if (overlap.loops[2].count < overlap.loops[1].count)
                std::swap(overlap.loops[1], overlap.loops[2]);
              float* to = sums + ((i * c.taps() + a * c.kw + b) * outs + o) * kLanes;
              const int64_t channels = std::min<int64_t>(kCols, c.ci - i);
              if (channels == kCols) correlate<kCols>(overlap, to, c.taps() * outs * kLanes);
              else if (channels == 1) correlate<1>(overlap, to, c.taps() * outs * kLanes);
              else correlate<2>(overlap, to, c.taps() * outs * kLanes);
            }
}

}  // namespace

void backward_weights_by_images(const Conv& c, const float* x, const float* dy, float* dw) {
  const int64_t lanes = block_images(c), blocks = (c.n + lanes - 1) / lanes, depth = c.ci * c.taps();
  const int64_t outs = round_up(c.co, kRows), size = depth * outs * kLanes;
  const int64_t parts =
      std::min<int64_t>(blocks, 4);  // of the sum: a fixed number, whatever the number of threads
  Scratch sums(parts * size);
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    Scratch xs(c.ci * c.x_plane() * lanes), ys(outs * c.y_plane() * lanes);
    std::fill_n(ys.data() + c.co * c.y_plane() * lanes, (outs - c.co) * c.y_plane() * lanes, 0.f);
    std::fill(sums.data() + begin * size, sums.data() + end * size, 0.f);
    for (int64_t part = begin; part < end; ++part)
      for (int64_t b = blocks * part / parts; b < blocks * (part + 1) / parts; ++b) {
        const int64_t first = b * lanes, images = std::min(lanes, c.n - first);
        to_lanes(ys.data(), dy + first * c.y_image, c.y_image, images, c.co * c.y_plane(), lanes, lanes);
        to_lanes(xs.data(), x + first * c.x_image, c.x_image, images, c.ci * c.x_plane(), lanes, lanes);
        correlate_block(c, lanes, xs.data(), ys.data(), sums.data() + part * size);
      }
  });
  parallel_for(depth, 1 + 4096 / outs, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k)
      for (int64_t o = 0; o < outs; o += kRows) {
        Vec sum[kRows];
        float totals[kRows];
        for (int i = 0; i < kRows; ++i) sum[i] = 0.f;
        for (int64_t part = 0; part < parts; ++part)
          for (int i = 0; i < kRows; ++i)
            sum[i] += Vec::load(sums.data() + part * size + ((k * outs) + o + i) * kLanes);
        simd::sum_lanes(sum, totals);
        for (int64_t i = 0; i < std::min<int64_t>(kRows, c.co - o); ++i) dw[(o + i) * depth + k] = totals[i];
      }
  });
}

}  // namespace minitorch::cpu::few_channels
