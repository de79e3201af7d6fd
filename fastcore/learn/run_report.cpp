// SPDX-License-Identifier: MIT
#include "fastcore/learn/run_report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/repr.h"
#include "fastcore/learn/item_table.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/learn/tracker.h"
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

// Which items each column of the table is about.
std::string splits_note(const Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  const auto items = [](const DataLoader& loader) { return static_cast<long long>(loader.items()); };
  std::string note =
      format("train_loss: the training set, %lld items, smoothed over batches.", items(learn.dls.train()));
  if (recorder.train_metrics && !learn.metrics.empty())
    note += std::string(" ") + (recorder.valid_metrics ? "Metrics that begin with train_" : "Metrics") +
            ": the same items, each batch before the net had learned from it.";
  if (!recorder.valid_metrics) return note;
  return note + format(" All others: the validation set, %lld items, at the end of each epoch.",
                       items(learn.dls.valid()));
}

// A metric by epoch; where both sets were measured, a line for each.
Plot metric_plot(const Recorder& recorder, const std::string& name) {
  Plot plot(name);
  plot.x_axis = {.label = "epoch", .whole = true};
  plot.y_axis.label = name;
  std::vector<double> epochs;
  for (std::size_t i = 0; i < recorder.values.size(); ++i)
    epochs.push_back(static_cast<double>(recorder.row(i).epoch));
  const bool both = recorder.train_metrics && recorder.valid_metrics;
  for (const bool train : {true, false}) {
    if (!(train ? recorder.train_metrics : recorder.valid_metrics)) continue;
    const std::string column = both ? (train ? "train_" : "valid_") + name : name;
    const std::vector<double> values = values_of(recorder, column);
    if (values.size() == epochs.size())
      plot.line(epochs, values, {.label = train ? "training set" : "validation set"});
  }
  return plot;
}

std::vector<std::pair<const void*, uint32_t>> standing_of(const minitorch::nn::Module& model) {
  std::vector<std::pair<const void*, uint32_t>> all;
  for (const auto& [name, tensor] : model.state_dict()) all.emplace_back(tensor.raw_data(), tensor.version());
  return all;
}

// "those of epoch 3, which SaveModelCallback has put back"
std::string origin_of_weights(const Learner& learn) {
  std::string origin = "others than at the end of the last epoch";
  for (const CallbackPtr& cb : learn.cbs()) {
    const auto* saver = dynamic_cast<const SaveModelCallback*>(cb.get());
    if (const auto epoch = saver ? saver->loaded_epoch() : std::nullopt)
      origin = (*epoch < 0 ? "those of an earlier training"
                           : format("those of epoch %lld", static_cast<long long>(*epoch))) +
               ", which SaveModelCallback has put back";
  }
  return origin;
}

}  // namespace

std::string overfitting_note(const std::vector<double>& train, const std::vector<double>& valid,
                             int64_t first_epoch) {
  const std::size_t n = std::min(train.size(), valid.size());
  std::size_t first = 0;  // that has both: epochs may have been left out
  while (first < n && (std::isnan(train[first]) || std::isnan(valid[first]))) ++first;
  if (n - first < 3) return "";
  const auto lowest = std::min_element(valid.begin() + static_cast<std::ptrdiff_t>(first),
                                       valid.begin() + static_cast<std::ptrdiff_t>(n));
  const auto best = static_cast<std::size_t>(lowest - valid.begin());
  const double rise = valid[n - 1] - *lowest;
  // Where hardly an error is left anywhere, a loss that doubles is still nothing beside what was learned.
  const bool rose = rise > 0.05 * *lowest + std::min(0.01, 0.05 * train[first]);
  const bool fell = train[n - 1] < train[best];
  if (best + 2 >= n || !rose || !fell) return "";
  return format(
      "The validation loss was lowest in epoch %lld (%.4f) and has risen to %.4f since, while the training "
      "loss went on falling: the net learns its examples by heart. In this order: more data, augmentation, "
      "more weight decay or dropout, a smaller net, fewer epochs.",
      static_cast<long long>(first_epoch) + static_cast<long long>(best), *lowest, valid[n - 1]);
}

Learner compared(Lesson& lesson, const std::string& name, Learner learn) {
  learn.logger = {};
  learn.add_cbs(RunReport(lesson, {.name = name, .brief = true}));
  return learn;
}

// After all other callbacks: a checkpoint holds what they have come to.
RunReport::RunReport(Lesson& lesson, RunReportOptions options)
    : lesson_(&lesson), options_(std::move(options)) {
  order = 70, run_lr_find = false;
}
RunReport::RunReport(RunReport&&) noexcept = default;
RunReport::~RunReport() = default;

void RunReport::before_fit(Learner& learn) {
  if (!learn.fitting) return;
  validated_.clear(), whose_.clear();
  const Path file = lesson_->next_checkpoint();
  to_tell_ = options_.brief;
  if (options_.brief) return;
  checkpoint_ = CheckpointCallback({.fname = file.str()});
  resumed_ = !lesson_->options().resume.empty() && file.exists();
  trained_ = false;
  if (resumed_) learn.resume(file.str());
  training_.start(learn);
  to_tell_ = true;
  validation_.start();
  layers_.start(learn);
}

