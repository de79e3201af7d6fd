// SPDX-License-Identifier: MIT
// Reductions on the CPU, in two directions. Where one output's elements are neighbours, a row is joined into
// a few vectors. Where neighbouring outputs come from neighbouring elements, whole rows are joined into an
// array of results.
//
// Both cut the reduced elements into blocks whose size follows from the shape alone, and join the blocks in
// order: the result is the same bit for bit on any number of threads. Inside a block floats are joined in
// float32, across blocks sums and products in double.
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/core/scratch.h"
#include "minitorch/ops/reduce/reduce_kernels.h"
#include "minitorch/ops/reduce/reduce_plan.h"
#include "minitorch/ops/reduce/run_join_cpu.h"

namespace minitorch::cpu {
namespace {

using simd::kLanes, simd::Vec;

constexpr int64_t kBlock =
    8192;  // elements of one output that are joined before rounding is stopped by a double
constexpr int64_t kColumns = 1024;  // outputs that one thread works on together: 4 KiB of results

// The elements begin to end of one output's reduced elements, x being the first of them all.
template <class Op, class T>
T join_block(const StridedLoop<1>& reduced, const T* x, T shift, int64_t begin, int64_t end) {
  RunJoin<Op, T> join(shift);
  const int64_t run = reduced.inner_size(), step = reduced.inner(0);
  for (int64_t i = begin; i < end;) {
    int64_t at[1], count = std::min(run - i % run, end - i);
    reduced.offsets(i, at);
    const T* p = x + at[0];
    i += count;
    if (step == 1 || run == 1) {
      join.add(p, count);
      continue;
    }
    T packed[16 * kLanes];
    while (count > 0) {
      const int64_t n = std::min<int64_t>(count, 16 * kLanes);
      for (int64_t k = 0; k < n; ++k) packed[k] = p[k * step];
      join.add(packed, n);
      p += n * step;
      count -= n;
    }
  }
  return join.total();
}

// result[j] joined with kRows rows at column j.
template <class Op, int kRows, class T>
void join_rows(const T* const (&rows)[kRows], const T* shift, T* result, int64_t columns) {
  if constexpr (std::is_same_v<T, float>) {
    for (int64_t j = 0; j < columns; j += kLanes) {
      const int64_t n = columns - j;
      const bool whole = n >= kLanes;
      const auto load = [&](const float* p) __attribute__((always_inline)) {
        return whole ? Vec::load(p + j) : Vec::load(p + j, n);
      };
      const Vec s = Op::kShifted ? load(shift) : Vec(0.f);
      Vec v = Op::map(load(rows[0]), s);
      if constexpr (kRows == 4)
        v = Op::join(Op::join(v, Op::map(load(rows[1]), s)),
                     Op::join(Op::map(load(rows[2]), s), Op::map(load(rows[3]), s)));
      v = Op::join(load(result), v);
      whole ? v.store(result + j) : v.store(result + j, n);
    }
  } else {
    for (int k = 0; k < kRows; ++k)
      for (int64_t j = 0; j < columns; ++j) result[j] = Op::join(result[j], Op::map(rows[k][j], T()));
  }
}

// Rows begin to end of `columns` neighbouring outputs; x is the first element of the first.
template <class Op, class T>
void join_columns(const StridedLoop<1>& reduced, const T* x, const T* shift, int64_t begin, int64_t end,
                  T* result, int64_t columns) {
  const auto row = [&](int64_t i) {
    int64_t at[1] = {i * reduced.inner(0)};
    if (reduced.dims > 1) reduced.offsets(i, at);
    return x + at[0];
  };
  std::fill_n(result, columns, Op::template start<T>());
  int64_t i = begin;
  for (; i + 4 <= end; i += 4)
    join_rows<Op, 4, T>({row(i), row(i + 1), row(i + 2), row(i + 3)}, shift, result, columns);
  for (; i < end; ++i) join_rows<Op, 1, T>({row(i)}, shift, result, columns);
}

/// What reduce_rows and reduce_columns need of an op: they are compiled once for all ops of a type. Blocks
/// are joined in Total.
template <class T, class Total>
struct Joins {
  bool shifted;
  T (*block)(const StridedLoop<1>& reduced, const T* x, T shift, int64_t begin, int64_t end);
  void (*columns)(const StridedLoop<1>& reduced, const T* x, const T* shift, int64_t begin, int64_t end,
                  T* result, int64_t columns);
  void (*parts)(const T* part, Total* totals, int64_t count);  // totals[j] joined with part[j]
  Total start;
};

template <class T, class Total>
T finish(Total total, double divisor) {
  if constexpr (std::is_same_v<T, float>) return static_cast<T>(static_cast<double>(total) / divisor);
  else return static_cast<T>(total);
}

template <class T, class Total>
void reduce_rows(const Joins<T, Total>& op, const ReducePlan& plan, double divisor) {
  const auto& kept = plan.kept;
  const int64_t n = plan.reduced.numel, blocks = (n + kBlock - 1) / kBlock;
  if (blocks <= 1) {
    const int64_t sy = kept.inner(ReducePlan::kY), ss = kept.inner(ReducePlan::kShift),
                  sx = kept.inner(ReducePlan::kX);
    for_each_run(kept, 1 + kGrain / (n + 8), {sizeof(T), sizeof(T), sizeof(T)},
                 [&](char* const* p, int64_t count) {
                   auto* y = reinterpret_cast<T*>(p[ReducePlan::kY]);
                   auto* s = reinterpret_cast<const T*>(p[ReducePlan::kShift]);
                   auto* x = reinterpret_cast<const T*>(p[ReducePlan::kX]);
                   for (int64_t i = 0; i < count; ++i) {
                     const T total = op.block(plan.reduced, x + i * sx, op.shifted ? s[i * ss] : T(), 0, n);
                     y[i * sy] = finish<T>(total, divisor);
                   }
                 });
    return;
  }
  const Scratch<T> parts(kept.numel * blocks);
  const auto* data = static_cast<const T*>(kept.data[ReducePlan::kX]);
  const auto* shifts = static_cast<const T*>(kept.data[ReducePlan::kShift]);
  parallel_for(kept.numel * blocks, 1 + kGrain / kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % blocks * kBlock;
      int64_t at[3];
      kept.offsets(i / blocks, at);
      parts[i] =
          op.block(plan.reduced, data + at[ReducePlan::kX], op.shifted ? shifts[at[ReducePlan::kShift]] : T(),
                   first, std::min(first + kBlock, n));
    }
  });
  for (int64_t i = 0; i < kept.numel; ++i) {
    Total total = op.start;
    for (int64_t b = 0; b < blocks; ++b) op.parts(&parts[i * blocks + b], &total, 1);
    int64_t at[3];
    kept.offsets(i, at);
    static_cast<T*>(kept.data[ReducePlan::kY])[at[ReducePlan::kY]] = finish<T>(total, divisor);
  }
}

