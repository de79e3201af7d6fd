// SPDX-License-Identifier: MIT
#include "fastcore/learn/default_callbacks.h"

#include "fastcore/basics/progress.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/core/errors.h"

namespace fastcore {

void TrainEvalCallback::before_fit(Learner& learn) {
  learn.epoch = learn.train_iter = 0;
  learn.pct_train = 0;
  if (!(learn.device == minitorch::Device::cpu())) learn.model->to(learn.device);
  reset_model(*learn.model);
}

void TrainEvalCallback::before_train(Learner& learn) {
  learn.pct_train = static_cast<double>(learn.epoch) / static_cast<double>(learn.n_epoch);
  learn.model->train();
  learn.training = true;
}

void TrainEvalCallback::after_batch(Learner& learn) {
  learn.pct_train += 1.0 / static_cast<double>(learn.n_iter * learn.n_epoch);
  ++learn.train_iter;
}

void TrainEvalCallback::before_validate(Learner& learn) {
  learn.model->eval();
  learn.training = false;
}

ProgressCallback::ProgressCallback() { order = 60; }
ProgressCallback::ProgressCallback(ProgressCallback&&) noexcept = default;
ProgressCallback::~ProgressCallback() = default;

void ProgressCallback::before_fit(Learner& learn) {
  if (!learn.fitting || !create_mbar) return;
  master_ = std::make_unique<MasterBar>(MasterBar::Options{.total = learn.n_epoch});
  if (!learn.logger) return;
  old_logger_ = learn.logger;
  learn.logger = [this](const LogRow& row) { master_->write_row(row.cells()); };
  master_->write_row(learn.recorder->metric_names);
}

void ProgressCallback::before_epoch(Learner& learn) {
  if (master_) master_->update(learn.epoch);
}

void ProgressCallback::start_pass(Learner& learn) {
  pass_ = std::make_unique<ProgressBar>(master_ ? master_->child_bar(learn.dl->size())
                                                : ProgressBar({.total = learn.dl->size(), .leave = false}));
  pass_->update(0);
}
void ProgressCallback::before_train(Learner& learn) { start_pass(learn); }
void ProgressCallback::before_validate(Learner& learn) { start_pass(learn); }

void ProgressCallback::after_batch(Learner& learn) {
  if (!pass_) return;
  if (learn.fitting) pass_->set_comment(minitorch::format("%.4f", learn.smooth_loss));
  pass_->update(learn.iter + 1);
}

void ProgressCallback::after_train(Learner&) { pass_.reset(); }
void ProgressCallback::after_validate(Learner&) { pass_.reset(); }

void ProgressCallback::clean_up(Learner& learn) noexcept {
  pass_.reset();
  master_.reset();
  if (old_logger_) learn.logger = std::move(old_logger_);
  old_logger_ = nullptr;
}

Scope modes_kept(minitorch::nn::Module& model) {
  std::vector<std::pair<minitorch::nn::Module*, bool>> modes;
  for (auto& [name, module] : model.named_modules()) modes.emplace_back(module, module->is_training());
  return Scope([modes] {
    for (auto& [module, on] : modes) module->train(on);  // parts come after what they are parts of
  });
}

Scope evaluation_mode(minitorch::nn::Module& model) {
  Scope kept = modes_kept(model);
  model.eval();
  return kept;
}

Scope gradients_kept(minitorch::nn::Module& model) {
  std::vector<std::pair<Tensor, Tensor>> before;
  for (const Tensor& p : model.parameters())
    if (p.requires_grad()) before.emplace_back(p, p.grad().defined() ? p.grad().clone() : Tensor());
  return Scope([before] {
    for (const auto& [p, gradient] : before) p.set_grad(gradient);
  });
}

Scope no_mbar(Learner& learn) {
  const auto bar = learn.find_cb<ProgressCallback>();
  if (!bar) return Scope({});
  bar->create_mbar = false;
  return Scope([bar] { bar->create_mbar = true; });
}

}  // namespace fastcore
