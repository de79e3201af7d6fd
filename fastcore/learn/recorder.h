// SPDX-License-Identifier: MIT
// Recorder: keeps losses, rates and metrics, and writes a row of the table after each epoch.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/learn/callback.h"
#include "fastcore/learn/metric.h"

namespace fastcore {

class Plot;

/// A metric's value in the table; empty where there is none.
using LogValues = std::vector<std::optional<double>>;

/// A row of the table of training.
struct LogRow {
  int64_t epoch = 0;
  LogValues values = {};
  std::string time = {};  ///< "00:12"; empty when it is not measured

  /// "0", "0.395976", "None", "00:12": as the table has it.
  std::vector<std::string> cells() const;
  /// [0, 0.395976, None, '00:12']: as Python prints a list.
  std::string list() const;
};

/// Keeps losses, hyper-parameters and metrics of a training, and prints its table.
class Recorder : public Callback {
 public:
  Recorder();

  // --- what it does; to be set before fit ---
  bool add_time = true;
  bool train_metrics = false;  ///< metrics of training batches, too
  bool valid_metrics = true;

  // --- what it has seen since fit began ---
  std::vector<std::string> metric_names;  ///< the header of the table: epoch, train_loss, ...
  std::vector<std::string> metrics;       ///< the Learner's by name; of one name: accuracy, accuracy_2, ...
  std::vector<LogValues> values;          ///< of each epoch, without epoch and time
  std::vector<double> losses, lrs;        ///< of each training batch: smoothed loss, rate of the last group
  std::vector<int64_t> iters;             ///< training batches done at the end of each epoch
  std::vector<double> seconds;            ///< what each epoch took
  int64_t first_epoch = 0;                ///< the number of the first of these epochs
  std::map<std::string, std::vector<double>> hps;  ///< what schedules set, for each training batch
  LogValues final_record;                          ///< the last row of values
  AvgSmoothLoss smooth_loss;

  /// The i-th row of the table: values with the epoch's number and time.
  LogRow row(std::size_t i) const;

  /// Smoothed training loss from batch skip_start on, and the validation loss at the end of each epoch.
  Plot plot_loss(int64_t skip_start = 5, bool with_valid = true) const;
  /// Learning rate and momentum by batch, one plot for each.
  std::vector<Plot> plot_sched() const;
  /// The column of `values` that has this name. @throws ValueError naming the columns there are
  std::size_t column(const std::string& metric) const;
  /// The latest value of a metric; nothing before the first epoch ends. @throws ValueError as column
  std::optional<double> latest(const std::string& metric) const;

  void before_fit(Learner& learn) override;
  void before_epoch(Learner& learn) override;
  void before_train(Learner& learn) override;
  void before_validate(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void after_train(Learner& learn) override;
  void after_validate(Learner& learn) override;
  void after_epoch(Learner& learn) override;

 private:
  AvgLoss valid_loss_;
  LogValues row_;  // of the epoch at hand
  double started_ = 0;
};

}  // namespace fastcore
