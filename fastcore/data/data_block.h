// SPDX-License-Identifier: MIT
// DataBlock: what the data are, said once; from it datasets, loaders and a summary.
//
//     auto dls = DataBlock{
//         .blocks = {ImageBlock{}, CategoryBlock{}},
//         .get_items = get_image_files,
//         .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
//         .get_y = parent_label,
//         .item_tfms = {Resize{.size = 192, .method = squish}},
//     }.dataloaders(path, {.bs = 32});
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/blocks.h"
#include "fastcore/data/dataloaders.h"
#include "fastcore/data/datasets.h"
#include "fastcore/data/getters.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/data/table_getters.h"

namespace fastcore {

/// Where items come from: a folder, or the items themselves.
class ItemSource {
 public:
  ItemSource(Path folder) : path_(std::move(folder)) {}
  ItemSource(const char* folder) : path_(folder) {}
  ItemSource(const std::string& folder) : path_(folder) {}
  ItemSource(Items items);
  ItemSource(const L<Path>& files);
  /// The rows of a table. @see ColReader
  ItemSource(const DataFrame& table);

  const std::optional<Path>& path() const { return path_; }
  const Items& items() const { return items_; }
  std::string repr() const;

 private:
  std::optional<Path> path_;
  Items items_;
};

/// How the items are found in a folder: get_image_files, or any function of a path that returns a list.
class GetItems {
 public:
  GetItems() = default;
  GetItems(L<Path> (*function)(const Path&));
  template <class F>
  requires std::is_invocable_v<const F&, const Path&> GetItems(F function)
      : function_([function](const Path& folder) { return Items(function(folder)); }) {}

  explicit operator bool() const { return static_cast<bool>(function_); }
  Items operator()(const Path& folder) const { return function_(folder); }

 private:
  std::function<Items(const Path&)> function_;
};

/// How a DataBlock's loaders work.
struct DataLoadersOptions {
  int64_t bs = 64;
  std::optional<int64_t> val_bs = {};  ///< else bs
  bool shuffle = true;                 ///< the training items, anew in each pass
  std::optional<bool> drop_last = {};  ///< a training batch that is not full; else as shuffle
  minitorch::Device device = minitorch::Device::cpu();
  int num_workers = -1;           ///< threads beside the caller's; -1: one for each core, 16 at most
  std::optional<int64_t> n = {};  ///< at most so many training items
  Path path = ".";                ///< where a learner keeps its models
};

struct SummaryOptions {
  int64_t bs = 4;
  bool show_batch = false;
};

/// What DataBlock::new_with replaces.
struct NewTransforms {
  Transforms item_tfms = {}, batch_tfms = {};
};

/// The data, described: what a sample consists of, where items are, how they are split and transformed.
struct DataBlock {
  std::vector<TransformBlock> blocks = {};
  GetItems get_items = {};
  ItemSplitter splitter = {};  ///< else RandomSplitter{}: 20 % validate, others each time
  Transforms get_x = {};       ///< from an item to its inputs; else the item itself
  Transforms get_y = {};       ///< from an item to its targets; else the item itself
  Transforms item_tfms = {};
  Transforms batch_tfms = {};
  int64_t n_inp = 0;  ///< blocks that are inputs; 0: all but the last

  /// Items, found and split; their pipelines have learned from the training items.
  /// @throws ValueError when there are no items, none to train or none to validate, or getters and blocks do
  /// not fit together
  Datasets datasets(const ItemSource& source) const;
  /// A loader for each split. @throws as datasets()
  DataLoaders dataloaders(const ItemSource& source, const DataLoadersOptions& options = {}) const;
  /// The same block with other transforms; those that the blocks bring stay.
  DataBlock new_with(NewTransforms transforms) const;
  /// Prints step by step how a sample and a batch come about; a step that fails is named before the error
  /// goes on. @throws what the step throws
  void summary(const ItemSource& source, const SummaryOptions& options = {}) const;
  /// The same, line by line into `write`.
  void summary(const ItemSource& source, const SummaryOptions& options,
               const std::function<void(const std::string&)>& write) const;

  // --- the parts that datasets() and dataloaders() are made of ---
  int64_t inputs() const;
  Items find_items(const ItemSource& source) const;
  Splits split(const Items& items) const;
  Datasets datasets(const Items& items, Splits splits) const;
  /// A pipeline for each block: its getter, then its type transforms; not set up.
  std::vector<Pipeline> pipelines() const;
  Pipeline after_item() const;
  Pipeline after_batch() const;
};

}  // namespace fastcore
