// SPDX-License-Identifier: MIT
// TabularBlock: columns of a table's rows as inputs of a DataBlock. A net for tables takes categories and
// numbers apart, so it takes two blocks:
//
//     const Procs procs = {Categorify{}, FillMissing{}, Normalize{}};
//     auto dls = DataBlock{.blocks = {TabularBlock{.cat_names = cats, .procs = procs},
//                                     TabularBlock{.cont_names = conts, .procs = procs}, CategoryBlock{}},
//                          .get_y = ColReader{.cols = "salary"}}.dataloaders(df, {.bs = 64});
//
// Rows are prepared one by one, so that they may stand beside pictures or texts. TabularDataLoaders prepares
// a table as a whole, once: for tables alone that is faster, and what tabular_learner takes.
#pragma once
#include <memory>

#include "fastcore/data/blocks.h"
#include "fastcore/tabular/tabular_pandas.h"

namespace fastcore {

/// A row's categories as their numbers, int64 (k), or its numbers, float32 (m), as procs that learned from
/// the training rows make them.
struct ReadRow {
  TabularOptions columns = {};
  std::shared_ptr<const TabularPrep> prep = {};

  /// @throws IndexError for a column that is missing, ValueError for a missing number that nothing fills
  minitorch::Tensor encode(const Row& row) const;
  /// @throws ValueError when the items are no rows
  void setup(const Sample& values);
  void fields(Fields& f);
};

/// Categories, or numbers, of the rows of a table.
struct TabularBlock {
  ColumnNames cat_names = {}, cont_names = {};
  Procs procs = {};
  /// @throws ValueError unless one of the two lists has names and the other has none
  operator TransformBlock() const;
};

FC_DECLARE_TRANSFORM(ReadRow)

}  // namespace fastcore
