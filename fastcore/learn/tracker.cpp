// SPDX-License-Identifier: MIT
#include "fastcore/learn/tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fastcore/basics/repr.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"

namespace fastcore {
using minitorch::format;

namespace {
void say(const std::string& line) { Terminal::current().write_line(line); }
}  // namespace

TrackerCallback::TrackerCallback(TrackerOptions options) : options_(std::move(options)) {
  order = 60;
  run_lr_find = false;
  const auto in_name = [&](const char* part) { return options_.monitor.find(part) != std::string::npos; };
  if (options_.comp == Better::automatic)
    options_.comp = in_name("loss") || in_name("error") ? Better::less : Better::greater;
}

void TrackerCallback::before_fit(Learner& learn) {
  if (!learn.fitting) return;
  learn.recorder->column(options_.monitor);  // throws when there is none
  if (options_.reset_on_fit || !started_) best_ = options_.comp == Better::less ? HUGE_VAL : -HUGE_VAL;
  started_ = true;
  new_best_ = false;
}

void TrackerCallback::after_epoch(Learner& learn) {
  if (!learn.fitting) return;
  const double value = learn.recorder->latest(options_.monitor).value_or(NAN);
  new_best_ =
      options_.comp == Better::less ? value + options_.min_delta < best_ : value - options_.min_delta > best_;
  if (new_best_) best_ = value;
}

EarlyStoppingCallback::EarlyStoppingCallback(EarlyStoppingOptions o)
    : TrackerCallback({o.monitor, o.comp, o.min_delta, o.reset_on_fit}), patience_(o.patience) {
  order = 63;
}
void EarlyStoppingCallback::before_fit(Learner& learn) {
  wait_ = 0;
  TrackerCallback::before_fit(learn);
}
void EarlyStoppingCallback::after_epoch(Learner& learn) {
  if (!learn.fitting) return;
  TrackerCallback::after_epoch(learn);
  wait_ = new_best_ ? 0 : wait_ + 1;
  if (new_best_ || wait_ < patience_) return;
  say("No improvement since epoch " + std::to_string(learn.epoch - wait_) + ": early stopping");
  throw CancelFit{};
}

SaveModelCallback::SaveModelCallback(SaveModelOptions o)
    : TrackerCallback({o.monitor, o.comp, o.min_delta, o.reset_on_fit}), options_(std::move(o)) {
  order = 61;
}
void SaveModelCallback::before_fit(Learner& learn) {
  if (learn.fitting) {
    if (watched().reset_on_fit) saved_ = false;
    loaded_ = false, epoch_ = -1;
  }
  TrackerCallback::before_fit(learn);
}
void SaveModelCallback::after_epoch(Learner& learn) {
  if (!learn.fitting) return;
  if (options_.every_epoch > 0) {
    if (learn.epoch % options_.every_epoch == 0)
      learn.save(options_.fname + "_" + std::to_string(learn.epoch), options_.with_opt);
    return;
  }
  TrackerCallback::after_epoch(learn);
  if (!new_best_) return;
  say("Better model found at epoch " + std::to_string(learn.epoch) + " with " + watched().monitor +
      " value: " + repr(best()) + ".");
  learn.save(options_.fname, options_.with_opt);
  saved_ = true, epoch_ = learn.epoch;
}
void SaveModelCallback::after_fit(Learner& learn) {
  if (!learn.fitting) return;
  if (options_.at_end) learn.save(options_.fname, options_.with_opt);
  else if (watched().reset_on_fit ? std::exchange(saved_, false) : saved_) {
    learn.load(options_.fname, options_.with_opt);
    loaded_ = true;
  }
}

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROptions o)
    : TrackerCallback({o.monitor, o.comp, o.min_delta, o.reset_on_fit}),
      patience_(o.patience),
      factor_(o.factor),
      min_lr_(o.min_lr) {
  order = 62;
  if (!(factor_ > 1) || !(min_lr_ >= 0))
    throw minitorch::ValueError(
        format("[ReduceLROnPlateau] factor = %g and min_lr = %g: expected more than 1, and 0 or more",
               factor_, min_lr_),
        "rates are divided by the factor: {.factor = 10} makes a tenth of them");
}
void ReduceLROnPlateau::before_fit(Learner& learn) {
  wait_ = 0;
  TrackerCallback::before_fit(learn);
}
void ReduceLROnPlateau::after_epoch(Learner& learn) {
  if (!learn.fitting) return;
  TrackerCallback::after_epoch(learn);
  wait_ = new_best_ ? 0 : wait_ + 1;
  if (new_best_ || wait_ < patience_) return;
  wait_ = 0;
  const double before = learn.opt->hyper("lr");
  for (auto& group : learn.opt->groups()) group.hypers.lr = std::max(group.hypers.lr / factor_, min_lr_);
  if (learn.opt->hyper("lr") < before)
    say("Epoch " + std::to_string(learn.epoch) + ": reducing lr to " + repr(learn.opt->hyper("lr")));
}

}  // namespace fastcore
