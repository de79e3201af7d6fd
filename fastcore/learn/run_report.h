// SPDX-License-Identifier: MIT
// RunReport: the callback that puts a training into the report of a lesson.
//
//     learn.add_cbs(RunReport(lesson));      // from now on every fit is told there
#pragma once
#include <string>
#include <vector>

#include "fastcore/learn/callback.h"
#include "fastcore/learn/validation_view.h"
#include "fastcore/report/lesson.h"

namespace fastcore {

/// After each fit: the table, losses, metrics and schedule as plots, a batch, what the model says about the
/// validation set (ValidationView), how far each group of layers moved, the model, and in words when the net
/// has begun to learn its examples by heart. Rows of the table go into metrics.csv too. Nothing of this after
/// validate(), predict() and the like. Where the user has asked to stop, throws Interrupted once that is
/// written.
class RunReport : public Callback {
 public:
  explicit RunReport(Lesson& lesson);
  void before_fit(Learner& learn) override;
  void before_validate(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void after_fit(Learner& learn) override;

 private:
  void report_training(Learner& learn);
  void report_batch(Learner& learn);
  void report_table(Learner& learn);
  void report_plots(Learner& learn);
  void report_groups(Learner& learn);

  Lesson* lesson_;
  std::vector<std::vector<minitorch::Tensor>> start_;  // the weights of each group before fit
  Batch first_batch_;                                  // of training
  ValidationView validation_;
};

/// What the last epochs say: empty while all is well, else what is going wrong and what to try.
/// `train` and `valid` are losses by epoch.
std::string overfitting_note(const std::vector<double>& train, const std::vector<double>& valid);

}  // namespace fastcore
