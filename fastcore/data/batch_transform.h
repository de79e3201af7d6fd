// SPDX-License-Identifier: MIT
// Transforms of whole batches, on whatever device they are: numbers from bytes, and their scale. What a batch
// transform is, see transform.h; it runs in the thread that asks for the batch, in order, so that it may draw
// from the global generators.
#pragma once
#include <vector>

#include "fastcore/data/transform.h"

namespace fastcore {

/// A batch transform is a Transform whose overloads take TensorImage (n, c, h, w), TensorMask (n, h, w),
/// Points (n, k, 2) or Tensor.
using BatchTransform = Transform;

/// Bytes to numbers: pictures to float32, x / div; masks to int64, x / div_mask.
struct IntToFloatTensor {
  double div = 255;
  int64_t div_mask = 1;
  static constexpr double order = 10;

  TensorImage encode(const TensorImage& x) const;
  TensorMask encode(const TensorMask& mask) const;
  /// Back to bytes: clamped to [0, 1], times div, cut to whole numbers.
  TensorImage decode(const TensorImage& x) const;
  void fields(Fields& f) { f("div", div)("div_mask", div_mask); }
};

/// Mean and standard deviation of each channel.
struct Stats {
  std::vector<double> mean, std;
};
inline const Stats imagenet_stats{{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
inline const Stats cifar_stats{{0.491, 0.482, 0.447}, {0.247, 0.243, 0.261}};
inline const Stats mnist_stats{{0.131}, {0.308}};

/// y = (x - mean) / std, channel by channel. Without numbers of its own it takes those of the first training
/// batch: the mean, and the deviation (over n - 1) plus 1e-7.
struct Normalize {
  std::vector<double> mean = {}, std = {};
  bool of_net = false;  ///< put there by a learner for its net: the next learner's takes its place
  static constexpr double order = 99;

  static Normalize from_stats(const Stats& stats) { return {stats.mean, stats.std}; }
  /// @throws ShapeError unless there is one mean for each channel, or a single one for all
  TensorImage encode(const TensorImage& x) const;
  TensorImage decode(const TensorImage& x) const;
  void setup(const Sample& batch);
  bool is_set_up() const { return !mean.empty(); }
  void fields(Fields& f) { f("mean", mean)("std", std); }
};

FC_DECLARE_TRANSFORM(IntToFloatTensor)
FC_DECLARE_TRANSFORM(Normalize)

}  // namespace fastcore
