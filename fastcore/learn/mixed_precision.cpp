// SPDX-License-Identifier: MIT
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/learner.h"
#include "minitorch/autograd/autocast.h"
#include "minitorch/optim/optimizer.h"

namespace fastcore {
using namespace minitorch;

static optim::GradScalerOptions scaler_for(const MixedPrecisionOptions& options) {
  optim::GradScalerOptions scaler = options.scaler;
  if (options.dtype == kBFloat16) scaler.enabled = false;
  return scaler;
}

MixedPrecision::MixedPrecision(MixedPrecisionOptions options)
    : dtype_(options.dtype), scaler_(scaler_for(options)) {
  const Autocast accepts(dtype_);
  order = 10;
}
MixedPrecision::MixedPrecision(MixedPrecision&&) noexcept = default;
MixedPrecision::~MixedPrecision() = default;

void MixedPrecision::before_batch(Learner&) { autocast_ = std::make_unique<Autocast>(dtype_); }
void MixedPrecision::after_pred(Learner& learn) { learn.pred = learn.pred.to(kFloat32); }
void MixedPrecision::after_loss(Learner&) { autocast_.reset(); }
void MixedPrecision::before_backward(Learner& learn) { learn.loss_grad = scaler_.scale(learn.loss_grad); }

void MixedPrecision::before_step(Learner& learn) {
  scaler_.unscale(*learn.opt);  // callbacks that come later see gradients as they are
  learn.take_step = [this](optim::Optimizer& opt) { scaler_.step(opt); };
}
void MixedPrecision::after_step(Learner& learn) {
  learn.take_step = nullptr;
  scaler_.update();
}

// A callback that came later may have cut the batch short between before_step and the step.
void MixedPrecision::after_cancel_batch(Learner& learn) {
  if (learn.opt) scaler_.take_back_unscale(*learn.opt);
}
// A batch, or all of training, may have been cut short between model and loss, by an error, too.
void MixedPrecision::after_batch(Learner&) { autocast_.reset(); }
void MixedPrecision::clean_up(Learner& learn) noexcept {
  autocast_.reset();
  learn.take_step = nullptr;
  scaler_.finish();
  try {
    if (learn.opt) scaler_.take_back_unscale(*learn.opt);
  } catch (const Error&) {}  // the device has failed: nothing more is to be put right there
}

std::vector<double> MixedPrecision::state() const { return scaler_.state(); }
void MixedPrecision::set_state(const std::vector<double>& saved) { scaler_.set_state(saved); }

static Learner& in_precision(Learner& learn, const Callbacks& callback) {
  while (const auto before = learn.find_cb<MixedPrecision>()) learn.remove_cbs(before);
  learn.add_cbs(callback);
  return learn;
}
Learner& to_fp16(Learner& learn, const optim::GradScalerOptions& scaler) {
  return in_precision(learn, MixedPrecision({.scaler = scaler}));
}
Learner& to_bf16(Learner& learn) { return in_precision(learn, MixedPrecision({.dtype = kBFloat16})); }
Learner& to_fp32(Learner& learn) { return in_precision(learn, {}); }

}  // namespace fastcore
