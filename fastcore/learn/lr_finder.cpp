// SPDX-License-Identifier: MIT
#include "fastcore/learn/lr_finder.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/repr.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/learn/recorder.h"
#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

namespace {

/// Raises the rate before each batch, and stops when the loss explodes or the batches are used up.
class LRFinder : public Callback {
 public:
  explicit LRFinder(const LrFindOptions& options) : options_(options) { order = 60; }
  void before_batch(Learner& learn) override {
    const double pos = static_cast<double>(learn.train_iter) / static_cast<double>(options_.num_it);
    const double lr = options_.start_lr * std::pow(options_.end_lr / options_.start_lr, pos);
    learn.opt->set_hyper("lr", lr);
  }
  void after_loss(Learner& learn) override {
    // At the first, smallest rate it is no rate's fault: the loop then says where the number went bad.
    if (std::isfinite(learn.loss.item()) || learn.train_iter == 0) return;
    no_number = true;
    throw CancelFit{};
  }
  void after_batch(Learner& learn) override {
    best_ = std::min(best_, learn.smooth_loss);
    if ((options_.stop_div && learn.smooth_loss > 4 * best_) || learn.train_iter >= options_.num_it)
      throw CancelFit{};
  }
  void before_validate(Learner&) override { throw CancelValid{}; }

  bool no_number = false;  ///< the loss was none, which ended the search

 private:
  LrFindOptions options_;
  double best_ = HUGE_VAL;
};

minitorch::nn::StateDict copied(const minitorch::nn::StateDict& state) {
  minitorch::nn::StateDict copy;
  for (const auto& [name, tensor] : state) copy.emplace_back(name, tensor.detach().clone());
  return copy;
}

// Slopes: central, one-sided at the ends, as numpy.gradient.
std::vector<double> gradient(const std::vector<double>& y) {
  const std::size_t n = y.size();
  std::vector<double> slope(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t before = i ? i - 1 : 0, after = std::min(i + 1, n - 1);
    slope[i] = (y[after] - y[before]) / static_cast<double>(after - before);
  }
  return slope;
}

}  // namespace

LrCurve LrCurve::trimmed(int64_t num_it) const {
  const auto n = static_cast<int64_t>(losses.size()), begin = std::min(num_it / 10, n);
  int64_t end = std::max(begin, n - 5);
  for (int64_t i = begin; i < end; ++i)
    if (std::isnan(losses[static_cast<std::size_t>(i)])) end = i;
  return {{lrs.begin() + begin, lrs.begin() + end}, {losses.begin() + begin, losses.begin() + end}};
}

double LrCurve::valley() const {
  std::vector<int64_t> length(losses.size(), 1);
  int64_t end = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (losses[i] < losses[j]) length[i] = std::max(length[i], length[j] + 1);
    if (length[i] > length[static_cast<std::size_t>(end)]) end = static_cast<int64_t>(i);
  }
  if (length.empty() || length[static_cast<std::size_t>(end)] == 1) return lrs.empty() ? 0 : lrs[0];
  const int64_t start = end - length[static_cast<std::size_t>(end)];  // may be -1
  const double third = static_cast<double>(end - start) / 3;
  const int64_t at = start + static_cast<int64_t>(third) + static_cast<int64_t>(third / 2);
  return lrs[static_cast<std::size_t>(std::max<int64_t>(0, at))];
}

double LrCurve::slide(int lr_diff, double thresh, double adjust) const {
  const auto n = static_cast<int>(losses.size());
  if (n < lr_diff + 1)
    throw ValueError(format("[slide] %d points: expected %d or more", n, lr_diff + 1),
                     "let lr_find run for more iterations: {.num_it = 100}");
  const std::vector<double> slope = gradient(losses);
  const auto from_end = [n](int i) { return static_cast<std::size_t>(n + i); };
  int right = -1, left = right - lr_diff;
  double answer = lrs[from_end(left)];
  while (left >= -n && std::fabs(slope[from_end(right)] - slope[from_end(left)]) > thresh) {
    answer = lrs[from_end(left)];
    --right, --left;
  }
  return answer * adjust;
}

double LrCurve::minimum() const {
  return lrs[static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin())] / 10;
}

// In float32, as fastai computes it: where two slopes are equal but for rounding, that decides.
double LrCurve::steep() const {
  std::size_t best = 0;
  float steepest = HUGE_VALF;
  const auto loss = [&](std::size_t i) { return static_cast<float>(losses[i]); };
  const auto log_lr = [&](std::size_t i) {
    return static_cast<float>(std::log(static_cast<double>(static_cast<float>(lrs[i]))));
  };
  for (std::size_t i = 0; i + 1 < losses.size(); ++i) {
    const float slope = (loss(i + 1) - loss(i)) / (log_lr(i + 1) - log_lr(i));
    if (slope < steepest) steepest = slope, best = i;
  }
  return lrs[best];
}

