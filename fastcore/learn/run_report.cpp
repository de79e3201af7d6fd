// SPDX-License-Identifier: MIT
#include "fastcore/learn/run_report.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/interrupt.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/report.h"

namespace fastcore {
using minitorch::format;
using minitorch::Tensor;

namespace {

// By epoch; nothing where the table has no such column.
std::vector<double> values_of(const Recorder& recorder, const std::string& name) {
  std::vector<double> out;
  const auto& names = recorder.metric_names;
  if (std::find(names.begin(), names.end(), name) == names.end()) return out;
  const std::size_t at = recorder.column(name);
  for (const LogValues& row : recorder.values)
    out.push_back(at < row.size() && row[at] ? *row[at] : std::nan(""));
  return out;
}

}  // namespace

std::string overfitting_note(const std::vector<double>& train, const std::vector<double>& valid) {
  const std::size_t n = std::min(train.size(), valid.size());
  if (n < 3) return "";
  const auto lowest = std::min_element(valid.begin(), valid.begin() + static_cast<std::ptrdiff_t>(n));
  const auto best = static_cast<std::size_t>(lowest - valid.begin());
  const double rise = valid[n - 1] - *lowest;
  const bool rose =
      rise > 0.05 * std::max(*lowest, train[0]);  // below that it is nothing beside what was learned
  const bool fell = train[n - 1] < train[best];
  if (best + 2 >= n || !rose || !fell) return "";
  return format(
      "The validation loss was lowest in epoch %zu (%.4f) and has risen to %.4f since, while the training "
      "loss went on falling: the net learns its examples by heart. In this order: more data, augmentation, "
      "more weight decay or dropout, a smaller net, fewer epochs.",
      best, *lowest, valid[n - 1]);
}

// After all other callbacks: a checkpoint holds what they have come to.
RunReport::RunReport(Lesson& lesson) : lesson_(&lesson) { order = 70, run_lr_find = false; }

void RunReport::before_fit(Learner& learn) {
  if (!learn.fitting) return;
  if (interrupted())
    throw Interrupted();  // in a training without a report: nothing that follows is to be kept
  const Path file = lesson_->next_checkpoint();
  checkpoint_ = CheckpointCallback({.fname = file.str()});
  resumed_ = file.exists();
  trained_ = false;
  if (resumed_) learn.resume(file.str());
  training_.start(learn);
  validation_.start();
}

void RunReport::before_train(Learner& learn) {
  trained_ = true;
  checkpoint_.before_train(learn);
}
void RunReport::before_validate(Learner& learn) {
  if (!learn.fitting) return;
  validation_.start();
  checkpoint_.before_validate(learn);
}
void RunReport::before_batch(Learner& learn) {
  if (learn.fitting && learn.training) training_.before_batch(learn);
}
void RunReport::after_batch(Learner& learn) {
  if (!learn.fitting) return;
  if (learn.training) training_.after_batch(learn);
  else validation_.add(learn);
}
void RunReport::after_epoch(Learner& learn) { checkpoint_.after_epoch(learn); }
void RunReport::after_cancel_fit(Learner& learn) { checkpoint_.after_cancel_fit(learn); }

void RunReport::after_fit(Learner& learn) {
  if (learn.fitting) report_training(learn);
  if (interrupted()) throw Interrupted();
}
void RunReport::clean_up(Learner&) noexcept { training_.clean_up(); }

void RunReport::report_table(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < recorder.values.size(); ++i) {
    rows.push_back(recorder.row(i).cells());
    rows.back().resize(recorder.metric_names.size() - (recorder.add_time ? 1 : 0));
  }
  std::vector<std::string> header(recorder.metric_names.begin(),
                                  recorder.metric_names.end() - (recorder.add_time ? 1 : 0));
  lesson_->training_table(header, rows);
  lesson_->report().text(format(
      "train_loss: the training set, %lld items, smoothed over batches. All others: the "
      "validation set, %lld items, at the end of each epoch.",
      static_cast<long long>(learn.dls.train().items()), static_cast<long long>(learn.dls.valid().items())));
}

void RunReport::report_plots(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  if (recorder.losses.size() < 2) return;
  Figure figure;
  figure.plots.push_back(recorder.plot_loss());
  for (Plot& plot : recorder.plot_sched()) figure.plots.push_back(std::move(plot));
  for (const auto& metric : learn.metrics) {
    const std::vector<double> values = values_of(recorder, metric->name());
    if (values.size() < 2) continue;
    figure.plots.emplace_back(metric->name());
    figure.plots.back().x_axis.label = "epoch";
    figure.plots.back().y_axis.label = metric->name() + ", validation set";
    figure.plots.back().curve(values);
  }
  lesson_->training_figure(
      "losses", figure,
      "Training loss (smoothed) by batch, validation loss at the end of each epoch; the schedule; metrics.");
}

void RunReport::report_training(Learner& learn) {
  lesson_->settle();
  if (resumed_)
    lesson_->report().text(trained_ ? "This training began in the run that was interrupted; losses and rates "
                                      "are those of all of it."
                                    : "This training was complete before the run was interrupted: pictures "
                                      "of its data are not drawn again.");
  report_table(learn);
  report_plots(learn);
  if (validation_.has_pictures()) training_.report_batch(*lesson_, learn);
  validation_.report(*lesson_);
  training_.report_groups(*lesson_, learn);
  training_.report_filters(*lesson_, learn);
  training_.report_model(*lesson_, learn);
  const std::string note =
      overfitting_note(values_of(*learn.recorder, "train_loss"), values_of(*learn.recorder, "valid_loss"));
  if (!note.empty()) lesson_->note(note);
}

}  // namespace fastcore
