// SPDX-License-Identifier: MIT
// TabularPandas: a table prepared for models. Procs have run, rows stand training first, and each column is a
// category's number or a number.
//
//     auto to = TabularPandas(df, {.procs = {Categorify{}, FillMissing{}}, .cat_names = cats,
//                                  .cont_names = conts, .y_names = dep_var, .splits = splits});
//     auto xs = to.train().xs(), y = to.train().y();      // for trees
//     auto dls = to.dataloaders({.bs = 1024});            // for nets
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/blocks.h"
#include "fastcore/data/splitters.h"
#include "fastcore/tabular/procs.h"

namespace fastcore {

class TabularDataLoaders;

/// What the targets are: none given, numbers are numbers and anything else a category.
struct TabularTarget {
  std::optional<TargetKind> kind = {};
  std::vector<std::string> vocab = {};  ///< the classes and their order; empty: sorted
  TabularTarget() = default;
  TabularTarget(const CategoryBlock& block) : kind(TargetKind::category), vocab(block.vocab) {}
  TabularTarget(const RegressionBlock&) : kind(TargetKind::number) {}
};

/// How a table becomes a TabularPandas.
struct TabularOptions {
  Procs procs = {};
  ColumnNames cat_names = {}, cont_names = {}, y_names = {};
  TabularTarget y_block = {};
  std::optional<Splits> splits = {};  ///< none: everything trains
};

/// How batches are made.
struct TabularLoaderOptions {
  int64_t bs = 64;
  int64_t val_bs = 0;     ///< of validation; 0: as bs
  bool shuffle = true;    ///< training rows, anew each epoch; a last batch that is not full is left out then
  bool with_cont = true;  ///< false: batches hold no tensor of numbers (collaborative filtering)
  Path path = ".";
};

/// What was learned from the training rows: how further rows are prepared and shown.
class TabularPrep {
 public:
  /// Learns from the first n_train rows, and prepares all of them.
  TabularPrep(DataFrame& rows, int64_t n_train, const TabularOptions& options);
  /// What was learned elsewhere: procs that are set up, in the order they run.
  TabularPrep(std::vector<std::shared_ptr<TabularProc>> procs, TabularColumns columns, Targets targets);

  /// Prepares further rows; their targets only with `with_y`.
  /// @throws IndexError for a column that is missing,
  ///   ValueError for a number that is missing or a text, or an unknown target
  DataFrame encode(const DataFrame& rows, bool with_y) const;
  DataFrame decode(const DataFrame& rows) const;

  const TabularColumns& columns() const { return columns_; }
  /// In the order they run.
  const std::vector<std::shared_ptr<TabularProc>>& procs() const { return procs_; }
  const Dict<std::string, std::vector<std::string>>& classes() const { return classes_; }
  const Targets& targets() const { return targets_; }
  /// (n, categories) int64, (n, numbers) float32, (n, targets) int64 or float32.
  /// @throws ValueError for a category that is still a text, or a number that is missing
  minitorch::Tensor cats(const DataFrame& rows) const;
  minitorch::Tensor conts(const DataFrame& rows) const;
  minitorch::Tensor ys(const DataFrame& rows) const;

 private:
  void keep_classes();
  void set_up_target(const DataFrame& train, const TabularTarget& block);
  void encode_target(DataFrame& rows) const;

  std::vector<std::shared_ptr<TabularProc>> procs_;  // in the order they run
  TabularColumns columns_;
  Dict<std::string, std::vector<std::string>> classes_;
  Targets targets_;
};

/// A table made ready for learning: categories numbered, gaps filled, numbers normalised, rows split.
class TabularPandas {
 public:
  /// @throws IndexError for columns that are not there, ValueError for a column given twice or splits that
  ///   share rows
  TabularPandas(const DataFrame& frame, const TabularOptions& options);
  /// No rows, but all that create_new needs.
  explicit TabularPandas(std::shared_ptr<const TabularPrep> prep);

  TabularPandas train() const { return part(0, n_train_); }
  TabularPandas valid() const { return part(n_train_, items_.rows()); }
  int64_t size() const { return items_.rows(); }
  /// All columns as the procs left them; training rows first.
  const DataFrame& items() const { return items_; }
  DataFrame cats() const { return items_[cat_names().list()]; }
  DataFrame conts() const { return items_[cont_names().list()]; }
  /// Categories and numbers: what models learn from.
  DataFrame xs() const;
  DataFrame ys() const { return items_[y_names().list()]; }
  Series y() const;
  const ColumnNames& cat_names() const { return prep_->columns().cat_names; }
  const ColumnNames& cont_names() const { return prep_->columns().cont_names; }
  const ColumnNames& y_names() const { return prep_->columns().y_names; }
  /// What the numbers of a category stand for.
  const Dict<std::string, std::vector<std::string>>& classes() const { return prep_->classes(); }
  Targets targets() const { return prep_->targets(); }

  /// Further rows, prepared as these were; as validation rows.
  TabularPandas create_new(const DataFrame& rows, bool with_y = false) const;
  /// Categories, numbers and targets as they were, but for what was filled.
  DataFrame decode() const;
  /// Prints the first rows as they were.
  void show(int64_t max_n = 10) const;
  TabularDataLoaders dataloaders(const TabularLoaderOptions& options = {}) const;
  const std::shared_ptr<const TabularPrep>& prep() const { return prep_; }

 private:
  TabularPandas(std::shared_ptr<const TabularPrep> prep, DataFrame items, int64_t n_train)
      : prep_(std::move(prep)), items_(std::move(items)), n_train_(n_train) {}
  TabularPandas part(int64_t begin, int64_t end) const;

  std::shared_ptr<const TabularPrep> prep_;
  DataFrame items_;
  int64_t n_train_;
};

}  // namespace fastcore
