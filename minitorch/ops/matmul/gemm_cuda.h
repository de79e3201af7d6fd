// SPDX-License-Identifier: MIT
// Products of matrices on a GPU: what all strategies share. For .cu files only.
//
//     c[i, j] = finish(sum over k of a(i, k) * b(j, k))
//
// Both operands are "rows over depth": row i of A and column j of B are alike. What they are is told by a
// type with three functions, so that a convolution multiplies matrices that exist nowhere (ops/conv):
//
//     Row row(int i)                        what is known of row i, worked out once a thread
//     Depth depth(int k)                    what is known of depth k
//     const float* at(row, depth, inside)   where the element lies; `inside` is false where it counts
//                                           as zero, and the address then any that may be read
//
// c is cut into tiles, a block each; blocks of neighbouring tiles run at about the same time and find each
// other's operands in the L2 cache. Where there are too few tiles to fill the GPU, the depth is cut too
// ("split-K"): each block sums a part, a second kernel adds the parts, always in the same order.
#pragma once
#include "minitorch/core/half.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::gemm {

/// Whether offsets inside one matrix of a batch, and numbers of blocks, fit into 31 bits.
template <class V>
bool fits_31_bits(const V& v) {
  const int64_t most = int64_t{1} << 31;
  return (v.size[1] - 1) * v.stride[1] + (v.size[2] - 1) * v.stride[2] < most &&
         v.size[0] * v.size[1] / 32 * v.size[2] < most;
}

/// An ordinary matrix of T, any strides, less than 2^31 elements from first to last.
template <class T>
struct MatrixOperand {
  const T* data;
  int size, deep;    // rows, and their length
  int step, k_step;  // from row to row, and along a row
  bool vectors;      // 16 bytes at a time may be read in the direction of stride 1

  struct Row {
    int offset;
    bool inside;
  };
  using Depth = Row;
  __device__ Row row(int i) const { return {i * step, i < size}; }
  __device__ Depth depth(int k) const { return {k * k_step, k < deep}; }
  __device__ const T* at(Row r, Depth d, bool& inside) const {
    inside = r.inside && d.inside;
    return data + (inside ? r.offset + d.offset : 0);
  }
};

// Numbers of the results, as float and back.
__device__ __forceinline__ float get(const float* from) { return *from; }
__device__ __forceinline__ float get(const Half* from) { return to_float(*from); }
__device__ __forceinline__ float get(const BFloat16* from) { return to_float(*from); }
__device__ __forceinline__ void put(float* to, float x) { *to = x; }
__device__ __forceinline__ void put(Half* to, float x) { *to = to_half(x); }
__device__ __forceinline__ void put(BFloat16* to, float x) { *to = to_bfloat16(x); }
// Two neighbours, the first at a multiple of both.
__device__ __forceinline__ void put_pair(float* to, float x, float y) {
  *reinterpret_cast<float2*>(to) = make_float2(x, y);
}
__device__ __forceinline__ void put_pair(Half* to, float x, float y) {
  *reinterpret_cast<uint32_t*>(to) = to_half(x).bits | static_cast<uint32_t>(to_half(y).bits) << 16;
}
__device__ __forceinline__ void put_pair(BFloat16* to, float x, float y) {
  *reinterpret_cast<uint32_t*>(to) = to_bfloat16(x).bits | static_cast<uint32_t>(to_bfloat16(y).bits) << 16;
}

/// What happens to a finished sum: relu(sum + row_bias[i] + col_bias[j] (+ c)).
struct Finish {
  const float *row_bias = nullptr, *col_bias = nullptr;
  bool accumulate = false, relu = false;
  int row_bias_step = 0;  // from one product of the batch to the next

  __device__ Finish of(int batch) const {
    Finish f = *this;
    if (f.row_bias) f.row_bias += batch * row_bias_step;
    return f;
  }
  template <class T>
  __device__ float operator()(float sum, int i, int j, const T* before) const {
    if (row_bias) sum += row_bias[i];
    if (col_bias) sum += col_bias[j];
    if (accumulate) sum += get(before);
    return relu && sum < 0 ? 0.f : sum;
  }
};