void RunReport::before_train(Learner& learn) {
  if (options_.brief) return;
  if (!std::exchange(trained_, true)) first_batch_ = learn.train_iter;
  checkpoint_.before_train(learn);
}
void RunReport::before_validate(Learner& learn) {
  if (!learn.fitting || options_.brief) return;
  validation_.start();
  checkpoint_.before_validate(learn);
}
void RunReport::before_batch(Learner& learn) {
  if (learn.fitting && learn.training && !options_.brief) training_.before_batch(learn);
}
void RunReport::after_batch(Learner& learn) {
  if (looking_again_) return validation_.add(learn);
  if (!learn.fitting || options_.brief) return;
  if (learn.training) training_.after_batch(learn);
  else validation_.add(learn);
}
void RunReport::after_validate(Learner& learn) {
  if (!learn.fitting || options_.brief) return;
  validated_ = standing_of(*learn.model);
  checkpoint_.after_validate(learn);
}
void RunReport::after_epoch(Learner& learn) {
  if (!options_.brief) checkpoint_.after_epoch(learn);
}
void RunReport::after_cancel_fit(Learner& learn) {
  if (!options_.brief) checkpoint_.after_cancel_fit(learn);
}

void RunReport::after_fit(Learner& learn) {
  if (!options_.brief) checkpoint_.after_fit(learn);
  if (!learn.fitting) return;
  look_again(learn);
  report_training(learn);
}

// What validation has shown is of the last epoch, and the model may have other weights since.
void RunReport::look_again(Learner& learn) {
  if (validated_.empty() || validated_ == standing_of(*learn.model)) return;
  const std::string has = "The weights that the model has now are " + origin_of_weights(learn);
  if (interrupted()) {  // whoever has stopped the training does not wait for another pass
    whose_ = has + "; answers and losses below are of the last validation, which had those before.";
    return;
  }
  whose_ = has + ": with them all that follows was made, in one more pass through the validation set.";
  validation_.start();
  looking_again_ = true;
  const Scope ends([this, &learn, latest = learn.recorder->final_record] {
    looking_again_ = false;
    learn.recorder->final_record = latest;
  });
  learn.validate();
}
void RunReport::clean_up(Learner& learn) noexcept {
  try {
    if (learn.fitting && to_tell_) report_failure(learn);
  } catch (...) {}  // it would hide the error that has ended the training
  to_tell_ = false;
  training_.clean_up();
}

void RunReport::report_table(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  std::vector<std::string> header(recorder.metric_names.begin(),
                                  recorder.metric_names.end() - (recorder.add_time ? 1 : 0));
  std::vector<std::vector<std::string>> rows, exact;
  for (std::size_t i = 0; i < recorder.values.size(); ++i) {
    const LogRow row = recorder.row(i);
    for (auto* all : {&rows, &exact}) all->push_back({std::to_string(row.epoch)});
    for (const auto& value : row.values) {
      rows.back().push_back(value ? number_cell(*value, 6) : "None");
      exact.back().push_back(value ? repr_number(*value) : "None");
    }
    for (auto* cells : {&rows.back(), &exact.back()}) cells->resize(header.size());
  }
  lesson_->training_table(options_.name, header, rows, exact);
  if (!options_.brief) lesson_->report().text(splits_note(learn));
}

void RunReport::report_plots(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  if (recorder.losses.size() < 2) return;
  Figure figure;
  // The first batches of a long training tower above the others; of a short one they are all there is.
  figure.plots.push_back(recorder.plot_loss(recorder.losses.size() < 50 ? 0 : 5));
  if (options_.brief) return lesson_->training_figure("losses", figure, "");
  for (Plot& plot : recorder.plot_sched()) figure.plots.push_back(std::move(plot));
  for (const std::string& metric : recorder.metrics)
    if (recorder.values.size() > 1) figure.plots.push_back(metric_plot(recorder, metric));
  lesson_->training_figure(
      "losses", figure,
      "Training loss (smoothed) by batch, validation loss at the end of each epoch; the schedule; metrics.");
}

// The weights are spoiled, or the memory is full: nothing is computed any more.
void RunReport::report_failure(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  lesson_->training_heading(options_.name);
  lesson_->report().note(Tone::bad, format("An error ended this training in epoch %lld, after %zu batches.",
                                           static_cast<long long>(learn.epoch), recorder.losses.size()));
  if (!recorder.values.empty()) report_table(learn);
  report_plots(learn);
  if (options_.brief) return;
  training_.report_batch(*lesson_, learn);
  training_.report_model(*lesson_, learn);
}

void RunReport::report_training(Learner& learn) {
  to_tell_ = false;
  lesson_->training_heading(options_.name);
  if (options_.brief) return report_table(learn), report_plots(learn);
  if (resumed_)
    lesson_->report().text(trained_ ? "This training began in the run that was interrupted; losses and rates "
                                      "are those of all of it."
                                    : "This training was complete before the run was interrupted: pictures "
                                      "of its data are not drawn again.");
  report_table(learn);
  report_plots(learn);
  training_.report_batch(*lesson_, learn);
  if (!whose_.empty()) lesson_->report().text(whose_);
  validation_.report(*lesson_);
  training_.report_groups(*lesson_, learn);
  training_.report_filters(*lesson_, learn);
  if (trained_) layers_.report(*lesson_, learn, first_batch_);
  training_.report_model(*lesson_, learn);
  const std::string note =
      overfitting_note(values_of(*learn.recorder, "train_loss"), values_of(*learn.recorder, "valid_loss"),
                       learn.recorder->first_epoch);
  if (!note.empty()) lesson_->note(note);
}

}  // namespace fastcore
