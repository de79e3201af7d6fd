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
#include "minitorch/ops/conv/conv_few_channels.h"
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::cpu {
namespace few_channels {
namespace {

/// One direction of a convolution: `out` pixels gather from `in` pixels.
struct Gather {
  int64_t in_channels, in_h, in_w, out_channels, out_h, out_w, kh, kw;
  std::vector<std::vector<Reach>> y, x;
};

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

/// The weight of output channel o, input channel c and tap t lies at
/// data + o / kRows * tile + o % kRows * row + c * channel + t * tap.
struct Weights {
  const float* data;
  int64_t tile, row, channel, tap;
};

// Floats of a tile of packed weights, with room for what pack_strip writes behind its end.
int64_t packed_tile(int64_t in, int64_t taps) { return in * taps * kRows + kLanes; }

// w[o][i][t] as [tile of kRows output channels][input channel][tap][row]: where rows lie far apart, each
// would take a cache line of its own.
Weights pack_weights(const float* w, int64_t out, int64_t in, int64_t taps, float* packed) {
  parallel_for((out + kRows - 1) / kRows, 1 + 4096 / (in * taps), [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t o = tile * kRows, rows = std::min<int64_t>(kRows, out - o);
      gemm::pack_strip<kRows>(packed + tile * packed_tile(in, taps), {w + o * in * taps, in * taps, 1}, rows,
                              in * taps);
    }
  });
  return {packed, packed_tile(in, taps), 1, taps * kRows, kRows};
}

struct Taps {
  int count = 0;
  int64_t x[kMostTaps], w[kMostTaps];
};

// Rows output channels of one pixel, kStep images.
template <int Rows>
void gather_pixel(const Taps& taps, int64_t channels, const float* x, int64_t x_step, const Weights& w,
                  const float* bias, float* out, int64_t out_step) {
  const float* weights = w.data;
  const int64_t row = w.row;
  Vec sum[Rows][kVectors];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) sum[i][j] = bias ? bias[i] : 0.f;
  for (int64_t c = 0; c < channels; ++c, x += x_step, weights += w.channel)
    for (int t = 0; t < taps.count; ++t) {
      const float *pixel = x + taps.x[t], *weight = weights + taps.w[t];
      Vec v[kVectors];
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) v[j] = Vec::load(pixel + j * kLanes);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; ++j) sum[i][j] = multiply_add(weight[i * row], v[j], sum[i][j]);
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

// Output channels [first, last) of a block of images. Only as many channels at a time as have weights that
// stay in a cache while all pixels pass by.
void gather_block(const Gather& g, int64_t lanes, const float* in, const Weights& w, const float* bias,
                  int64_t first, int64_t last, float* out) {
  const int64_t x_step = g.in_h * g.in_w * lanes, out_plane = g.out_h * g.out_w * lanes;
  const int64_t some = std::max<int64_t>(1, 32'768 / (g.in_channels * g.kh * g.kw * kRows)) * kRows;
  Taps taps;
  for (int64_t some_first = first; some_first < last; some_first += some)
    for (int64_t y = 0; y < g.out_h; ++y)
      for (int64_t x = 0; x < g.out_w; ++x) {
        taps.count = 0;
        for (const auto& ry : g.y[y])
          for (const auto& rx : g.x[x]) {
            taps.x[taps.count] = (ry.from * g.in_w + rx.from) * lanes;
            taps.w[taps.count++] = (ry.tap * g.kw + rx.tap) * w.tap;
          }
        for (int64_t o = some_first; o < std::min(last, some_first + some); o += kRows) {
          const PixelKernel kernel = kPixelKernels[std::min<int64_t>(kRows, g.out_channels - o) - 1];
          for (int64_t l = 0; l < lanes; l += kStep)
            kernel(taps, g.in_channels, in + l, x_step,
                   {w.data + o / kRows * w.tile, w.tile, w.row, w.channel, w.tap}, bias ? bias + o : nullptr,
                   out + (o - first) * out_plane + (y * g.out_w + x) * lanes + l, out_plane);
        }
      }
}

// Where the images make few blocks, threads share the output channels of a block, too.
void gather_images(const Conv& c, bool forward, const float* in, int64_t in_image, const float* w,
                   const float* bias, float* out, int64_t out_image) {
  const Gather g = gather_of(c, forward);
  const int64_t tiles = (g.out_channels + kRows - 1) / kRows;
  Scratch packed(forward ? tiles * packed_tile(c.ci, c.taps()) : 0);
  const Weights weights = forward ? pack_weights(w, c.co, c.ci, c.taps(), packed.data())
                                  : Weights{w, kRows * c.taps(), c.taps(), c.ci * c.taps(), 1};
  const int64_t lanes = block_images(c), ins = g.in_channels * g.in_h * g.in_w, out_plane = g.out_h * g.out_w;
  const int64_t blocks = (c.n + lanes - 1) / lanes, shares = std::min(tiles, (3 + blocks) / blocks);
  parallel_for(blocks * shares, 1, [&](int64_t begin, int64_t end) {
    Scratch x(ins * lanes), y((tiles + shares - 1) / shares * kRows * out_plane * lanes);
    int64_t loaded = -1;
    for (int64_t job = begin; job < end; ++job) {
      const int64_t b = job / shares, share = job % shares, first = b * lanes,
                    images = std::min(lanes, c.n - first);
      const int64_t o0 = tiles * share / shares * kRows,
                    o1 = std::min(g.out_channels, tiles * (share + 1) / shares * kRows);
      if (b != loaded) to_lanes(x.data(), in + first * in_image, in_image, images, ins, lanes, lanes);
      loaded = b;
      gather_block(g, lanes, x.data(), weights, bias, o0, o1, y.data());
      from_lanes(out + first * out_image + o0 * out_plane, y.data(), out_image, images, (o1 - o0) * out_plane,
                 lanes);
    }
  });
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  gather_images(c, true, x, c.x_image, w, bias, y, c.y_image);
}
void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  gather_images(c, false, dy, c.y_image, w, nullptr, dx, c.x_image);
}
void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  if (c.ci <= 4 || c.co <= 8) backward_weights_by_images(c, x, dy, dw);
  else backward_weights_by_products(c, x, dy, dw);
}

}  // namespace
}  // namespace few_channels

const ConvStrategy kConvFewChannels{
    "few_channels",
    false,
    [](const Conv2dShape& s) { return s.kh * s.kw <= few_channels::kMostTaps; },
    few_channels::forward,
    few_channels::backward_data,
    few_channels::backward_weights};

}  // namespace minitorch::cpu
