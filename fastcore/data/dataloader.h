// SPDX-License-Identifier: MIT
// Batches, and what hands them out. Learner knows data only through this header.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/value.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

class Transform;
struct ShowOptions;
struct Subset;

/// What a model takes and what it should give: tensors whose first axis counts the items.
struct Batch {
  std::vector<minitorch::Tensor> x = {};
  std::vector<minitorch::Tensor> y = {};  ///< empty for items without labels

  /// The number of items. @throws ValueError when the batch is empty
  int64_t size() const;
  /// On a GPU the copies run beside what it is at; see minitorch::upload.
  Batch to(minitorch::Device device) const;
};

/// What the targets of a data set are: it decides the loss, the activation and how results are shown.
enum class TargetKind { none, category, multi_category, number, mask, points, text };

/// The targets of a data set.
struct Targets {
  TargetKind kind = TargetKind::none;
  int64_t c = 0;                        ///< outputs that a model needs
  std::vector<std::string> vocab = {};  ///< names of the classes; empty for numbers and points
};

/// A target, or a prediction turned into one, as a value: a label, a mask; else, as a fraction, the tensor.
Value decode_target(const Targets& targets, const minitorch::Tensor& target);

/// One way through the items of a loader.
class Pass {
 public:
  virtual ~Pass() = default;
  /// The next batch, or nothing at the end.
  virtual std::optional<Batch> next() = 0;
};

/// What DataLoader::with changes; what is not given stays.
struct LoaderChanges {
  std::optional<int64_t> bs = {};
  std::optional<bool> shuffle = {}, drop_last = {};
  std::optional<int> split = {};  ///< 0: transforms as in training, 1: as in validation
};

/// Hands out batches: `for (Batch& batch : loader)`. Each loop is a new pass, shuffled anew where asked.
class DataLoader {
 public:
  virtual ~DataLoader() = default;

  /// Batches in a pass.
  virtual int64_t size() const = 0;
  /// Items there are.
  virtual int64_t items() const = 0;
  virtual int64_t batch_size() const = 0;
  virtual std::unique_ptr<Pass> start() = 0;
  /// The same items handed out differently.
  virtual std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const = 0;
  virtual Targets targets() const = 0;
  /// What each target of a batch is, in the order of Batch::y; by default one, targets().
  virtual std::vector<Targets> all_targets() const;
  /// A loader over other items, prepared as items are in validation and in their order; with labels only when
  /// asked for. @throws ValueError from loaders that do not know how their items were made
  virtual std::shared_ptr<DataLoader> test_dl(const std::vector<Value>& items, bool with_labels) const;
  /// The items in the order in which the next pass gives them, where that is not 0, 1, 2 ... although nothing
  /// is shuffled: texts sorted by length. Empty: their own order.
  virtual std::vector<int64_t> idxs() const { return {}; }
  /// Whether a pass gives every item, in the order of idxs(): nothing is shuffled, no rest is dropped.
  virtual bool in_order() const { return true; }
  /// What shuffling has come to, to be kept in a checkpoint; set_state goes on from there.
  virtual std::vector<int64_t> state() const { return {}; }
  virtual void set_state(const std::vector<int64_t>&) {}
  /// Adds a batch transform at its place. @throws ValueError where there are none
  virtual void add_batch_tfm(const Transform& transform);
  virtual bool has_batch_tfm(const std::string& name) const;
  /// Where the batches of later passes are. @throws ValueError from loaders that stay on the CPU
  virtual void to(minitorch::Device device);
  virtual minitorch::Device device() const { return minitorch::Device::cpu(); }
  /// The items as samples, before item transforms and batches.
  /// @throws ValueError from loaders that hold tensors, not items
  virtual Subset samples() const;
  /// @throws ValueError "This DataLoader does not contain any batches" when it does not: it has no items, or
  /// fewer than a batch where incomplete ones are dropped
  void require_batches() const;
  /// The first batch. @throws ValueError as require_batches, and when transforms leave out every item
  Batch one_batch();
  /// The first item of a pass again and again, as often as a batch is large: what augmentation does to it.
  /// By default a batch as any other.
  virtual Batch unique_batch() { return one_batch(); }
  /// Shows some items of a batch: pictures with their labels, all else as lines of a table. @see show_batch.h
  virtual void show_batch(const ShowOptions& options);
  void show_batch();

  /// Item i of a batch as it was before the batch transforms: what show_batch and show_results draw. By
  /// default the tensors themselves.
  virtual std::vector<Value> decode_x(const Batch& batch, int64_t i) const;
  /// A target, or a prediction turned into one, as a value: a label, a mask.
  virtual Value decode_y(const minitorch::Tensor& target) const;
  /// The same of target i of several, Batch::y[i]; the tensor itself where nobody says what it is.
  Value decode_y(const minitorch::Tensor& target, int64_t i) const;
  /// Where item i (in the order without shuffling) comes from: a file's path; by default its number.
  virtual std::string item_name(int64_t i) const;

  class Iterator {
   public:
    explicit Iterator(std::unique_ptr<Pass> pass);
    Batch& operator*() { return *batch_; }
    void operator++();
    bool operator!=(std::nullptr_t) const { return batch_.has_value(); }

   private:
    std::unique_ptr<Pass> pass_;
    std::optional<Batch> batch_;
  };
  Iterator begin();
  std::nullptr_t end() const { return nullptr; }

  /// What a pass that gives no batch, although there are items for one, comes to. @throws ValueError
  [[noreturn]] void throw_all_left_out() const;
};

}  // namespace fastcore
