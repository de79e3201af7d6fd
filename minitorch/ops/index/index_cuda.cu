// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/index/index_guard.h"
#include "minitorch/ops/index/index_kernels.h"
#include "minitorch/tensor/convert.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kWarps = kElementwiseBlock / 32;
constexpr unsigned kAllLanes = 0xffffffffu;

// y[i, j] = x[rows[i], j], x (n, c) and y (m, c) as items of T. One thread an item; a warp reads neighbours
// of one row. An item is read and written, 8 bytes of floats, row numbers come from the cache, for a
// division: memory-bound.
template <class T>
__global__ void take(const T* x, const int64_t* rows, T* y, int64_t m, int64_t c, int64_t n) {
  for (int64_t k = first_item(); k < m * c; k += item_step()) y[k] = x[guarded(rows[k / c], n) * c + k % c];
}

// x[rows[i], j] = y[i, j], or += with kAdd, for i = 0, 1, ... in this order: sums come out as on the CPU, bit
// for bit, without atomics and without sorting. A warp owns the rows of x whose number is its own modulo the
// count of warps, a power of two; a lane owns columns lane, lane + 32, ... All warps look through all row
// numbers, which a block fetches once, kTile at a time, into shared memory. Cost: 8 bytes of y and x an
// item of floats, with kAdd 12 and an addition, and 8 m bytes a block from L2; a row that nearly all of y
// goes to is one warp's work, which is the price of the fixed order.
template <class T, bool kAdd>
__global__ void put(T* x, const int64_t* rows, const T* y, int64_t m, int64_t c, int64_t n, int64_t skip) {
  constexpr int kTile = 1024;
  __shared__ int64_t tile[kTile];
  const int lane = threadIdx.x % 32;
  const int64_t warps = static_cast<int64_t>(gridDim.x) * kWarps,
                own = blockIdx.x * kWarps + threadIdx.x / 32;
  for (int64_t base = 0; base < m; base += kTile) {
    const int count = static_cast<int>(m - base < kTile ? m - base : kTile);
    __syncthreads();  // the last tile is no longer read
    for (int k = threadIdx.x; k < count; k += blockDim.x) tile[k] = guarded(rows[base + k], n);
    __syncthreads();
    for (int k = 0; k < count; k += 32) {
      const bool mine = k + lane < count && (tile[k + lane] & (warps - 1)) == own && tile[k + lane] != skip;
      for (unsigned found = __ballot_sync(kAllLanes, mine); found; found &= found - 1) {
        const int at = k + __ffs(static_cast<int>(found)) - 1;
        T* to = x + tile[at] * c;
        const T* from = y + (base + at) * c;
        for (int64_t j = lane; j < c; j += 32) {
          if constexpr (kAdd) to[j] += from[j];
          else to[j] = from[j];
        }
      }
    }
  }
}

// counts[k] = set flags of chunk k, flags (n), counts (chunks). A warp owns a chunk and reads 32 neighbouring
// flags at a time. A byte and 3 operations a flag (comparing, voting, counting), 8 bytes a chunk: the limit
// is memory.
__global__ void count_chunks(const bool* flags, int64_t n, int64_t* counts, int64_t chunks) {
  const int lane = threadIdx.x % 32;
  for (int64_t k = first_item() / 32; k < chunks; k += item_step() / 32) {
    int64_t count = 0;
    for (int64_t i = k * kFlagChunk + lane; i - lane < (k + 1) * kFlagChunk; i += 32)
      count += __popc(__ballot_sync(kAllLanes, i < n && flags[i]));
    if (lane == 0) counts[k] = count;
  }
}

