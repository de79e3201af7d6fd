// SPDX-License-Identifier: MIT
// Tables as trees read them: columns of float32, and each value's place among its column's distinct values.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fastcore/frame/data_frame.h"

namespace fastcore {

/// Columns of numbers.
struct FeatureTable {
  std::vector<std::string> names;
  std::vector<std::vector<float>> columns;
  int64_t rows = 0;

  /// @throws DtypeError naming a column of texts, ValueError naming one with a missing value
  explicit FeatureTable(const DataFrame& frame);
  /// The columns of these names, in their order. @throws IndexError for one that is not there
  FeatureTable(const DataFrame& frame, const std::vector<std::string>& names) : FeatureTable(frame[names]) {}
  int64_t width() const { return static_cast<int64_t>(columns.size()); }
  /// Rows [begin, end), the features of each side by side: (end - begin, width).
  std::vector<float> by_row(int64_t begin, int64_t end) const;
};

/// A FeatureTable whose values are numbered: comparing values is comparing whole numbers, and few distinct
/// values are counted instead of sorted.
struct CodedTable {
  explicit CodedTable(const FeatureTable& table);
  int64_t rows = 0;
  std::vector<std::vector<uint32_t>> codes;  ///< for each feature and row the place of its value in `values`
  std::vector<std::vector<float>> values;    ///< distinct values of each feature, ascending
  int64_t width() const { return static_cast<int64_t>(codes.size()); }
};

}  // namespace fastcore
