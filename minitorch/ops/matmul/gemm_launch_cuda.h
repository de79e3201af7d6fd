// SPDX-License-Identifier: MIT
// From a product's sizes to the tile and the cuts that suit the GPU. For .cu files only.
#pragma once
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/matmul/gemm_float_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::gemm {

/// The GPU's processors. Asked once: the answer does not change.
inline int processors() {
  static const int count = [] {
    int device = 0, n = 1;
    check(cudaGetDevice(&device), "device");
    check(cudaDeviceGetAttribute(&n, cudaDevAttrMultiProcessorCount, device), "device");
    return n;
  }();
  return count;
}

inline constexpr int kBlocksPerProcessor = 2;

/// How long a plan takes, in arbitrary units: rounds of blocks, times the work of a block. `speed` is what
/// the tile reaches of the GPU's rate when there is enough to do: small tiles read more for each
/// multiply-add.
inline double time_of(const Plan& p, int area, double speed) {
  const double blocks = double(p.tiles_i) * p.tiles_j * p.splits * p.batch, at_once = processors();
  const double rounds = blocks <= at_once ? 1 : blocks / at_once;
  return rounds * area * (p.per_split + 32.0) / speed +
         (p.splits > 1 ? 4.0 * p.rows * p.cols * p.splits / at_once : 0);
}

template <class Tile>
Plan plan_for(int rows, int cols, int deep, int batch) {
  return make_plan(rows, cols, deep, batch, Tile::kRows, Tile::kCols, Tile::kDepth,
                   processors() * kBlocksPerProcessor);
}

/// Runs `kernel(problem, plan, finish, parts)`, and the addition of the parts where there are several.
template <class Problem, class Kernel>
void run(Kernel kernel, int threads, std::size_t shared_bytes, const Problem& problem, const Plan& plan,
         const Finish& finish, const char* op) {
  const int64_t count = static_cast<int64_t>(plan.rows) * plan.cols * plan.batch;
  if (plan.splits == 1)
    return check(launch(kernel, plan.blocks(), threads, shared_bytes, current_stream(), problem, plan, finish,
                        nullptr),
                 op);
  const DeviceScratch<float> parts(count * plan.splits);
  check(launch(kernel, plan.blocks(), threads, shared_bytes, current_stream(), problem, plan, finish,
               parts.data()),
        op);
  check(launch(add_parts<Problem>, blocks_for(count), kElementwiseBlock, 0, current_stream(), problem, plan,
               finish, parts.data()),
        op);
}

/// c = finish(a b) in float32, with the tile that suits. kADeep and kBDeep as in multiply_floats.
template <bool kADeep, bool kBDeep, class Problem>
void multiply(const Problem& problem, int rows, int cols, int deep, int batch, const Finish& finish,
              const char* op) {
  using Large = FloatTile<128, 128, 8, 8>;
  using Middle = FloatTile<64, 64, 8, 4>;
  using Small = FloatTile<32, 32, 4, 4>;
  const Plan large = plan_for<Large>(rows, cols, deep, batch),
             middle = plan_for<Middle>(rows, cols, deep, batch),
             small = plan_for<Small>(rows, cols, deep, batch);
  const double time_large = time_of(large, 128 * 128, 1.0), time_middle = time_of(middle, 64 * 64, 0.7),
               time_small = time_of(small, 32 * 32, 0.4);
  if (time_large <= time_middle && time_large <= time_small)
    run(multiply_floats<Large, Problem, kADeep, kBDeep>, Large::kThreads, 0, problem, large, finish, op);
  else if (time_middle <= time_small)
    run(multiply_floats<Middle, Problem, kADeep, kBDeep>, Middle::kThreads, 0, problem, middle, finish, op);
  else run(multiply_floats<Small, Problem, kADeep, kBDeep>, Small::kThreads, 0, problem, small, finish, op);
}

}  // namespace minitorch::MT_DEVICE::gemm
