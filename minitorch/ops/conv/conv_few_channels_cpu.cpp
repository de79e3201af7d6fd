// SPDX-License-Identifier: MIT
// Convolution of many images with few channels, vectorised over the images.
//
// With 1 to 16 channels and small planes, packing and the edges of tiles cost more than the products. Here a
// block of images is transposed to [channel][y][x][image] instead, so that a vector holds one pixel of kLanes
// images. Then nothing is left to be ragged: a tap of a filter is "multiply a vector by one number", borders
// are taps that are not there, strides are other offsets, and odd widths do not matter.
//
// Each output pixel has a short list of (place of the input pixel, place of the weight). Forward and the
// gradient of the data are the same loop over different lists. The gradient of the weights multiplies vectors
// of dy by vectors of x, and sums the lanes once per tile. A block's x and y together fill about half of the
// second-level cache.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "minitorch/core/parallel.h"
#include "minitorch/core/scratch.h"
#include "minitorch/core/simd_shuffle.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes, simd::Vec;

// Register tiles: kRows channels x 2 vectors of images, and kRows x kCols channels of dw.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRows = 8, kCols = 3;  // 32 registers
#else
constexpr int kRows = 4, kCols = 2;  // 16
#endif
constexpr int kVectors = 2, kStep = kVectors * kLanes;
constexpr int64_t kMostTaps = 64;

int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

/// Images of one block: x, y and the padding to whole vectors. At least four blocks, so that threads have
/// work.
int64_t block_images(const Conv& c) {
  constexpr int64_t kFloats = 131'072;
  const int64_t fit = kFloats / (c.ci * c.x_plane() + c.co * c.y_plane()) / kStep * kStep;
  return std::max<int64_t>(kStep, std::min(fit, round_up((c.n + 3) / 4, kStep)));
}

// ----- between (image, element) and (element, lane) -----

void to_lanes(float* to, const float* from, int64_t image, int64_t images, int64_t elements, int64_t lanes) {
  for (int64_t e = 0; e < elements; e += kLanes)
    for (int64_t l = 0; l < lanes; l += kLanes) {
      const int64_t rows = std::clamp<int64_t>(images - l, 0, kLanes),
                    n = std::min<int64_t>(kLanes, elements - e);
      Vec r[kLanes];
      if (rows == kLanes && n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) r[i] = Vec::load(from + (l + i) * image + e);
      } else {
        for (int i = 0; i < kLanes; ++i)
          r[i] = i < rows ? Vec::load(from + (l + i) * image + e, n) : Vec(0.f);
      }
      simd::transpose(r);
      if (n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) r[i].store(to + (e + i) * lanes + l);
      } else {
        for (int i = 0; i < n; ++i) r[i].store(to + (e + i) * lanes + l);
      }
    }
}

void from_lanes(float* to, const float* from, int64_t image, int64_t images, int64_t elements,
                int64_t lanes) {
  for (int64_t l = 0; l < images; l += kLanes) {
    const int64_t rows = std::min<int64_t>(kLanes, images - l);
    int64_t e = 0;
    for (; rows == kLanes && e + kLanes <= elements; e += kLanes) {
      Vec r[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) r[i] = Vec::load(from + (e + i) * lanes + l);
      simd::transpose(r);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) r[i].store(to + (l + i) * image + e);
    }
    for (; e < elements; ++e)
      for (int64_t i = 0; i < rows; ++i) to[(l + i) * image + e] = from[e * lanes + l + i];
  }
}

// ----- forward and the gradient of the data -----

/// One direction of a convolution: `out` pixels gather from `in` pixels.
struct Gather {
  int64_t in_channels, in_h, in_w, out_channels, out_h, out_w, kh, kw;
  // Along y and x, for each output position: which taps reach it, and from which input position.
  struct Reach {
    int64_t tap, from;
  };
  std::vector<std::vector<Reach>> y, x;
};

