// SPDX-License-Identifier: MIT
// CollabDataLoaders: ratings in batches, x = {(bs, 2) user and item}, y = {(bs, 1) rating}.
#pragma once
#include <optional>
#include <string>

#include "fastcore/tabular/dataloaders.h"

namespace fastcore {

struct CollabDataOptions {
  double valid_pct = 0.2;
  std::string user_name = "", item_name = "", rating_name = "";  ///< by default the first three columns
  std::optional<uint64_t> seed = {};                             ///< of the split
  int64_t bs = 64;
  int64_t val_bs = 0;  ///< of validation; 0: as bs
  Path path = ".";
};

/// Ratings as batches: who, what, and how much it was liked.
class CollabDataLoaders : public TabularDataLoaders {
 public:
  using TabularDataLoaders::TabularDataLoaders;
  /// @throws ValueError for a table of fewer than three columns, IndexError for a name that is not there
  static CollabDataLoaders from_df(const DataFrame& ratings, const CollabDataOptions& options = {});
  /// @throws FileError as read_csv
  static CollabDataLoaders from_csv(const Path& csv, const CollabDataOptions& options = {});
};

/// What was learned of ratings: a column of users, one of items. @throws ValueError for other data, in the
/// name of `what`
const TabularPrep& ratings_prep(const DataLoaders& dls, const char* what);

}  // namespace fastcore
