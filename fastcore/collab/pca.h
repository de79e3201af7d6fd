// SPDX-License-Identifier: MIT
// The directions in which rows of numbers differ most.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// Eigenvalues, largest first, (n), and the eigenvectors as columns, (n, n).
struct Eigen {
  minitorch::Tensor values, vectors;
};
/// Of a symmetric matrix (n, n): a v = value v, by Jacobi's rotations in double precision. The largest
/// component of each vector is positive. Reads the upper half. @throws ShapeError unless a is square
Eigen eigh(const minitorch::Tensor& a);

/// The rows of x (n, d) along the k directions in which they differ most: the columns' means are subtracted,
/// then each row is projected on the first k eigenvectors of the covariance, (n, k). fastai's Tensor.pca up
/// to signs.
/// @throws ValueError unless 1 <= k <= d
minitorch::Tensor pca(const minitorch::Tensor& x, int64_t k = 2);

}  // namespace fastcore
