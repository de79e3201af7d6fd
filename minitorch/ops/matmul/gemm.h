// SPDX-License-Identifier: MIT
// C = A B as fast as the machine multiplies: three levels of blocking around one small kernel.
//
// A product of M x K by K x N matrices reads each number of A N times and each number of B M times. Memory
// cannot deliver that; registers and caches can. So (the scheme is K. Goto's, as laid out by BLIS):
//
//   1. A tile of C, kTileRows x kTileCols, stays in vector registers while k runs: each step loads one column
//      of A and one row of B and does kTileRows * kTileCols multiply-adds with them (gemm_tile_cpu.cpp).
//   2. The tile's strip of B (kBlockK x kTileCols) stays in the first-level cache
//      while the strips of A pass by;
//      a block of A (kBlockRows x kBlockK) stays in the second level while the strips of B pass by.
//   3. Strips are first copied ("packed") to the order in which the tile kernel reads them: one stream each.
//      Where copying costs more than it saves, a strip is read where it lies (Strips).
//
// Packing and the places of the results are callables. A transposed matrix is packed differently, and a
// convolution packs straight from its image and stores straight into N x C x H x W (ops/conv).
#pragma once
#include <algorithm>
#include <cstring>

#include "minitorch/core/parallel.h"
#include "minitorch/core/scratch.h"
#include "minitorch/core/simd_shuffle.h"

