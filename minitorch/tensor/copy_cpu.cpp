// SPDX-License-Identifier: MIT
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/tensor/convert.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch::cpu {
namespace {

constexpr int64_t kTile = 32;

// A transposing copy reads down columns: square tiles keep both sides in the cache.
template <class T>
void copy_tiles(const StridedLoop<2>& loop) {
  const int64_t rows = loop.size[loop.dims - 2], cols = loop.size[loop.dims - 1];
  const int64_t row_tiles = (rows + kTile - 1) / kTile, matrices = loop.numel / (rows * cols);
  auto* from = static_cast<const T*>(loop.data[0]);
  auto* to = static_cast<T*>(loop.data[1]);
  const int64_t *sf = loop.stride[0] + loop.dims - 2, *st = loop.stride[1] + loop.dims - 2;
  parallel_for(matrices * row_tiles, 1 + kGrain / (kTile * cols + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t at[2];
      loop.offsets(i / row_tiles * rows * cols, at);
      const int64_t r0 = i % row_tiles * kTile, r1 = std::min(rows, r0 + kTile);
      for (int64_t c0 = 0; c0 < cols; c0 += kTile)
        for (int64_t r = r0; r < r1; ++r)
          for (int64_t c = c0; c < std::min(cols, c0 + kTile); ++c)
            to[at[1] + r * st[0] + c * st[1]] = from[at[0] + r * sf[0] + c * sf[1]];
    }
  });
}

template <class T>
void copy_same_type(const AnyView& from, const AnyView& to) {
  const auto loop = plan_loop<2>({from, to});
  if (loop.numel == 0) return;
  if (loop.dims >= 2 && loop.inner(0) > 1 && loop.stride[0][loop.dims - 2] == 1) return copy_tiles<T>(loop);
  const int64_t sf = loop.inner(0), st = loop.inner(1);
  for_each_run(loop, kGrain, {sizeof(T), sizeof(T)}, [&](char* const* p, int64_t n) {
    if (sf == 1 && st == 1) return void(std::memcpy(p[1], p[0], n * sizeof(T)));
    auto* in = reinterpret_cast<const T*>(p[0]);
    auto* out = reinterpret_cast<T*>(p[1]);
    if (sf == 0 && st == 1) return void(std::fill_n(out, n, *in));
    for (int64_t i = 0; i < n; ++i) out[i * st] = in[i * sf];
  });
}

}  // namespace

void copy_strided(AnyView from, AnyView to) {
  if (from.dtype == to.dtype) return with_item(to.dtype, [&]<class T>(T) { copy_same_type<T>(from, to); });
  with_type(from.dtype, [&]<class From>(From) {
    with_type(to.dtype,
              [&]<class To>(To) { map<From, To>(from, to, [](From x) { return convert<To>(x); }); });
  });
}

void fill_strided(AnyView to, double value) {
  with_type(to.dtype, [&]<class T>(T) {
    const T x = convert<T>(std::is_same_v<T, int64_t> ? static_cast<int64_t>(value) : value);
    const auto loop = plan_loop<1>({to});
    const int64_t step = loop.inner(0);
    for_each_run(loop, kGrain, {sizeof(T)}, [&](char* const* p, int64_t n) {
      auto* out = reinterpret_cast<T*>(p[0]);
      if (step == 1) std::fill_n(out, n, x);
      else
        for (int64_t i = 0; i < n; ++i) out[i * step] = x;
    });
  });
}

void fill_sequence(AnyView to, double start, double step) {
  with_type(to.dtype, [&]<class T>(T) {
    auto* out = static_cast<T*>(to.data);
    for (int64_t i = 0; i < to.size[0]; ++i)
      out[i * to.stride[0]] = convert<T>(start + static_cast<double>(i) * step);
  });
}

}  // namespace minitorch::cpu