// Tables, because a division per tap would cost more than its multiplications.
std::vector<std::vector<Gather::Reach>> reach(bool forward, int64_t in, int64_t out, int64_t k,
                                              int64_t stride, int64_t pad, int64_t dilation) {
  std::vector<std::vector<Gather::Reach>> table(out);
  for (int64_t o = 0; o < out; ++o)
    for (int64_t t = 0; t < k; ++t) {
      int64_t from = forward ? o * stride - pad + t * dilation : o + pad - t * dilation;
      if (!forward && from % stride != 0) continue;
      if (!forward) from /= stride;
      if (from >= 0 && from < in) table[o].push_back({t, from});
    }
  return table;
}

Gather gather_of(const Conv& c, bool forward) {
  if (forward)
    return {c.ci,
            c.h,
            c.w,
            c.co,
            c.oh,
            c.ow,
            c.kh,
            c.kw,
            reach(true, c.h, c.oh, c.kh, c.sh, c.top, c.dh),
            reach(true, c.w, c.ow, c.kw, c.sw, c.left, c.dw)};
  return {c.co,
          c.oh,
          c.ow,
          c.ci,
          c.h,
          c.w,
          c.kh,
          c.kw,
          reach(false, c.oh, c.h, c.kh, c.sh, c.top, c.dh),
          reach(false, c.ow, c.w, c.kw, c.sw, c.left, c.dw)};
}

// w[o * out_step + i * in_step + t] as [tile of kRows output channels][input channel][tap][row].
std::vector<float> pack_weights(const float* w, int64_t out, int64_t in, int64_t taps, int64_t out_step,
                                int64_t in_step) {
  std::vector<float> packed;
  packed.reserve(round_up(out, kRows) * in * taps);
  for (int64_t o = 0; o < out; o += kRows)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t t = 0; t < taps; ++t)
        for (int64_t r = 0; r < kRows; ++r)
          packed.push_back(o + r < out ? w[(o + r) * out_step + i * in_step + t] : 0.f);
  return packed;
}

struct Taps {
  int count = 0;
  int64_t x[kMostTaps], w[kMostTaps];
};

// Rows output channels of one pixel, kStep images.
template <int Rows>
void gather_pixel(const Taps& taps, int64_t channels, const float* x, int64_t x_step, const float* w,
                  int64_t w_step, const float* bias, float* out, int64_t out_step) {
  Vec sum[Rows][kVectors];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) sum[i][j] = bias ? bias[i] : 0.f;
  for (int64_t c = 0; c < channels; ++c, x += x_step, w += w_step)
    for (int t = 0; t < taps.count; ++t) {
      const float *pixel = x + taps.x[t], *weight = w + taps.w[t];
      Vec v[kVectors];
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) v[j] = Vec::load(pixel + j * kLanes);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; ++j) sum[i][j] = multiply_add(weight[i], v[j], sum[i][j]);
    }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) sum[i][j].store(out + i * out_step + j * kLanes);
}

using PixelKernel = decltype(&gather_pixel<1>);
template <int... I>
constexpr std::array<PixelKernel, kRows> pixel_kernels(std::integer_sequence<int, I...>) {
  return {gather_pixel<I + 1>...};
}
constexpr auto kPixelKernels = pixel_kernels(std::make_integer_sequence<int, kRows>{});

