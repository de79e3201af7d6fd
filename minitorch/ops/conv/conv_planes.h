// SPDX-License-Identifier: MIT
// Convolution as a matrix product whose matrix of patches is never written: these are the callables with
// which gemm.h packs its operands straight from images and stores its results straight into N x C x H x W.
// For *_cpu.cpp files.
#pragma once
#include "minitorch/ops/conv/conv_padded.h"
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::cpu {

/// Output pixels of a batch as columns of a matrix, image by image and row by row. The rows x cols grid of
/// each image starts at data + n * image; its rows are `pitch` apart and contiguous.
struct PixelGrid {
  const float* data;
  int64_t rows, cols, image, pitch;
  const float* end = nullptr;  // vectors must not reach beyond it; null: there is room behind the data

  struct Run {
    int64_t column, from, length;  // columns [column, column + length) of a strip lie at data + from
  };
  /// The contiguous runs that make up columns [j0, j0 + n).
  int runs(int64_t j0, int64_t n, Run* out) const {
    int count = 0;
    int64_t y = j0 / cols, x = j0 - y * cols, img = y / rows;
    y -= img * rows;
    for (int64_t j = 0; j < n;) {
      const int64_t length = std::min(cols - x, n - j);
      out[count++] = {j, img * image + y * pitch + x, length};
      j += length, x = 0;
      if (++y == rows) y = 0, ++img;
    }
    return count;
  }
};

/// Packs B(k, j) = grid pixel j, moved by tap[k]. Vectors that run over the end of a run are overwritten by
/// the next one, or land behind the strip's columns.
struct PackPixels {
  PixelGrid grid;
  const int64_t* tap;

  void operator()(float* dst, int64_t k0, int64_t depth, int64_t j0, int64_t cols) const {
    using simd::Vec;
    PixelGrid::Run run[gemm::kTileCols];
    int64_t from[gemm::kTileCols], to[gemm::kTileCols];
    int copies = 0;
    const int count = grid.runs(j0, cols, run);
    for (int i = 0; i < count; ++i)
      for (int64_t q = 0; q < run[i].length; q += simd::kLanes)
        to[copies] = run[i].column + q, from[copies++] = run[i].from + q;
    if (grid.end && grid.data + from[copies - 1] + tap[k0 + depth - 1] + simd::kLanes > grid.end)
      return pack_near_end(dst, k0, depth, j0, cols);
    if (copies == 2) {  // the common case
      for (int64_t k = 0; k < depth; ++k, dst += gemm::kTileCols) {
        const float* pixel = grid.data + tap[k0 + k];
        Vec::load(pixel + from[0]).store(dst);
        Vec::load(pixel + from[1]).store(dst + to[1]);
      }
      return;
    }
    for (int64_t k = 0; k < depth; ++k, dst += gemm::kTileCols) {
      const float* pixel = grid.data + tap[k0 + k];
      for (int i = 0; i < copies; ++i) Vec::load(pixel + from[i]).store(dst + to[i]);
    }
  }
  // Number by number, so as not to read behind the images.
  void pack_near_end(float* dst, int64_t k0, int64_t depth, int64_t j0, int64_t cols) const {
    PixelGrid::Run run[gemm::kTileCols];
    const int count = grid.runs(j0, cols, run);
    for (int64_t k = 0; k < depth; ++k, dst += gemm::kTileCols)
      for (int i = 0; i < count; ++i)
        for (int64_t q = 0; q < run[i].length; ++q)
          dst[run[i].column + q] = grid.data[tap[k0 + k] + run[i].from + q];
  }
};

/// The same matrix transposed: B(pixel k, j) = grid pixel k, moved by tap[j].
struct PackTaps {
  PixelGrid grid;
  const int64_t* tap;

  void operator()(float* dst, int64_t k0, int64_t depth, int64_t j0, int64_t cols) const {
    using simd::kLanes;
    constexpr int kWidth = gemm::kTileCols;
    for (int64_t k = 0; k < depth; k += kWidth) {
      PixelGrid::Run run[kWidth];
      const int count = grid.runs(k0 + k, std::min<int64_t>(kWidth, depth - k), run);
      for (int i = 0; i < count; ++i)
        for (int64_t q = 0; q < run[i].length; q += kLanes) {
          const float* pixel = grid.data + run[i].from + q;
          for (int64_t j = 0; j < kWidth; j += kLanes) {
            const float* row[kLanes];
            for (int64_t l = 0; l < kLanes; ++l) row[l] = pixel + tap[j0 + std::min(j + l, cols - 1)];
            gemm::transpose_rows<kWidth>(dst + (k + run[i].column + q) * kWidth + j, row, run[i].length - q);
          }
        }
    }
  }
};

/// Packs planes as the rows of A or the columns of B, their pixels along k: element (i, k) is pixel k % plane
/// of plane i of image k / plane.
template <int Width>
struct PackPlanes {
  const float* data;
  int64_t image, plane;

  void operator()(float* dst, int64_t k0, int64_t depth, int64_t i0, int64_t count) const {
    for (int64_t k = 0, n; k < depth; k += n) {
      const int64_t img = (k0 + k) / plane, pixel = (k0 + k) % plane;
      n = std::min(depth - k, plane - pixel);
      gemm::pack_strip<Width>(dst + k * Width, {data + img * image + i0 * plane + pixel, plane, 1}, count, n);
    }
  }
};

/// Row i of the product is plane i of every image; column j is pixel j % plane of image j / plane.
struct StorePlanes {
  float* data;
  int64_t image, row_stride, plane;  // row_stride: from plane to plane

  bool in_vectors(int64_t j, int64_t cols) const {
    return plane % simd::kLanes == 0 || j / plane == (j + cols - 1) / plane;
  }
  int64_t run(int64_t j, int64_t cols) const { return std::min(cols, plane - j % plane); }
  float* at(int64_t i, int64_t j) const { return data + j / plane * image + i * row_stride + j % plane; }
};

}  // namespace minitorch::cpu
