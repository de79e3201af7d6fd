// SPDX-License-Identifier: MIT
// Implicit GEMM: the product of im2col without its matrix. gemm.h copies ("packs") every strip of its
// operands anyway, so the copy may as well come from the image: row k = (i, a, b) of the matrix of patches is
// the image moved by a constant offset, tap[k], and a strip of pixels is a few contiguous runs in it. Borders
// and strides are dealt with once, by a padded copy of the images (conv_padded.h).
//
// The gradient of the data is a convolution of dy with the filters turned round. With stride s the pixels of
// dx fall into s*s phases, each reached by its own subset of the taps: one stride-1 convolution per phase.
// The gradient of the weights is the product of dy with the transposed matrix of patches.
#include <vector>

#include "minitorch/ops/conv/conv_planes.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {
namespace {

Padded padded_input(const Conv& c, const float* x) {
  const int64_t rows = (c.oh - 1) * c.sh + c.dh * (c.kh - 1) + 1,
                cols = (c.ow - 1) * c.sw + c.dw * (c.kw - 1) + 1;
  const Border border{c.top, std::max<int64_t>(0, rows - c.top - c.h), c.left,
                      std::max<int64_t>(0, cols - c.left - c.w)};
  return Padded(x, {c.n, c.ci, c.h, c.w, c.x_image}, border, c.sw);
}

std::vector<int64_t> input_taps(const Conv& c, const Padded& x) {
  std::vector<int64_t> taps;
  taps.reserve(c.ci * c.taps());
  for (int64_t i = 0; i < c.ci; ++i)
    for (int64_t a = 0; a < c.kh; ++a)
      for (int64_t b = 0; b < c.kw; ++b) taps.push_back(x.at(i, a * c.dh, b * c.dw));
  return taps;
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  const int64_t depth = c.ci * c.taps();
  const Padded padded = padded_input(c, x);
  const auto taps = input_taps(c, padded);
  const PixelGrid grid{padded.data(), c.oh, c.ow, padded.image(1), padded.pitch() * c.sh};
  gemm::multiply(c.co, c.n * c.y_plane(), depth, gemm::PackA{{w, depth, 1}}, PackPixels{grid, taps.data()},
                 StorePlanes{y, c.y_image, c.y_plane(), c.y_plane()}, {.row_bias = bias});
}

// (n, co, plane) to (co, n, plane): rows of the matrix that dy is in the gradient of the weights.
void gather_rows(const Conv& c, const float* dy, int64_t images, float* rows) {
  const int64_t plane = c.y_plane(), depth = images * plane;
  parallel_for(c.co, 1 + 16'384 / depth, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t n = 0; n < images; ++n)
        simd::copy_floats(rows + o * depth + n * plane, dy + n * c.y_image + o * plane, plane);
  });
}

// Few weights are sums over many pixels: threads then share the images, and a few images at a time stay in
// the cache while they are put in order and multiplied. The number of sums is fixed, so that the result does
// not depend on the number of threads.
void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const int64_t columns = c.ci * c.taps(), plane = c.y_plane(), size = c.co * columns;
  const bool few = size <= 32'768 && c.n * plane >= 32 * columns;
  const int64_t parts = few ? std::min<int64_t>(c.n, 8) : 1;
  const int64_t at_once = few ? std::clamp<int64_t>(131'072 / (c.co * plane), 1, c.n) : c.n;
  const Padded padded = padded_input(c, x);
  const auto taps = input_taps(c, padded);
  Scratch sums((parts - 1) * size);  // the first part is in dw
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    Scratch rows(c.co * at_once * plane);
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first = c.n * part / parts, last = c.n * (part + 1) / parts;
      float* to = part == 0 ? dw : sums.data() + (part - 1) * size;
      for (int64_t n = first; n < last; n += at_once) {
        const int64_t images = std::min(at_once, last - n), depth = images * plane;
        gather_rows(c, dy + n * c.y_image, images, rows.data());
        const PixelGrid grid{padded.data() + n * padded.image(1), c.oh, c.ow, padded.image(1),
                             padded.pitch() * c.sh};
        gemm::multiply(c.co, columns, depth, gemm::PackA{{rows.data(), depth, 1}},
                       PackTaps{grid, taps.data()}, gemm::StoreRows{to, columns}, {.accumulate = n > first});
      }
    }
  });
  for (int64_t part = 1; part < parts; ++part)
    for (int64_t i = 0; i < size; ++i) dw[i] += sums[(part - 1) * size + i];
}

// Along one axis: pixel r = phase + stride * q of dx meets tap a at row q + shift of dy, shift = (phase + pad
// - a * dilation) / stride, where that is whole.
struct Axis {
  int64_t size, outputs, kernel, stride, pad, dilation;

  bool meets(int64_t phase, int64_t a) const { return (phase + pad - a * dilation) % stride == 0; }
  int64_t shift(int64_t phase, int64_t a) const { return (phase + pad - a * dilation) / stride; }
  int64_t pixels(int64_t phase) const { return (size - phase + stride - 1) / stride; }
  /// How many rows of zeros dy needs before and behind.
  std::pair<int64_t, int64_t> border() const {
    int64_t before = 0, behind = 0;
    for (int64_t phase = 0; phase < std::min(stride, size); ++phase)
      for (int64_t a = 0; a < kernel; ++a)
        if (meets(phase, a)) {
          before = std::max(before, -shift(phase, a));
          behind = std::max(behind, pixels(phase) + shift(phase, a) - outputs);
        }
    return {before, behind};
  }
};

