// SPDX-License-Identifier: MIT
// Reductions on a GPU, in the two directions of reduce_cpu.cpp. Each reads its input once and does one or two
// operations an element: the limit is memory, bytes of x / bandwidth, as long as there are enough blocks to
// fill the GPU. Where there are few outputs the elements of each are cut into strips, and a second, small
// launch joins the strips: always in the same order, so that results repeat bit for bit, which atomic
// additions would not give.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/reduce/block_cuda.h"
#include "minitorch/ops/reduce/reduce_functors.h"
#include "minitorch/ops/reduce/reduce_kernels.h"
#include "minitorch/ops/reduce/reduce_plan.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;
constexpr int kTileColumns = 32, kTileRows = 8;  // 32 neighbours in memory are read together
constexpr int64_t kStrip = 4096;                 // elements of an output that deserve a block of their own
constexpr int64_t kEnoughBlocks = 1024;          // about what fills a large GPU

template <class Op>
struct Join {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return Op::template join<T>(a, b);
  }
};

__device__ __forceinline__ float finish(float total, double divisor) {
  return static_cast<float>(total / divisor);
}
template <class T>
__device__ __forceinline__ T finish(T total, double) {
  return total;
}

__device__ __forceinline__ int64_t element(const StridedLoop<1>& loop, int64_t i) {
  if (loop.dims <= 1) return i * loop.inner(0);
  int64_t at[1];
  loop.offsets(i, at);
  return at[0];
}

template <class T>
struct Pointers {
  const T *x, *shift;
  T* y;      // null when parts are written
  T* parts;  // [output][strip]
};

// parts[output][strip] or y[output] = op over a strip of the output's elements x[output][i]. kGroup threads
// (a warp or the block) own an output's strip; neighbours in the group read neighbours in memory. 4 bytes of
// floats and one or two operations an element, 4 bytes a result: the limit is memory.
template <class Op, class T, int kGroup>
__global__ void reduce_rows(ReducePlan plan, Pointers<T> p, int64_t strips, double divisor) {
  __shared__ T shared[kThreads / kWarp];
  const int64_t item = static_cast<int64_t>(blockIdx.x) * (kThreads / kGroup) + threadIdx.x / kGroup;
  if (item >= plan.kept.numel * strips) return;  // the whole group
  const int64_t n = plan.reduced.numel, per_strip = (n + strips - 1) / strips,
                begin = item % strips * per_strip;
  const int64_t end = begin + per_strip < n ? begin + per_strip : n;
  int64_t at[3];
  plan.kept.offsets(item / strips, at);
  const T shift = Op::kShifted ? p.shift[at[ReducePlan::kShift]] : T();
  const T* x = p.x + at[ReducePlan::kX];
  T total = Op::template start<T>();
  for (int64_t i = begin + threadIdx.x % kGroup; i < end; i += kGroup)
    total = Op::template join<T>(total, Op::template map<T>(x[element(plan.reduced, i)], shift));
  total = join_block<kGroup>(total, shared, Join<Op>());
  if (threadIdx.x % kGroup != 0) return;
  if (strips == 1) p.y[at[ReducePlan::kY]] = finish(total, divisor);
  else p.parts[item] = total;
}

// The same where neighbouring outputs are neighbours in x. A block owns 32 outputs and one strip of their
// rows; its thread (c, r) joins rows r, r + 8, ... of column c, and the 8 results of a column meet in shared
// memory. The same bytes and operations.
template <class Op, class T>
__global__ void reduce_columns(ReducePlan plan, Pointers<T> p, int64_t strips, double divisor) {
  __shared__ T shared[kTileRows][kTileColumns];
  const int64_t strip = blockIdx.x % strips, output = blockIdx.x / strips * kTileColumns + threadIdx.x;
  const bool inside = output < plan.kept.numel;
  const int64_t n = plan.reduced.numel, per_strip = (n + strips - 1) / strips, begin = strip * per_strip;
  const int64_t end = begin + per_strip < n ? begin + per_strip : n;
  int64_t at[3] = {};
  T total = Op::template start<T>();
  if (inside) {
    plan.kept.offsets(output, at);
    const T shift = Op::kShifted ? p.shift[at[ReducePlan::kShift]] : T();
    const T* x = p.x + at[ReducePlan::kX];
    for (int64_t i = begin + threadIdx.y; i < end; i += kTileRows)
      total = Op::template join<T>(total, Op::template map<T>(x[element(plan.reduced, i)], shift));
  }
  shared[threadIdx.y][threadIdx.x] = total;
  __syncthreads();
  if (threadIdx.y != 0 || !inside) return;
  for (int r = 1; r < kTileRows; ++r) total = Op::template join<T>(total, shared[r][threadIdx.x]);
  if (strips == 1) p.y[at[ReducePlan::kY]] = finish(total, divisor);
  else p.parts[output * strips + strip] = total;
}

