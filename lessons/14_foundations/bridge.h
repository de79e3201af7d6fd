// SPDX-License-Identifier: MIT
// Between the library from nothing and minitorch, and the digits for both.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/data/image_tensors.h"
#include "lessons/14_foundations/from_nothing.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

inline nothing::Matrix to_matrix(const Tensor& x) {
  nothing::Matrix m(int(x.size(0)), int(x.numel() / x.size(0)));
  m.data = x.detach().contiguous().to_vector<float>();
  return m;
}
inline Tensor to_tensor(const nothing::Matrix& m) { return tensor(m.data).view({m.rows, m.cols}); }
inline double difference(const nothing::Matrix& ours, const Tensor& theirs) {
  return max(abs(to_tensor(ours) - theirs.detach().view({ours.rows, ours.cols}))).item();
}

// The digits as rows of 784 numbers with mean 0 and standard deviation 1, mixed once and for all.
struct Digits {
  Tensor train_x, train_y, valid_x, valid_y;
};

inline Digits load_digits(const Path& path, int64_t every) {
  const auto part = [&](const Path& folder) {
    const auto [x, y] = stack_class_folders(folder, {.every = every});
    const Tensor rows = (x.flatten(1) - 0.1307) / 0.3081, order = randperm(y.size(0));
    return std::pair{rows.index_select(0, order), y.index_select(0, order)};
  };
  const auto [train_x, train_y] = part(path / "training");
  const auto [valid_x, valid_y] = part(path / "testing");
  return {train_x, train_y, valid_x, valid_y};
}

inline nothing::Dataset to_dataset(const Tensor& x, const Tensor& y) {
  return {to_matrix(x), y.to_vector<int>()};
}