Plot LrCurve::plot(const std::vector<std::pair<std::string, double>>& marks, int64_t skip_end) const {
  Plot plot("Learning rate finder");
  plot.x_axis.label = "learning rate";
  plot.x_axis.log = true;
  plot.y_axis.label = "loss";
  const auto n = std::max<int64_t>(0, static_cast<int64_t>(lrs.size()) - skip_end);
  const std::vector<double> x(lrs.begin(), lrs.begin() + n), y(losses.begin(), losses.begin() + n);
  plot.line(x, y);
  for (const auto& [name, lr] : marks) {
    const auto at = std::lower_bound(x.begin(), x.end(), lr * (1 - 1e-9)) - x.begin();
    if (at < static_cast<int64_t>(y.size()))
      plot.scatter({lr}, {y[static_cast<std::size_t>(at)]}, {.label = name, .radius = 4});
  }
  return plot;
}

namespace {
std::vector<std::pair<std::string, double>> named(const SuggestedLRs& s) {
  std::vector<std::pair<std::string, double>> all;
  for (const auto& [name, lr] : {std::pair("valley", s.valley), std::pair("slide", s.slide),
                                 std::pair("minimum", s.minimum), std::pair("steep", s.steep)})
    if (lr) all.emplace_back(name, *lr);
  return all;
}
}  // namespace

std::string SuggestedLRs::repr() const {
  std::string text;
  for (const auto& [name, lr] : named(*this))
    text += (text.empty() ? "" : ", ") + name + "=" + fastcore::repr(lr);
  return "SuggestedLRs(" + text + ")";
}
Plot SuggestedLRs::plot() const { return curve.plot(named(*this)); }

SuggestedLRs Learner::lr_find(const LrFindOptions& o) {
  if (o.num_it < 6)
    throw ValueError(format("[lr_find] num_it = %d: expected 6 or more", static_cast<int>(o.num_it)),
                     "100, the standard, gives a smooth curve");
  if (!(o.start_lr > 0 && o.start_lr < o.end_lr && std::isfinite(o.end_lr)))
    throw ValueError(format("[lr_find] rates from %g to %g: expected finite ones that rise, above 0",
                            o.start_lr, o.end_lr),
                     "each rate is the one before times the same factor: from 1e-7 to 10, the standard");
  require_weights("lr_find");
  const auto finder = std::make_shared<LRFinder>(o);
  if (!opt) create_opt();
  const auto weights = copied(model->state_dict());
  const auto averages = copied(opt->state_dict());
  std::vector<minitorch::optim::Hypers> hypers;
  for (auto& group : opt->groups()) hypers.push_back(group.hypers);
  std::vector<std::pair<CallbackPtr, std::vector<double>>> remembered;
  {
    Callbacks away;
    for (const CallbackPtr& cb : cbs())
      if (!cb->run_lr_find) away.append(cb);
      else if (auto state = cb->state(); !state.empty()) remembered.emplace_back(cb, std::move(state));
    const Scope quiet = no_logging(), without = removed_cbs(away);
    const auto put_back = [&] {
      model->load_state_dict(weights);
      opt->zero_grad();
      opt->load_state_dict(averages);
      for (std::size_t i = 0; i < hypers.size(); ++i) opt->groups()[i].hypers = hypers[i];
      for (const auto& [cb, state] : remembered) cb->set_state(state);  // such as the scale of losses
    };
    const Scope restored(put_back), finding([this] { finding_lr = false; });
    finding_lr = true;
    fit(o.num_it / std::max<int64_t>(1, dls.train().size()) + 1, {.cbs = finder});
  }
  SuggestedLRs found;
  found.curve = {recorder->lrs, recorder->losses};
  const LrCurve used = found.curve.trimmed(o.num_it);
  if (interrupted()) {
    const auto tried = static_cast<long long>(found.curve.lrs.size());
    const std::string line =
        format("lr_find was stopped after %lld of %lld rates", tried, static_cast<long long>(o.num_it));
    if (used.losses.size() < 2) throw Interrupted(line + ": too few for a suggestion");
    Terminal::current().write_line(line + ": suggestions are from those");
  }
  if (used.losses.size() < 2 && finder->no_number)
    throw ValueError(format("[lr_find] after %d rates, too few for a suggestion, the loss was no number",
                            static_cast<int>(found.curve.lrs.size())),
                     "look for NaN in the data, or begin lower: {.start_lr = 1e-9}");
  if (used.losses.size() >= 2) {
    found.valley = used.valley();
    found.minimum = used.minimum();
    found.steep = used.steep();
    if (used.losses.size() >= 16) found.slide = used.slide();
  }
  if (!o.plot.empty()) found.plot().save(o.plot);
  return found;
}

}  // namespace fastcore
