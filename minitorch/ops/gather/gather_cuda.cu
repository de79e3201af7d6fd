// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/gather/gather_kernels.h"
#include "minitorch/ops/index/index_guard.h"
#include "minitorch/tensor/convert.h"

namespace minitorch::MT_DEVICE {
namespace {

using Indices = View<const int64_t, 3>;

// y[o, j, k] = x[o, index[o, j, k], k]; x (outer, n, inner), y (outer, m, inner). One thread an element of y;
// a warp reads and writes neighbours when inner is 32 or more, and 32 bytes for each element of x otherwise.
// Index, one element of x and one of y each, 16 bytes of floats, and no arithmetic but two divisions for its
// place: memory-bound.
template <class T>
__global__ void gather_items(const T* x, Indices index, T* y, int64_t n) {
  const int64_t m = index.size[1], inner = index.size[2], total = index.size[0] * m * inner;
  for (int64_t i = first_item(); i < total; i += item_step()) {
    const int64_t k = i % inner, j = i / inner % m, o = i / inner / m;
    y[i] = x[(o * n + guarded(index(o, j, k), n)) * inner + k];
  }
}

// x[o, index[o, j, k], k] = y[o, j, k], or += with kAdd. A thread owns a column (o, k) and walks down it, so
// that repeats come in order without atomics, the same on every device; a warp owns 32 neighbouring columns.
// Index, y and x twice an item, up to 20 bytes of floats for one addition. Few columns leave most of a GPU
// idle: op code sends the case of one column to put_rows, which splits the rows instead.
template <class T, bool kAdd>
__global__ void scatter_columns(T* x, Indices index, const T* y, int64_t n) {
  const int64_t m = index.size[1], inner = index.size[2], columns = index.size[0] * inner;
  for (int64_t i = first_item(); i < columns; i += item_step()) {
    const int64_t k = i % inner, o = i / inner;
    for (int64_t j = 0; j < m; ++j) {
      T& to = x[(o * n + guarded(index(o, j, k), n)) * inner + k];
      const T v = y[(o * m + j) * inner + k];
      if constexpr (kAdd) to += v;
      else to = v;
    }
  }
}

template <class T>
void gather_typed(const AnyView& x, const Indices& index, const AnyView& y) {
  if (index.numel() == 0) return;
  check(launch(gather_items<T>, blocks_for(index.numel()), kElementwiseBlock, 0, current_stream(),
               static_cast<const T*>(x.data), index, static_cast<T*>(y.data), x.size[1]),
        "gather");
}
template <class T, bool kAdd>
void scatter_typed(const AnyView& x, const Indices& index, const AnyView& y) {
  if (index.numel() == 0) return;
  check(launch(scatter_columns<T, kAdd>, blocks_for(index.size[0] * index.size[2], 64), 64, 0,
               current_stream(), static_cast<T*>(x.data), index, static_cast<const T*>(y.data), x.size[1]),
        kAdd ? "scatter_add" : "scatter");
}

}  // namespace

void gather(AnyView x, Indices index, AnyView y) {
  with_item(x.dtype, [&]<class T>(T) { gather_typed<T>(x, index, y); });
}
void scatter(AnyView x, Indices index, AnyView y) {
  with_item(x.dtype, [&]<class T>(T) { scatter_typed<T, false>(x, index, y); });
}
void scatter_add(AnyView x, Indices index, AnyView y) {
  x.dtype == kInt64 ? scatter_typed<int64_t, true>(x, index, y) : scatter_typed<float, true>(x, index, y);
}

}  // namespace minitorch::MT_DEVICE
