// SPDX-License-Identifier: MIT
// DataLoaders: the loader that trains and the one that validates, and what is known about their data.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/data/show_batch.h"

namespace fastcore {

/// Loaders of one data set: [0] trains, [1] validates, further ones are there on request (a test set).
class DataLoaders {
 public:
  using LoaderPtr = std::shared_ptr<DataLoader>;
  DataLoaders() = default;
  /// @throws ValueError without a loader
  explicit DataLoaders(std::vector<LoaderPtr> loaders, Path path = ".");
  virtual ~DataLoaders() = default;

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
  /// The same for files: `dls.test_dl(get_image_files(path))`.
  template <class T>
  LoaderPtr test_dl(const L<T>& items, bool with_labels = false) const {
    return test_dl(std::vector<Value>(items.begin(), items.end()), with_labels);
  }

  Targets targets() const { return train().targets(); }
  int64_t c() const { return targets().c; }
  std::vector<std::string> vocab() const { return targets().vocab; }
  const Path& path() const { return path_; }

  /// The first training batch. @throws as DataLoader::one_batch
  Batch one_batch() const { return train().one_batch(); }
  /// Shows some training items: pictures with their labels, as PNG and, where it can, in the terminal.
  /// DataLoader::show_batch shows those of another loader: dls.valid().show_batch().
  void show_batch(const ShowOptions& options = {}) const { train().show_batch(options); }
  /// Adds a batch transform to every loader. @throws ValueError where there are none
  void add_batch_tfm(const Transform& transform);
  /// Where the batches of later passes are.
  void to(minitorch::Device device);

 protected:
  std::vector<LoaderPtr> loaders_;
  Path path_ = ".";
};

}  // namespace fastcore
