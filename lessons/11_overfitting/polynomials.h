// SPDX-License-Identifier: MIT
// Polynomials through points by least squares: the model whose freedom is one number, its degree.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

using Doubles = std::vector<double>;

//! [basis]
// Chebyshev's polynomials T_0 ... T_degree at x in [-1, 1]: T_k = 2 x T_(k-1) - T_(k-2). They describe the
// same curves as 1, x, x^2 ..., but do not look alike, so that the equations below stay solvable at
// degree 15.
inline Doubles basis(double x, int degree) {
  Doubles t{1, x};
  for (int k = 2; k <= degree; ++k) t.push_back(2 * x * t[k - 1] - t[k - 2]);
  t.resize(degree + 1);
  return t;
}
//! [basis]

//! [least_squares]
// The weights w with the smallest sum of (w . basis(x) - y)^2 + decay w^2. Its gradient is zero where
// (B^T B + decay) w = B^T y, which elimination solves.
inline Doubles fit(const Doubles& x, const Doubles& y, int degree, double decay = 0) {
  const int n = degree + 1;
  std::vector<Doubles> a(n, Doubles(n + 1));  // (n, n + 1): the equations and their right sides
  for (std::size_t row = 0; row < x.size(); ++row) {
    const Doubles b = basis(x[row], degree);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) a[i][j] += b[i] * b[j];
      a[i][n] += b[i] * y[row];
    }
  }
  for (int i = 0; i < n; ++i) a[i][i] += decay;
  for (int i = 0; i < n; ++i) {
    int pivot = i;
    for (int r = i + 1; r < n; ++r)
      if (std::abs(a[r][i]) > std::abs(a[pivot][i])) pivot = r;
    std::swap(a[i], a[pivot]);
    for (int r = 0; r < n; ++r) {
      if (r == i) continue;
      const double factor = a[r][i] / a[i][i];
      for (int c = i; c <= n; ++c) a[r][c] -= factor * a[i][c];
    }
  }
  Doubles w(n);
  for (int i = 0; i < n; ++i) w[i] = a[i][n] / a[i][i];
  return w;
}
//! [least_squares]

inline double value(const Doubles& w, double x) {
  const Doubles b = basis(x, static_cast<int>(w.size()) - 1);
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) sum += w[i] * b[i];
  return sum;
}

inline double mean_squared_error(const Doubles& w, const Doubles& x, const Doubles& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (value(w, x[i]) - y[i]) * (value(w, x[i]) - y[i]);
  return sum / static_cast<double>(x.size());
}
