// SPDX-License-Identifier: MIT
// The formulas: each optimiser works out its constants once per parameter and step; step_functors.h applies
// them.
#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/optim/optimizer.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::optim {
namespace {

functors::StepConstants constants(const Hypers& h, const ParamState& s, std::initializer_list<double> c) {
  functors::StepConstants k{};
  const double wd = s.do_wd ? h.wd : 0;
  k.decay = static_cast<float>(h.decouple_wd ? 1 - h.lr * wd : 1);
  k.l2 = static_cast<float>(h.decouple_wd ? 0 : wd);
  int i = 0;
  for (double value : c) k.c[i++] = static_cast<float>(value);
  return k;
}

template <class Options>
Hypers hypers_of(const Options& o) {
  return {
      .lr = o.lr, .mom = o.mom, .sqr_mom = o.sqr_mom, .eps = o.eps, .wd = o.wd, .decouple_wd = o.decouple_wd};
}

// What an average that started at 0 lacks after t steps.
double debias(double share, int64_t t) { return 1 - std::pow(share, static_cast<double>(t)); }

// Numbers that stay on the device: looking at them would let the host wait in every step.
Tensor root_mean_square(const Tensor& x) { return sqrt(mean(square(x))); }
Tensor norm_of(const Tensor& x) { return sqrt(sum(square(x))); }

}  // namespace

SGD::SGD(Groups groups, SgdOptions o)
    : Optimizer(std::move(groups), {.lr = o.lr, .mom = o.mom, .wd = o.wd, .decouple_wd = o.decouple_wd}) {}
Optimizer::Step SGD::plan(const Hypers& h, const ParamState& s) const {
  if (h.mom == 0) return {StepKind::SgdStep, constants(h, s, {h.lr})};
  return {StepKind::MomentumStep, constants(h, s, {h.lr, h.mom, 1})};
}

RMSProp::RMSProp(Groups groups, RmsPropOptions o) : Optimizer(std::move(groups), hypers_of(o)) {}
Optimizer::Step RMSProp::plan(const Hypers& h, const ParamState& s) const {
  return {StepKind::RmsPropStep, constants(h, s, {h.lr, h.mom, h.sqr_mom, h.eps})};
}

Adam::Adam(Groups groups, AdamOptions o) : Optimizer(std::move(groups), hypers_of(o)) {}
Optimizer::Step Adam::plan(const Hypers& h, const ParamState& s) const {
  const double b1 = debias(h.mom, s.step), b2 = debias(h.sqr_mom, s.step);
  return {StepKind::AdamStep, constants(h, s, {h.lr / b1, h.mom, h.sqr_mom, h.eps, 1 / std::sqrt(b2)})};
}
Adam adamw(Groups groups, AdamWOptions o) {
  return Adam(std::move(groups), {.lr = o.lr,
                                  .mom = o.mom,
                                  .sqr_mom = o.sqr_mom,
                                  .eps = o.eps,
                                  .wd = o.wd,
                                  .decouple_wd = o.decouple_wd});
}

RAdam::RAdam(Groups groups, RAdamOptions o) : Optimizer(std::move(groups), hypers_of(o)), beta_(o.beta) {
  if (!(o.beta >= 0 && std::isfinite(o.beta)))
    throw ValueError(format("[RAdam] beta = %g: expected 0 or more", o.beta),
                     "0, the standard, leaves the denominator as it is");
}
Optimizer::Step RAdam::plan(const Hypers& h, const ParamState& s) const {
  const double b1 = debias(h.mom, s.step), b2 = debias(h.sqr_mom, s.step);
  const double longest = 2 / (1 - h.sqr_mom) - 1;
  const double r =
      longest - 2 * static_cast<double>(s.step) * std::pow(h.sqr_mom, static_cast<double>(s.step)) / b2;
  if (r <= 5) return {StepKind::RadamWarmupStep, constants(h, s, {h.lr / b1, h.mom, h.sqr_mom})};
  const double trust = std::sqrt((r - 4) * (r - 2) * longest / ((longest - 4) * (longest - 2) * r));
  return {beta_ > 0 ? StepKind::SoftplusAdamStep : StepKind::AdamStep,
          constants(h, s, {trust * h.lr / b1, h.mom, h.sqr_mom, h.eps, 1 / std::sqrt(b2), beta_})};
}
RAdam ranger(Groups groups, RangerOptions o) {
  RAdam opt(std::move(groups), {.lr = o.lr,
                                .mom = o.mom,
                                .sqr_mom = o.sqr_mom,
                                .eps = o.eps,
                                .wd = o.wd,
                                .beta = o.beta,
                                .decouple_wd = o.decouple_wd});
  opt.look_ahead();
  return opt;
}

