// SPDX-License-Identifier: MIT
// Resizing is a matrix product along each axis with a matrix that is almost empty. The gradient is the
// product with its transpose, so that one routine does both: it takes a table of weights for either axis.
#include <cstring>
#include <vector>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/interpolate/interpolate_kernels.h"

namespace minitorch::cpu {
namespace {

using Planes = View<float, 3>;
using ConstPlanes = View<const float, 3>;

// Target o is the sum over k < taps of weight[k * targets + o] * source[index[k * targets + o]]. Where a
// target has fewer than `taps` sources, its first one is repeated with weight 0.
struct Table {
  int64_t sources, targets, taps = 0;
  std::vector<int32_t> index = {};
  std::vector<float> weight = {};

  int64_t at(int64_t k, int64_t o) const { return index[k * targets + o]; }
  float of(int64_t k, int64_t o) const { return weight[k * targets + o]; }
};

// range(o) gives the first source and past the last; weight(o, i) the weight of source i.
template <class Range, class Weight>
Table make_table(int64_t sources, int64_t targets, Range range, Weight weight) {
  Table t{sources, targets};
  for (int64_t o = 0; o < targets; ++o) t.taps = std::max(t.taps, range(o).second - range(o).first);
  t.index.assign(t.taps * targets, 0);
  t.weight.assign(t.taps * targets, 0);
  for (int64_t o = 0; o < targets; ++o) {
    const auto [first, past] = range(o);
    for (int64_t k = 0; k < t.taps; ++k) {
      const bool used = first + k < past;
      t.index[k * targets + o] = static_cast<int32_t>(used ? first + k : first < past ? first : 0);
      if (used) t.weight[k * targets + o] = weight(o, first + k);
    }
  }
  return t;
}

Table forward_table(const AxisMap& map) {
  return make_table(
      map.in, map.out,
      [&](int64_t o) {
        const auto t = map.taps(o);
        return std::pair{t.first, t.first + t.count};
      },
      [&](int64_t o, int64_t i) { return map.weight(map.taps(o), i); });
}
Table backward_table(const AxisMap& map) {
  return make_table(
      map.out, map.in,
      [&](int64_t i) {
        return std::pair{map.first_user(i), map.past_user(i)};
      },
      [&](int64_t i, int64_t o) { return map.weight(map.taps(o), i); });
}

template <int kTaps>
void row_of(const Table& t, const float* from, float* to) {
  const int64_t n = t.targets;
  const int32_t* index = t.index.data();
  const float* weight = t.weight.data();
  for (int64_t o = 0; o < n; ++o) {
    float sum = 0;
#pragma GCC unroll 4
    for (int k = 0; k < kTaps; ++k) sum += weight[k * n + o] * from[index[k * n + o]];
    to[o] = sum;
  }
}

// One row along the last axis.
void along_row(const Table& t, const float* from, float* to) {
  switch (t.taps) {
    case 1: return row_of<1>(t, from, to);
    case 2: return row_of<2>(t, from, to);
    case 3: return row_of<3>(t, from, to);
    case 4: return row_of<4>(t, from, to);
  }
  for (int64_t o = 0; o < t.targets; ++o) {
    float sum = 0;
    for (int64_t k = 0; k < t.taps; ++k) sum += t.of(k, o) * from[t.at(k, o)];
    to[o] = sum;
  }
}

// Row o as the weighted sum of rows of `from`, n long each. Returns where it lies: in `to`, or in `from`
// itself where it is one row as it stands.
const float* blend_rows(const Table& t, int64_t o, const float* from, int64_t n, float* to) {
  const float* a = from + t.at(0, o) * n;
  const float wa = t.of(0, o);
  if (t.taps == 1) {
    if (wa == 1) return a;
    if (wa == 0) std::fill_n(to, n, 0.0f);  // an element that no output was made from
    else
      for (int64_t j = 0; j < n; ++j) to[j] = wa * a[j];
    return to;
  }
  const float* b = from + t.at(1, o) * n;
  const float wb = t.of(1, o);
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) to[j] = wa * a[j] + wb * b[j];
  for (int64_t k = 2; k < t.taps; ++k) {
    const float w = t.of(k, o);
    const float* row = from + t.at(k, o) * n;
    if (w == 0) continue;
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) to[j] += w * row[j];
  }
  return to;
}

// The axis that shrinks goes first, so that the other one has less to do: growing pictures are widened once a
// source row.
void resize_plane(const float* x, float* y, const Table& rows, const Table& cols, float* scratch) {
  const int64_t width = cols.targets;
  if (rows.targets <= rows.sources) {
    for (int64_t o = 0; o < rows.targets; ++o)
      along_row(cols, blend_rows(rows, o, x, cols.sources, scratch), y + o * width);
    return;
  }
  for (int64_t i = 0; i < rows.sources; ++i) along_row(cols, x + i * cols.sources, scratch + i * width);
  for (int64_t o = 0; o < rows.targets; ++o) {
    float* to = y + o * width;
    const float* row = blend_rows(rows, o, scratch, width, to);
    if (row != to) std::memcpy(to, row, width * sizeof(float));
  }
}

void resize(const ConstPlanes& x, const Planes& y, const Table& rows, const Table& cols) {
  const int64_t size = std::max(cols.sources, rows.sources * cols.targets);
  const int64_t work = (rows.sources + rows.targets) * cols.targets * cols.taps;
  parallel_for(y.size[0], 1 + kGrain / (work + 1), [&](int64_t begin, int64_t end) {
    thread_local std::vector<float> scratch;
    if (static_cast<int64_t>(scratch.size()) < size) scratch.resize(size);
    for (int64_t p = begin; p < end; ++p)
      resize_plane(x.data + p * x.stride[0], y.data + p * y.stride[0], rows, cols, scratch.data());
  });
}

}  // namespace

void resample(ConstPlanes x, Planes y, AxisMap rows, AxisMap cols) {
  resize(x, y, forward_table(rows), forward_table(cols));
}
void resample_backward(ConstPlanes dy, Planes dx, AxisMap rows, AxisMap cols) {
  resize(dy, dx, backward_table(rows), backward_table(cols));
}

}  // namespace minitorch::cpu
