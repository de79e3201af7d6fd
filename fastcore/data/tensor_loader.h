// SPDX-License-Identifier: MIT
// TensorLoader: batches of tensors that are already in memory.
//
//     DataLoaders dls({tensor_loader(train_x, train_y, {.bs = 64, .shuffle = true}),
//                      tensor_loader(valid_x, valid_y, {.bs = 64})});
#pragma once
#include <memory>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "minitorch/core/python_random.h"

namespace fastcore {

/// How a TensorLoader hands out its rows.
struct TensorLoaderOptions {
  int64_t bs = 64;
  bool shuffle = false;
  bool drop_last = false;  ///< leave out a last batch that is not full
  /// Left at `none`, found from y: int64 (n) is a category below max + 1, anything else is numbers.
  Targets targets = {};
};

/// Rows of tensors, in order or shuffled as fastai's DataLoader shuffles (Python's generator; see
/// minitorch::python::LoaderOrder). Batches are copies: changing one leaves the data as it is.
class TensorLoader : public DataLoader {
 public:
  /// x and y: tensors whose first axis counts the items; y may be empty.
  /// @throws ShapeError unless all have as many rows; ValueError for bs below 1 or no tensor in x
  TensorLoader(std::vector<minitorch::Tensor> x, std::vector<minitorch::Tensor> y,
               TensorLoaderOptions options = {});

  int64_t size() const override;
  int64_t items() const override { return data_.x.front().size(0); }
  int64_t batch_size() const override { return options_.bs; }
  bool in_order() const override { return !options_.shuffle && !options_.drop_last; }
  std::unique_ptr<Pass> start() override;
  std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const override;
  Targets targets() const override { return options_.targets; }
  /// Items are tensors: rows of x.
  std::shared_ptr<DataLoader> test_dl(const std::vector<Value>& items, bool with_labels) const override;
  std::vector<int64_t> state() const override { return order_.state(); }
  void set_state(const std::vector<int64_t>& saved) override { order_.set_state(saved); }
  /// Moves all rows.
  void to(minitorch::Device device) override { data_ = data_.to(device); }
  minitorch::Device device() const override { return data_.x.front().device(); }
  /// All rows as one batch.
  const Batch& data() const { return data_; }

 private:
  Batch data_;
  TensorLoaderOptions options_;
  minitorch::python::LoaderOrder order_;
};

/// A loader over x (n, ...) and y (n) or (n, ...), ready for DataLoaders. @throws as TensorLoader
std::shared_ptr<DataLoader> tensor_loader(const minitorch::Tensor& x, const minitorch::Tensor& y,
                                          const TensorLoaderOptions& options = {});

/// Batches in a pass over n items: floor(n / bs), and 1 for the rest unless it is dropped.
int64_t batch_count(int64_t n, int64_t bs, bool drop_last);

}  // namespace fastcore