template <class T, class Total>
void reduce_columns(const Joins<T, Total>& op, const ReducePlan& plan, double divisor) {
  const auto& kept = plan.kept;
  const int64_t n = plan.reduced.numel, width = kept.inner_size(), chunk = std::min(width, kColumns);
  const int64_t chunks = (width + chunk - 1) / chunk, rows = std::clamp<int64_t>(65536 / chunk, 64, 1024);
  const int64_t blocks = std::max<int64_t>(1, (n + rows - 1) / rows), groups = kept.numel / width * chunks;
  const Scratch<T> parts(blocks > 1 ? groups * blocks * chunk : 1);
  const auto* shifts = static_cast<const T*>(kept.data[ReducePlan::kShift]);
  const int64_t sy = kept.inner(ReducePlan::kY), ss = kept.inner(ReducePlan::kShift);

  const auto place = [&](int64_t group,
                         int64_t(&at)[3]) {  // first output of a group; returns how many it has
    const int64_t first = group % chunks * chunk;
    kept.offsets(group / chunks * width + first, at);
    return std::min(chunk, width - first);
  };
  const auto write = [&](const auto* totals, const int64_t(&at)[3], int64_t columns) {
    T* y = static_cast<T*>(kept.data[ReducePlan::kY]) + at[ReducePlan::kY];
    for (int64_t j = 0; j < columns; ++j) y[j * sy] = finish<T>(totals[j], divisor);
  };
  parallel_for(
      groups * blocks, 1 + kGrain / (chunk * std::min(rows, n) + 1), [&](int64_t begin, int64_t end) {
        alignas(64) T result[kColumns], shift[kColumns];
        for (int64_t i = begin; i < end; ++i) {
          int64_t at[3];
          const int64_t columns = place(i / blocks, at), first = i % blocks * rows;
          if (op.shifted)
            for (int64_t j = 0; j < columns; ++j) shift[j] = shifts[at[ReducePlan::kShift] + j * ss];
          T* to = blocks > 1 ? &parts[i * chunk] : result;
          op.columns(plan.reduced, static_cast<const T*>(kept.data[ReducePlan::kX]) + at[ReducePlan::kX],
                     shift, first, std::min(first + rows, n), to, columns);
          if (blocks == 1) write(to, at, columns);
        }
      });
  if (blocks == 1) return;
  parallel_for(groups, 1 + kGrain / (chunk * blocks), [&](int64_t begin, int64_t end) {
    alignas(64) Total totals[kColumns];
    for (int64_t group = begin; group < end; ++group) {
      int64_t at[3];
      const int64_t columns = place(group, at);
      std::fill_n(totals, columns, op.start);
      for (int64_t b = 0; b < blocks; ++b) op.parts(&parts[(group * blocks + b) * chunk], totals, columns);
      write(totals, at, columns);
    }
  });
}

template <class Op, class T>
void reduce_as(const AnyView& x, const AnyView& shift, double divisor, const AnyView& y) {
  using Total = typename Op::template Total<T>;
  const ReducePlan plan = plan_reduction(x, shift, y);
  if (plan.kept.numel == 0) return;
  const Joins<T, Total> op{Op::kShifted, join_block<Op, T>, join_columns<Op, T>,
                           [](const T* part, Total* totals, int64_t count) {
                             for (int64_t j = 0; j < count; ++j)
                               totals[j] = Op::join(totals[j], static_cast<Total>(part[j]));
                           },
                           Op::template start<Total>()};
  plan.down_columns() ? reduce_columns(op, plan, divisor) : reduce_rows(op, plan, divisor);
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

}  // namespace minitorch::cpu