// y[output] = op over parts[output][0 ... strips - 1]. A warp owns an output, its lane l parts l, l + 32,
// ... 4 bytes of floats and an operation a part: the limit is memory, but the parts are few.
template <class Op, class T>
__global__ void join_strips(ReducePlan plan, Pointers<T> p, int64_t strips, double divisor) {
  const int64_t output = (static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x) / kWarp;
  if (output >= plan.kept.numel) return;
  T total = Op::template start<T>();
  for (int64_t s = threadIdx.x % kWarp; s < strips; s += kWarp)
    total = Op::template join<T>(total, p.parts[output * strips + s]);
  total = join_warp(total, Join<Op>());
  int64_t at[3];
  plan.kept.offsets(output, at);
  if (threadIdx.x % kWarp == 0) p.y[at[ReducePlan::kY]] = finish(total, divisor);
}

unsigned groups_of(int64_t items, int64_t group) {
  return static_cast<unsigned>((items + group - 1) / group);
}

template <class Op, class T>
void reduce_as(const AnyView& x, const AnyView& shift, double divisor, const AnyView& y) {
  const ReducePlan plan = plan_reduction(x, shift, y);
  const int64_t outputs = plan.kept.numel, n = plan.reduced.numel;
  if (outputs == 0) return;
  const bool columns = plan.down_columns();
  const int64_t tiles = columns ? groups_of(outputs, kTileColumns) : outputs,
                rows_a_block = columns ? kStrip / kTileColumns : kStrip;
  int64_t strips = n / rows_a_block < kEnoughBlocks / tiles ? n / rows_a_block : kEnoughBlocks / tiles;
  if (strips < 1) strips = 1;
  const DeviceScratch<T> parts(strips > 1 ? outputs * strips : 1);
  const Pointers<T> p = {static_cast<const T*>(x.data), static_cast<const T*>(shift.data),
                         static_cast<T*>(y.data), parts.data()};
  if (columns) {
    check(launch(reduce_columns<Op, T>, dim3(static_cast<unsigned>(tiles * strips)),
                 dim3(kTileColumns, kTileRows), 0, current_stream(), plan, p, strips, divisor),
          "reduce");
  } else if (n <= 1024) {
    check(launch(reduce_rows<Op, T, kWarp>, dim3(groups_of(outputs * strips, kThreads / kWarp)),
                 dim3(kThreads), 0, current_stream(), plan, p, strips, divisor),
          "reduce");
  } else {
    check(launch(reduce_rows<Op, T, kThreads>, dim3(static_cast<unsigned>(outputs * strips)), dim3(kThreads),
                 0, current_stream(), plan, p, strips, divisor),
          "reduce");
  }
  if (strips > 1)
    check(launch(join_strips<Op, T>, dim3(groups_of(outputs * kWarp, kThreads)), dim3(kThreads), 0,
                 current_stream(), plan, p, strips, divisor),
          "reduce");
}

template <class Op>
void reduce_floats(const AnyView& x, const AnyView& shift, double divisor, const AnyView& y) {
  reduce_as<Op, float>(x, shift, divisor, y);
}
template <class Op>
void reduce_numbers(const AnyView& x, const AnyView& shift, double divisor, const AnyView& y) {
  x.dtype == kInt64 ? reduce_as<Op, int64_t>(x, shift, divisor, y) : reduce_floats<Op>(x, shift, divisor, y);
}
template <class Op>
void reduce_all(const AnyView& x, const AnyView& shift, double divisor, const AnyView& y) {
  item_size(x.dtype) == 1 ? reduce_as<Op, uint8_t>(x, shift, divisor, y)
                          : reduce_numbers<Op>(x, shift, divisor, y);
}

}  // namespace

void reduce(ReduceOp op, AnyView x, AnyView shift, double divisor, AnyView y) {
  switch (op) {
#define MT_CASE(name, types) \
  case ReduceOp::name: return reduce_##types<functors::name>(x, shift, divisor, y);
    MT_REDUCE_OPS(MT_CASE)
#undef MT_CASE
  }
}

}  // namespace minitorch::MT_DEVICE
