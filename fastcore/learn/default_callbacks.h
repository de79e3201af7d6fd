// SPDX-License-Identifier: MIT
// The callbacks that every Learner has, beside its Recorder. (fastai has a CastToTensor here; our batches are
// plain tensors already.)
#pragma once
#include <memory>

#include "fastcore/learn/learner.h"

namespace fastcore {

class MasterBar;
class ProgressBar;

/// Counts batches, switches the model between training and evaluation, and moves it to its device.
class TrainEvalCallback : public Callback {
 public:
  TrainEvalCallback() {
    order = -10;
    run_valid = false;
  }
  void before_fit(Learner& learn) override;
  void before_train(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void before_validate(Learner& learn) override;
};

/// Draws the bar of each pass, with the smoothed loss behind it, and prints the table.
class ProgressCallback : public Callback {
 public:
  ProgressCallback();
  ProgressCallback(ProgressCallback&&) noexcept;
  ~ProgressCallback() override;
  bool create_mbar = true;  ///< the bar of the epochs, with the table above it
  void before_fit(Learner& learn) override;
  void before_epoch(Learner& learn) override;
  void before_train(Learner& learn) override;
  void before_validate(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void after_train(Learner& learn) override;
  void after_validate(Learner& learn) override;
  void after_fit(Learner& learn) override { clean_up(learn); }
  void clean_up(Learner& learn) noexcept override;

 private:
  void start_pass(Learner& learn);
  std::unique_ptr<MasterBar> master_;
  std::unique_ptr<ProgressBar> pass_;
  Logger old_logger_;  // while this one writes the table
};

/// Each layer is back in its mode, training or evaluation, when the result goes.
[[nodiscard]] Scope modes_kept(minitorch::nn::Module& model);
/// The same, and until then the model answers as in validation.
[[nodiscard]] Scope evaluation_mode(minitorch::nn::Module& model);
/// Gradients of the parameters are as they were when the result goes.
[[nodiscard]] Scope gradients_kept(minitorch::nn::Module& model);

/// Passes have their bars, epochs have none, and rows of the table appear as plain lists, as long as the
/// result lives: `auto scope = no_mbar(learn);`
[[nodiscard]] Scope no_mbar(Learner& learn);

}  // namespace fastcore
