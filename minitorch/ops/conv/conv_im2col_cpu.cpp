// SPDX-License-Identifier: MIT
// The textbook's way: every patch of the image that a filter meets is written out as a column of a matrix
// (image to columns). The convolution is then one product of matrices per image:
//
//     y (co x outputs) = w (co x ci*kh*kw) . columns (ci*kh*kw x outputs)
//
// and both gradients are the products that follow from it. The matrix holds each pixel kh*kw times, so memory
// is the price; the other strategies are measured against this one, and tested against it.
#include <algorithm>

#include "minitorch/ops/conv/conv_strategies.h"
#include "minitorch/ops/matmul/gemm.h"

namespace minitorch::cpu {
namespace {

// Calls body(row, p, q, pixel) for every element of the matrix that lies inside the image: row = (i, a, b),
// column = (p, q), pixel = its place in the image.
template <class Body>
void each_pixel(const Conv& c, Body&& body) {
  int64_t row = 0;
  for (int64_t i = 0; i < c.ci; ++i)
    for (int64_t a = 0; a < c.kh; ++a)
      for (int64_t b = 0; b < c.kw; ++b, ++row)
        for (int64_t p = 0; p < c.oh; ++p) {
          const int64_t y = p * c.sh - c.top + a * c.dh;
          if (y < 0 || y >= c.h) continue;
          for (int64_t q = 0; q < c.ow; ++q) {
            const int64_t x = q * c.sw - c.left + b * c.dw;
            if (x >= 0 && x < c.w) body(row * c.y_plane() + p * c.ow + q, (i * c.h + y) * c.w + x);
          }
        }
}

void to_columns(const Conv& c, const float* image, float* columns) {
  std::fill_n(columns, c.ci * c.taps() * c.y_plane(), 0.f);
  each_pixel(c, [&](int64_t element, int64_t pixel) { columns[element] = image[pixel]; });
}

void product(int64_t rows, int64_t cols, int64_t depth, gemm::Matrix a, gemm::Matrix b, float* c,
             const gemm::Finish& finish = {}) {
  gemm::multiply(rows, cols, depth, gemm::PackA{a}, gemm::PackB{b}, gemm::StoreRows{c, cols}, finish);
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  const int64_t depth = c.ci * c.taps(), outputs = c.y_plane();
  Scratch columns(depth * outputs);
  for (int64_t n = 0; n < c.n; ++n) {
    to_columns(c, x + n * c.x_image, columns.data());
    product(c.co, outputs, depth, {w, depth, 1}, {columns.data(), outputs, 1}, y + n * c.y_image,
            {.row_bias = bias});
  }
}

void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  const int64_t depth = c.ci * c.taps(), outputs = c.y_plane();
  Scratch columns(depth * outputs);
  for (int64_t n = 0; n < c.n; ++n) {
    float* image = dx + n * c.x_image;
    product(depth, outputs, c.co, {w, 1, depth}, {dy + n * c.y_image, outputs, 1}, columns.data());
    std::fill_n(image, c.ci * c.x_plane(), 0.f);
    each_pixel(c, [&](int64_t element, int64_t pixel) { image[pixel] += columns[element]; });
  }
}

void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const int64_t depth = c.ci * c.taps(), outputs = c.y_plane();
  Scratch columns(depth * outputs);
  for (int64_t n = 0; n < c.n; ++n) {
    to_columns(c, x + n * c.x_image, columns.data());
    product(c.co, depth, outputs, {dy + n * c.y_image, outputs, 1}, {columns.data(), 1, outputs}, dw,
            {.accumulate = n > 0});
  }
}

}  // namespace

const ConvStrategy kConvIm2col{"im2col", false,         [](const Conv2dShape&) { return true; },
                               forward,  backward_data, backward_weights};

}  // namespace minitorch::cpu
