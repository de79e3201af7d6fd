// SPDX-License-Identifier: MIT
// ItemLoader: batches made of items on the way: files are opened and transformed by worker threads a few
// batches ahead of who asks. Which thread does what changes no number: every item has random numbers of its
// own, from its place in the pass.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "fastcore/data/batch_kinds.h"
#include "fastcore/data/blocks.h"
#include "fastcore/data/collate.h"
#include "fastcore/data/datasets.h"

namespace fastcore {

/// How an ItemLoader works.
struct ItemLoaderOptions {
  int64_t bs = 64;
  bool shuffle = false;
  bool drop_last = false;  ///< leave out a last batch that is not full
  int num_workers = -1;    ///< threads beside the caller's; -1: one for each core, 16 at most
  int split = 1;           ///< which transforms run: 0 those of training, 1 those of validation
  minitorch::Device device = minitorch::Device::cpu();  ///< where batches go before the batch transforms
  Pipeline after_item = {};
  std::vector<BeforeBatch> before_batch = {};
  Pipeline after_batch = {};
};

/// Batches of items that go through transforms one by one, by worker threads.
class ItemLoader : public DataLoader, public PadsInputs {
 public:
  /// Hands out the items of `data` at these places. @throws ValueError for bs below 1
  ItemLoader(std::shared_ptr<const Datasets> data, std::vector<int64_t> places, ItemLoaderOptions options);

  int64_t size() const override;
  int64_t items() const override { return static_cast<int64_t>(places_.size()); }
  int64_t batch_size() const override { return options_.bs; }
  bool in_order() const override { return !options_.shuffle && !options_.drop_last; }
  std::unique_ptr<Pass> start() override;
  std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const override;
  Targets targets() const override { return data_->targets(); }
  std::vector<Targets> all_targets() const override { return data_->all_targets(); }
  std::shared_ptr<DataLoader> test_dl(const std::vector<Value>& items, bool with_labels) const override;
  std::vector<Value> decode_x(const Batch& batch, int64_t i) const override;
  /// By before_batch, which pads the samples of a batch; without it, the inputs as they are.
  minitorch::Tensor widened(const minitorch::Tensor& x, int64_t width) const override;
  std::string item_name(int64_t i) const override;
  Batch unique_batch() override;
  std::vector<int64_t> state() const override { return order_.state(); }
  void set_state(const std::vector<int64_t>& saved) override { order_.set_state(saved); }
  void add_batch_tfm(const Transform& transform) override;
  bool has_batch_tfm(const std::string& name) const override;
  void to(minitorch::Device device) override { options_.device = device; }
  minitorch::Device device() const override { return options_.device; }
  Subset samples() const override { return {*data_, places_}; }

  /// The same items through other transforms. ToTensor, IntToFloatTensor and Normalize, which make numbers of
  /// pictures as the model knows them, stay unless there is another of their kind.
  std::shared_ptr<ItemLoader> with_transforms(const std::optional<Transforms>& item_tfms,
                                              const std::optional<Transforms>& batch_tfms) const;

  /// Batch transforms that have yet to learn do so from the first batch, each after those before it.
  void set_up_batch_tfms();

  const Datasets& dataset() const { return *data_; }
  const std::vector<int64_t>& places() const { return places_; }
  const ItemLoaderOptions& options() const { return options_; }
  void set_after_batch(Pipeline pipeline) { options_.after_batch = std::move(pipeline); }

 protected:
  /// The order of one pass: positions in places(). The base shuffles where asked, as fastai does.
  virtual std::vector<int64_t> draw_order();
  /// How many members of a sample are made: all, or the inputs alone.
  int64_t members_;

 private:
  std::unique_ptr<Pass> start_with(std::vector<int64_t> order);
  /// What each input of a batch means, and behind them each target, as places in Value.
  const std::vector<std::size_t>& meanings() const;

  std::shared_ptr<const Datasets> data_;
  std::vector<int64_t> places_;
  ItemLoaderOptions options_;
  minitorch::python::LoaderOrder order_;
  mutable std::mutex meanings_mutex_;
  mutable std::vector<std::size_t> meanings_;
};

}  // namespace fastcore