void gather_block(const Gather& g, int64_t lanes, const float* in, const float* weights, const float* bias,
                  float* out) {
  const int64_t x_step = g.in_h * g.in_w * lanes, w_step = g.kh * g.kw * kRows,
                out_step = g.out_h * g.out_w * lanes;
  Taps taps;
  for (int64_t y = 0; y < g.out_h; ++y)
    for (int64_t x = 0; x < g.out_w; ++x) {
      taps.count = 0;
      for (const auto& ry : g.y[y])
        for (const auto& rx : g.x[x]) {
          taps.x[taps.count] = (ry.from * g.in_w + rx.from) * lanes;
          taps.w[taps.count++] = (ry.tap * g.kw + rx.tap) * kRows;
        }
      for (int64_t o = 0; o < g.out_channels; o += kRows) {
        const PixelKernel kernel = kPixelKernels[std::min<int64_t>(kRows, g.out_channels - o) - 1];
        for (int64_t l = 0; l < lanes; l += kStep)
          kernel(taps, g.in_channels, in + l, x_step, weights + o * g.in_channels * g.kh * g.kw, w_step,
                 bias ? bias + o : nullptr, out + ((o * g.out_h + y) * g.out_w + x) * lanes + l, out_step);
      }
    }
}

void gather_images(const Conv& c, bool forward, const float* in, int64_t in_image, const float* w,
                   const float* bias, float* out, int64_t out_image) {
  const Gather g = gather_of(c, forward);
  const auto weights = forward ? pack_weights(w, c.co, c.ci, c.taps(), c.ci * c.taps(), c.taps())
                               : pack_weights(w, c.ci, c.co, c.taps(), c.taps(), c.ci * c.taps());
  const int64_t lanes = block_images(c), ins = g.in_channels * g.in_h * g.in_w,
                outs = g.out_channels * g.out_h * g.out_w;
  parallel_for((c.n + lanes - 1) / lanes, 1, [&](int64_t begin, int64_t end) {
    Scratch x(ins * lanes), y(outs * lanes);
    for (int64_t b = begin; b < end; ++b) {
      const int64_t first = b * lanes, images = std::min(lanes, c.n - first);
      to_lanes(x.data(), in + first * in_image, in_image, images, ins, lanes);
      gather_block(g, lanes, x.data(), weights.data(), bias, y.data());
      from_lanes(out + first * out_image, y.data(), out_image, images, outs, lanes);
    }
  });
}

// ----- the gradient of the weights -----

/// Where one tap's products lie: a grid of rows x cols pixels of dy and of x, `lanes` images each.
struct Overlap {
  int64_t rows, cols, lanes;
  const float *dy, *x;
  int64_t dy_row, dy_col, dy_channel, x_row, x_col, x_channel;
};

// dw[j][0..kRows) += sum over the grid of dy[kRows channels] * x[channel j], Cols input channels.
template <int Cols>
void correlate(const Overlap& o, float* dw, int64_t dw_channel) {
  Vec sum[Cols][kRows];
#pragma GCC unroll 4
  for (int j = 0; j < Cols; ++j)
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) sum[j][i] = Vec(0.f);
  for (int64_t r = 0; r < o.rows; ++r)
    for (int64_t q = 0; q < o.cols; ++q) {
      const float *d = o.dy + r * o.dy_row + q * o.dy_col, *p = o.x + r * o.x_row + q * o.x_col;
      for (int64_t l = 0; l < o.lanes; l += kLanes) {
        Vec x[Cols];
#pragma GCC unroll 4
        for (int j = 0; j < Cols; ++j) x[j] = Vec::load(p + j * o.x_channel + l);
#pragma GCC unroll 8
        for (int i = 0; i < kRows; ++i) {
          const Vec y = Vec::load(d + i * o.dy_channel + l);
#pragma GCC unroll 4
          for (int j = 0; j < Cols; ++j) sum[j][i] = multiply_add(y, x[j], sum[j][i]);
        }
      }
    }
#pragma GCC unroll 4
  for (int j = 0; j < Cols; ++j) {
    float sums[kRows];
    simd::sum_lanes(sum[j], sums);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) dw[j * dw_channel + i] += sums[i];
  }
}

// The outputs along one axis for which tap t reads inside the image: [first, last).
std::pair<int64_t, int64_t> inside(int64_t t, int64_t in, int64_t out, int64_t stride, int64_t pad,
                                   int64_t dilation) {
  const int64_t start = t * dilation - pad;  // the input that output 0 reads
  const int64_t first = start >= 0 ? 0 : (-start + stride - 1) / stride;
  const int64_t last = start >= in ? 0 : std::min(out, (in - 1 - start) / stride + 1);
  return {first, std::max(first, last)};
}

