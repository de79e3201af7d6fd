// SPDX-License-Identifier: MIT
// The gradient of the weights for small pictures of some channels, as products of small matrices: for each
// tap,
//
//     dw[tap] (ci x co) = sum over the pixels where the tap lies inside of  x (ci) times dy (co), moved by
//     the tap
//
// is a matrix product whose k runs over the rows and columns of a picture and over pictures. The tile kernel
// of gemm.h adds up all of them without leaving its registers. It takes vectors along co, so dy is transposed
// to [image][pixel][channel]; of x it takes single numbers, which may lie anywhere. Few pictures are taken at
// a time, so that they stay in the first-level cache while all taps and tiles pass over them.
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_few_channels.h"
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::cpu::few_channels {
namespace {

using gemm::kTileCols, gemm::kTileRows;
using Steps = gemm::Operands::Steps;

/// The outputs along one axis for which a tap reads inside the image, and the input that the first of them
/// reads.
struct Inside {
  int64_t first, count, from;
  Inside(int64_t tap, int64_t in, int64_t out, int64_t stride, int64_t pad, int64_t dilation) {
    const int64_t start = tap * dilation - pad;  // the input that output 0 reads
    first = start >= 0 ? 0 : (-start + stride - 1) / stride;
    count = start >= in ? 0 : std::max<int64_t>(0, std::min(out, (in - 1 - start) / stride + 1) - first);
    from = first * stride + start;
  }
};

// (channel, pixel) to (pixel, channel), rows of `width` channels, zeros where there are none.
void to_pixels(float* to, const float* from, int64_t channels, int64_t pixels, int64_t width) {
  for (int64_t c = 0; c < width; c += kLanes)
    for (int64_t p = 0; p < pixels; p += kLanes) {
      const int64_t n = std::min<int64_t>(kLanes, pixels - p);
      Vec r[kLanes];
      for (int i = 0; i < kLanes; ++i)
        r[i] = c + i < channels ? Vec::load(from + (c + i) * pixels + p, n) : Vec(0.f);
      simd::transpose(r);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i)
        if (i < n) r[i].store(to + (p + i) * width + c);
    }
}

// sums[(i, tap)][o] (+)= the products of some images.
void add_products(const Conv& c, int64_t images, const float* x, const float* dy, int64_t width, bool add,
                  float* sums) {
  for (int64_t a = 0; a < c.kh; ++a)
    for (int64_t b = 0; b < c.kw; ++b) {
      const Inside y(a, c.h, c.oh, c.sh, c.top, c.dh), z(b, c.w, c.ow, c.sw, c.left, c.dw);
      const bool any = y.count > 0 && z.count > 0;
      const float* pixels = any ? x + y.from * c.w + z.from : x;
      const float* gradients = any ? dy + (y.first * c.ow + z.first) * width : dy;
      // Columns of a row, rows, images: the longest loop goes innermost.
      Steps loops[3] = {{z.count, c.sw, width},
                        {y.count, c.sh * c.w, c.ow * width},
                        {images, c.x_image, c.y_plane() * width}};
      if (images > z.count) std::swap(loops[0], loops[2]);
      const int64_t tiles = (c.ci + kTileRows - 1) / kTileRows;
      for (int64_t t = 0; t < tiles; ++t)
        for (int64_t o = 0; o < width; o += kTileCols) {
          const int64_t i = c.ci * t / tiles, rows = c.ci * (t + 1) / tiles - i;  // of about equal height
          gemm::Tile tile{{}, c.taps() * width, std::min<int64_t>(kTileCols, width - o), {.accumulate = add}};
          for (int v = 0; v < gemm::kTileVectors; ++v)
            tile.at[v] = sums + (i * c.taps() + a * c.kw + b) * width + o + v * kLanes;
          gemm::multiply_tile(rows,
                              {.a = pixels + i * c.x_plane(),
                               .a_row = c.x_plane(),
                               .a_k = loops[0].a,
                               .b = gradients + o,
                               .b_k = loops[0].b,
                               .depth = any ? loops[0].count : 0,
                               .inner = loops[1],
                               .outer = loops[2]},
                              tile);
        }
    }
}

// dw[o][k] = the sum over all parts of sums[k][o].
void join_parts(const Conv& c, const float* sums, int64_t parts, int64_t width, float* dw) {
  const int64_t depth = c.ci * c.taps();
  for (int64_t o = 0; o < c.co; o += kLanes)
    for (int64_t k = 0; k < depth; k += kLanes) {
      const int64_t rows = std::min<int64_t>(kLanes, depth - k);
      Vec r[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        r[i] = Vec(0.f);
        for (int64_t part = 0; part < (i < rows ? parts : 0); ++part)
          r[i] += Vec::load(sums + (part * depth + k + i) * width + o);
      }
      simd::transpose(r);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i)
        if (o + i < c.co) r[i].store(dw + (o + i) * depth + k, rows);
    }
}

}  // namespace

void backward_weights_by_products(const Conv& c, const float* x, const float* dy, float* dw) {
  constexpr int64_t kParts = 4;       // of the sum: a fixed number, whatever the number of threads
  constexpr int64_t kFloats = 6'000;  // of x and dy at a time
  const int64_t width = round_up(c.co, kLanes), size = c.ci * c.taps() * width;
  const int64_t some = std::clamp<int64_t>(kFloats / (c.ci * c.x_plane() + width * c.y_plane()), 1, c.n);
  Scratch sums(kParts * size);
  parallel_for(kParts, 1, [&](int64_t begin, int64_t end) {
    Scratch gradients(some * c.y_plane() * width);
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first = c.n * part / kParts, last = c.n * (part + 1) / kParts;
      for (int64_t n = first; n < last; n += some) {
        const int64_t images = std::min(some, last - n);
        for (int64_t i = 0; i < images; ++i)
          to_pixels(gradients.data() + i * c.y_plane() * width, dy + (n + i) * c.y_image, c.co, c.y_plane(),
                    width);
        add_products(c, images, x + n * c.x_image, gradients.data(), width, n > first,
                     sums.data() + part * size);
      }
      if (first == last) std::fill_n(sums.data() + part * size, size, 0.f);
    }
  });
  join_parts(c, sums.data(), kParts, width, dw);
}

}  // namespace minitorch::cpu::few_channels
