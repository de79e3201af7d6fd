// SPDX-License-Identifier: MIT
// Training that can be interrupted: everything it needs to go on, in one file, bit for bit.
//
//     auto checkpoint = CheckpointCallback();            // models/checkpoint.safetensors
//     learn.add_cbs(checkpoint);
//     if (resuming) learn.resume("checkpoint");
//     learn.fine_tune(5);                                // does only what was not yet done
//
// Ctrl-C saves, and leaves fine_tune with Interrupted, where a program has called catch_interrupts().
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fastcore/learn/callback.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// The tensors whose names start with `prefix`, without it.
std::vector<std::pair<std::string, minitorch::Tensor>> part(
    const std::vector<std::pair<std::string, minitorch::Tensor>>& all, const std::string& prefix);

class Scope;

/// What random draws and shuffling have come to: torch's, numpy's and Python's generators, and the loaders'.
struct RandomState {
  std::vector<std::vector<int64_t>> generators;

  static RandomState now(Learner& learn);
  void restore(Learner& learn) const;
};
/// What a callback draws in the middle of fit does not change training: random generators are back where they
/// stand now when the result goes. Outside of fit, nothing happens.
[[nodiscard]] Scope random_kept_in_fit(Learner& learn);

/// A place in training, and all that stands there.
struct Checkpoint {
  int64_t fit = 0;               ///< which call of fit since the learner was made
  int64_t epoch = 0, batch = 0;  ///< the next epoch, and how many of its training batches are done
  int64_t n_epoch = 0, train_iter = 0;
  double pct_train = 0;
  RandomState now, pass_start;                                     ///< here, and where the epoch began
  std::vector<std::pair<std::string, minitorch::Tensor>> tensors;  ///< weights, averages, gradients, history
  std::map<std::string, std::string> notes;

  static Checkpoint take(Learner& learn, const RandomState& now, const RandomState& pass_start, int64_t epoch,
                         int64_t batch);
  /// Weights, optimiser, recorder and callbacks. @throws ShapeError when they are another model's; ValueError
  /// when there were other metrics; FileError when the checkpoint is damaged
  void restore(Learner& learn) const;
  void save(const std::string& path) const;
  /// @throws FileError when the file is missing, damaged or no checkpoint
  static Checkpoint load(const std::string& path);
};

/// Options of CheckpointCallback.
struct CheckpointOptions {
  std::string fname = "checkpoint";
  int64_t every_epoch = 1;  ///< 0: only when the user interrupts training
};
/// Saves a checkpoint every so many epochs, at the end of fit, and when the user interrupts training. The
/// file is replaced only when the new one is whole.
///
/// The one at the end holds what callbacks of smaller order have made of the weights in after_fit (the best
/// of a SaveModelCallback). A fit that is resumed from there trains nothing; its before_fit and after_fit
/// come.
class CheckpointCallback : public Callback {
 public:
  explicit CheckpointCallback(CheckpointOptions options = {}) : options_(std::move(options)) {
    order = 70;
    run_lr_find = false;
  }
  void before_train(Learner& learn) override;
  void before_validate(Learner& learn) override;
  void after_validate(Learner& learn) override;
  void after_epoch(Learner& learn) override;
  void after_cancel_fit(Learner& learn) override;
  void after_fit(Learner& learn) override;

 private:
  CheckpointOptions options_;
  RandomState pass_start_, validation_start_;
  RandomState end_;         // of the last epoch: what after_fit draws, it draws again when resumed
  bool ran_ = false;        // whether this fit has trained here
  bool validated_ = false;  // whether the epoch's validation has ended
  int64_t batches_ = 0;
};

}  // namespace fastcore