QHAdam::QHAdam(Groups groups, QHAdamOptions o)
    : Optimizer(std::move(groups), hypers_of(o)), nu_1_(o.nu_1), nu_2_(o.nu_2) {}
Optimizer::Step QHAdam::plan(const Hypers& h, const ParamState& s) const {
  return {StepKind::QhAdamStep, constants(h, s,
                                          {h.lr, h.mom, h.sqr_mom, h.eps, nu_1_ / debias(h.mom, s.step),
                                           nu_2_ / debias(h.sqr_mom, s.step), 1 - nu_1_, 1 - nu_2_})};
}

Larc::Larc(Groups groups, LarcOptions o)
    : Optimizer(std::move(groups),
                {.lr = o.lr, .mom = o.mom, .eps = o.eps, .wd = o.wd, .decouple_wd = o.decouple_wd}),
      trust_coeff_(o.trust_coeff),
      clip_(o.clip) {}
Optimizer::Step Larc::plan(const Hypers& h, const ParamState& s) const {
  return {StepKind::MomentumStep, constants(h, s, {})};
}
void Larc::step_all() {
  if (is_left_out()) return;
  each_parameter([&](const Hypers& h, const Tensor& p, const Tensor& gradient, ParamState& s) {
    const double wd = s.do_wd ? h.wd : 0;
    Tensor g = gradient;
    if (h.decouple_wd) p.mul_(1 - h.lr * wd);
    else g = g + p.detach() * wd;
    const Tensor p_norm = norm_of(p.detach());
    // As in fastai, weight decay counts here for biases and norms, too, which it does not reach.
    Tensor rate = p_norm * (h.lr * trust_coeff_) / (norm_of(g) + p_norm * h.wd + h.eps);
    if (clip_) rate = minimum(rate, h.lr);
    if (!s.m.defined()) s.m = zeros_like(p);
    s.m.mul_(h.mom).add_(g);
    p.sub_(s.m * rate);
  });
}

Lamb::Lamb(Groups groups, LambOptions o) : Optimizer(std::move(groups), hypers_of(o)) {}
Optimizer::Step Lamb::plan(const Hypers& h, const ParamState& s) const {
  return {StepKind::AdamStep, constants(h, s, {})};
}
void Lamb::step_all() {
  if (is_left_out()) return;
  each_parameter([&](const Hypers& h, const Tensor& p, const Tensor& gradient, ParamState& s) {
    const double wd = s.do_wd ? h.wd : 0;
    Tensor g = gradient;
    if (h.decouple_wd) p.mul_(1 - h.lr * wd);
    else g = g + p.detach() * wd;
    if (!s.m.defined()) s.m = zeros_like(p), s.v = zeros_like(p);
    s.m.mul_(h.mom).add_(g, 1 - h.mom);
    s.v.mul_(h.sqr_mom).add_(square(g), 1 - h.sqr_mom);
    const Tensor direction = (s.m / debias(h.mom, s.step)) / (sqrt(s.v / debias(h.sqr_mom, s.step)) + h.eps);
    const Tensor p_size = root_mean_square(p.detach()), d_size = root_mean_square(direction);
    const Tensor ratio = where(p_size * d_size > 0, minimum(p_size / d_size, 10.0), 1.0);
    p.sub_(direction * (ratio * h.lr));
  });
}

}  // namespace minitorch::optim
