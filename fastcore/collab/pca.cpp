// SPDX-License-Identifier: MIT
#include "fastcore/collab/pca.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "minitorch/core/errors.h"
#include "minitorch/minitorch.h"

namespace fastcore {
using minitorch::Tensor;

namespace {

// A square matrix of doubles.
struct Matrix {
  std::size_t n;
  std::vector<double> values;
  double& at(std::size_t i, std::size_t j) { return values[i * n + j]; }
};

// Turns the plane of axes p and q so that a[p, q] becomes 0; the same turn collects in v (Golub and Van Loan,
// Matrix Computations, 8.5).
void rotate(Matrix& a, Matrix& v, std::size_t p, std::size_t q) {
  const double apq = a.at(p, q);
  if (apq == 0) return;
  const double tau = (a.at(q, q) - a.at(p, p)) / (2 * apq);
  const double t = (tau >= 0 ? 1 : -1) / (std::fabs(tau) + std::sqrt(1 + tau * tau));
  const double c = 1 / std::sqrt(1 + t * t), s = t * c;
  for (std::size_t k = 0; k < a.n; ++k) {
    const double kp = a.at(k, p), kq = a.at(k, q);
    a.at(k, p) = c * kp - s * kq;
    a.at(k, q) = s * kp + c * kq;
  }
  for (std::size_t k = 0; k < a.n; ++k) {
    const double pk = a.at(p, k), qk = a.at(q, k);
    a.at(p, k) = c * pk - s * qk;
    a.at(q, k) = s * pk + c * qk;
  }
  for (std::size_t k = 0; k < a.n; ++k) {
    const double kp = v.at(k, p), kq = v.at(k, q);
    v.at(k, p) = c * kp - s * kq;
    v.at(k, q) = s * kp + c * kq;
  }
}

void diagonalize(Matrix& a, Matrix& v) {
  double total = 0;
  for (const double x : a.values) total += x * x;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0;
    for (std::size_t i = 0; i < a.n; ++i)
      for (std::size_t j = i + 1; j < a.n; ++j) off += a.at(i, j) * a.at(i, j);
    if (!(off > 1e-30 * total)) return;  // each sweep squares what is left: about ten do
    for (std::size_t p = 0; p + 1 < a.n; ++p)
      for (std::size_t q = p + 1; q < a.n; ++q) rotate(a, v, p, q);
  }
}

}  // namespace

Eigen eigh(const Tensor& x) {
  if (x.dims() != 2 || x.size(0) != x.size(1))
    throw minitorch::ShapeError("[eigh] " + to_string(x.shape()) + ": expected a square matrix");
  const auto n = static_cast<std::size_t>(x.size(0));
  Matrix a{n, x.to_vector<double>()}, v{n, std::vector<double>(n * n)};
  for (std::size_t i = 0; i < n; ++i) {
    v.at(i, i) = 1;
    for (std::size_t j = 0; j < i; ++j) a.at(i, j) = a.at(j, i);
  }
  diagonalize(a, v);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return a.at(i, i) > a.at(j, j); });
  std::vector<double> values(n), vectors(n * n);
  for (std::size_t j = 0; j < n; ++j) {
    const std::size_t from = order[j];
    values[j] = a.at(from, from);
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i)
      if (std::fabs(v.at(i, from)) > std::fabs(largest)) largest = v.at(i, from);
    for (std::size_t i = 0; i < n; ++i) vectors[i * n + j] = largest < 0 ? -v.at(i, from) : v.at(i, from);
  }
  const auto size = static_cast<int64_t>(n);
  return {minitorch::tensor(values), minitorch::tensor(vectors, {size, size})};
}

Tensor pca(const Tensor& x, int64_t k) {
  if (x.dims() != 2 || k < 1 || k > x.size(1))
    throw minitorch::ValueError("[pca] " + std::to_string(k) + " directions of " + to_string(x.shape()) +
                                ": expected a matrix with at least as many columns");
  const minitorch::NoGrad no_grad;
  const Tensor centred = x - x.mean({0}, true);
  return centred.matmul(eigh(centred.t().matmul(centred)).vectors.slice(1, 0, k));
}

}  // namespace fastcore