namespace minitorch::gemm {

// The largest tile that fits the registers beside two or three vectors of B and one broadcast value of A.
#if defined(__AVX512F__)
inline constexpr int kTileRows = 14, kTileVectors = 2;  // 28 of 32 registers
inline constexpr int64_t kBlockRows = 12 * kTileRows;
#elif defined(__AVX2__)
inline constexpr int kTileRows = 6, kTileVectors = 2;  // 12 of 16
inline constexpr int64_t kBlockRows = 24 * kTileRows;
#elif defined(__aarch64__)
inline constexpr int kTileRows = 8, kTileVectors = 3;  // 24 of 32
inline constexpr int64_t kBlockRows = 16 * kTileRows;
#else
inline constexpr int kTileRows = 4,
                     kTileVectors = 2;  // 8 of 16: without fused multiply-add, products take room too
inline constexpr int64_t kBlockRows = 24 * kTileRows;
#endif
inline constexpr int kTileCols = kTileVectors * simd::kLanes;
inline constexpr int64_t kBlockK = 512, kBlockCols = 3072;

/// Element (i, j) is data[i * row + j * col]: a transposed matrix is the same view with the strides
/// exchanged.
struct Matrix {
  const float* data;
  int64_t row, col;
  const float* at(int64_t i, int64_t j) const { return data + i * row + j * col; }
};

/// What happens to a finished sum before it is stored: c = relu(sum + row_bias[i] + col_bias[j] (+ c)).
struct Finish {
  bool accumulate = false;
  bool relu = false;
  const float* row_bias = nullptr;
  const float* col_bias = nullptr;
};

/// That of block `block` of `blocks` of k: sums pass through C until the last one.
inline Finish finish_of_block(Finish finish, int64_t block, int64_t blocks) {
  finish.accumulate = finish.accumulate || block > 0;
  if (block + 1 < blocks) finish.relu = false, finish.row_bias = finish.col_bias = nullptr;
  return finish;
}

/// For a sum that is no part of a tile: c = c(i, j).
inline void store_finished(float sum, const Finish& finish, int64_t i, int64_t j, float& c) {
  if (finish.accumulate) sum += c;
  if (finish.row_bias) sum += finish.row_bias[i];
  if (finish.col_bias) sum += finish.col_bias[j];
  c = finish.relu && sum < 0 ? 0.f : sum;
}

/// One tile's results: row i of vector v goes to at[v] + i * row_stride; only the first `cols` columns exist.
struct Tile {
  float* at[kTileVectors];
  int64_t row_stride, cols;
  Finish finish;
};

/// The numbers that a tile is made of: a[i * a_row + k * a_k] and b[k * b_k + j] for k < depth. The sum over
/// k may lie in pieces: `outer` of them, each `inner` runs of `depth`, their starts so many floats apart.
struct Operands {
  const float* a;
  int64_t a_row, a_k;
  const float* b;
  int64_t b_k, depth;
  struct Steps {
    int64_t count = 1, a = 0, b = 0;
  };
  Steps inner = {}, outer = {};
};

/// The tile kernel: `rows` x `tile.cols` sums over k.
void multiply_tile(int64_t rows, const Operands& operands, const Tile& tile);

/// Copies an n x depth strip of v, n <= Width, to dst[k * Width + i], zeros where i >= n.
/// Writes up to kLanes floats behind its end.
template <int Width>
void pack_strip(float* __restrict dst, Matrix v, int64_t n, int64_t depth);

/// A strip where it lies: `across` is the step from row to row of A or column to column of B, `along` that of
/// k.
struct Strip {
  const float* data;
  int64_t across, along;
};

/// Packs strips of an ordinary matrix. What has a member `strip` may also be read without packing.
struct PackA {
  Matrix a;
  void operator()(float* dst, int64_t k, int64_t depth, int64_t i, int64_t rows) const {
    pack_strip<kTileRows>(dst, {a.at(i, k), a.row, a.col}, rows, depth);
  }
  Strip strip(int64_t k, int64_t i) const { return {a.at(i, k), a.row, a.col}; }
};
struct PackB {
  Matrix b;
  void operator()(float* dst, int64_t k, int64_t depth, int64_t j, int64_t cols) const {
    pack_strip<kTileCols>(dst, {b.at(k, j), b.col, b.row}, cols, depth);
  }
  Strip strip(int64_t k, int64_t j) const { return {b.at(k, j), b.col, b.row}; }
};

/// Results in an ordinary matrix whose rows are contiguous.
struct StoreRows {
  float* c;
  int64_t row_stride;
  bool in_vectors(int64_t, int64_t) const { return true; }   // may these columns be stored in vectors?
  int64_t run(int64_t, int64_t cols) const { return cols; }  // how many of them lie side by side?
  float* at(int64_t i, int64_t j) const { return c + i * row_stride + j; }
};
/// Results in a matrix with any strides.
struct StoreAnywhere {
  float* c;
  int64_t row_stride, col_stride;
  bool in_vectors(int64_t, int64_t) const { return false; }
  int64_t run(int64_t, int64_t) const { return 1; }
  float* at(int64_t i, int64_t j) const { return c + i * row_stride + j * col_stride; }
};

/// Stores one tile whose columns do not all lie side by side, by way of a small buffer.
template <class Store>
void multiply_scattered(int64_t rows, int64_t cols, const Operands& operands, const Store& store, int64_t i,
                        int64_t j, Finish finish) {
  alignas(64) float sums[kTileRows * kTileCols];
  const auto each_run = [&](auto copy) {
    for (int64_t q = 0, n; q < cols; q += n) {
      n = store.run(j + q, cols - q);
      float* c = store.at(i, j + q);
      for (int64_t r = 0; r < rows; ++r) copy(c + r * store.row_stride, sums + r * kTileCols + q, n);
    }
  };
  Tile tile{{}, kTileCols, cols, finish};
  for (int v = 0; v < kTileVectors; ++v) tile.at[v] = sums + v * simd::kLanes;
  if (finish.accumulate)
    each_run([](const float* c, float* sum, int64_t n) { simd::copy_floats(sum, c, n); });
  multiply_tile(rows, operands, tile);
  each_run([](float* c, const float* sum, int64_t n) { simd::copy_floats(c, sum, n); });
}

template <class Store>
void multiply_and_store(int64_t rows, int64_t cols, const Operands& operands, const Store& store, int64_t i,
                        int64_t j, Finish finish) {
  if (finish.row_bias) finish.row_bias += i;
  if (finish.col_bias) finish.col_bias += j;
  if (!store.in_vectors(j, cols)) return multiply_scattered(rows, cols, operands, store, i, j, finish);
  Tile tile{{}, store.row_stride, cols, finish};
  for (int v = 0; v * simd::kLanes < cols; ++v) tile.at[v] = store.at(i, j + v * simd::kLanes);
  multiply_tile(rows, operands, tile);
}

/// Is this operand in memory with k next to k?
template <class Pack>
bool lies_along_k(const Pack& pack) {
  if constexpr (requires { pack.strip(0, 0); }) return pack.strip(0, 0).along == 1;
  return false;
}

/// The strips of one operand for one range of k. Packing costs as much as reading a strip a few times, so
/// what is read at most twice stays where it lies, apart from a last strip of B of less than Width. Rows of A
/// that are read along, and rows of B, stay for more reads than that (kMostReads); rows of B that lie close
/// together always.
template <class Pack, int Width>
class Strips {
 public:
  Strips(const Pack& pack, int64_t size, int64_t depth, int64_t reads)
      : pack_(pack),
        in_place_(readable() && (reads <= 2 || (reads <= kMostReads && follows_rows()) || is_narrow())),
        memory_((in_place_ ? Width : (size + Width - 1) / Width * Width) * depth + simd::kLanes) {}

