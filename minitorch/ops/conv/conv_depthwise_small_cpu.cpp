// SPDX-License-Identifier: MIT
// Depthwise convolution of small planes, where rows of 4 or 8 pixels would leave most of a vector empty.
//
// A vector holds one pixel of kLanes channels instead: planes are transposed to [pixel][image][channel], a
// block of kImages images and kLanes channels at a time. A tap is then a vector of weights times a vector of
// pixels, whatever the stride; borders are taps that are not there. Each pixel has a list of the taps that
// reach it, and forward and the gradient of the data are the same loop over different lists. For the gradient
// of the weights, each tap has a list of the pairs of pixels that it joins.
#include <algorithm>
#include <utility>

#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_few_channels.h"

namespace minitorch::cpu {
namespace {

using few_channels::from_lanes, few_channels::reach, few_channels::to_lanes;
using simd::kLanes, simd::Vec;

constexpr int kImages = 4;  // of a block: as many independent sums
constexpr int64_t kPixel = kImages * kLanes;

/// Two places, in floats: of a tap and of the pixel it comes from, or of the pixels of dy and x that a tap
/// joins.
struct Pair {
  int64_t first, second;
};
using Lists = std::vector<std::vector<Pair>>;

// Calls body(output pixel, tap, input pixel) wherever a tap reaches.
template <class Body>
void each_reach(const Conv& c, bool forward, Body&& body) {
  const int64_t in_h = forward ? c.h : c.oh, in_w = forward ? c.w : c.ow, out_h = forward ? c.oh : c.h,
                out_w = forward ? c.ow : c.w;
  const auto rows = reach(forward, in_h, out_h, c.kh, c.sh, c.top, c.dh),
             cols = reach(forward, in_w, out_w, c.kw, c.sw, c.left, c.dw);
  for (int64_t y = 0; y < out_h; ++y)
    for (int64_t x = 0; x < out_w; ++x)
      for (const auto& r : rows[y])
        for (const auto& q : cols[x]) body(y * out_w + x, r.tap * c.kw + q.tap, r.from * in_w + q.from);
}

// out[pixel] = bias + sum over its list of w[tap] * in[pixel reached].
void gather(const Lists& lists, const float* in, const float* w, Vec bias, float* out) {
  for (const auto& list : lists) {
    Vec sum[kImages];
#pragma GCC unroll 4
    for (int i = 0; i < kImages; ++i) sum[i] = bias;
    for (const auto& [tap, from] : list) {
      const Vec weight = Vec::load(w + tap);
#pragma GCC unroll 4
      for (int i = 0; i < kImages; ++i)
        sum[i] = multiply_add(weight, Vec::load(in + from + i * kLanes), sum[i]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < kImages; ++i) sum[i].store(out + i * kLanes);
    out += kPixel;
  }
}

// sums[tap] += sum over its list of dy[pixel] * x[pixel].
void correlate(const Lists& lists, const float* dy, const float* x, float* sums) {
  for (const auto& list : lists) {
    Vec sum[kImages];
#pragma GCC unroll 4
    for (int i = 0; i < kImages; ++i) sum[i] = 0.f;
    for (const auto& [d, p] : list)
#pragma GCC unroll 4
      for (int i = 0; i < kImages; ++i)
        sum[i] = multiply_add(Vec::load(dy + d + i * kLanes), Vec::load(x + p + i * kLanes), sum[i]);
    (Vec::load(sums) + (sum[0] + sum[1]) + (sum[2] + sum[3])).store(sums);
    sums += kLanes;
  }
}

/// Blocks of images and channels, in an order in which those of the same channels follow each other.
struct Blocks {
  const Conv& c;
  int64_t per_channels = (c.n + kImages - 1) / kImages, groups = (c.ci + kLanes - 1) / kLanes;

  int64_t images(int64_t b) const { return std::min<int64_t>(kImages, c.n - b * kImages); }
  int64_t channels(int64_t g) const { return std::min<int64_t>(kLanes, c.ci - g * kLanes); }

  void put(float* to, const float* x, int64_t image, int64_t plane, int64_t g, int64_t b) const {
    for (int64_t i = 0; i < kImages; ++i)  // zeros for images that are missing
      to_lanes(to + i * kLanes, x + (b * kImages + i) * image + g * kLanes * plane, plane,
               i < images(b) ? channels(g) : 0, plane, kLanes, kPixel);
  }
  void get(float* x, const float* from, int64_t image, int64_t plane, int64_t g, int64_t b) const {
    for (int64_t i = 0; i < images(b); ++i)
      from_lanes(x + (b * kImages + i) * image + g * kLanes * plane, from + i * kLanes, plane, channels(g),
                 plane, kPixel);
  }
};

void gather_planes(const Conv& c, bool forward, const float* in, const float* w, const float* bias,
                   float* out) {
  const int64_t in_plane = forward ? c.x_plane() : c.y_plane(), in_image = forward ? c.x_image : c.y_image;
  const int64_t out_plane = forward ? c.y_plane() : c.x_plane(), out_image = forward ? c.y_image : c.x_image;
  Lists lists(out_plane);
  each_reach(c, forward, [&](int64_t pixel, int64_t tap, int64_t from) {
    lists[pixel].push_back({tap * kLanes, from * kPixel});
  });
  const Blocks blocks{c};
  parallel_for(blocks.groups * blocks.per_channels, 1 + 4096 / (in_plane * kPixel + 1),
               [&](int64_t begin, int64_t end) {
                 Scratch x(in_plane * kPixel), y(out_plane * kPixel), weights(c.taps() * kLanes);
                 int64_t loaded = -1;
                 Vec b(0.f);
                 for (int64_t job = begin; job < end; ++job) {
                   const int64_t g = job / blocks.per_channels, first = g * kLanes, n = blocks.channels(g);
                   if (g != std::exchange(loaded, g)) {
                     to_lanes(weights.data(), w + first * c.taps(), c.taps(), n, c.taps(), kLanes, kLanes);
                     if (bias) b = Vec::load(bias + first, n);
                   }
                   blocks.put(x.data(), in, in_image, in_plane, g, job % blocks.per_channels);
                   gather(lists, x.data(), weights.data(), b, y.data());
                   blocks.get(out, y.data(), out_image, out_plane, g, job % blocks.per_channels);
                 }
               });
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  gather_planes(c, true, x, w, bias, y);
}
void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  gather_planes(c, false, dy, w, nullptr, dx);
}

// A thread owns some channels and sums over all images in order.
void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  Lists lists(c.taps());
  each_reach(c, true, [&](int64_t pixel, int64_t tap, int64_t from) {
    lists[tap].push_back({pixel * kPixel, from * kPixel});
  });
  const Blocks blocks{c};
  parallel_for(blocks.groups, 1, [&](int64_t begin, int64_t end) {
    Scratch xs(c.x_plane() * kPixel), ys(c.y_plane() * kPixel), sums(c.taps() * kLanes);
    for (int64_t g = begin; g < end; ++g) {
      std::fill_n(sums.data(), c.taps() * kLanes, 0.f);
      for (int64_t b = 0; b < blocks.per_channels; ++b) {
        blocks.put(xs.data(), x, c.x_image, c.x_plane(), g, b);
        blocks.put(ys.data(), dy, c.y_image, c.y_plane(), g, b);
        correlate(lists, ys.data(), xs.data(), sums.data());
      }
      from_lanes(dw + g * kLanes * c.taps(), sums.data(), c.taps(), blocks.channels(g), c.taps(), kLanes);
    }
  });
}

bool handles(const Conv2dShape& s) { return s.groups == s.ci && s.co == s.ci && s.ci > 1; }

}  // namespace

const ConvStrategy kConvDepthwiseSmall{"depthwise_small", true,          handles,
                                       forward,           backward_data, backward_weights};

}  // namespace minitorch::cpu
