// SPDX-License-Identifier: MIT
// Matrices from nothing: products in three ways, and a layer's forward and backward by hand.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

namespace nothing {

// --- matrices ------------------------------------------------------------------------------------------

//! [matrix]
// Numbers in rows, one row after the other in memory.
struct Matrix {
  int rows = 0, cols = 0;
  std::vector<float> data;

  Matrix() = default;
  Matrix(int rows, int cols, float value = 0)
      : rows(rows), cols(cols), data(std::size_t(rows) * std::size_t(cols), value) {}
  float* row(int i) { return data.data() + std::size_t(i) * std::size_t(cols); }
  const float* row(int i) const { return data.data() + std::size_t(i) * std::size_t(cols); }
  float& operator()(int i, int j) { return row(i)[j]; }
  float operator()(int i, int j) const { return row(i)[j]; }
};
//! [matrix]

//! [loops]
// c(i, j) = the sum over k of a(i, k) b(k, j): the definition.
inline Matrix matmul_loops(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.cols);
  for (int i = 0; i < c.rows; ++i)
    for (int j = 0; j < c.cols; ++j)
      for (int k = 0; k < a.cols; ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}
//! [loops]

//! [rows]
// The same products in another order: a number of a times a whole row of b, added to a row of c.
inline Matrix matmul_rows(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.cols);
  for (int i = 0; i < c.rows; ++i)
    for (int k = 0; k < a.cols; ++k) {
      const float left = a(i, k);
      const float* const right = b.row(k);
      float* const to = c.row(i);
      for (int j = 0; j < c.cols; ++j) to[j] += left * right[j];
    }
  return c;
}
//! [rows]

//! [tiles]
// By tiles of c, 4 rows by 64 columns, which stay in the fastest cache. A piece of b's row serves four rows
// of c; it is copied so that the last tile, too, has 64 columns. Loops of known length become vector
// instructions.
inline Matrix matmul_tiles(const Matrix& a, const Matrix& b) {
  constexpr int kRows = 4, kCols = 64;
  Matrix c(a.rows, b.cols);
  for (int j0 = 0; j0 < c.cols; j0 += kCols)
    for (int i0 = 0; i0 < c.rows; i0 += kRows) {
      const int rows = std::min(kRows, c.rows - i0), cols = std::min(kCols, c.cols - j0);
      float sums[kRows][kCols] = {}, right[kCols] = {};
      for (int k = 0; k < a.cols; ++k) {
        std::copy_n(b.row(k) + j0, cols, right);
        for (int i = 0; i < rows; ++i) {
          const float left = a(i0 + i, k);
          for (int j = 0; j < kCols; ++j) sums[i][j] += left * right[j];
        }
      }
      for (int i = 0; i < rows; ++i) std::copy_n(sums[i], cols, c.row(i0 + i) + j0);
    }
  return c;
}
//! [tiles]

inline Matrix transposed(const Matrix& a) {
  Matrix b(a.cols, a.rows);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) b(j, i) = a(i, j);
  return b;
}

// --- forward and backward by hand ----------------------------------------------------------------------

//! [forward]
inline Matrix linear(const Matrix& x, const Matrix& w, const Matrix& b) {  // (n, in), (in, out), (1, out)
  Matrix y = matmul_tiles(x, w);
  for (int i = 0; i < y.rows; ++i)
    for (int j = 0; j < y.cols; ++j) y(i, j) += b(0, j);
  return y;
}
inline Matrix relu(Matrix x) {
  for (float& v : x.data) v = std::max(v, 0.0f);
  return x;
}
inline float mse(const Matrix& pred, const Matrix& y) {
  double sum = 0;
  for (std::size_t i = 0; i < y.data.size(); ++i) sum += std::pow(pred.data[i] - y.data[i], 2);
  return float(sum / double(y.data.size()));
}
//! [forward]

//! [backward]
// d(mse) / d(pred)
inline Matrix mse_grad(const Matrix& pred, const Matrix& y) {
  Matrix d = pred;
  for (std::size_t i = 0; i < d.data.size(); ++i)
    d.data[i] = 2 * (pred.data[i] - y.data[i]) / float(d.data.size());
  return d;
}
// From the gradient of relu(x) to that of x: it passes where x was positive.
inline Matrix relu_grad(const Matrix& x, Matrix d) {
  for (std::size_t i = 0; i < d.data.size(); ++i)
    if (x.data[i] <= 0) d.data[i] = 0;
  return d;
}
// From the gradient of x w + b to those of x, w and b.
inline Matrix linear_grad_x(const Matrix& w, const Matrix& d) { return matmul_tiles(d, transposed(w)); }
inline Matrix linear_grad_w(const Matrix& x, const Matrix& d) { return matmul_tiles(transposed(x), d); }
inline Matrix linear_grad_b(const Matrix& d) { return matmul_tiles(Matrix(1, d.rows, 1), d); }
//! [backward]

}  // namespace nothing
