// SPDX-License-Identifier: MIT
// Sorting on a GPU by Batcher's bitonic network: every step compares fixed pairs, whatever the data, so that
// all threads always have work. Rows are padded to a power of two p with items above all others.
//
// There are log p (log p + 1) / 2 steps of p / 2 comparisons. Steps between items less than 1024 apart are
// done in shared memory, many in one launch; each other step is a launch that reads and writes all items, 32
// bytes each.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/sort/sort_kernels.h"
#include "minitorch/ops/sort/sort_key.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kTile = 1024, kThreads = kTile / 2;

struct __align__(16) Item {
  uint64_t key;
  uint32_t index;   // makes all items different: the sort is stable
  uint32_t unused;  // the rest of the 16 bytes that move together
};
__device__ __forceinline__ bool less(const Item& a, const Item& b) {
  return a.key < b.key || (a.key == b.key && a.index < b.index);
}

// Puts a pair in order: upwards in every second run of `size` items, downwards in the others; `first` is a's
// place in its row.
__device__ __forceinline__ void order(Item& a, Item& b, int64_t first, int64_t size) {
  const bool upwards = (first & size) == 0;
  if (less(b, a) == upwards) {
    const Item t = a;
    a = b;
    b = t;
  }
}

// items[row][i]: key and place of x[row][i], i < n, then items above all others up to `padded`. One thread an
// item; reads the element's 4 or 8 bytes and writes 16, for 5 operations: the limit is memory.
template <class T>
__global__ void make_items(const T* x, int64_t rows, int64_t n, int64_t padded, bool descending,
                           Item* items) {
  for (int64_t i = first_item(); i < rows * padded; i += item_step()) {
    const int64_t row = i / padded, at = i % padded;
    Item item = {~uint64_t{0}, ~uint32_t{0}, 0};
    if (at < n) {
      const uint64_t key = sort_key(x[row * n + at]);
      item = {descending ? (sizeof(T) == 4 ? 0xffffffffu - key : ~key) : key, static_cast<uint32_t>(at), 0};
    }
    items[i] = item;
  }
}

// A block owns kTile neighbouring items and does the steps of all run lengths from first_size to last_size,
// as far as they stay inside the tile. A thread owns one pair a step: a comparison of 6 operations for 64
// bytes of shared memory, up to 55 steps in one launch, 32 bytes an item of global memory. Shared memory is
// the limit of many steps, global memory of a few.
__global__ void sort_tile(Item* items, int64_t count, int64_t padded, int64_t first_size, int64_t last_size) {
  __shared__ Item tile[kTile];
  const int64_t base = static_cast<int64_t>(blockIdx.x) * kTile;
  for (int i = threadIdx.x; i < kTile; i += kThreads)
    tile[i] = base + i < count ? items[base + i] : Item{~uint64_t{0}, ~uint32_t{0}, 0};
  __syncthreads();
  for (int64_t size = first_size; size <= last_size; size *= 2)
    for (int distance = size / 2 < kThreads ? static_cast<int>(size / 2) : kThreads; distance > 0;
         distance /= 2) {
      const int a = threadIdx.x / distance * 2 * distance + threadIdx.x % distance;
      order(tile[a], tile[a + distance], (base + a) % padded, size);
      __syncthreads();
    }
  for (int i = threadIdx.x; i < kTile; i += kThreads)
    if (base + i < count) items[base + i] = tile[i];
}

// One step between items `distance` apart, more than a tile holds. A thread owns one pair: 64 bytes for a
// comparison of 6 operations, the limit is memory.
__global__ void sort_step(Item* items, int64_t count, int64_t padded, int64_t size, int64_t distance) {
  for (int64_t i = first_item(); i < count / 2; i += item_step()) {
    const int64_t a = i / distance * 2 * distance + i % distance;
    order(items[a], items[a + distance], a % padded, size);
  }
}

// values and indices[row][i] of the first k items of each row. One thread a result: 16 bytes of its item, the
// element from anywhere in its row (32 bytes, of which 4 or 8 are used), and 12 or 16 bytes of results. No
// arithmetic but for its place: the limit is memory.
template <class T>
__global__ void take_items(const Item* items, const T* x, int64_t rows, int64_t n, int64_t padded, int64_t k,
                           T* values, int64_t* indices) {
  for (int64_t i = first_item(); i < rows * k; i += item_step()) {
    const int64_t row = i / k, at = items[row * padded + i % k].index;
    values[i] = x[row * n + at];
    indices[i] = at;
  }
}

template <class T>
void sort_as(const AnyView& x, bool descending, const AnyView& values, const View<int64_t, 2>& indices) {
  const int64_t rows = x.size[0], n = x.size[1], k = values.size[1];
  int64_t padded = 2;
  while (padded < n) padded *= 2;
  const int64_t count = rows * padded;
  const DeviceScratch<Item> scratch(count);
  Item* items = scratch.data();
  const T* from = static_cast<const T*>(x.data);
  const dim3 tiles(static_cast<unsigned>((count + kTile - 1) / kTile)), block(kThreads);
  check(launch(make_items<T>, dim3(blocks_for(count)), dim3(kElementwiseBlock), 0, current_stream(), from,
               rows, n, padded, descending, items),
        "sort");
  const int64_t in_tile = padded < kTile ? padded : kTile;
  check(launch(sort_tile, tiles, block, 0, current_stream(), items, count, padded, int64_t{2}, in_tile),
        "sort");
  for (int64_t size = 2 * kTile; size <= padded; size *= 2) {
    for (int64_t distance = size / 2; distance >= kTile; distance /= 2)
      check(launch(sort_step, dim3(blocks_for(count / 2)), dim3(kElementwiseBlock), 0, current_stream(),
                   items, count, padded, size, distance),
            "sort");
    check(launch(sort_tile, tiles, block, 0, current_stream(), items, count, padded, size, size), "sort");
  }
  check(launch(take_items<T>, dim3(blocks_for(rows * k)), dim3(kElementwiseBlock), 0, current_stream(), items,
               from, rows, n, padded, k, static_cast<T*>(values.data), indices.data),
        "sort");
}

}  // namespace

void sort_rows(AnyView x, bool descending, AnyView values, View<int64_t, 2> indices) {
  x.dtype == kInt64 ? sort_as<int64_t>(x, descending, values, indices)
                    : sort_as<float>(x, descending, values, indices);
}

}  // namespace minitorch::MT_DEVICE
