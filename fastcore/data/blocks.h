// SPDX-License-Identifier: MIT
// Blocks: what an input or a target is. Each brings the transforms that its kind of value needs.
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fastcore/data/batch_transform.h"
#include "fastcore/data/item_transforms.h"
#include "fastcore/data/type_transforms.h"

namespace fastcore {

class Datasets;
struct ItemLoaderOptions;

/// Changes the items of a batch together before they become tensors: padding, say. Any function of
/// (std::vector<Sample>&) is one; an export can hold only those that have a name (pipeline_spec.h).
class BeforeBatch {
 public:
  using Function = std::function<void(std::vector<Sample>&)>;

  template <std::convertible_to<Function> F>
  requires(!std::same_as<std::decay_t<F>, BeforeBatch>) BeforeBatch(F function)
      : BeforeBatch(Function(std::move(function))) {}
  BeforeBatch(Function function);
  BeforeBatch(std::string name, Settings settings, Function function);
  // Compiled once, in blocks.cpp.
  BeforeBatch(const BeforeBatch&);
  BeforeBatch(BeforeBatch&&) noexcept;
  BeforeBatch& operator=(const BeforeBatch&);
  BeforeBatch& operator=(BeforeBatch&&) noexcept;
  ~BeforeBatch();

  void operator()(std::vector<Sample>& samples) const { function_(samples); }
  const std::string& name() const { return name_; }  ///< empty: none
  const Settings& settings() const { return settings_; }

 private:
  std::string name_;
  Settings settings_;
  Function function_;
};

/// Makes the loader of these items of `data`, where batches are more than items side by side: texts as one
/// long stream.
using LoaderMaker = std::function<std::shared_ptr<DataLoader>(std::shared_ptr<const Datasets> data,
                                                              const std::vector<int64_t>& places,
                                                              const ItemLoaderOptions& options)>;

/// One part of a sample, in the terms of DataBlock.
struct TransformBlock {
  std::vector<Transform> type_tfms = {};  ///< from what the getter returns to a value with a meaning
  std::vector<Transform> item_tfms = {ToTensor{}};
  std::vector<Transform> batch_tfms = {};
  std::vector<BeforeBatch> before_batch = {};
  LoaderMaker make_loader = {};  ///< in place of an ItemLoader
};

/// A picture, from its file. `.mode = PixelMode::grey` for one channel.
struct ImageBlock {
  PixelMode mode = PixelMode::rgb;
  operator TransformBlock() const;
};

/// One label of several.
struct CategoryBlock {
  std::vector<std::string> vocab = {};
  bool sort = true;
  bool add_na = false;
  operator TransformBlock() const;
};

/// Any number of labels; `encoded`: given as 0 and 1 for each class of the vocabulary.
struct MultiCategoryBlock {
  bool encoded = false;
  std::vector<std::string> vocab = {};
  bool add_na = false;
  operator TransformBlock() const;
};

/// A number, or several.
struct RegressionBlock {
  int64_t n_out = 0;  ///< 0: as many as the first training item has
  operator TransformBlock() const;
};

/// A class code for every pixel, from a mask file.
struct MaskBlock {
  std::vector<std::string> codes = {};  ///< the classes' names
  operator TransformBlock() const;
};

/// Points on the picture, in its pixels.
struct PointBlock {
  operator TransformBlock() const;
};

}  // namespace fastcore