  void load(int64_t k, int64_t depth, int64_t begin, int64_t end) {
    k_ = k, depth_ = depth, begin_ = begin, end_ = end;
    for (int64_t q = begin; q < end && depth > 0; q += Width)
      if (!lies(q)) pack_(packed(q), k, depth, q, std::min<int64_t>(Width, end - q));
  }
  Strip operator[](int64_t q) const {
    if constexpr (requires { pack_.strip(k_, q); })
      if (lies(q)) return pack_.strip(k_, q);
    return {packed(q), 1, Width};
  }

 private:
  // Of B more where a vector is a cache line: the tile kernel then asks for its lines ahead of time.
  static constexpr int64_t kMostReads = Width == kTileRows ? 12 : simd::kLanes == 16 ? 40 : 5;

  bool readable() const {
    if constexpr (requires { pack_.strip(0, 0); })  // B is read in vectors along a row
      return Width == kTileRows || pack_.strip(0, 0).across == 1;
    return false;
  }
  bool follows_rows() const { return readable() && (Width == kTileCols || lies_along_k(pack_)); }
  bool is_narrow() const {
    if constexpr (requires { pack_.strip(0, 0); })
      return Width == kTileCols && pack_.strip(0, 0).along <= 4 * Width;
    return false;
  }
  bool lies(int64_t q) const { return in_place_ && (Width == kTileRows || q + Width <= end_); }
  float* packed(int64_t q) const { return memory_.data() + (in_place_ ? 0 : (q - begin_) * depth_); }

