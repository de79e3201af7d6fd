// SPDX-License-Identifier: MIT
// The gradient of the weights by Winograd's F(2x2, 3x3): the forward pass read backwards. Where that has
//
//     y = A^T [ (G w G^T) * (B^T d B) ] A          for each tile, * position by position,
//     dw = G^T [ sum over tiles of (A dy A^T) * (B^T d B) ] G
//
// so the sum over all tiles is 16 matrix products (co x tiles) (tiles x ci), one for each position, with 4/9
// of the multiplications of the definition. Each product is a sum over tiles, which is k here, so both of its
// operands must have neighbouring channels side by side: the transforms work on vectors of channels, and the
// pixels of kLanes channels are transposed on the way in.
//
// Tiles are taken a block at a time: what the transforms write should still be in a cache when the products
// read it, and the sums, which pass through memory once a block, should not do so too often.
#include <algorithm>

#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_padded.h"
#include "minitorch/ops/conv/conv_winograd.h"
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::cpu::winograd {
namespace {

using gemm::kTileCols, gemm::kTileRows, simd::kLanes, simd::Vec;

/// Channels of the transformed tiles, with room for a whole vector tile: an odd number of cache lines, so
/// that successive tiles do not fall into the same sets of a cache.
int64_t row_of(int64_t channels) { return ((channels + std::max(kTileCols, 16) - 1) / 16 | 1) * 16; }

/// Planes of one picture after the other, padded, and how many rows and columns of a tile are read from them.
struct Source {
  const Padded& planes;
  int64_t channels;
  int rows, overlap;  // 4 rows, the last 2 of which belong to the next tile too; or 2 and 0
};

// to[row][col][lane] = pixel (row, first_col + col) of kLanes channels, for the tiles of one row of tiles.
void gather(const Source& s, int64_t image, int64_t channel, int64_t row, int64_t col, int64_t cols,
            float* to) {
  const float* from[kLanes];
  for (int a = 0; a < s.rows; ++a) {
    for (int l = 0; l < kLanes; ++l)
      from[l] = s.planes.data() + s.planes.image(image) +
                s.planes.at(std::min(channel + l, s.channels - 1), row + a, col);
    for (int64_t x = 0; x < cols; x += kLanes, to += kLanes * kLanes) {
      Vec r[kLanes];
#pragma GCC unroll 16
      for (int l = 0; l < kLanes; ++l) r[l] = Vec::load(from[l] + x);
      simd::transpose(r);
#pragma GCC unroll 16
      for (int l = 0; l < kLanes; ++l) r[l].store(to + l * kLanes);
    }
  }
}

// B^T d B of a 4x4 patch.
void transform_input(const float* pixels, int64_t pitch, float* to, int64_t position) {
  Vec t[4][4], out[4];
#pragma GCC unroll 4
  for (int a = 0; a < 4; ++a) {
    const float* p = pixels + a * pitch;
    pixel_sums(Vec::load(p), Vec::load(p + kLanes), Vec::load(p + 2 * kLanes), Vec::load(p + 3 * kLanes),
               t[a]);
  }
#pragma GCC unroll 4
  for (int b = 0; b < 4; ++b) {
    pixel_sums(t[0][b], t[1][b], t[2][b], t[3][b], out);
#pragma GCC unroll 4
    for (int a = 0; a < 4; ++a) out[a].store(to + (a * 4 + b) * position);
  }
}

// A dy A^T of a 2x2 patch: along each axis (g0, g1) becomes (g0, g0 + g1, g0 - g1, -g1).
void transform_gradient(const float* pixels, int64_t pitch, float* to, int64_t position) {
  const auto spread = [](Vec g0, Vec g1, Vec(&u)[4]) {
    u[0] = g0, u[1] = g0 + g1, u[2] = g0 - g1, u[3] = -g1;
  };
  Vec t[2][4], out[4];
#pragma GCC unroll 2
  for (int a = 0; a < 2; ++a)
    spread(Vec::load(pixels + a * pitch), Vec::load(pixels + a * pitch + kLanes), t[a]);
#pragma GCC unroll 4
  for (int b = 0; b < 4; ++b) {
    spread(t[0][b], t[1][b], out);
#pragma GCC unroll 4
    for (int a = 0; a < 4; ++a) out[a].store(to + (a * 4 + b) * position);
  }
}

/// The tiles of a batch, row by row.
struct Tiles {
  int64_t rows, cols, images;
  int64_t count() const { return images * rows * cols; }
};

// to[position][tile][channel] of the tiles [begin, end), all channels.
template <class Transform>
void transform(const Source& s, const Tiles& tiles, int64_t begin, int64_t end, float* to, int64_t position,
               Transform&& one) {
  const int64_t row = row_of(s.channels), widest = 2 * std::min(tiles.cols, end - begin) + s.overlap;
  const int64_t pitch = (widest + kLanes - 1) / kLanes * kLanes;
  Scratch pixels(s.rows * pitch * kLanes);
  for (int64_t t = begin, n; t < end; t += n) {
    const int64_t col = t % tiles.cols, r = t / tiles.cols;
    n = std::min(end - t, tiles.cols - col);
    const int64_t cols = 2 * n + s.overlap, used = (cols + kLanes - 1) / kLanes * kLanes * kLanes;
    for (int64_t c = 0; c < s.channels; c += kLanes) {
      gather(s, r / tiles.rows, c, r % tiles.rows * 2, col * 2, cols, pixels.data());
      for (int64_t i = 0; i < n; ++i)
        one(pixels.data() + 2 * i * kLanes, used, to + (t - begin + i) * row + c, position);
    }
  }
}

// sums (co x ci, rows `row` apart) += m^T v over the tiles of a block, for one position.
void multiply(const Conv& c, int64_t tiles, const float* m, const float* v, float* sums, int64_t row,
              bool add) {
  const int64_t m_row = row_of(c.co), v_row = row_of(c.ci);
  for (int64_t j = 0; j < c.ci; j += kTileCols)
    for (int64_t i = 0; i < c.co; i += kTileRows) {
      gemm::Tile tile{{}, row, kTileCols, {.accumulate = add}};
      for (int k = 0; k < gemm::kTileVectors; ++k) tile.at[k] = sums + i * row + j + k * kLanes;
      gemm::multiply_tile(std::min<int64_t>(kTileRows, c.co - i), {m + i, 1, m_row, v + j, v_row, tiles},
                          tile);
    }
}

// dw[i][0..9) = G^T s G for kLanes input channels, s being the 16 sums of each.
void transform_sums(const float* sums, int64_t position, float* dw, int64_t channels) {
  const auto gather3 = [](Vec s0, Vec s1, Vec s2, Vec s3, Vec(&g)[3]) {
    g[0] = s0 + (s1 + s2) * 0.5f, g[1] = (s1 - s2) * 0.5f, g[2] = s3 + (s1 + s2) * 0.5f;
  };
  Vec t[4][3], g[3], r[kLanes], taps[9];
#pragma GCC unroll 4
  for (int a = 0; a < 4; ++a) {
    const float* p = sums + a * 4 * position;
    gather3(Vec::load(p), Vec::load(p + position), Vec::load(p + 2 * position), Vec::load(p + 3 * position),
            t[a]);
  }
#pragma GCC unroll 3
  for (int b = 0; b < 3; ++b) {
    gather3(t[0][b], t[1][b], t[2][b], t[3][b], g);
#pragma GCC unroll 3
    for (int a = 0; a < 3; ++a) taps[a * 3 + b] = g[a];
  }
#pragma GCC unroll 3
  for (int first = 0; first < 9; first += kLanes) {  // nine vectors of channels to nine numbers a channel
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k) r[k] = first + k < 9 ? taps[first + k < 9 ? first + k : 0] : Vec(0.f);
    simd::transpose(r);
#pragma GCC unroll 16
    for (int l = 0; l < kLanes; ++l)
      if (l < channels) r[l].store(dw + l * 9 + first, std::min(kLanes, 9 - first));
  }
}

}  // namespace

