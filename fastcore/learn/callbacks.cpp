// SPDX-License-Identifier: MIT
#include "fastcore/learn/callbacks.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "fastcore/basics/range.h"
#include "fastcore/basics/repr.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/learn/diagnose.h"
#include "fastcore/learn/layers.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/plot/plot.h"
#include "fastcore/plot/terminal.h"
#include "minitorch/nn/clip.h"
#include "minitorch/ops/binary/binary.h"

namespace fastcore {
using namespace minitorch;

void TerminateOnNaNCallback::after_loss(Learner& learn) {
  if (!learn.training || learn.yb.empty() || std::isfinite(learn.loss.item())) return;
  Terminal::current().write_line("Training stopped: " + describe_bad_loss(learn));
  throw CancelFit{};
}

void GradientClip::before_step(Learner& learn) {
  std::vector<Tensor> params;
  for (const auto& group : learn.opt->groups())
    params.insert(params.end(), group.params.begin(), group.params.end());
  nn::clip_grad_norm_(params, options_.max_norm, options_.norm_type);
}

GradientAccumulation::GradientAccumulation(GradientAccumulationOptions options) : n_acc_(options.n_acc) {
  order = 6;
  run_valid = false;
  if (n_acc_ < 1)
    throw ValueError(
        format("[GradientAccumulation] n_acc = %lld: expected 1 or more", static_cast<long long>(n_acc_)),
        "it counts the items of a step, not batches: {.n_acc = 32}");
}
void GradientAccumulation::before_fit(Learner&) { count_ = 0; }
void GradientAccumulation::after_loss(Learner& learn) {
  if (learn.yb.empty()) return;
  learn.loss_grad = learn.loss_grad * (static_cast<double>(learn.y().size(0)) / static_cast<double>(n_acc_));
}
void GradientAccumulation::before_step(Learner& learn) {
  count_ += learn.y().size(0);
  if (count_ < n_acc_) throw CancelBatch{};
  count_ = 0;
}
std::vector<double> GradientAccumulation::state() const { return {static_cast<double>(count_)}; }
void GradientAccumulation::set_state(const std::vector<double>& saved) {
  count_ = static_cast<int64_t>(saved.at(0));
}

void ModelResetter::before_train(Learner& learn) { reset_model(*learn.model); }
void ModelResetter::before_validate(Learner& learn) { reset_model(*learn.model); }
void ModelResetter::after_fit(Learner& learn) { reset_model(*learn.model); }

void BnFreeze::before_train(Learner& learn) {
  for (auto& [name, module] : learn.model->named_modules())
    if (dynamic_cast<nn::BatchNorm1dModule*>(module) && !module->parameters().empty() &&
        !module->parameters().front().requires_grad())
      module->eval();
}

static void set_dropout(Learner& learn, bool on) {
  for (auto& [name, module] : learn.model->named_modules())
    module->train(on && dynamic_cast<nn::Drops*>(module));  // parts come after what they are parts of
}
void MCDropoutCallback::before_validate(Learner& learn) { set_dropout(learn, true); }
void MCDropoutCallback::after_validate(Learner& learn) { set_dropout(learn, false); }

void ShortEpochCallback::after_batch(Learner& learn) {
  if (static_cast<double>(learn.iter) / static_cast<double>(learn.n_iter) < options_.pct) return;
  if (learn.training) throw CancelTrain{};
  if (options_.short_valid) throw CancelValid{};
}

void SkipToEpoch::before_epoch(Learner& learn) {
  if (learn.fitting && learn.epoch < epoch_) throw CancelEpoch{};
}

void CollectDataCallback::before_fit(Learner&) { data.clear(); }
void CollectDataCallback::after_batch(Learner& learn) {
  data.push_back({learn.xb, learn.yb, learn.pred.detach(), learn.loss});
}

static std::string header(const Learner& learn) {
  std::string line;
  for (const std::string& name : learn.recorder->metric_names) line += (line.empty() ? "" : ",") + name;
  return line;
}
void CSVLogger::write(const Learner& learn, const std::string& line, bool append) {
  const Path file = learn.path / options_.fname;
  file.parent().mkdir({.parents = true, .exist_ok = true});
  std::FILE* out = std::fopen(file.c_str(), append ? "a" : "w");
  const bool written = out && std::fputs((line + "\n").c_str(), out) >= 0;
  if (!out || std::fclose(out) != 0 || !written)
    throw FileError("[CSVLogger] cannot write " + file.str(), "is there room, and may you write there?");
  size_ = std::filesystem::is_regular_file(file.str()) ? std::filesystem::file_size(file.str()) : 0;
}
// Rows, or the half of one, that this training has written after its checkpoint come again. Another training
// would have begun with a header: then all stays.
void CSVLogger::cut_back(const Path& file) const {
  if (written_ == 0 || size_ == 0 || !std::filesystem::is_regular_file(file.str())) return;
  const std::string text = file.read_text();
  if (text.size() > size_ && text.find("epoch,", size_) == std::string::npos)
    std::filesystem::resize_file(file.str(), size_);
}
void CSVLogger::before_fit(Learner& learn) {
  if (!learn.fitting) return;
  written_ = 0, size_ = 0;
  resumed_ = false;
  if (!options_.append) write(learn, header(learn), false);
}
void CSVLogger::set_state(const std::vector<double>& saved) {
  if (!options_.append) return;
  written_ = static_cast<std::size_t>(saved.at(0));
  if (saved.size() < 2) return;  // of an earlier version
  size_ = static_cast<std::uintmax_t>(saved[1]);
  resumed_ = true;
}
void CSVLogger::after_epoch(Learner& learn) {
  if (!learn.fitting) return;
  if (options_.append && !(learn.path / options_.fname).exists()) written_ = 0;  // resumed without it
  else if (std::exchange(resumed_, false)) cut_back(learn.path / options_.fname);
  if (options_.append && written_ == 0 && !learn.recorder->values.empty()) write(learn, header(learn), true);
  for (; written_ < learn.recorder->values.size(); ++written_) {  // where training was resumed, several
    const LogRow row = learn.recorder->row(written_);
    std::string line = std::to_string(row.epoch);
    for (const auto& value : row.values) line += "," + (value ? repr(*value) : "None");
    write(learn, line + (row.time.empty() ? "" : "," + row.time), true);
  }
}
void CSVLogger::after_fit(Learner& learn) { after_epoch(learn); }  // of a resumed fit that was complete
std::vector<std::vector<std::string>> CSVLogger::read_log(const Learner& learn) const {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : (learn.path / options_.fname).readlines())
    rows.push_back(fastcore::split(line, ",").items());
  return rows;
}

void ShowGraphCallback::after_epoch(Learner& learn) {
  if (!learn.fitting || learn.recorder->losses.empty()) return;
  const Plot plot = learn.recorder->plot_loss(0);
  if (!options_.fname.empty()) {
    const Path file = learn.path / options_.fname;
    file.parent().mkdir({.parents = true, .exist_ok = true});
    plot.save(file.str());
  }
  if (Terminal::current().can_redraw()) show_in_terminal(plot.draw());
}

}  // namespace fastcore
