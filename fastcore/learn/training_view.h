// SPDX-License-Identifier: MIT
// What training itself showed, gathered while it went on: no forward of its own, no random number.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/summary.h"

namespace minitorch {
class Profile;
}

namespace fastcore {

class Lesson;

/// The first batches of a fit, and the weights before it, for the report.
class TrainingView {
 public:
  TrainingView();
  TrainingView(TrainingView&&) noexcept;
  ~TrainingView();

  /// Before fit: keeps a copy of the weights.
  void start(Learner& learn);
  /// Around each training batch: the first tells what the model was given and its layers' shapes, the next
  /// ten are profiled.
  void before_batch(Learner& learn);
  void after_batch(Learner& learn);
  /// Ends a profile that an error has cut short.
  void clean_up() noexcept;

  // --- into the report ---
  /// A batch as it was given to the model: pictures, or a table of its items.
  void report_batch(Lesson& lesson, Learner& learn) const;
  /// How far each group of layers has moved since start().
  void report_groups(Lesson& lesson, const Learner& learn) const;
  /// The filters of a first convolution that looks at pixels, before and after.
  void report_filters(Lesson& lesson, Learner& learn) const;
  /// The model's summary in fastai's layout, and time and memory by operation.
  void report_model(Lesson& lesson, const Learner& learn) const;

 private:
  std::vector<std::vector<Tensor>> weights_;  // of each group
  Tensor filters_;                            // of the first convolution
  Batch batch_;
  std::unique_ptr<LayerNotes> notes_;  // while the first batch is at work
  std::vector<LayerInfo> layers_;
  std::unique_ptr<minitorch::Profile> profile_;  // while it runs
  int64_t batches_ = 0;
  std::string times_;
};

}  // namespace fastcore