  const Pack& pack_;
  bool in_place_;
  Scratch<> memory_;
  int64_t k_ = 0, depth_ = 0, begin_ = 0, end_ = 0;
};

/// One strip of columns, at most a vector wide, where A lies along k: A, read once, sets the pace, and it is
/// read in long runs. The strip of B comes from the second level.
template <class PackA, class PackB, class Store>
void multiply_narrow(int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t depth, const PackA& pack_a,
                     const PackB& pack_b, const Store& store, const Finish& finish) {
  constexpr int64_t kRun = 4;  // blocks of k
  const int64_t blocks = (depth + kBlockK - 1) / kBlockK;
  const auto start = [&](int64_t block) { return depth * std::min(block, blocks) / blocks; };
  Strips<PackB, kTileCols> b(pack_b, j1 - j0, kRun * kBlockK, (i1 - i0 + kTileRows - 1) / kTileRows);
  for (int64_t first = 0; first < blocks; first += kRun) {
    const int64_t begin = start(first), end = start(first + kRun);
    b.load(begin, end - begin, j0, j1);
    const Strip sb = b[j0];
    for (int64_t i = i0; i < i1; i += kTileRows)
      for (int64_t block = first, k = begin; k < end; k = start(++block)) {
        const Strip sa = pack_a.strip(k, i);
        multiply_and_store(
            std::min<int64_t>(kTileRows, i1 - i), j1 - j0,
            {sa.data, sa.across, sa.along, sb.data + (k - begin) * sb.along, sb.along, start(block + 1) - k},
            store, i, j0, finish_of_block(finish, block, blocks));
      }
  }
}

/// The rows [i0, i1) and columns [j0, j1) of C, by one thread. Where there is more than one block of k, the
/// sums pass through C. Where all rows are one block, each strip of B is used up as soon as it is packed, and
/// the next one takes its place in the cache.
template <class PackA, class PackB, class Store>
void multiply_part(int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t depth, const PackA& pack_a,
                   const PackB& pack_b, const Store& store, const Finish& finish) {
  if constexpr (requires { pack_a.strip(0, 0); })
    if (j1 - j0 <= simd::kLanes && depth > kBlockK && lies_along_k(pack_a))
      return multiply_narrow(i0, i1, j0, j1, depth, pack_a, pack_b, store, finish);
  const int64_t blocks = std::max<int64_t>(1, (depth + kBlockK - 1) / kBlockK);
  const int64_t deepest = (depth + blocks - 1) / blocks;
  const bool one_block_of_rows = i1 - i0 <= kBlockRows;
  const int64_t block_cols = one_block_of_rows ? kTileCols : kBlockCols;
  Strips<PackA, kTileRows> a(pack_a, std::min(i1 - i0, kBlockRows), deepest,
                             (j1 - j0 + kTileCols - 1) / kTileCols);
  Strips<PackB, kTileCols> b(pack_b, std::min(j1 - j0, block_cols), deepest,
                             (i1 - i0 + kTileRows - 1) / kTileRows);
  for (int64_t block = 0; block < blocks; ++block) {
    const int64_t k = depth * block / blocks, kc = depth * (block + 1) / blocks - k;
    const Finish now = finish_of_block(finish, block, blocks);
    for (int64_t jb = j0; jb < j1; jb += block_cols) {
      const int64_t jend = std::min(j1, jb + block_cols);
      b.load(k, kc, jb, jend);
      for (int64_t ib = i0; ib < i1; ib += kBlockRows) {
        const int64_t iend = std::min(i1, ib + kBlockRows);
        if (jb == j0 || !one_block_of_rows) a.load(k, kc, ib, iend);
        for (int64_t j = jb; j < jend; j += kTileCols)
          for (int64_t i = ib; i < iend; i += kTileRows) {
            const Strip sa = a[i], sb = b[j];
            multiply_and_store(std::min<int64_t>(kTileRows, iend - i), std::min<int64_t>(kTileCols, jend - j),
                               {sa.data, sa.across, sa.along, sb.data, sb.along, kc}, store, i, j, now);
          }
      }
    }
  }
}

/// How many rows or columns of C are handed out together: whole tiles, but half of one, or less, where the
/// tiles would not be shared out evenly.
inline int64_t shared_piece(int64_t size, int64_t tile, int64_t smallest) {
  const int64_t tiles = (size + tile - 1) / tile, threads = num_threads();
  return tiles % threads == 0 || tiles > 4 * threads ? tile : smallest;
}

/// C = A B, over all threads. Each takes a slice of the longer side of C and works alone: both
/// pack the shorter operand, which costs less than waiting for each other.
template <class PackA, class PackB, class Store>
void multiply(int64_t rows, int64_t cols, int64_t depth, const PackA& pack_a, const PackB& pack_b,
              const Store& store, const Finish& finish = {}) {
  constexpr int64_t kWorthAThread = 200'000;  // multiply-adds, about 4 microseconds
  const bool by_columns = cols >= rows;
  const int64_t size = by_columns ? cols : rows, other = by_columns ? rows : cols;
  const int64_t piece =
      by_columns ? shared_piece(cols, kTileCols, simd::kLanes) : shared_piece(rows, kTileRows, kTileRows / 2);
  parallel_for((size + piece - 1) / piece, 1 + kWorthAThread / (other * depth * piece + 1),
               [&](int64_t first, int64_t last) {
                 const int64_t begin = first * piece, end = std::min(size, last * piece);
                 if (by_columns) multiply_part(0, rows, begin, end, depth, pack_a, pack_b, store, finish);
                 else multiply_part(begin, end, 0, cols, depth, pack_a, pack_b, store, finish);
               });
}

/// Turns kLanes rows into columns: dst[k * Width + i] = row[i][k] for k < n. A null row reads as zeros.
/// Where Width is no multiple of kLanes the stores run into the next column, which the next store overwrites.
template <int Width>
MT_INLINE void transpose_rows(float* dst, const float* const* row, int64_t n) {
  static_assert(Width < simd::kLanes || Width % simd::kLanes == 0);
  simd::Vec r[simd::kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < simd::kLanes; ++i) r[i] = row[i] ? simd::Vec::load(row[i]) : simd::Vec(0.f);
  simd::transpose(r);
#pragma GCC unroll 16
  for (int i = 0; i < simd::kLanes; ++i)
    if (i < n) r[i].store(dst + i * Width);
}

template <int Width>
void pack_strip(float* __restrict dst, Matrix v, int64_t n, int64_t depth) {
  using simd::kLanes, simd::Vec;
  int64_t k = 0;
  if (v.row == 1 && n == Width) {
    for (; k < depth; ++k) std::memcpy(dst + k * Width, v.data + k * v.col, Width * sizeof(float));
  } else if (v.row == 1) {
    for (; k < depth; ++k) {
      int64_t i = 0;
      for (; i < n; i += kLanes)
        Vec::load(v.data + k * v.col + i, std::min<int64_t>(kLanes, n - i)).store(dst + k * Width + i);
      for (; i < Width; i += kLanes) Vec(0.f).store(dst + k * Width + i);
    }
  } else if (v.col == 1) {
    for (; k + kLanes <= depth; k += kLanes)
      for (int64_t i = 0; i < Width; i += kLanes) {
        const float* row[kLanes];
        for (int64_t l = 0; l < kLanes; ++l) row[l] = i + l < n ? v.data + (i + l) * v.row + k : nullptr;
        transpose_rows<Width>(dst + k * Width + i, row, kLanes);
      }
  }
  for (; k < depth; ++k)
    for (int64_t i = 0; i < Width; ++i) dst[k * Width + i] = i < n ? v.data[i * v.row + k * v.col] : 0.f;
}

}  // namespace minitorch::gemm
