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

/// How long a plan takes, in arbitrary units: rounds of blocks, times the work of a block. `cost` is that of
/// one step of depth: the tile's area / its speed.
inline double time_of(const Plan& p, double cost) {
  const double blocks = double(p.tiles_i) * p.tiles_j * p.splits * p.batch, at_once = processors();
  const double rounds = blocks <= at_once ? 1 : blocks / at_once;
  return rounds * cost * (p.per_split + 32.0) +
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

/// Lets a kernel have that much dynamic shared memory; above 48 KiB it must be asked for, once.
template <class Kernel>
void allow_shared(Kernel kernel, std::size_t bytes, const char* op) {
  if (bytes > 48 * 1024)
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          op);
}

/// c = finish(a b) in float32, with the one of `Tiles` that suits. kADeep and kBDeep as in multiply_floats.
template <bool kADeep, bool kBDeep, class... Tiles, class Problem>
void multiply_by(const Problem& problem, int rows, int cols, int deep, int batch, const Finish& finish,
                 const char* op) {
  const Plan plans[] = {plan_for<Tiles>(rows, cols, deep, batch)...};
  const double costs[] = {Tiles::kRows * Tiles::kCols * 100.0 / Tiles::kSpeed...};
  std::size_t best = 0;
  for (std::size_t i = 1; i < sizeof...(Tiles); ++i)
    if (time_of(plans[i], costs[i]) < time_of(plans[best], costs[best])) best = i;
  std::size_t at = 0;
  const auto try_tile = [&]<class Tile>(Tile) {
    if (at++ == best)
      run(multiply_floats<Tile, Problem, kADeep, kBDeep>, Tile::kThreads, 0, problem, plans[best], finish,
          op);
  };
  (try_tile(Tiles{}), ...);
}

template <bool kADeep, bool kBDeep, class Problem>
void multiply(const Problem& problem, int rows, int cols, int deep, int batch, const Finish& finish,
              const char* op) {
  multiply_by<kADeep, kBDeep, FloatTile<128, 128, 8, 8, 100>, FloatTile<64, 64, 8, 4, 70>,
              FloatTile<32, 32, 4, 4, 40>>(problem, rows, cols, deep, batch, finish, op);
}

}  // namespace minitorch::MT_DEVICE::gemm
