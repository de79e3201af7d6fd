// SPDX-License-Identifier: MIT
// ParamScheduler: hyper-parameters that change from batch to batch.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "fastcore/learn/callback.h"
#include "fastcore/learn/schedule.h"

namespace fastcore {

/// Schedules by the name of a hyper-parameter: one for all groups, or one for each.
using Schedules = std::map<std::string, std::vector<Schedule>>;

/// Before each training batch, sets each hyper-parameter to its schedule's value at the share of training
/// that is done. What it set (for the last group) is in Recorder::hps.
class ParamScheduler : public Callback {
 public:
  explicit ParamScheduler(Schedules schedules);
  void before_batch(Learner& learn) override;
  void after_batch(Learner& learn) override;

 private:
  Schedules schedules_;
};

}  // namespace fastcore
