// SPDX-License-Identifier: MIT
#include "fastcore/collab/dataloaders.h"

#include "fastcore/frame/csv.h"
#include "minitorch/core/errors.h"

namespace fastcore {

CollabDataLoaders CollabDataLoaders::from_df(const DataFrame& ratings, const CollabDataOptions& options) {
  const L<std::string> names = ratings.columns();
  if (names.size() < 3)
    throw minitorch::ValueError("[CollabDataLoaders] the table has " + std::to_string(names.size()) +
                                    " columns: expected a user, an item and a rating",
                                "one row for each rating: userId,movieId,rating");
  const auto or_column = [&](const std::string& name, int64_t place) {
    return name.empty() ? names[place] : name;
  };
  const std::string user = or_column(options.user_name, 0), item = or_column(options.item_name, 1);
  const RandomSplitter splitter{.valid_pct = options.valid_pct, .seed = options.seed};
  const Splits splits = splitter(Items(std::vector<Value>(static_cast<std::size_t>(ratings.rows()))));
  const TabularPandas to(ratings, {.procs = Categorify{},
                                   .cat_names = std::vector<std::string>{user, item},
                                   .y_names = or_column(options.rating_name, 2),
                                   .y_block = RegressionBlock{},
                                   .splits = splits});
  const TabularDataLoaders dls =
      to.dataloaders({.bs = options.bs, .val_bs = options.val_bs, .with_cont = false, .path = options.path});
  return CollabDataLoaders({dls.pointer(0), dls.pointer(1)}, options.path);
}

CollabDataLoaders CollabDataLoaders::from_csv(const Path& csv, const CollabDataOptions& options) {
  return from_df(read_csv(csv), options);
}

const TabularPrep& ratings_prep(const DataLoaders& dls, const char* what) {
  const TabularPrep& prep = tabular_prep(dls.train());
  if (prep.columns().cat_names.size() != 2 || prep.classes().size() != 2)
    throw minitorch::ValueError(std::string("[") + what + "] the data are no ratings of items by users",
                                "make them with CollabDataLoaders");
  return prep;
}

}  // namespace fastcore
