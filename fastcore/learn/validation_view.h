// SPDX-License-Identifier: MIT
// What the last look at the validation data showed, gathered while it was taken: no pass of its own, no
// random number.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/learn/learner.h"
#include "fastcore/plot/image_grid.h"

namespace fastcore {

class Lesson;

/// Answers of a validation pass, for the report of a training.
class ValidationView {
 public:
  /// Before a pass: forgets the one before.
  void start();
  /// After each of its batches.
  void add(Learner& learn);
  /// Into the report: for classes the confusion matrix and what is taken for what; where the inputs are
  /// pictures some items with answer and truth, and those with the largest losses. Captions say which items.
  void report(Lesson& lesson) const;
  bool has_pictures() const { return !results_.items.empty(); }

 private:
  struct Top {
    double loss;
    GridItem item;
  };
  void add_classes(const Learner& learn, const Tensor& decoded);
  void add_top_losses(Learner& learn, const Batch& batch, const Tensor& probs, const Tensor& decoded);

  std::vector<std::string> vocab_;
  std::vector<int64_t> counts_;  // (classes, classes), rows what was; empty for other targets
  ImageGrid results_;            // of the first batch
  std::vector<Top> top_;         // the largest losses first
  int64_t items_ = 0;
};

}  // namespace fastcore
