// SPDX-License-Identifier: MIT
// The lesson's kernels, as its program sees them: three ladders, the machine's limits, and two kernels with a
// bug.
#pragma once
#include <cstdint>
#include <vector>

#include "minitorch/core/macros.h"

namespace minitorch {

/// c = a b; all (n, n), n a multiple of 64.
struct MatmulRung {
  const char* kernel;
  void (*run)(const float* a, const float* b, float* c, int n);
};

/// y[0] = the sum of x[0 ... n - 1]; `parts` has room for n / 64 + 2 numbers.
struct SumRung {
  const char* kernel;
  void (*run)(const float* x, float* parts, float* y, int n);
};

/// y = softmax of each row of x; both (rows, cols), cols at most 1024.
struct SoftmaxRung {
  const char* kernel;
  void (*run)(const float* x, float* y, int rows, int cols);
};

/// What arithmetic alone reaches: `out` has room for kLimitThreads numbers.
inline constexpr int kLimitThreads = 1024 * 256;
struct Limits {
  void (*multiply_adds)(float* out, int steps);    // 16 operations a step and thread
  void (*tensor_multiply)(float* out, int steps);  // 8192 multiply-adds a step and warp
};

/// A kernel with one mistake; x and y hold 256 numbers each.
struct Bug {
  const char* kernel;
  void (*run)(const float* x, float* y);
};

// clang-format off
MT_EVERY_DEVICE(
  std::vector<MatmulRung> matmul_rungs();
  std::vector<SumRung> sum_rungs();
  std::vector<SoftmaxRung> softmax_rungs();
  Limits limits();
  std::vector<Bug> bugs();
)
// clang-format on

}  // namespace minitorch
