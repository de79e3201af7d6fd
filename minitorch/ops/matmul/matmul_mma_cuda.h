// SPDX-License-Identifier: MIT
// Products of ordinary matrices on tensor cores. For .cu files only; each element type is compiled in one of
// its own.
#pragma once
#include "minitorch/ops/matmul/gemm_launch_cuda.h"
#include "minitorch/ops/matmul/gemm_mma_cuda.h"
#include "minitorch/ops/matmul/matrices_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::gemm {

template <class Tile, bool kADeep, bool kBDeep, class Problem>
void run_mma(const Problem& problem, const Plan& plan, const Finish& finish, const char* op) {
  constexpr std::size_t kBytes = mma_shared_bytes<Tile, kADeep, kBDeep>();
  const auto kernel = multiply_mma<Tile, Problem, kADeep, kBDeep>;
  allow_shared(kernel, kBytes, op);
  run(kernel, Tile::kThreads, kBytes, problem, plan, finish, op);
}

/// c = finish(a b) on tensor cores, with the tile that suits.
template <class T, bool kADeep, bool kBDeep, class Problem>
void multiply_on_tensor_cores(const Problem& problem, int rows, int cols, int deep, int batch,
                              const Finish& finish, const char* op) {
  using Large = MmaTile<T, 128, 128, 64, 32, 3>;
  using Small = MmaTile<T, 64, 64, 32, 32, 3>;
  const Plan large = plan_for<Large>(rows, cols, deep, batch),
             small = plan_for<Small>(rows, cols, deep, batch);
  if (time_of(large, 128 * 128) <= time_of(small, 64 * 64 / 0.6))
    run_mma<Large, kADeep, kBDeep>(problem, large, finish, op);
  else run_mma<Small, kADeep, kBDeep>(problem, small, finish, op);
}

/// c = finish(a b) for matrices of T.
template <class T>
void multiply_matrices(const View<const T, 3>& a, const View<const T, 3>& b, const View<T, 3>& c,
                       const Finish& finish) {
  const auto m = matrices(a, b, c, true);
  const int rows = static_cast<int>(c.size[1]), cols = static_cast<int>(c.size[2]),
            deep = static_cast<int>(a.size[2]), batch = static_cast<int>(c.size[0]);
  const bool a_deep = lies_along(a, 2), b_deep = lies_along(b, 1);
  if (a_deep && b_deep) multiply_on_tensor_cores<T, true, true>(m, rows, cols, deep, batch, finish, "matmul");
  else if (a_deep) multiply_on_tensor_cores<T, true, false>(m, rows, cols, deep, batch, finish, "matmul");
  else if (b_deep) multiply_on_tensor_cores<T, false, true>(m, rows, cols, deep, batch, finish, "matmul");
  else multiply_on_tensor_cores<T, false, false>(m, rows, cols, deep, batch, finish, "matmul");
}

}  // namespace minitorch::MT_DEVICE::gemm
