// SPDX-License-Identifier: MIT
// Tables from tables: joined, stacked, counted, encoded.
#pragma once
#include <string>
#include <vector>

#include "fastcore/frame/data_frame.h"

namespace fastcore {

struct MergeOptions {
  std::vector<std::string> on = {};  ///< the columns that must agree; by default all that both have
  std::string how = "inner";         ///< inner, left, right or outer: whose rows stay when nothing matches
  std::string suffixes[2] = {"_x", "_y"};  ///< for columns of one name that are not joined on
};
/// The rows of two tables whose keys agree, every pair of them, in the order of the left table; with how =
/// "right" in that of the right one, with "outer" sorted by the keys. Missing keys agree with each other.
/// @throws ValueError without a common column, for a key of texts here and numbers there, for an unknown
/// `how`,
///   or where two columns would have one name, as with suffixes that make that of a third
DataFrame merge(const DataFrame& left, const DataFrame& right, const MergeOptions& options = {});

/// The tables one below the other; a column that one of them lacks is missing there. Labels start anew.
DataFrame concat(const std::vector<DataFrame>& frames);
Series concat(const std::vector<Series>& columns);

/// How often each pair of values comes: a row for each value of `rows`, a column for each of `columns`, of
/// those that are in a pair.
DataFrame crosstab(const Series& rows, const Series& columns);
/// f of the values of each pair, by name as in GroupBy; missing where there are none.
DataFrame crosstab(const Series& rows, const Series& columns, const Series& values,
                   const std::string& f = "mean");

struct DummyOptions {
  bool drop_first = false;  ///< leave out the first value of each column, which the others imply
  bool dummy_na = false;    ///< a column for missing values too
};
/// A column of 0 and 1 for each value, named column_value, behind the other columns.
/// Without names: all columns of texts.
/// @throws ValueError where a column of that name is there already
DataFrame get_dummies(const DataFrame& frame, const std::vector<std::string>& columns = {},
                      DummyOptions options = {});

}  // namespace fastcore
