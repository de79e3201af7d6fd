// SPDX-License-Identifier: MIT
// DataLoaders: the loader that trains and the one that validates, and what is known about their data.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/data/show_batch.h"

namespace fastcore {

class Datasets;
class ItemSource;
struct DataBlock;
struct DataLoadersOptions;
struct NewTransforms;

/// Loaders of one data set: [0] trains, [1] validates, further ones are there on request (a test set).
class DataLoaders {
 public:
  using LoaderPtr = std::shared_ptr<DataLoader>;
  DataLoaders() = default;
  /// @throws ValueError without a loader
  explicit DataLoaders(std::vector<LoaderPtr> loaders, Path path = ".");
  // Compiled once, in dataloaders.cpp.
  DataLoaders(const DataLoaders&);
  DataLoaders& operator=(const DataLoaders&);
  virtual ~DataLoaders();
  /// block.dataloaders(source, options).
  static DataLoaders from_dblock(const DataBlock& block, const ItemSource& source,
                                 const DataLoadersOptions& options);
  /// A loader for each split of datasets that are made already, with these transforms: {.item_tfms =
  /// {Resize{.size = 28}, ToTensor{}}, .batch_tfms = {IntToFloatTensor{}}}.
  static DataLoaders from_dsets(Datasets data, const NewTransforms& transforms,
                                const DataLoadersOptions& options);

  DataLoader& train() const { return (*this)[0]; }
  DataLoader& valid() const { return (*this)[1]; }
  /// @throws IndexError naming how many loaders there are
  DataLoader& operator[](int64_t i) const { return *pointer(i); }
  const LoaderPtr& pointer(int64_t i) const;
  int64_t size() const { return static_cast<int64_t>(loaders_.size()); }

  /// New items prepared as those of validation, without labels unless asked for. @throws as
  /// DataLoader::test_dl
  LoaderPtr test_dl(const std::vector<Value>& items, bool with_labels = false) const {
    return valid().test_dl(items, with_labels);
  }
  /// The same for files, `dls.test_dl(get_image_files(path))`, and for texts in a vector.
  template <class T>
  LoaderPtr test_dl(const L<T>& items, bool with_labels = false) const {
    return test_dl(std::vector<Value>(items.begin(), items.end()), with_labels);
  }
  template <class T>
  LoaderPtr test_dl(const std::vector<T>& items, bool with_labels = false) const {
    return test_dl(std::vector<Value>(items.begin(), items.end()), with_labels);
  }

  /// The same loaders without their items, which still prepare others: dls.new_empty().test_dl(files).
  DataLoaders new_empty() const;

  /// The samples that train and validate, one by one: dls.train_ds()[0]. @throws as DataLoader::samples
  Subset train_ds() const;
  Subset valid_ds() const;

  Targets targets() const { return train().targets(); }
  int64_t c() const { return targets().c; }
  std::vector<std::string> vocab() const { return targets().vocab; }
  /// The classes of target i, where there are several; empty for numbers.
  /// @throws IndexError naming how many targets there are
  std::vector<std::string> vocab(int64_t i) const;
  const Path& path() const { return path_; }

  /// The first training batch. @throws as DataLoader::one_batch
  Batch one_batch() const { return train().one_batch(); }
  /// Shows some training items: pictures with their labels, as PNG and, where it can, in the terminal; all
  /// else as lines of a table.
  /// DataLoader::show_batch shows those of another loader: dls.valid().show_batch().
  void show_batch(const ShowOptions& options = {}) const { train().show_batch(options); }
  /// Adds a batch transform to every loader. @throws ValueError where there are none
  void add_batch_tfm(const Transform& transform);
  /// Where the batches of later passes are.
  void to(minitorch::Device device);
  void cuda() { to(minitorch::Device::cuda()); }
  void cpu() { to(minitorch::Device::cpu()); }
  minitorch::Device device() const { return train().device(); }

 protected:
  std::vector<LoaderPtr> loaders_;
  Path path_ = ".";
};

}  // namespace fastcore
