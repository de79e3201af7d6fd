// SPDX-License-Identifier: MIT
// The two passes of resampling. Both keep their sums in registers and work on 16 or 32 neighbouring bytes at
// once; the sums are whole numbers, so any order of adding gives the same bytes.
#include <algorithm>
#include <cstring>

#include "fastcore/image/resample_kernels.h"

namespace fastcore::kernels {
namespace {

constexpr int kRows = 16;  // rows that the first pass takes together: one vector of bytes

using Bytes16 = uint8_t __attribute__((vector_size(16)));
using Bytes32 = uint8_t __attribute__((vector_size(32)));
using Words16 = int16_t __attribute__((vector_size(32)));
using Ints8 = int32_t __attribute__((vector_size(32)));

Bytes16 load(const uint8_t* from) {
  Bytes16 v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

inline Bytes32 clipped(const Ints8& sum) {
  Ints8 v = sum >> kWeightBits;
  v = v < 0 ? Ints8{} : v;
  v = v > 255 ? Ints8{} + 255 : v;
  return reinterpret_cast<Bytes32>(v);
}

// Sums of 16 bytes at from, from + step, ... times weights, rounded and clipped to bytes. Widening goes
// through 16 bits and clipping ends in one shuffle, because that is what compilers turn into a few
// instructions.
inline void mix16(const uint8_t* from, int64_t step, const int32_t* weight, int count, uint8_t* to) {
  Ints8 low = Ints8{} + (1 << (kWeightBits - 1)), high = low;
  for (int k = 0; k < count; ++k, from += step) {
    Words16 words = __builtin_convertvector(load(from), Words16);
    low += __builtin_convertvector(__builtin_shufflevector(words, words, 0, 1, 2, 3, 4, 5, 6, 7), Ints8) *
           weight[k];
    high +=
        __builtin_convertvector(__builtin_shufflevector(words, words, 8, 9, 10, 11, 12, 13, 14, 15), Ints8) *
        weight[k];
  }
  Bytes32 a = clipped(low), b = clipped(high);
  Bytes16 bytes = __builtin_shufflevector(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60);
  std::memcpy(to, &bytes, sizeof bytes);
}

inline Bytes16 low_halves(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline Bytes16 high_halves(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Transposes 16 x 16 bytes: four rounds of interleaving row i with row i + 8.
inline void transpose(Bytes16 (&v)[16]) {
  for (int round = 0; round < 4; ++round) {
    Bytes16 mixed[16];
    for (int i = 0; i < 8; ++i) {
      mixed[2 * i] = low_halves(v[i], v[i + 8]);
      mixed[2 * i + 1] = high_halves(v[i], v[i + 8]);
    }
    std::memcpy(v, mixed, sizeof mixed);
  }
}

// 16 rows of `bytes` bytes -> (bytes, 16), and back. Rows beyond `rows` repeat the last one.
void gather_rows(const uint8_t* in, int64_t stride, int rows, int64_t bytes, uint8_t* out) {
  int64_t i = 0;
  for (; i + 16 <= bytes; i += 16) {
    Bytes16 v[16];
    for (int r = 0; r < kRows; ++r) v[r] = load(in + std::min(r, rows - 1) * stride + i);
    transpose(v);
    std::memcpy(out + i * kRows, v, sizeof v);
  }
  for (; i < bytes; ++i)
    for (int r = 0; r < kRows; ++r) out[i * kRows + r] = in[std::min(r, rows - 1) * stride + i];
}

void scatter_rows(const uint8_t* in, int64_t bytes, int rows, uint8_t* out, int64_t stride) {
  int64_t i = 0;
  for (; i + 16 <= bytes; i += 16) {
    Bytes16 v[16];
    std::memcpy(v, in + i * kRows, sizeof v);
    transpose(v);
    for (int r = 0; r < rows; ++r) std::memcpy(out + r * stride + i, &v[r], 16);
  }
  for (; i < bytes; ++i)
    for (int r = 0; r < rows; ++r) out[r * stride + i] = in[i * kRows + r];
}

}  // namespace

// Bytes of one pixel position in 16 rows are made neighbours first, so that a vector holds 16 independent
// sums and no channel count needs a loop of its own.
void resample_rows(Rows in, const Taps& taps, uint8_t* out) {
  int64_t in_bytes = int64_t{in.width} * in.channels, out_bytes = int64_t{taps.outputs()} * in.channels;
  std::vector<uint8_t> before(in_bytes * kRows), after(out_bytes * kRows);
  int64_t step = int64_t{in.channels} * kRows;
  for (int top = 0; top < in.height; top += kRows) {
    int rows = std::min(kRows, in.height - top);
    gather_rows(in.data + top * in.stride, in.stride, rows, in_bytes, before.data());
    for (int x = 0; x < taps.outputs(); ++x) {
      const int32_t* weight = &taps.weight[int64_t{x} * taps.most];
      for (int c = 0; c < in.channels; ++c)
        mix16(&before[taps.first[x] * step + c * kRows], step, weight, taps.count[x],
              &after[x * step + c * kRows]);
    }
    scatter_rows(after.data(), out_bytes, rows, out + top * out_bytes, out_bytes);
  }
}

void resample_columns(Rows in, const Taps& taps, uint8_t* out) {
  int64_t bytes = int64_t{in.width} * in.channels;
  for (int y = 0; y < taps.outputs(); ++y, out += bytes) {
    const uint8_t* from = in.data + taps.first[y] * in.stride;
    const int32_t* weight = &taps.weight[int64_t{y} * taps.most];
    int64_t i = 0;
    for (; i + 16 <= bytes; i += 16) mix16(from + i, in.stride, weight, taps.count[y], out + i);
    for (; i < bytes; ++i) {
      int32_t sum = 1 << (kWeightBits - 1);
      for (int k = 0; k < taps.count[y]; ++k) sum += weight[k] * from[k * in.stride + i];
      out[i] = static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
    }
  }
}

}  // namespace fastcore::kernels
