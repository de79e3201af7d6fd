// SPDX-License-Identifier: MIT
// Ways to train: cycles of learning rates, fine-tuning, frozen layers.
#include <set>
#include <utility>

#include "fastcore/learn/learner.h"
#include "fastcore/learn/param_scheduler.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/core/errors.h"

namespace fastcore {

ParamScheduler::ParamScheduler(Schedules schedules) : schedules_(std::move(schedules)) {
  order = 60;
  run_valid = false;
}
void ParamScheduler::before_batch(Learner& learn) {
  for (const auto& [name, scheds] : schedules_) {
    std::vector<double> values;
    for (const Schedule& sched : scheds) values.push_back(sched(learn.pct_train));
    learn.opt->set_hyper(name, values);
  }
}
void ParamScheduler::after_batch(Learner& learn) {
  for (const auto& [name, scheds] : schedules_) learn.recorder->hps[name].push_back(learn.opt->hyper(name));
}

// A parameter that no group has would stay as it is, and nobody would be told.
static void require_all_grouped(const minitorch::nn::Module& model, const minitorch::optim::Groups& groups) {
  std::set<const minitorch::TensorImpl*> grouped;
  for (const auto& list : groups.lists)
    for (const Tensor& p : list) grouped.insert(&p.impl());
  std::size_t missing = 0;
  std::string names;
  for (const auto& [name, p] : model.named_parameters()) {
    if (!p.requires_grad() || grouped.count(&p.impl())) continue;
    if (++missing <= 3) names += (names.empty() ? "" : ", ") + name;
  }
  if (missing > 0)
    throw minitorch::ValueError(
        minitorch::format("[Learner] the splitter's groups lack %zu parameters of the model: ", missing) +
            names + (missing > 3 ? ", ..." : ""),
        "put them into a group; what is not to be trained: requires_grad_(false)");
}

void Learner::create_opt() {
  const minitorch::optim::Groups groups = splitter(*model);
  require_all_grouped(*model, groups);
  const auto before = std::exchange(opt, opt_func(groups, lr));
  if (before)  // fastai's gradients of 0 stay with the weights, frozen ones, which decay on
    for (const auto& group : opt->groups())
      for (const Tensor& p : group.params) opt->state(p).had_gradient = before->state(p).had_gradient;
  if (!wd_bn_bias)
    for (const Tensor& p : norm_bias_params(*model, true)) opt->state(p).do_wd = false;
  if (train_bn)
    for (const Tensor& p : norm_bias_params(*model, false)) opt->state(p).force_train = true;
}

void Learner::set_hyper(const std::string& name, const Rate& value) {
  if (!opt) create_opt();
  opt->set_hyper(name, value.of_groups(opt->groups().size()));
}

void Learner::freeze_to(int n) {
  if (!opt) create_opt();
  opt->freeze_to(n);
  frozen_to = n < 0 ? n + static_cast<int>(opt->groups().size()) : n;
}

namespace {

constexpr int64_t kMostEpochs = 1'000'000;

void require_share(const char* fit, double pct_start) {
  if (!(pct_start >= 0 && pct_start <= 1))
    throw minitorch::ValueError(
        minitorch::format("[%s] pct_start = %g: expected 0 to 1", fit, pct_start),
        "it is a share of the training, not a number of epochs: 0.25 is a quarter of the way");
}

/// A schedule for each group, made from its rate.
template <class Make>
std::vector<Schedule> for_groups(Learner& learn, const std::optional<Rate>& rate, Make make) {
  if (!learn.opt) learn.create_opt();
  std::vector<Schedule> scheds;
  for (double lr : rate.value_or(learn.lr).of_groups(learn.opt->groups().size())) scheds.push_back(make(lr));
  return scheds;
}

template <class Options>
void fit_with(Learner& learn, int64_t n_epoch, Schedules schedules, const Options& o) {
  Callbacks cbs = ParamScheduler(std::move(schedules));
  cbs.append(o.cbs);
  learn.fit(n_epoch,
            FitOptions{.wd = o.wd, .cbs = cbs, .reset_opt = o.reset_opt, .start_epoch = o.start_epoch});
}

}  // namespace

void Learner::fit_one_cycle(int64_t epochs, const OneCycleOptions& o) {
  require_share("fit_one_cycle", o.pct_start);
  Schedules schedules;
  schedules["lr"] = for_groups(*this, o.lr_max, [&](double lr) {
    return combined_cos(o.pct_start, lr / o.div, lr, lr / o.div_final);
  });
  const Moms m = o.moms.value_or(moms);
  // An optimiser made without momentum stays without.
  if (opt->hyper("mom") != 0) schedules["mom"] = {combined_cos(o.pct_start, m[0], m[1], m[2])};
  fit_with(*this, epochs, schedules, o);
}

void Learner::fit_flat_cos(int64_t epochs, const FlatCosOptions& o) {
  require_share("fit_flat_cos", o.pct_start);
  const auto sched = [&](double lr) { return combined_cos(o.pct_start, lr, lr, lr / o.div_final); };
  fit_with(*this, epochs, {{"lr", for_groups(*this, o.lr, sched)}}, o);
}

void Learner::fit_sgdr(int64_t n_cycles, int64_t cycle_len, const SgdrOptions& o) {
  if (n_cycles < 1 || cycle_len < 1 || o.cycle_mult < 1)
    throw minitorch::ValueError("[fit_sgdr] cycles, their length and cycle_mult: expected 1 or more",
                                "two cycles, the second twice as long: learn.fit_sgdr(2, 1)");
  std::vector<double> lengths;
  int64_t epochs = 0, length = cycle_len;
  for (int64_t i = 0; i < n_cycles; ++i) {
    lengths.push_back(static_cast<double>(length));
    if (__builtin_add_overflow(epochs, length, &epochs) || epochs > kMostEpochs ||
        (i + 1 < n_cycles && __builtin_mul_overflow(length, o.cycle_mult, &length)))
      throw minitorch::ValueError(
          minitorch::format(
              "[fit_sgdr] %lld cycles, the first of %lld epochs, each %lld times as long as the "
              "one before: that is more than %lld epochs",
              static_cast<long long>(n_cycles), static_cast<long long>(cycle_len),
              static_cast<long long>(o.cycle_mult), static_cast<long long>(kMostEpochs)),
          "fewer cycles, or {.cycle_mult = 1}, which leaves them all as long as the first");
  }
  for (double& length : lengths) length /= static_cast<double>(epochs);
  const auto sched = [&](double lr) {
    return combine_scheds(lengths, std::vector<Schedule>(lengths.size(), SchedCos{lr, 0}));
  };
  fit_with(*this, epochs, {{"lr", for_groups(*this, o.lr_max, sched)}}, o);
}

void Learner::fine_tune(int64_t epochs, const FineTuneOptions& o) {
  require_share("fine_tune", o.pct_start);  // before the frozen epochs, not after them
  OneCycleOptions cycle{
      .div_final = o.div_final, .pct_start = 0.99, .wd = o.wd, .moms = o.moms, .cbs = o.cbs};
  freeze();
  fit_one_cycle(o.freeze_epochs, slice(o.base_lr), cycle);
  const double base_lr = o.base_lr / 2;
  cycle.pct_start = o.pct_start;
  cycle.div = o.div;
  unfreeze();
  fit_one_cycle(epochs, slice(base_lr / o.lr_mult, base_lr), cycle);
}

void Learner::fit(int64_t epochs, const Rate& rate, FitOptions o) {
  o.lr = rate;
  fit(epochs, o);
}
void Learner::fit_one_cycle(int64_t epochs, const Rate& lr_max, OneCycleOptions o) {
  o.lr_max = lr_max;
  fit_one_cycle(epochs, o);
}
void Learner::fit_flat_cos(int64_t epochs, const Rate& rate, FlatCosOptions o) {
  o.lr = rate;
  fit_flat_cos(epochs, o);
}
void Learner::fine_tune(int64_t epochs, double base_lr, FineTuneOptions o) {
  o.base_lr = base_lr;
  fine_tune(epochs, o);
}

}  // namespace fastcore