// positions[starts[k] + r] = the r-th set flag of chunk k. A warp owns a chunk; a lane's place among the 32
// is the number of set flags in the lanes before it. A byte and some 8 operations a flag, 8 bytes a position:
// the limit is memory.
__global__ void list_positions(const bool* flags, int64_t n, const int64_t* starts, int64_t* positions,
                               int64_t chunks) {
  const int lane = threadIdx.x % 32;
  for (int64_t k = first_item() / 32; k < chunks; k += item_step() / 32) {
    int64_t next = starts[k];
    for (int64_t i = k * kFlagChunk + lane; i - lane < (k + 1) * kFlagChunk; i += 32) {
      const bool set = i < n && flags[i];
      const unsigned all = __ballot_sync(kAllLanes, set);
      if (set) positions[next + __popc(all & ((1u << lane) - 1))] = i;
      next += __popc(all);
    }
  }
}

// y[i, d] = coordinate d of positions[i] in a tensor of `like`'s shape. A thread owns a row of y: 8 bytes
// read and 8 dims written for dims divisions: memory and division are about equally the limit.
__global__ void coordinates(const int64_t* positions, AnyView like, View<int64_t, 2> y) {
  for (int64_t i = first_item(); i < y.size[0]; i += item_step()) {
    int64_t rest = positions[i];
    for (int d = like.dims - 1; d >= 0; --d) {
      y(i, d) = rest % like.size[d];
      rest /= like.size[d];
    }
  }
}

template <class T>
void take_typed(const AnyView& x, const View<const int64_t, 1>& rows, const AnyView& y) {
  if (rows.size[0] * x.size[1] == 0) return;
  check(launch(take<T>, blocks_for(rows.size[0] * x.size[1]), kElementwiseBlock, 0, current_stream(),
               static_cast<const T*>(x.data), rows.data, static_cast<T*>(y.data), rows.size[0], x.size[1],
               x.size[0]),
        "take_rows");
}
template <class T, bool kAdd>
void put_typed(const AnyView& x, const View<const int64_t, 1>& rows, const AnyView& y, int64_t skip) {
  if (rows.size[0] * x.size[1] == 0) return;
  unsigned blocks = 1;
  while (blocks < 256 && blocks * kWarps < x.size[0]) blocks *= 2;
  check(launch(put<T, kAdd>, blocks, kElementwiseBlock, 0, current_stream(), static_cast<T*>(x.data),
               rows.data, static_cast<const T*>(y.data), rows.size[0], x.size[1], x.size[0], skip),
        kAdd ? "add_rows" : "put_rows");
}

}  // namespace

void take_rows(AnyView x, View<const int64_t, 1> rows, AnyView y) {
  with_item(x.dtype, [&]<class T>(T) { take_typed<T>(x, rows, y); });
}

void put_rows(AnyView x, View<const int64_t, 1> rows, AnyView y) {
  with_item(x.dtype, [&]<class T>(T) { put_typed<T, false>(x, rows, y, -1); });
}

void add_rows(AnyView x, View<const int64_t, 1> rows, AnyView y, int64_t skip) {
  x.dtype == kInt64 ? put_typed<int64_t, true>(x, rows, y, skip) : put_typed<float, true>(x, rows, y, skip);
}

void count_flags(View<const bool, 1> flags, View<int64_t, 1> counts) {
  if (counts.size[0] == 0) return;
  check(launch(count_chunks, blocks_for(counts.size[0] * 32), kElementwiseBlock, 0, current_stream(),
               flags.data, flags.size[0], counts.data, counts.size[0]),
        "nonzero");
}

void flag_positions(View<const bool, 1> flags, View<const int64_t, 1> starts, View<int64_t, 1> positions) {
  if (starts.size[0] == 0) return;
  check(launch(list_positions, blocks_for(starts.size[0] * 32), kElementwiseBlock, 0, current_stream(),
               flags.data, flags.size[0], starts.data, positions.data, starts.size[0]),
        "nonzero");
}

void unravel(View<const int64_t, 1> positions, AnyView like, View<int64_t, 2> y) {
  if (y.size[0] == 0) return;
  check(launch(coordinates, blocks_for(y.size[0]), kElementwiseBlock, 0, current_stream(), positions.data,
               like, y),
        "nonzero");
}

}  // namespace minitorch::MT_DEVICE
