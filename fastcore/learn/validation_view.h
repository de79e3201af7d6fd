// SPDX-License-Identifier: MIT
// What the last look at the validation data showed, gathered while it was taken: no pass of its own, no
// random number.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/learn/item_table.h"
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
  /// Into the report: some items with answer and truth, and those with the largest losses, as pictures or as
  /// a table; for classes the confusion matrix and what is taken for what, or that the loss does not say
  /// which class is meant. Captions say which items.
  void report(Lesson& lesson) const;

 private:
  struct Top {
    double loss;
    std::vector<GridItem> pictures;  // one, or input, target and prediction
    std::vector<std::string> cells;  // where it is no picture
  };
  void add_results(Learner& learn, const Batch& batch, int64_t begin, int64_t n);
  void add_classes(Learner& learn);
  void add_top_losses(Learner& learn, const Batch& batch);
  Top top_of(Learner& learn, const Batch& batch, int64_t i, double loss);
  void report_classes(Lesson& lesson, const std::string& which) const;
  void report_top_losses(Lesson& lesson, const std::string& which) const;

  std::vector<std::string> vocab_;
  std::vector<int64_t> counts_;          // (classes, classes), rows what was; empty for other targets
  std::string no_classes_;               // the loss, where its answers are no class numbers
  ImageGrid results_;                    // where there are pictures
  ItemTable result_rows_;                // else
  std::vector<std::string> top_header_;  // of Top::cells
  std::vector<Top> top_;                 // the largest losses first
  int64_t items_ = 0;
};

}  // namespace fastcore