/// Where c lies: row i, column j at data[i * step + j * j_step].
template <class T>
struct MatrixResult {
  T* data;
  int step, j_step;
  bool vectors;  // columns 4 n ... 4 n + 3 lie side by side at a multiple of 4 elements' size
  __device__ T* at(int i, int j) const { return data + i * step + j * j_step; }
};

/// How c and the depth are cut up.
struct Plan {
  int rows, cols, deep;   // of c, and the length of the sums
  int tiles_i, tiles_j;   // of c
  int splits, per_split;  // of the depth; per_split a multiple of a tile's depth
  int batch;
  dim3 blocks() const {
    return static_cast<unsigned>(tiles_i) * static_cast<unsigned>(tiles_j) * static_cast<unsigned>(splits) *
           static_cast<unsigned>(batch);
  }
};

/// `fill`: blocks that fill the GPU, a few for each of its processors.
inline Plan make_plan(int rows, int cols, int deep, int batch, int tile_i, int tile_j, int tile_k, int fill) {
  Plan p{rows, cols, deep, (rows + tile_i - 1) / tile_i, (cols + tile_j - 1) / tile_j, 1, 0, batch};
  const int64_t tiles = int64_t{batch} * p.tiles_i * p.tiles_j, steps = (deep + tile_k - 1) / tile_k;
  // A part shorter than 8 steps costs more in storing and adding than it saves.
  int64_t splits = tiles * 2 > fill ? 1 : fill / tiles;
  if (splits > steps / 8) splits = steps / 8;
  const int64_t steps_each = splits > 1 ? (steps + splits - 1) / splits : steps;
  p.splits = steps > 0 ? static_cast<int>((steps + steps_each - 1) / steps_each) : 1;
  p.per_split = static_cast<int>(steps_each * tile_k);
  return p;
}

/// What a block works on.
struct Place {
  int batch, split;
  int i, j;            // the tile
  int k_begin, k_end;  // of the depth
};
__device__ __forceinline__ Place place_of_block(const Plan& p) {
  // Blocks go down a stripe of 8 columns of tiles, row by row, so that those that run together cover about a
  // square of c and share its operands.
  constexpr int kStripe = 8;
  const int tiles = p.tiles_i * p.tiles_j, number = static_cast<int>(blockIdx.x), tile = number % tiles,
            part = number / tiles, split = part % p.splits;
  const int in_stripe = kStripe * p.tiles_i, stripe = tile / in_stripe, left = p.tiles_j - stripe * kStripe,
            width = left < kStripe ? left : kStripe, at = tile % in_stripe;
  const int begin = split * p.per_split, end = begin + p.per_split;
  return {
      part / p.splits, split, at / width, stripe * kStripe + at % width, begin, end < p.deep ? end : p.deep};
}

/// Where a block of a cut sum puts its part: parts[batch][split][i][j].
__device__ __forceinline__ MatrixResult<float> part_of(float* parts, const Plan& p, const Place& place) {
  const int64_t number = static_cast<int64_t>(place.batch) * p.splits + place.split;
  return {parts + number * p.rows * p.cols, p.cols, 1, p.cols % 4 == 0};
}

/// Adds the parts. A thread owns an element and the threads of a warp neighbours: reads 4 splits bytes an
/// element and writes 4, as many additions as loads.
template <class Problem>
__global__ void add_parts(Problem problem, Plan p, Finish finish, const float* parts) {
  const int64_t count = static_cast<int64_t>(p.rows) * p.cols,
                step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; at < count * p.batch;
       at += step) {
    const int batch = static_cast<int>(at / count), i = static_cast<int>(at % count / p.cols),
              j = static_cast<int>(at % p.cols);
    const float* mine = parts + at + batch * (p.splits - 1) * count;
    float sum = 0;
    for (int s = 0; s < p.splits; ++s) sum += mine[s * count];
    auto* to = problem.result(batch).at(i, j);
    put(to, finish.of(batch)(sum, i, j, to));
  }
}

}  // namespace minitorch::MT_DEVICE::gemm