// Adds one block to dw[input channel][tap][output channel, rounded up to kRows]. A tile of channels is
// visited for all taps while its rows of dy and x are in the first-level cache.
void correlate_block(const Conv& c, int64_t lanes, const float* x, const float* dy, float* dw) {
  constexpr int64_t kFloats = 6144;  // of dy and x at a time
  const int64_t outs = round_up(c.co, kRows), per_row = kRows * c.ow + kCols * c.w * c.sh;
  const int64_t rows = std::clamp<int64_t>(kFloats / (per_row * kLanes), 1, c.oh);
  const int64_t some = std::clamp<int64_t>(kFloats / (per_row * rows) / kLanes * kLanes, kLanes, lanes);
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
              const Overlap overlap{y1 - y0,
                                    x1 - x0,
                                    std::min(some, lanes - l),
                                    dy + ((o * c.oh + y0) * c.ow + x0) * lanes + l,
                                    x + ((i * c.h + in_y) * c.w + in_x) * lanes + l,
                                    c.ow * lanes,
                                    lanes,
                                    c.y_plane() * lanes,
                                    c.sh * c.w * lanes,
                                    c.sw * lanes,
                                    c.x_plane() * lanes};
              float* to = dw + (i * c.taps() + a * c.kw + b) * outs + o;
              const int64_t channels = std::min<int64_t>(kCols, c.ci - i);
              if (channels == kCols) correlate<kCols>(overlap, to, c.taps() * outs);
              else if (channels == 1) correlate<1>(overlap, to, c.taps() * outs);
              else correlate<2>(overlap, to, c.taps() * outs);
            }
}

void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const int64_t lanes = block_images(c), blocks = (c.n + lanes - 1) / lanes;
  const int64_t outs = round_up(c.co, kRows), size = c.ci * c.taps() * outs;
  const int64_t parts =
      std::min<int64_t>(blocks, 4);  // of the sum: a fixed number, whatever the number of threads
  Scratch sums(parts * size);
  std::fill_n(sums.data(), parts * size, 0.f);
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    Scratch xs(c.ci * c.x_plane() * lanes), ys(outs * c.y_plane() * lanes);
    std::fill_n(ys.data() + c.co * c.y_plane() * lanes, (outs - c.co) * c.y_plane() * lanes, 0.f);
    for (int64_t part = begin; part < end; ++part)
      for (int64_t b = blocks * part / parts; b < blocks * (part + 1) / parts; ++b) {
        const int64_t first = b * lanes, images = std::min(lanes, c.n - first);
        to_lanes(ys.data(), dy + first * c.y_image, c.y_image, images, c.co * c.y_plane(), lanes);
        to_lanes(xs.data(), x + first * c.x_image, c.x_image, images, c.ci * c.x_plane(), lanes);
        correlate_block(c, lanes, xs.data(), ys.data(), sums.data() + part * size);
      }
  });
  for (int64_t o = 0; o < c.co; ++o)
    for (int64_t k = 0; k < c.ci * c.taps(); ++k) {
      float sum = 0;
      for (int64_t part = 0; part < parts; ++part) sum += sums[part * size + k * outs + o];
      dw[o * c.ci * c.taps() + k] = sum;
    }
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  gather_images(c, true, x, c.x_image, w, bias, y, c.y_image);
}
void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  gather_images(c, false, dy, c.y_image, w, nullptr, dx, c.x_image);
}

}  // namespace

const ConvStrategy kConvFewChannels{
    "few_channels", false,         [](const Conv2dShape& s) { return s.kh * s.kw <= kMostTaps; },
    forward,        backward_data, backward_weights};

}  // namespace minitorch::cpu