/// Packs A(i, (o, t)) = w[o][i][tap[t]], the taps that reach a phase of dx.
struct PackFilters {
  const float* w;
  int64_t in_channels, taps;
  const std::vector<int64_t>& tap;

  void operator()(float* dst, int64_t k0, int64_t depth, int64_t i0, int64_t count) const {
    const int64_t some = static_cast<int64_t>(tap.size());
    int64_t o = k0 / some, t = k0 % some;
    for (int64_t k = 0; k < depth; ++k, dst += gemm::kTileRows) {
      const float* from = w + (o * in_channels + i0) * taps + tap[t];
      for (int64_t i = 0; i < count; ++i) dst[i] = from[i * taps];
      for (int64_t i = count; i < gemm::kTileRows; ++i) dst[i] = 0.f;
      if (++t == some) t = 0, ++o;
    }
  }
};

// dx of one phase, stored as planes of rows x cols pixels.
struct Phase {
  int64_t fy, fx, rows, cols;
};
void backward_phase(const Conv& c, const Axis& ya, const Axis& xa, const Padded& dy, const Phase& phase,
                    const float* w, const StorePlanes& store) {
  const int64_t top = ya.border().first, left = xa.border().first;
  std::vector<int64_t> taps, offsets;
  for (int64_t o = 0; o < c.co; ++o)
    for (int64_t a = 0; a < c.kh; ++a)
      for (int64_t b = 0; b < c.kw; ++b)
        if (ya.meets(phase.fy, a) && xa.meets(phase.fx, b)) {
          offsets.push_back(dy.at(o, top + ya.shift(phase.fy, a), left + xa.shift(phase.fx, b)));
          if (o == 0) taps.push_back(a * c.kw + b);
        }
  const int64_t count = static_cast<int64_t>(taps.size()), columns = c.n * phase.rows * phase.cols;
  const PackPixels pixels{{dy.data(), phase.rows, phase.cols, dy.image(1), dy.pitch()}, offsets.data()};
  if (count == c.taps())  // per output channel o, the filters are planes of `count` pixels
    gemm::multiply(c.ci, columns, c.co * count, PackPlanes<gemm::kTileRows>{w, c.ci * count, count}, pixels,
                   store);
  else gemm::multiply(c.ci, columns, c.co * count, PackFilters{w, c.ci, c.taps(), taps}, pixels, store);
}

// Puts the phases of one row of dx back together.
void join_row(const Conv& c, const float* const* phase_row, float* row) {
  if (c.sw == 1) {
    simd::copy_floats(row, phase_row[0], c.w);
  } else if (c.sw == 2) {
    simd::join_pairs(row, phase_row[0], phase_row[1], c.w / 2);
    if (c.w % 2) row[c.w - 1] = phase_row[0][c.w / 2];
  } else {
    for (int64_t x = 0; x < c.w; ++x) row[x] = phase_row[x % c.sw][x / c.sw];
  }
}

void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  const Axis ya{c.h, c.oh, c.kh, c.sh, c.top, c.dh}, xa{c.w, c.ow, c.kw, c.sw, c.left, c.dw};
  const auto [top, bottom] = ya.border();
  const auto [left, right] = xa.border();
  const Padded padded(dy, {c.n, c.co, c.oh, c.ow, c.y_image}, {top, bottom, left, right}, 1);
  if (c.sh == 1 && c.sw == 1)
    return backward_phase(c, ya, xa, padded, {0, 0, c.h, c.w}, w, {dx, c.x_image, c.x_plane(), c.x_plane()});

  std::vector<int64_t>
      start;  // of each phase in the scratch memory: phase after phase, as (n, ci, rows, cols)
  Scratch phases(c.n * c.ci * c.x_plane());
  int64_t used = 0;
  for (int64_t fy = 0; fy < c.sh; ++fy)
    for (int64_t fx = 0; fx < c.sw; ++fx) {
      const Phase phase{fy, fx, fy < c.h ? ya.pixels(fy) : 0, fx < c.w ? xa.pixels(fx) : 0};
      const int64_t plane = phase.rows * phase.cols;
      start.push_back(used);
      if (plane == 0) continue;
      backward_phase(c, ya, xa, padded, phase, w, {phases.data() + used, c.ci * plane, plane, plane});
      used += c.n * c.ci * plane;
    }
  parallel_for(c.n * c.ci, 1 + 16'384 / c.x_plane(), [&](int64_t begin, int64_t end) {
    std::vector<const float*> phase_row(c.sw);
    for (int64_t i = begin; i < end; ++i)
      for (int64_t y = 0; y < c.h; ++y) {
        const int64_t fy = y % c.sh;
        for (int64_t fx = 0; fx < std::min(c.sw, c.w); ++fx) {
          const int64_t cols = xa.pixels(fx);
          phase_row[fx] = phases.data() + start[fy * c.sw + fx] + (i * ya.pixels(fy) + y / c.sh) * cols;
        }
        join_row(c, phase_row.data(), dx + i / c.ci * c.x_image + i % c.ci * c.x_plane() + y * c.w);
      }
  });
}

}  // namespace

const ConvStrategy kConvImplicit{"implicit", false,         [](const Conv2dShape&) { return true; },
                                 forward,    backward_data, backward_weights};

}  // namespace minitorch::cpu
