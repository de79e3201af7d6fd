// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/index/index_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

// y[i, j] = x[rows[i], j], x and y as c items of T a row. One thread an item; a warp reads neighbours of one row.
template <class T>
__global__ void take(const T* x, const int64_t* rows, T* y, int64_t n, int64_t c) {
  for (int64_t k = first_item(); k < n * c; k += item_step()) y[k] = x[rows[k / c] * c + k % c];
}

// x[rows[i], j] = y[i, j]. One thread owns a column and walks down the rows, so that the last of repeated rows wins
// and sums are added in one order: the same result as on the CPU, at the price of few threads for narrow tables.
template <class T, bool kAdd>
__global__ void put(T* x, const int64_t* rows, const T* y, int64_t n, int64_t c) {
  for (int64_t j = first_item(); j < c; j += item_step())
    for (int64_t i = 0; i < n; ++i) {
      T& to = x[rows[i] * c + j];
      if constexpr (kAdd) to += y[i * c + j];
      else to = y[i * c + j];
    }
}

template <class T>
void take_typed(const AnyView& x, const View<const int64_t, 1>& rows, const AnyView& y) {
  check(launch(take<T>, blocks_for(rows.size[0] * x.size[1]), kElementwiseBlock, 0, nullptr, static_cast<const T*>(x.data),
               rows.data, static_cast<T*>(y.data), rows.size[0], x.size[1]), "take_rows");
}
template <class T, bool kAdd>
void put_typed(const AnyView& x, const View<const int64_t, 1>& rows, const AnyView& y) {
  check(launch(put<T, kAdd>, blocks_for(x.size[1]), kElementwiseBlock, 0, nullptr, static_cast<T*>(x.data), rows.data,
               static_cast<const T*>(y.data), rows.size[0], x.size[1]), "put_rows");
}

}  // namespace

void take_rows(AnyView x, View<const int64_t, 1> rows, AnyView y) {
  switch (item_size(x.dtype)) {
    case 1: return take_typed<uint8_t>(x, rows, y);
    case 2: return take_typed<uint16_t>(x, rows, y);
    case 4: return take_typed<float>(x, rows, y);
    default: return take_typed<int64_t>(x, rows, y);
  }
}

void put_rows(AnyView x, View<const int64_t, 1> rows, AnyView y, bool accumulate) {
  if (accumulate) return x.dtype == kInt64 ? put_typed<int64_t, true>(x, rows, y) : put_typed<float, true>(x, rows, y);
  switch (item_size(x.dtype)) {
    case 1: return put_typed<uint8_t, false>(x, rows, y);
    case 2: return put_typed<uint16_t, false>(x, rows, y);
    case 4: return put_typed<float, false>(x, rows, y);
    default: return put_typed<int64_t, false>(x, rows, y);
  }
}

}  // namespace minitorch::MT_DEVICE
