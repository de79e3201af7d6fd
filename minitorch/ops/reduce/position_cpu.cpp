// SPDX-License-Identifier: MIT
// Where a maximum or minimum stands. Its value is known by now, so that comparing for equality is all there
// is to do.
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/reduce/reduce_kernels.h"
#include "minitorch/ops/reduce/reduce_plan.h"

namespace minitorch::cpu {
namespace {

template <class T>
int64_t find(const T* x, int64_t n, int64_t step, T value) {
  constexpr int64_t kRun = 64;  // compared without a branch, so that the compiler uses vectors
  int64_t i = 0;
  if (step == 1)
    for (; i + kRun <= n; i += kRun) {
      int found = 0;
      for (int64_t k = 0; k < kRun; ++k) found |= (x[i + k] == value) | (x[i + k] != x[i + k]);
      if (found) break;
    }
  for (; i < n; ++i)
    if (x[i * step] == value || x[i * step] != x[i * step]) return i;
  return 0;
}

template <class T>
void position_rows(const ReducePlan& plan) {
  const auto& kept = plan.kept;
  const int64_t n = plan.reduced.numel, step = plan.reduced.inner(0);
  parallel_for(kept.numel, 1 + kGrain / (n + 8), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t at[3];
      kept.offsets(i, at);
      static_cast<int64_t*>(kept.data[ReducePlan::kY])[at[ReducePlan::kY]] =
          find(static_cast<const T*>(kept.data[ReducePlan::kX]) + at[ReducePlan::kX], n, step,
               static_cast<const T*>(kept.data[ReducePlan::kShift])[at[ReducePlan::kShift]]);
    }
  });
}

// Neighbouring outputs together: from the last row to the first, each row overwrites what later ones found.
template <class T>
void position_columns(const ReducePlan& plan) {
  constexpr int64_t kColumns = 512;
  const auto& kept = plan.kept;
  const int64_t n = plan.reduced.numel, step = plan.reduced.inner(0), width = kept.inner_size();
  const int64_t chunks = (width + kColumns - 1) / kColumns;
  const int64_t sy = kept.inner(ReducePlan::kY), sv = kept.inner(ReducePlan::kShift);
  parallel_for(
      kept.numel / width * chunks, 1 + kGrain / (std::min(width, kColumns) * n),
      [&](int64_t begin, int64_t end) {
        T value[kColumns];
        int32_t position[kColumns];  // as wide as a float, for the vectors' sake
        for (int64_t i = begin; i < end; ++i) {
          const int64_t first = i % chunks * kColumns, columns = std::min(kColumns, width - first);
          int64_t at[3];
          kept.offsets(i / chunks * width + first, at);
          for (int64_t j = 0; j < columns; ++j)
            value[j] = static_cast<const T*>(kept.data[ReducePlan::kShift])[at[ReducePlan::kShift] + j * sv];
          std::fill_n(position, columns, 0);
          for (int64_t r = n - 1; r >= 0; --r) {
            const T* row = static_cast<const T*>(kept.data[ReducePlan::kX]) + at[ReducePlan::kX] + r * step;
            for (int64_t j = 0; j < columns; ++j)
              position[j] = (row[j] == value[j]) | (row[j] != row[j]) ? static_cast<int32_t>(r) : position[j];
          }
          for (int64_t j = 0; j < columns; ++j)
            static_cast<int64_t*>(kept.data[ReducePlan::kY])[at[ReducePlan::kY] + j * sy] = position[j];
        }
      });
}

template <class T>
void position_as(const ReducePlan& plan) {
  if (plan.kept.numel == 0) return;
  plan.down_columns() && plan.reduced.numel <= INT32_MAX ? position_columns<T>(plan) : position_rows<T>(plan);
}

}  // namespace

void first_position(AnyView x, AnyView values, AnyView positions) {
  const ReducePlan plan = plan_reduction(x, values, positions);
  if (x.dtype == kFloat32) position_as<float>(plan);
  else if (x.dtype == kInt64) position_as<int64_t>(plan);
  else position_as<uint8_t>(plan);
}

}  // namespace minitorch::cpu
