// SPDX-License-Identifier: MIT
// Datasets: items, how they are split, and the pipelines that make a sample of each.
#pragma once
#include <memory>
#include <vector>

#include "fastcore/data/splitters.h"

namespace fastcore {

/// A file's path, or what else tells which item this is: by default its number, i.
std::string name_of(const Value& item, int64_t i);
/// Inside a catch: throws a ValueError again with the item's name, and so what a function of the learner's
/// own has thrown; other errors of the library as they are.
[[noreturn]] void rethrow_with_item(const std::string& name);

/// A pipeline whose transforms have learned from the values of these items: each from what those before it
/// make of them.
Pipeline set_up(const Pipeline& pipeline, const Items& items);

class Datasets;

/// The samples of one split, or of a loader's items: `dls.train_ds()[0]`. What it refers to must live as
/// long.
struct Subset {
  const Datasets& all;
  const std::vector<int64_t>& places;
  int64_t size() const { return static_cast<int64_t>(places.size()); }
  /// @throws IndexError
  Sample operator[](int64_t i) const;
};

/// Items and what becomes of them: one pipeline for each member of a sample, inputs first.
class Datasets {
 public:
  /// Sets the pipelines up with the items of the training split.
  Datasets(Items items, Splits splits, const std::vector<Pipeline>& pipelines, int64_t n_inp);
  /// No items yet, pipelines that are set up already, and what they were for. @see with_items
  static Datasets prepared(std::vector<Pipeline> pipelines, int64_t n_inp, Targets targets);
  /// Pipelines that are set up already, for other items, which make one split.
  Datasets with_items(Items items) const;

  const Items& items() const { return items_; }
  /// The places of a split's items. @throws IndexError
  const std::vector<int64_t>& split(int64_t i) const;
  int64_t n_splits() const { return static_cast<int64_t>(splits_.size()); }
  const std::vector<Pipeline>& pipelines() const { return pipelines_; }
  int64_t n_inp() const { return n_inp_; }  ///< how many members are inputs
  int64_t members() const { return static_cast<int64_t>(pipelines_.size()); }
  /// What the targets are: of the first member that is one.
  const Targets& targets() const { return targets_; }
  /// What each target is; TargetKind::none where its transforms do not say.
  const std::vector<Targets>& all_targets() const { return all_targets_; }

  /// The first `members` members of item i. @throws what a transform throws, with the item's name
  Sample sample(int64_t i, int64_t members, Context& context) const;
  /// All members, as in validation.
  Sample operator[](int64_t i) const;
  /// A file's path, or what else tells which item it is.
  std::string item_name(int64_t i) const;

  Subset train() const { return {*this, split(0)}; }
  Subset valid() const { return {*this, split(1)}; }

 private:
  Datasets() = default;
  Items items_;
  Splits splits_;
  std::vector<Pipeline> pipelines_;
  int64_t n_inp_ = 1;
  Targets targets_;
  std::vector<Targets> all_targets_;
};

}  // namespace fastcore
