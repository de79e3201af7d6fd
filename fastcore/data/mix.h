// SPDX-License-Identifier: MIT
// The mathematics of MixUp and CutMix: every item of a batch is mixed with a partner from the same batch, and
// the loss with the loss for the partner's target in the same shares.
//
//     const MixUpBatch mix = MixUpBatch::draw(x.size(0), 0.4);
//     const Tensor pred = model(mix(x));
//     const Tensor loss = mix.mixed_loss(cross_entropy(pred, y[partner]), cross_entropy(pred, y)).mean();
#pragma once
#include <vector>

#include "fastcore/image/resample.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// n numbers from Beta(a, b), drawn from the default generator as PyTorch's Beta draws them: two Gamma
/// numbers each, by Marsaglia and Tsang's method (2000), and x = g1 / (g1 + g2).
/// @throws ValueError unless a and b are above 0
std::vector<double> sample_beta(double a, double b, int64_t n);

/// Zhang and others, 2017: each item is a mean of itself and its partner.
struct MixUpBatch {
  minitorch::Tensor partner;  ///< (n) int64: a permutation
  minitorch::Tensor lam;      ///< (n) float: the item's own share, at least one half

  /// A share of max(l, 1 - l), l from Beta(alpha, alpha), for each of n items; then a random permutation.
  static MixUpBatch draw(int64_t n, double alpha);
  /// lam x + (1 - lam) x[partner], for inputs of any shape and for targets that are numbers or shares.
  /// @throws ShapeError unless x counts as many items
  minitorch::Tensor operator()(const minitorch::Tensor& x) const;
  /// lam own + (1 - lam) partners: losses (n), one for each item.
  minitorch::Tensor mixed_loss(const minitorch::Tensor& partners, const minitorch::Tensor& own) const;
};

/// Yun and others, 2019: a rectangle of each picture comes from its partner.
struct CutMixBatch {
  minitorch::Tensor partner;  ///< (n) int64: a permutation
  Region box = {0, 0, 0, 0};  ///< what is replaced, the same of all pictures
  double lam = 1;             ///< what is left of the pictures: 1 - box / picture

  /// l from Beta(alpha, alpha) and a permutation; the box's sides are round(sqrt(1 - l) side), its middle is
  /// anywhere in the picture, and what reaches beyond the edge is cut off.
  static CutMixBatch draw(int64_t n, Size picture, double alpha);
  /// The box about a middle (x, y) whose sides are a share of the picture's, cut at the edges.
  static Region box_about(int64_t x, int64_t y, double share, Size picture);
  /// Pictures (n, c, h, w) with the box from their partners. @throws ShapeError for other shapes
  minitorch::Tensor operator()(const minitorch::Tensor& x) const;
  /// lam own + (1 - lam) partners.
  minitorch::Tensor mixed_loss(const minitorch::Tensor& partners, const minitorch::Tensor& own) const;
};

}  // namespace fastcore