void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const Tiles tiles{(c.oh + 1) / 2, (c.ow + 1) / 2, c.n};
  const Padded in(x, {c.n, c.ci, c.h, c.w, c.x_image},
                  {c.top, std::max<int64_t>(0, 2 * tiles.rows + 2 - c.top - c.h), c.left,
                   std::max<int64_t>(0, 2 * tiles.cols + 2 - c.left - c.w)},
                  1);
  const Padded out(dy, {c.n, c.co, c.oh, c.ow, c.y_image}, {0, c.oh % 2, 0, c.ow % 2}, 1);

  const int64_t v_row = row_of(c.ci), m_row = row_of(c.co), floats = kPositions * (v_row + m_row);
  const int64_t most = std::clamp<int64_t>(300'000 / floats, 64, 256);
  const int64_t blocks = (tiles.count() + most - 1) / most, block = (tiles.count() + blocks - 1) / blocks;
  Scratch v(kPositions * block * v_row), m(kPositions * block * m_row), sums(kPositions * c.co * v_row);
  for (int64_t b = 0; b < blocks; ++b) {
    const int64_t first = b * block, count = std::min(block, tiles.count() - first);
    parallel_for(count, 1 + 4000 / (c.ci + c.co), [&](int64_t begin, int64_t end) {
      transform({in, c.ci, 4, 2}, tiles, first + begin, first + end, v.data() + begin * v_row, block * v_row,
                transform_input);
      transform({out, c.co, 2, 0}, tiles, first + begin, first + end, m.data() + begin * m_row, block * m_row,
                transform_gradient);
    });
    parallel_for(kPositions, 1, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p)
        multiply(c, count, m.data() + p * block * m_row, v.data() + p * block * v_row,
                 sums.data() + p * c.co * v_row, v_row, b > 0);
    });
  }
  parallel_for(c.co, 1 + 4000 / c.ci, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t i = 0; i < c.ci; i += kLanes)
        transform_sums(sums.data() + o * v_row + i, c.co * v_row, dw + (o * c.ci + i) * 9,
                       std::min<int64_t>(kLanes, c.ci - i));
  });
}

}  // namespace minitorch::cpu::winograd
