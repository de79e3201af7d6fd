// SPDX-License-Identifier: MIT
// Winograd's convolution F(2x2, 3x3): 2x2 outputs of a 3x3 filter take 16 multiplications instead of 36.
//
// In one dimension, two outputs of a filter (g0 g1 g2) over four pixels (d0 d1 d2 d3) are
//
//     y0 = d0 g0 + d1 g1 + d2 g2 = m0 + m1 + m2        m0 = (d0 - d2) g0    m1 = (d1 + d2) (g0 + g1 + g2) / 2
//     y1 = d1 g0 + d2 g1 + d3 g2 = m1 - m2 - m3        m3 = (d1 - d3) g2    m2 = (d2 - d1) (g0 - g1 + g2) / 2
//
// four products where six were needed; done along both axes, 16 where 36 were. The sums of pixels and of
// filter taps are formed once per pixel and channel, the products for every pair of channels. So, for each of
// the 16 positions, the sum over input channels is a matrix product (co x ci) (ci x tiles), and 9/4 of the
// multiplications of an ordinary convolution are saved at the price of the transforms around it.
// (S. Winograd 1980; A. Lavin and S. Gray 2015.) F(4x4) would save more and lose three digits.
//
// A vector holds one pixel of neighbouring tiles. Tiles are two pixels apart, so the padded copy keeps even
// and odd columns apart and everything is a contiguous read. The gradient of the data is the same with
// filters turned round; the gradient of the weights is in conv_winograd_weights_cpu.cpp.
#include <vector>

#include "minitorch/ops/conv/conv_planes.h"
#include "minitorch/ops/conv/conv_winograd.h"

namespace minitorch::cpu {
namespace {

using gemm::kTileCols, gemm::kTileRows, simd::kLanes, simd::Vec;

using winograd::kPositions, winograd::pixel_sums;

/// A convolution with 3x3 filters, stride 1, from ci to co channels; element (o, i, t) of the filters lies at
/// w[o * w_out + i * w_in + t], or 8 - t where they are turned round.
struct Task {
  int64_t n, ci, h, w, co, oh, ow, top, left, x_image, y_image;
  int64_t w_out, w_in;
  bool turned;

