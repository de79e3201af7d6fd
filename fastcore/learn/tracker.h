// SPDX-License-Identifier: MIT
// Callbacks that watch a metric: stop, save or slow down by how it goes.
//
//     learn.fit(20, {.cbs = EarlyStoppingCallback({.monitor = "accuracy", .patience = 3})});
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/learn/callback.h"

namespace fastcore {

/// Which of two values of a metric is the better one.
enum class Better {
  automatic,  ///< the smaller when the metric's name contains "loss" or "error", else the larger
  less,
  greater
};

/// What to watch.
struct TrackerOptions {
  std::string monitor = "valid_loss";
  Better comp = Better::automatic;
  double min_delta = 0;      ///< how much better counts as better
  bool reset_on_fit = true;  ///< each fit starts with a best of its own
};

/// Remembers the best value of a metric so far.
class TrackerCallback : public Callback {
 public:
  explicit TrackerCallback(TrackerOptions options = {});
  /// @throws ValueError when there is no such metric
  void before_fit(Learner& learn) override;
  void after_epoch(Learner& learn) override;
  double best() const { return best_; }
  std::vector<double> state() const override { return {best_, static_cast<double>(wait_)}; }
  void set_state(const std::vector<double>& saved) override {
    best_ = saved.at(0);
    wait_ = static_cast<int64_t>(saved.at(1));
  }

 protected:
  const TrackerOptions& watched() const { return options_; }
  bool new_best_ = false;  ///< whether the last epoch was better than all before
  int64_t wait_ = 0;       ///< epochs since then, where that counts

 private:
  TrackerOptions options_;
  double best_ = 0;
  bool started_ = false;
};

/// Options of EarlyStoppingCallback.
struct EarlyStoppingOptions {
  std::string monitor = "valid_loss";
  Better comp = Better::automatic;
  double min_delta = 0;
  int64_t patience = 1;  ///< epochs without a better value
  bool reset_on_fit = true;
};
/// Ends training when the metric has not become better for `patience` epochs.
class EarlyStoppingCallback : public TrackerCallback {
 public:
  explicit EarlyStoppingCallback(EarlyStoppingOptions options = {});
  void before_fit(Learner& learn) override;
  void after_epoch(Learner& learn) override;

 private:
  int64_t patience_;
};

/// Options of SaveModelCallback.
struct SaveModelOptions {
  std::string monitor = "valid_loss";
  Better comp = Better::automatic;
  double min_delta = 0;
  std::string fname = "model";
  int64_t every_epoch = 0;  ///< k: saves fname_EPOCH every k epochs instead of the best
  bool at_end = false;      ///< saves when training ends, and does not load the best
  bool with_opt = false;
  bool reset_on_fit = true;
};
/// Saves the model whenever the metric is better than before, and loads the best when training ends.
class SaveModelCallback : public TrackerCallback {
 public:
  explicit SaveModelCallback(SaveModelOptions options = {});
  void before_fit(Learner& learn) override;
  void after_epoch(Learner& learn) override;
  void after_fit(Learner& learn) override;
  /// Whether the last fit has ended with the best weights, and from which of its epochs they are: -1 where an
  /// earlier fit had them.
  std::optional<int64_t> loaded_epoch() const { return loaded_ ? std::optional(epoch_) : std::nullopt; }
  std::vector<double> state() const override {
    return {best(), 0, saved_ ? 1.0 : 0.0, static_cast<double>(epoch_)};
  }
  void set_state(const std::vector<double>& saved) override {
    TrackerCallback::set_state(saved);
    saved_ = saved.at(2) != 0;
    epoch_ = saved.size() > 3 ? static_cast<int64_t>(saved[3]) : -1;  // earlier versions did not count it
  }

 private:
  SaveModelOptions options_;
  bool saved_ = false;   // and not loaded again: a later fit may have written the file anew
  bool loaded_ = false;  // at the end of the last fit
  int64_t epoch_ = -1;   // of this fit, in which the best was saved
};

/// Options of ReduceLROnPlateau.
struct ReduceLROptions {
  std::string monitor = "valid_loss";
  Better comp = Better::automatic;
  double min_delta = 0;
  int64_t patience = 1;
  double factor = 10;  ///< what rates are divided by
  double min_lr = 0;
  bool reset_on_fit = true;
};
/// Divides the learning rates when the metric has not become better for `patience` epochs.
class ReduceLROnPlateau : public TrackerCallback {
 public:
  /// @throws ValueError for a factor that would not make rates smaller, and a min_lr below 0
  explicit ReduceLROnPlateau(ReduceLROptions options = {});
  void before_fit(Learner& learn) override;
  void after_epoch(Learner& learn) override;

 private:
  int64_t patience_;
  double factor_, min_lr_;
};

}  // namespace fastcore
