// SPDX-License-Identifier: MIT
// RunReport: the callback that puts a training into the report of a lesson.
//
//     learn.add_cbs(RunReport(lesson));      // from now on every fit is told there
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/layer_view.h"
#include "fastcore/learn/training_view.h"
#include "fastcore/learn/validation_view.h"
#include "fastcore/report/lesson.h"

namespace fastcore {

/// Options of RunReport.
struct RunReportOptions {
  std::string name = "";  ///< of the training, in metrics.csv and the report; else "training 3"
  bool brief = false;     ///< for one of many trainings that are compared
};

/// After each fit: the table, losses, metrics and schedule as plots, what training showed (TrainingView),
/// what the model says about the validation set (ValidationView) and what its layers do (LayerView), and in
/// words when the net has begun to learn its examples by heart. Rows of the table go into metrics.csv too.
/// Nothing of this after validate(), predict() and the like.
///
/// Where the weights are others at the end than in the last validation, as by SaveModelCallback, what is told
/// of the validation set comes from one more pass with them, which changes no number of the training.
///
/// Of a brief report there are the table and the losses alone, without remarks and checkpoints.
///
/// Each fit has a checkpoint in the run's folder, renewed after every epoch: with --resume, fits that were
/// complete are loaded, and the one that was interrupted goes on. Where the user has asked to stop, throws
/// Interrupted once all is written. Of a fit that an error ends there are the rows and the losses until then,
/// what the model was given, and its layers.
class RunReport : public Callback {
 public:
  explicit RunReport(Lesson& lesson, RunReportOptions options = {});
  // Compiled once, in run_report.cpp.
  RunReport(RunReport&&) noexcept;
  ~RunReport() override;
  void before_fit(Learner& learn) override;
  void before_train(Learner& learn) override;
  void before_validate(Learner& learn) override;
  void after_validate(Learner& learn) override;
  void before_batch(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void after_epoch(Learner& learn) override;
  void after_cancel_fit(Learner& learn) override;
  void after_fit(Learner& learn) override;
  void clean_up(Learner& learn) noexcept override;

 private:
  void look_again(Learner& learn);
  void report_training(Learner& learn);
  void report_failure(Learner& learn);
  void report_table(Learner& learn);
  void report_plots(Learner& learn);

  Lesson* lesson_;
  RunReportOptions options_;
  bool resumed_ = false,
       trained_ = false,  // whether this fit began elsewhere, and whether any of it was here
      to_tell_ = false,   // whether it is still to be told
      looking_again_ = false;
  int64_t first_batch_ = 0;  // of those that were trained here
  // state_dict's tensors when validation ended: where their elements are, and how often these have changed.
  std::vector<std::pair<const void*, uint32_t>> validated_;
  std::string whose_;  // weights the model has at the end, where they are not those that were validated
  CheckpointCallback checkpoint_;
  TrainingView training_;
  ValidationView validation_;
  LayerView layers_;
};

/// The learner, one of many that are compared: from now on it trains without a table on the screen, and has a
/// brief RunReport of this name.
Learner compared(Lesson& lesson, const std::string& name, Learner learn);

/// What the last epochs say: empty while all is well, else what is going wrong and what to try.
/// `train` and `valid` are losses by epoch, from epoch number `first_epoch` on; NaN where there is none.
std::string overfitting_note(const std::vector<double>& train, const std::vector<double>& valid,
                             int64_t first_epoch);

}  // namespace fastcore