  int64_t tile_rows() const { return ceil_div(oh, 2); }
  int64_t tile_cols() const { return ceil_div(ow, 2); }
  int64_t tiles() const { return n * tile_rows() * tile_cols(); }
};

// Floats from one position to the next: an odd number of cache lines, so that the 16 lines which a transform
// touches at once do not fall into the same set of the cache.
int64_t position_size(int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

/// Neighbouring tiles of one row: `count` of them from (image, row, col) on, at position `at` of their block.
struct Segment {
  int64_t image, row, col, count, at;
};

MT_INLINE void filter_sums(Vec g0, Vec g1, Vec g2, Vec (&u)[4]) {
  u[0] = g0;
  u[1] = (g0 + g1 + g2) * 0.5f;
  u[2] = (g0 - g1 + g2) * 0.5f;
  u[3] = g2;
}
// The filters of kLanes output channels and one input channel, each tap a vector; rows >= `rows` are zero.
MT_INLINE void load_filters(const Task& task, const float* w, int64_t rows, Vec (&g)[9]) {
  Vec r[kLanes];
#pragma GCC unroll 3
  for (int t0 = 0; t0 < 9; t0 += kLanes) {
#pragma GCC unroll 16
    for (int l = 0; l < kLanes; ++l)
      r[l] = l < rows ? Vec::load(w + l * task.w_out + t0, std::min(kLanes, 9 - t0)) : Vec(0.f);
    simd::transpose(r);
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k)
      if (t0 + k < 9) g[task.turned ? 8 - t0 - k : t0 + k] = r[k];
  }
}

// u: for each position, strips of kTileRows output channels as gemm's tile kernel reads them:
// [strip][ci][row].
void transform_filters(const Task& task, const float* w, float* u, int64_t u_size) {
  parallel_for(ceil_div(task.co, kTileRows), 1 + 2000 / task.ci, [&](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s)
      for (int64_t i = 0; i < task.ci; ++i)
        for (int64_t first = 0; first < kTileRows; first += kLanes) {
          const int64_t o = s * kTileRows + first;
          Vec g[9], t[3][4], out[4];
          load_filters(task, w + o * task.w_out + i * task.w_in, std::min<int64_t>(kLanes, task.co - o), g);
          float* to = u + (s * task.ci + i) * kTileRows + first;
          const bool runs_over =
              i + 1 < task.ci || first + kLanes <= kTileRows;  // what channel i + 1 overwrites
#pragma GCC unroll 3
          for (int a = 0; a < 3; ++a) filter_sums(g[3 * a], g[3 * a + 1], g[3 * a + 2], t[a]);
#pragma GCC unroll 4
          for (int b = 0; b < 4; ++b) {
            filter_sums(t[0][b], t[1][b], t[2][b], out);
#pragma GCC unroll 4
            for (int a = 0; a < 4; ++a)
              runs_over ? out[a].store(to + (a * 4 + b) * u_size)
                        : out[a].store(to + (a * 4 + b) * u_size, kTileRows - first);
          }
        }
  });
}

// v[position][channel][tile] of one block; vectors run over the end of a segment into the next one's place.
void transform_pixels(const Task& task, const Padded& x, const std::vector<Segment>& segments, float* v,
                      int64_t row, int64_t v_size) {
  for (int64_t i = 0; i < task.ci; ++i)
    for (const Segment& s : segments) {
      const float* even = x.data() + x.image(s.image) + x.at(i, 2 * s.row, 0) + s.col;
      const float* odd = x.data() + x.image(s.image) + x.at(i, 2 * s.row, 1) + s.col;
      float* to = v + i * row + s.at;
      for (int64_t q = 0; q < s.count; q += kLanes) {
        Vec t[4][4], out[4];
#pragma GCC unroll 4
        for (int a = 0; a < 4; ++a) {
          const float *e = even + a * x.pitch() + q, *o = odd + a * x.pitch() + q;
          pixel_sums(Vec::load(e), Vec::load(o), Vec::load(e + 1), Vec::load(o + 1), t[a]);
        }
#pragma GCC unroll 4
        for (int b = 0; b < 4; ++b) {
          pixel_sums(t[0][b], t[1][b], t[2][b], t[3][b], out);
#pragma GCC unroll 4
          for (int a = 0; a < 4; ++a) out[a].store(to + (a * 4 + b) * v_size + q);
        }
      }
    }
}

// For every position: products[co][tile] = u (co x ci) . v (ci x tile).
void multiply_positions(const Task& task, int64_t tiles, int64_t row, const float* u, int64_t u_size,
                        const float* v, int64_t v_size, float* products, int64_t products_size) {
  for (int position = 0; position < kPositions;
       ++position, u += u_size, v += v_size, products += products_size)
    for (int64_t ib = 0; ib < task.co; ib += gemm::kBlockRows)
      for (int64_t j = 0; j < tiles; j += kTileCols)
        for (int64_t i = ib; i < std::min(task.co, ib + gemm::kBlockRows); i += kTileRows) {
          gemm::Tile tile{{}, row, std::min<int64_t>(kTileCols, tiles - j), {}};
          for (int k = 0; k < gemm::kTileVectors; ++k) tile.at[k] = products + i * row + j + k * kLanes;
          gemm::multiply_tile(std::min<int64_t>(kTileRows, task.co - i),
                              {u + i * task.ci, 1, kTileRows, v + j, row, task.ci}, tile);
        }
}

// The two rows of outputs of kLanes tiles, even and odd columns joined.
MT_INLINE void output_rows(const float* products, int64_t size, Vec bias, Vec (&rows)[2][2]) {
  Vec t[2][4];
#pragma GCC unroll 4
  for (int b = 0; b < 4; ++b) {
    Vec m[4];
#pragma GCC unroll 4
    for (int a = 0; a < 4; ++a) m[a] = Vec::load(products + (a * 4 + b) * size);
    t[0][b] = m[0] + m[1] + m[2];
    t[1][b] = m[1] - m[2] - m[3];
  }
#pragma GCC unroll 2
  for (int a = 0; a < 2; ++a) {
    const Vec even = t[a][0] + t[a][1] + t[a][2] + bias, odd = t[a][1] - t[a][2] - t[a][3] + bias;
    rows[a][0] = simd::interleave_low(even, odd);
    rows[a][1] = simd::interleave_high(even, odd);
  }
}

void transform_outputs(const Task& task, const std::vector<Segment>& segments, const float* products,
                       int64_t row, int64_t products_size, const float* bias, float* y) {
  for (int64_t o = 0; o < task.co; ++o)
    for (const Segment& s : segments)
      for (int64_t q = 0; q < s.count; q += kLanes) {
        Vec rows[2][2];
        output_rows(products + o * row + s.at + q, products_size, bias ? bias[o] : 0.f, rows);
        const int64_t p = 2 * s.row, x = 2 * (s.col + q);
        const int64_t n = std::min(2 * std::min<int64_t>(kLanes, s.count - q), task.ow - x);
        float* to = y + s.image * task.y_image + (o * task.oh + p) * task.ow + x;
        for (int a = 0; a < 2 && p + a < task.oh; ++a, to += task.ow) {
          if (n == 2 * kLanes) {
            rows[a][0].store(to);
            rows[a][1].store(to + kLanes);
          } else {
            float both[2 * kLanes];
            rows[a][0].store(both);
            rows[a][1].store(both + kLanes);
            simd::copy_floats(to, both, n);
          }
        }
      }
}

std::vector<Segment> segments_of(const Task& task, int64_t begin, int64_t end) {
  std::vector<Segment> segments;
  for (int64_t t = begin; t < end;) {
    const int64_t col = t % task.tile_cols(), r = t / task.tile_cols();
    const int64_t count = std::min(end - t, task.tile_cols() - col);
    segments.push_back({r / task.tile_rows(), r % task.tile_rows(), col, count, t - begin});
    t += count;
  }
  return segments;
}

// Tiles per block: what the transforms write should still be in the cache when the products read it.
int64_t block_tiles(const Task& task) {
  constexpr int64_t kFloats = 300'000;
  const int64_t most = std::max<int64_t>(3 * kTileCols, kFloats / (kPositions * (task.ci + task.co)));
  const int64_t blocks =
      ceil_div(ceil_div(task.tiles(), most), 4) * 4;  // even, so that threads get equal shares
  return ceil_div(ceil_div(task.tiles(), blocks), kTileCols) * kTileCols;
}

void convolve(const Task& task, const float* x, const float* w, const float* bias, float* y) {
  const int64_t u_size = position_size(ceil_div(task.co, kTileRows) * kTileRows * task.ci);
  Scratch u(kPositions * u_size + kLanes);
  transform_filters(task, w, u.data(), u_size);
  const int64_t rows = 2 * task.tile_rows() + 2, cols = 2 * task.tile_cols() + 2;
  const Padded padded(x, {task.n, task.ci, task.h, task.w, task.x_image},
                      {task.top, std::max<int64_t>(0, rows - task.top - task.h), task.left,
                       std::max<int64_t>(0, cols - task.left - task.w)},
                      2);
  const int64_t block = block_tiles(task), row = block + kLanes;  // room for the last vector to run over
  const int64_t v_size = position_size(task.ci * row), products_size = position_size(task.co * row);
  parallel_for(ceil_div(task.tiles(), block), 1, [&](int64_t first, int64_t last) {
    Scratch v(kPositions * v_size + kTileCols), products(kPositions * products_size + kTileCols);
    for (int64_t b = first; b < last; ++b) {
      const int64_t begin = b * block, end = std::min(task.tiles(), begin + block);
      const auto segments = segments_of(task, begin, end);
      transform_pixels(task, padded, segments, v.data(), row, v_size);
      multiply_positions(task, end - begin, row, u.data(), u_size, v.data(), v_size, products.data(),
                         products_size);
      transform_outputs(task, segments, products.data(), row, products_size, bias, y);
    }
  });
}

bool handles(const Conv2dShape& s) {
  return s.kh == 3 && s.kw == 3 && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 &&
         s.dilation_w == 1 && s.top <= 2 && s.left <= 2;
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  convolve({c.n, c.ci, c.h, c.w, c.co, c.oh, c.ow, c.top, c.left, c.x_image, c.y_image, c.ci * 9, 9, false},
           x, w, bias, y);
}

void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  convolve(
      {c.n, c.co, c.oh, c.ow, c.ci, c.h, c.w, 2 - c.top, 2 - c.left, c.y_image, c.x_image, 9, c.ci * 9, true},
      dy, w, nullptr, dx);
}

}  // namespace

const ConvStrategy kConvWinograd{"winograd", false,         handles,
                                 forward,    backward_data, winograd::backward_weights};

}  // namespace minitorch::cpu
