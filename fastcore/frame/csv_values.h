// SPDX-License-Identifier: MIT
// The values of a CSV column.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/frame/csv_scan.h"
#include "fastcore/frame/series.h"

namespace fastcore::detail {

/// How fields become values: which mean a missing one.
struct CsvRules {
  std::vector<std::string> na = {};
  std::size_t longest_na = 0;
  std::vector<std::string> given = {};  ///< of na: what the caller named, which numbers and truths may be too
  std::vector<double> given_numbers = {};  ///< the numbers among them: 0 means 0.0 as well
  bool latin1 = false;
  /// Takes in the texts that the caller named.
  void add(const std::vector<std::string>& texts);
};

/// Column `column` from line `first_row` on, of the type asked for or the first that fits: whole numbers,
/// numbers, truths, texts. @throws FileError naming line and column
ColumnData csv_column(const CsvScan& scan, int64_t column, int64_t first_row, const CsvRules& rules,
                      std::optional<ColumnType> type);

/// A field as UTF-8 text. @throws FileError when it is none
std::string csv_text_at(const CsvScan& scan, int64_t row, int64_t column, bool latin1);

}  // namespace fastcore::detail
