// SPDX-License-Identifier: MIT
#include "fastcore/learn/recorder.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/terminal.h"
#include "fastcore/learn/learner.h"
#include "fastcore/plot/plot.h"

namespace fastcore {

// All digits, as fastai prints them. NaN without the sign that 0/0 gives it on some machines.
static std::string figure_text(double value) {
  return std::isnan(value) ? "nan" : minitorch::format("%.6f", value);
}

std::vector<std::string> LogRow::cells() const {
  std::vector<std::string> cells{std::to_string(epoch)};
  for (const auto& value : values) cells.push_back(value ? figure_text(*value) : "None");
  if (!time.empty()) cells.push_back(time);
  return cells;
}

std::string LogRow::list() const {
  std::string text = "[" + std::to_string(epoch);
  for (const auto& value : values) text += ", " + (value ? repr(*value) : "None");
  return text + (time.empty() ? "]" : ", '" + time + "']");
}

// Their names, the second of one name with _2: columns are found by name.
static std::vector<std::string> numbered(const std::vector<MetricPtr>& all) {
  std::vector<std::string> names;
  for (const MetricPtr& metric : all) {
    const std::string own = metric->name();
    std::string name = own;
    for (int n = 2; std::find(names.begin(), names.end(), name) != names.end(); ++n)
      name = own + "_" + std::to_string(n);
    names.push_back(name);
  }
  return names;
}

Recorder::Recorder() { order = 50; }

void Recorder::before_fit(Learner& learn) {
  if (!learn.fitting) return;  // validate() leaves the history of training as it is
  values.clear(), losses.clear(), lrs.clear(), iters.clear(), seconds.clear(), hps.clear();
  smooth_loss.reset();
  metrics = numbered(learn.metrics);
  const bool both = train_metrics && valid_metrics;
  metric_names = {"epoch", "train_loss"};
  if (train_metrics)
    for (const auto& name : metrics) metric_names.push_back(both ? "train_" + name : name);
  if (valid_metrics) {
    metric_names.push_back("valid_loss");
    for (const auto& name : metrics) metric_names.push_back(both ? "valid_" + name : name);
  }
  if (add_time) metric_names.push_back("time");
}

void Recorder::before_epoch(Learner&) {
  started_ = Terminal::current().now();
  row_.clear();
}

void Recorder::before_train(Learner& learn) {
  if (train_metrics)
    for (const MetricPtr& metric : learn.metrics) metric->reset();
}

void Recorder::before_validate(Learner& learn) {
  if (!valid_metrics) return;
  valid_loss_.reset();
  for (const MetricPtr& metric : learn.metrics) metric->reset();
}

void Recorder::after_batch(Learner& learn) {
  if (learn.yb.empty() || !learn.loss.defined()) return;  // or the batch was cancelled before its loss
  if (learn.training) {
    smooth_loss.accumulate(learn);
    learn.smooth_loss = *smooth_loss.value();
    losses.push_back(learn.smooth_loss);
    lrs.push_back(learn.opt->groups().back().hypers.lr);
  } else if (valid_metrics) {
    valid_loss_.accumulate(learn);
  }
  if (learn.training ? train_metrics : valid_metrics)
    for (const MetricPtr& metric : learn.metrics) metric->accumulate(learn);
}

void Recorder::after_train(Learner& learn) {
  row_.push_back(smooth_loss.value());
  if (train_metrics)
    for (const MetricPtr& metric : learn.metrics) row_.push_back(metric->value());
}

void Recorder::after_validate(Learner& learn) {
  if (!valid_metrics) return;
  row_.push_back(valid_loss_.value());
  for (const MetricPtr& metric : learn.metrics) row_.push_back(metric->value());
}

void Recorder::after_epoch(Learner& learn) {
  final_record = row_;
  if (!learn.fitting) return;
  // A cancelled epoch has fewer values than columns.
  row_.resize(metric_names.size() - 1 - add_time);
  final_record = row_;
  if (values.empty()) first_epoch = learn.epoch;
  values.push_back(row_);
  iters.push_back(smooth_loss.count());
  seconds.push_back(Terminal::current().now() - started_);
  if (learn.logger) learn.logger(row(values.size() - 1));
}

LogRow Recorder::row(std::size_t i) const {
  return {first_epoch + static_cast<int64_t>(i), values.at(i), add_time ? format_time(seconds.at(i)) : ""};
}

std::size_t Recorder::column(const std::string& metric) const {
  std::string there;
  for (std::size_t i = 1; i + add_time < metric_names.size(); ++i) {
    if (metric_names[i] == metric) return i - 1;
    there += (i > 1 ? ", " : "") + metric_names[i];
  }
  throw minitorch::ValueError("[Recorder] there is no metric '" + metric + "'", "there are: " + there);
}

std::optional<double> Recorder::latest(const std::string& metric) const {
  const std::size_t at = column(metric);
  return values.empty() ? std::nullopt : values.back()[at];
}

Plot Recorder::plot_loss(int64_t skip_start, bool with_valid) const {
  Plot plot("Loss");
  plot.x_axis = {.label = "batch", .whole = true};
  plot.y_axis.label = "loss";
  std::vector<double> x, y;
  for (auto i = static_cast<std::size_t>(std::max<int64_t>(0, skip_start)); i < losses.size(); ++i) {
    x.push_back(static_cast<double>(i));
    y.push_back(losses[i]);
  }
  plot.line(x, y, {.label = "train"});
  const bool validated =
      std::find(metric_names.begin(), metric_names.end(), "valid_loss") != metric_names.end();
  if (!with_valid || !validated) return plot;
  const std::size_t at = column("valid_loss");
  x.clear(), y.clear();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (iters[i] >= skip_start && values[i][at]) {
      x.push_back(static_cast<double>(iters[i]));
      y.push_back(*values[i][at]);
    }
  return x.empty() ? plot : plot.line(x, y, {.label = "valid"});
}

std::vector<Plot> Recorder::plot_sched() const {
  std::vector<Plot> plots;
  for (const auto& [name, course] : hps) {
    Plot plot(name == "lr" ? "Learning rate" : name == "mom" ? "Momentum" : name);
    plot.x_axis = {.label = "batch", .whole = true};
    plot.y_axis.label = name;
    plots.push_back(plot.curve(course));
  }
  return plots;
}

}  // namespace fastcore
