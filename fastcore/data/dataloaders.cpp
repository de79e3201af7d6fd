// SPDX-License-Identifier: MIT
#include "fastcore/data/dataloaders.h"

#include "fastcore/data/datasets.h"

namespace fastcore {

DataLoaders::DataLoaders(const DataLoaders&) = default;
DataLoaders& DataLoaders::operator=(const DataLoaders&) = default;
DataLoaders::~DataLoaders() = default;

DataLoaders::DataLoaders(std::vector<LoaderPtr> loaders, Path path)
    : loaders_(std::move(loaders)), path_(std::move(path)) {
  if (loaders_.empty())
    throw minitorch::ValueError("[DataLoaders] no loader was given", "DataLoaders({train, valid})");
}

const DataLoaders::LoaderPtr& DataLoaders::pointer(int64_t i) const {
  const int64_t place = i < 0 ? i + size() : i;
  if (i == 1 && size() == 1)
    throw minitorch::IndexError(
        "[DataLoaders] there is a loader that trains, and none that validates: only items that were not "
        "learned from show whether a model has learned",
        "DataLoaders({train, valid}); where nothing is to validate, valid is a loader without items");
  if (place < 0 || place >= size())
    throw minitorch::IndexError("[DataLoaders] loader " + std::to_string(i) + " of " + std::to_string(size()),
                                "0 trains, 1 validates");
  return loaders_[static_cast<std::size_t>(place)];
}

std::vector<std::string> DataLoaders::vocab(int64_t i) const {
  const std::vector<Targets> all = train().all_targets();
  if (i < 0 || i >= static_cast<int64_t>(all.size()))
    throw minitorch::IndexError(
        "[DataLoaders] vocab of target " + std::to_string(i) + " of " + std::to_string(all.size()),
        "targets count from 0; their blocks stand behind the inputs' (n_inp)");
  return all[static_cast<std::size_t>(i)].vocab;
}

DataLoaders DataLoaders::new_empty() const {
  std::vector<LoaderPtr> empty;
  for (const LoaderPtr& loader : loaders_) empty.push_back(loader->test_dl({}, true));
  return DataLoaders(std::move(empty), path_);
}

Subset DataLoaders::train_ds() const { return train().samples(); }
Subset DataLoaders::valid_ds() const { return valid().samples(); }

void DataLoaders::add_batch_tfm(const Transform& transform) {
  for (const LoaderPtr& loader : loaders_) loader->add_batch_tfm(transform);
}

void DataLoaders::to(minitorch::Device device) {
  for (const LoaderPtr& loader : loaders_) loader->to(device);
}

}  // namespace fastcore
