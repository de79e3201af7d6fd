// SPDX-License-Identifier: MIT
#include "minitorch/optim/grad_scaler.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/optim/scaler_kernels.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/transfer.h"

namespace minitorch::optim {
namespace {

constexpr int kScale = 0, kOverflow = 2;  // places in ScalerState

Tensor state_tensor(double scale, double good_steps, Device device) {
  return from_values({scale, good_steps, 0}, {3}, kFloat32).to(device);
}
ScalerState* raw(const Tensor& state) { return reinterpret_cast<ScalerState*>(state.data<float>()); }

}  // namespace

GradScaler::GradScaler(GradScalerOptions options) : options_(options), scale_(options.init_scale) {
  if (!(options.init_scale > 0 && std::isfinite(options.init_scale) && options.growth_factor >= 1 &&
        options.backoff_factor > 0 && options.backoff_factor < 1 && options.growth_interval >= 1))
    throw ValueError(
        format("[GradScaler] init_scale = %g, growth_factor = %g, backoff_factor = %g, growth_interval = %d: "
               "expected "
               "more than 0, 1 or more, between 0 and 1, and 1 or more",
               options.init_scale, options.growth_factor, options.backoff_factor, options.growth_interval));
}

Tensor GradScaler::scale(const Tensor& loss) {
  if (!options_.enabled) return loss;
  if (!state_.defined()) state_ = state_tensor(scale_, good_steps_, loss.device());
  return loss * state_.select(0, kScale);
}

bool GradScaler::is_unscaled(const Optimizer& opt) const {
  return std::find(unscaled_.begin(), unscaled_.end(), &opt) != unscaled_.end();
}

void GradScaler::unscale(Optimizer& opt) {
  if (!options_.enabled || is_unscaled(opt)) return;
  if (!state_.defined())
    throw ValueError("[GradScaler] nothing has been scaled", "call scale(loss).backward() first");
  std::vector<GradientBlock> blocks;
  for (const auto& group : opt.groups())
    for (const Tensor& p : group.params) {
      const Tensor g = p.grad();
      if (!g.defined()) continue;
      if (g.dtype() != kFloat32 || !g.is_contiguous()) p.set_grad(g.detach().to(kFloat32).clone());
      const Tensor own = p.grad();
      blocks.push_back({own.data<float>(), own.numel()});
      own.impl().storage->changed_by("unscale");
    }
  MT_DISPATCH(state_.device(), unscale_gradients, blocks.data(), static_cast<int>(blocks.size()),
              raw(state_));
  unscaled_.push_back(&opt);
}

void GradScaler::take_back_unscale(Optimizer& opt) {
  if (!is_unscaled(opt)) return;
  const NoGrad no_grad;
  for (const auto& group : opt.groups())
    for (const Tensor& p : group.params)
      if (p.grad().defined()) p.set_grad(p.grad() * state_.select(0, kScale));
  state_.select(0, kOverflow).zero_();
  std::erase(unscaled_, &opt);
}

void GradScaler::step(Optimizer& opt) {
  if (!options_.enabled) return opt.step();
  unscale(opt);
  settle(false);
  const Tensor overflow = state_.select(0, kOverflow);
  opt.step_unless(overflow);
  if (!CudaGraph::recording(state_.device())) return await_outcome(opt, overflow);
  if (of_replay_.defined()) of_replay_.copy_(overflow);
  else of_replay_ = overflow.clone();
}

// Whether a step was left out is known on the host later; it then does not count for Adam's corrections.
void GradScaler::await_outcome(Optimizer& opt, const Tensor& overflow) {
  Outcome outcome{&opt, state_.device().is_cpu() ? overflow.clone() : to_async(overflow, Device::cpu()),
                  Event(state_.device())};
  outcome.known.record(Stream::current(state_.device()));
  outcomes_.push_back(std::move(outcome));
  if (state_.device().is_cpu()) settle(false);
}

void GradScaler::before_replay() { settle(false); }
void GradScaler::after_replay(Optimizer& opt) {
  if (of_replay_.defined()) await_outcome(opt, of_replay_);
}

void GradScaler::settle(bool wait) {
  for (; !outcomes_.empty(); outcomes_.pop_front()) {
    const Outcome& oldest = outcomes_.front();
    if (wait) oldest.known.synchronize();
    if (!oldest.known.is_done()) return;
    if (oldest.overflow.item() == 0) continue;
    oldest.opt->take_back_step();
    ++skipped_;
  }
}

int64_t GradScaler::skipped_steps() {
  settle(true);
  return skipped_;
}

void GradScaler::finish() noexcept {
  try {
    settle(true);
  } catch (const Error&) { outcomes_.clear(); }
}

void GradScaler::update() {
  if (!options_.enabled || !state_.defined()) return;
  const ScalerRule rule{static_cast<float>(options_.growth_factor),
                        static_cast<float>(options_.backoff_factor),
                        static_cast<float>(options_.growth_interval)};
  MT_DISPATCH(state_.device(), update_scale, raw(state_), rule);
  unscaled_.clear();
}

std::vector<double> GradScaler::state() const {
  if (!state_.defined()) return {scale_, good_steps_};
  const auto s = state_.to_vector<double>();
  return {s[0], s[1]};
}
double GradScaler::get_scale() const { return options_.enabled ? state()[0] : 1; }

void GradScaler::set_state(const std::vector<double>& saved) {
  if (saved.size() != 2 || !(saved[0] > 0) || !(saved[1] >= 0))
    throw ValueError("[GradScaler] the state is a scale above 0 and a number of steps");
  scale_ = saved[0], good_steps_ = saved[1];
  if (state_.defined()) state_.copy_(state_tensor(scale_, good_steps_, state_.device()));
}

}  // namespace minitorch::optim
