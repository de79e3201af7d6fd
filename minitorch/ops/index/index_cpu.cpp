// SPDX-License-Identifier: MIT
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/index/index_kernels.h"

namespace minitorch::cpu {
namespace {

using Rows = View<const int64_t, 1>;

constexpr int64_t kAhead = 8;   // rows fetched ahead: they lie anywhere, so the hardware cannot guess them
constexpr int64_t kWide = 256;  // columns from which threads share columns rather than rows
constexpr int64_t kLine = 16;   // floats of a cache line
constexpr int64_t kBuckets = 256;

// Calls row(i, rows[i], first column, past the last) so that each target row is visited in the order of i,
// whatever the number of threads. Wide rows are shared by columns. Narrow rows are dealt out by a hash of
// their number: every thread reads all numbers and takes what is its own, and neighbours (often the busiest
// rows) go to different threads.
template <class Row>
void for_rows_in_order(const Rows& rows, int64_t cols, Row&& row) {
  const int64_t m = rows.size[0];
  if (cols >= kWide)
    return parallel_for((cols + kLine - 1) / kLine, 4 + kGrain / (kLine * m + 1),
                        [&](int64_t begin, int64_t end) {
                          for (int64_t i = 0; i < m; ++i)
                            row(i, rows(i), begin * kLine, std::min(cols, end * kLine));
                        });
  parallel_for(kBuckets, 1 + kBuckets * kGrain / (m * (cols + 4) + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < m; ++i) {
      const int64_t bucket = (static_cast<uint32_t>(rows(i)) * 2654435769u) >> 24;
      if (bucket >= begin && bucket < end) row(i, rows(i), 0, cols);
    }
  });
}

template <class T>
void add_typed(const AnyView& x, const Rows& rows, const AnyView& y, int64_t skip) {
  const int64_t cols = x.size[1], m = rows.size[0];
  auto* to = static_cast<T*>(x.data);
  auto* from = static_cast<const T*>(y.data);
  for_rows_in_order(rows, cols, [&](int64_t i, int64_t row, int64_t begin, int64_t end) {
    if (row == skip) return;
    if (i + kAhead < m) __builtin_prefetch(to + rows(i + kAhead) * cols + begin, 1);
    T* t = to + row * cols;
    const T* f = from + i * cols;
#pragma GCC ivdep
    for (int64_t j = begin; j < end; ++j) t[j] += f[j];
  });
}

template <class T>
void take_items(const AnyView& x, const Rows& rows, const AnyView& y) {
  auto* from = static_cast<const T*>(x.data);
  auto* to = static_cast<T*>(y.data);
  parallel_for(rows.size[0], kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = from[rows(i)];
  });
}

}  // namespace

void take_rows(AnyView x, Rows rows, AnyView y) {
  const int64_t bytes = x.size[1] * item_size(x.dtype), m = rows.size[0];
  if (bytes == 1) return take_items<uint8_t>(x, rows, y);
  if (bytes == 4) return take_items<float>(x, rows, y);
  if (bytes == 8) return take_items<int64_t>(x, rows, y);
  auto* from = static_cast<const char*>(x.data);
  auto* to = static_cast<char*>(y.data);
  parallel_for(m, 1 + 4 * kGrain / (bytes + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (i + kAhead < end) __builtin_prefetch(from + rows(i + kAhead) * bytes);
      std::memcpy(to + i * bytes, from + rows(i) * bytes, bytes);
    }
  });
}

void put_rows(AnyView x, Rows rows, AnyView y) {
  const int64_t item = item_size(x.dtype), bytes = x.size[1] * item;
  auto* to = static_cast<char*>(x.data);
  auto* from = static_cast<const char*>(y.data);
  for_rows_in_order(rows, x.size[1], [&](int64_t i, int64_t row, int64_t begin, int64_t end) {
    std::memcpy(to + row * bytes + begin * item, from + i * bytes + begin * item, (end - begin) * item);
  });
}

void add_rows(AnyView x, Rows rows, AnyView y, int64_t skip) {
  x.dtype == kInt64 ? add_typed<int64_t>(x, rows, y, skip) : add_typed<float>(x, rows, y, skip);
}

void count_flags(View<const bool, 1> flags, View<int64_t, 1> counts) {
  parallel_for(counts.size[0], 16, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      int count = 0;
      for (int64_t i = k * kFlagChunk; i < std::min(flags.size[0], (k + 1) * kFlagChunk); ++i)
        count += flags.data[i];
      counts(k) = count;
    }
  });
}

void flag_positions(View<const bool, 1> flags, View<const int64_t, 1> starts, View<int64_t, 1> positions) {
  parallel_for(starts.size[0], 16, [&](int64_t begin, int64_t end) {
    int64_t found[kFlagChunk];
    for (int64_t k = begin; k < end; ++k) {
      int64_t count =
          0;  // every position is written, and the next overwrites it unless its flag was set: no branch
      for (int64_t i = k * kFlagChunk; i < std::min(flags.size[0], (k + 1) * kFlagChunk); ++i) {
        found[count] = i;
        count += flags.data[i];
      }
      std::memcpy(positions.data + starts(k), found, count * sizeof(int64_t));
    }
  });
}

void unravel(View<const int64_t, 1> positions, AnyView like, View<int64_t, 2> y) {
  parallel_for(y.size[0], 1024, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t rest = positions(i);
      for (int d = like.dims - 1; d >= 0; --d) {
        y(i, d) = rest % like.size[d];
        rest /= like.size[d];
      }
    }
  });
}

int64_t first_outside(const int64_t* p, int64_t n, int64_t low, int64_t high) {
  int64_t bad = 0;
  for (int64_t i = 0; i < n; ++i) bad |= (p[i] < low) | (p[i] >= high);
  if (!bad) return -1;
  for (int64_t i = 0;; ++i)
    if (p[i] < low || p[i] >= high) return i;
}

}  // namespace minitorch::cpu
