// SPDX-License-Identifier: MIT
// What resample.cpp hands to the loops in resample_cpu.cpp.
#pragma once
#include <cstdint>
#include <vector>

namespace fastcore::kernels {

/// For each output position: which source positions count, and how much, in units of 2^-22.
struct Taps {
  int most = 0;                 ///< places reserved for each output in `weight`
  std::vector<int> first;       ///< (outputs)
  std::vector<int> count;       ///< (outputs)
  std::vector<int32_t> weight;  ///< (outputs, most)
  int outputs() const { return static_cast<int>(first.size()); }
};

constexpr int kWeightBits = 22;

/// Rows of interleaved bytes.
struct Rows {
  const uint8_t* data;
  int64_t stride;  ///< bytes from row to row
  int height, width, channels;
};

/// Mixes along each row: in (h, w, c) -> out (h, taps.outputs(), c), without gaps.
void resample_rows(Rows in, const Taps& taps, uint8_t* out);

/// Mixes along each column: in (h, w, c) -> out (taps.outputs(), w, c), without gaps.
void resample_columns(Rows in, const Taps& taps, uint8_t* out);

}  // namespace fastcore::kernels
