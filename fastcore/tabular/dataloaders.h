// SPDX-License-Identifier: MIT
// TabularDataLoaders: from a table to batches.
//
//     auto dls = TabularDataLoaders::from_csv(path / "adult.csv", {.y_names = "salary",
//         .cat_names = {"workclass", "education", "marital-status", "occupation", "relationship"},
//         .cont_names = {"age", "fnlwgt", "education-num"},
//         .procs = {Categorify{}, FillMissing{}, Normalize{}}});
//     dls.show_batch();
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "fastcore/data/batch_kinds.h"
#include "fastcore/data/dataloaders.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/tabular/tabular_pandas.h"

namespace fastcore {

/// Rows of a TabularPandas in batches: x = {categories (bs, k) int64, numbers (bs, m) float32}, y = {(bs,
/// 1)}.
class TabularLoader : public DataLoader, public NamesTargets {
 public:
  TabularLoader(TabularPandas rows, const TensorLoaderOptions& options, bool with_cont);

  int64_t size() const override { return loader_->size(); }
  int64_t items() const override { return rows_.size(); }
  int64_t batch_size() const override { return loader_->batch_size(); }
  bool in_order() const override { return loader_->in_order(); }
  std::unique_ptr<Pass> start() override { return loader_->start(); }
  std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const override;
  Targets targets() const override { return rows_.targets(); }
  std::vector<std::string> target_names() const override { return rows_.y_names().list(); }
  /// Items are Rows of a table: rows(df).
  std::shared_ptr<DataLoader> test_dl(const std::vector<Value>& items, bool with_labels) const override;
  std::vector<int64_t> state() const override { return loader_->state(); }
  void set_state(const std::vector<int64_t>& saved) override { loader_->set_state(saved); }
  /// One Row, with categories and numbers as they were.
  std::vector<Value> decode_x(const Batch& batch, int64_t i) const override;
  /// Prints rows of a batch as they were before the procs.
  void show_batch(const ShowOptions& options) override;
  using DataLoader::show_batch;
  /// The label of the row in its table.
  std::string item_name(int64_t i) const override { return rows_.items().label(i).text(); }
  const TabularPandas& rows() const { return rows_; }
  /// Whether batches hold a tensor of numbers.
  bool with_cont() const { return with_cont_; }
  /// The whole batch as a table: categories, numbers, targets as they were.
  DataFrame decode(const Batch& batch) const;

 private:
  TabularLoader(TabularPandas rows, std::shared_ptr<DataLoader> loader, bool with_cont)
      : rows_(std::move(rows)), loader_(std::move(loader)), with_cont_(with_cont) {}
  TabularPandas rows_;
  std::shared_ptr<DataLoader> loader_;
  bool with_cont_;
};

/// Options of TabularDataLoaders::from_df and from_csv.
struct TabularDataOptions {
  ColumnNames y_names = {}, cat_names = {}, cont_names = {};
  Procs procs = {};
  TabularTarget y_block = {};
  std::vector<int64_t> valid_idx = {};  ///< rows that validate; none: those of the splitter
  ItemSplitter splitter = RandomSplitter{.valid_pct = 0.2};
  int64_t bs = 64;
  int64_t val_bs = 0;  ///< of validation; 0: as bs
  Path path = ".";
};

/// A table as batches of categories and numbers.
class TabularDataLoaders : public DataLoaders {
 public:
  using DataLoaders::DataLoaders;
  /// A table's rows, split and prepared. Without cont_names all columns that are named nowhere and hold no
  /// texts are numbers; without cat_names, too, cont_cat_split tells the two kinds apart.
  /// @throws as TabularPandas
  static TabularDataLoaders from_df(const DataFrame& frame, const TabularDataOptions& options);
  /// The same from a file; spaces behind its commas are no part of the values. @throws FileError as read_csv
  static TabularDataLoaders from_csv(const Path& csv, const TabularDataOptions& options);

  /// Further rows, prepared as those of training.
  LoaderPtr test_dl(const DataFrame& frame, bool with_labels = false) const;
  using DataLoaders::test_dl;
  const TabularPrep& prep() const;
};

/// A table's rows as items: learn.dls.test_dl(rows(df)).
std::vector<Value> rows(const DataFrame& frame);
/// One of them: learn.predict(row(df, 0)); -1 is the last. @throws IndexError
Row row(const DataFrame& frame, int64_t place);

/// The rows of a loader over tables, as the procs left them: tabular_rows(dls.train()).items().
/// @throws ValueError for another loader
const TabularPandas& tabular_rows(const DataLoader& loader);
/// What it knows of their preparation. @throws ValueError for another loader
const TabularPrep& tabular_prep(const DataLoader& loader);

}  // namespace fastcore
