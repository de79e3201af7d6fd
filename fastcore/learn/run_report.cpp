// SPDX-License-Identifier: MIT
#include "fastcore/learn/run_report.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/interrupt.h"
#include "fastcore/data/show_batch.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/report.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/ops.h"
#include "minitorch/optim/optimizer.h"

namespace fastcore {
using minitorch::format;
using minitorch::Tensor;

namespace {

double norm(const std::vector<Tensor>& tensors) {
  double sum = 0;
  for (const Tensor& t : tensors) sum += minitorch::square(t).sum().item();
  return std::sqrt(sum);
}

std::vector<double> column(const Recorder& recorder, const std::string& name) {
  const auto place = std::find(recorder.metric_names.begin(), recorder.metric_names.end(), name);
  std::vector<double> out;
  if (place == recorder.metric_names.end()) return out;
  const auto at =
      static_cast<std::size_t>(place - recorder.metric_names.begin()) - 1;  // values have no epoch
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
  const bool rose = valid[n - 1] > *lowest * 1.05, fell = train[n - 1] < train[best];
  if (best + 2 >= n || !rose || !fell) return "";
  return format(
      "The validation loss was lowest in epoch %zu (%.4f) and has risen to %.4f since, while the training "
      "loss went on falling: the net learns its examples by heart. In this order: more data, augmentation, "
      "more weight decay or dropout, a smaller net, fewer epochs.",
      best, *lowest, valid[n - 1]);
}

RunReport::RunReport(Lesson& lesson) : lesson_(&lesson) { order = 70, run_lr_find = false; }

void RunReport::before_fit(Learner& learn) {
  if (!learn.fitting) return;
  const minitorch::NoGrad no_grad;
  start_.clear();
  first_batch_ = {};
  for (const auto& group : learn.opt->groups()) {
    start_.emplace_back();
    for (const Tensor& p : group.params) start_.back().push_back(p.detach().clone());
  }
}

void RunReport::before_validate(Learner& learn) {
  if (learn.fitting) validation_.start();
}

void RunReport::after_batch(Learner& learn) {
  if (!learn.fitting) return;
  if (!learn.training) validation_.add(learn);
  else if (first_batch_.x.empty()) first_batch_ = {learn.xb, learn.yb};
}

void RunReport::report_table(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t epoch = 0; epoch < recorder.values.size(); ++epoch) {
    rows.push_back(LogRow{static_cast<int64_t>(epoch), recorder.values[epoch], ""}.cells());
    rows.back().resize(recorder.metric_names.size() - (recorder.add_time ? 1 : 0));
  }
  std::vector<std::string> header(recorder.metric_names.begin(),
                                  recorder.metric_names.end() - (recorder.add_time ? 1 : 0));
  lesson_->training_table(header, rows);
}

void RunReport::report_plots(Learner& learn) {
  const Recorder& recorder = *learn.recorder;
  if (recorder.losses.size() < 2) return;
  Figure figure;
  figure.plots.push_back(recorder.plot_loss());
  for (Plot& plot : recorder.plot_sched()) figure.plots.push_back(std::move(plot));
  for (const auto& metric : learn.metrics) {
    const std::vector<double> values = column(recorder, metric->name());
    if (values.size() < 2) continue;
    figure.plots.emplace_back(metric->name());
    figure.plots.back().x_axis.label = "epoch";
    figure.plots.back().y_axis.label = metric->name() + ", validation set";
    figure.plots.back().curve(values);
  }
  lesson_->report().figure(
      figure,
      "Training loss (smoothed) by batch, validation loss at the end of each epoch; the schedule; metrics.");
}

void RunReport::report_batch(Learner& learn) {
  if (first_batch_.x.empty() || !validation_.has_pictures()) return;
  const Batch batch = first_batch_.to(minitorch::Device::cpu());
  lesson_->report().figure(batch_grid(learn.dls.train(), batch, {.max_n = 6}),
                           "Training set: what the model was given, augmented where that was asked for.");
}

void RunReport::report_groups(Learner& learn) {
  const minitorch::NoGrad no_grad;
  std::vector<std::vector<std::string>> rows;
  const auto& groups = learn.opt->groups();
  for (std::size_t g = 0; g < groups.size() && g < start_.size(); ++g) {
    std::vector<Tensor> moved;
    int64_t count = 0, training = 0;
    for (std::size_t i = 0; i < start_[g].size(); ++i) {
      moved.push_back(groups[g].params[i].detach() - start_[g][i]);
      count += start_[g][i].numel();
      if (groups[g].params[i].requires_grad()) training += start_[g][i].numel();
    }
    const double before = norm(start_[g]);
    rows.push_back({std::to_string(g), std::to_string(count), std::to_string(training),
                    before > 0 ? format("%.2f %%", 100 * norm(moved) / before) : "-"});
  }
  lesson_->report().table({"group of layers", "parameters", "of them training", "moved by"}, rows);
}

void RunReport::after_fit(Learner& learn) {
  if (learn.fitting) report_training(learn);
  if (interrupted()) throw Interrupted();
}

void RunReport::report_training(Learner& learn) {
  lesson_->settle();
  report_table(learn);
  report_plots(learn);
  report_batch(learn);
  validation_.report(*lesson_);
  report_groups(learn);
  lesson_->report().code(to_string(*learn.model) + "\n\n" + std::to_string(learn.model->parameter_count()) +
                         " parameters; " + learn.loss_func.name());
  const std::string note =
      overfitting_note(column(*learn.recorder, "train_loss"), column(*learn.recorder, "valid_loss"));
  if (!note.empty()) lesson_->note(note);
  start_.clear();
}

}  // namespace fastcore
