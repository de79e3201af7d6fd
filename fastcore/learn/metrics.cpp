// SPDX-License-Identifier: MIT
// Metrics of a batch, of numbers, and of masks; scores of classes are metrics_scores.cpp.
#include "fastcore/learn/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fastcore/learn/learner.h"
#include "minitorch/core/errors.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/loss/loss.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/sort/sort.h"
#include "minitorch/ops/unary/unary.h"

namespace fastcore {
using namespace minitorch;

namespace {

Tensor flat(const Tensor& x) { return reshape(x, {-1}); }
Tensor flat_numbers(const Tensor& x) { return flat(to(x, kFloat32)); }
Tensor share(const Tensor& yes) { return mean(to(yes, kFloat32)); }

void check_sizes(const char* metric, const Tensor& a, const Tensor& b) {
  if (a.numel() != b.numel())
    throw ShapeError(format("[%s] %s answers for %s targets", metric, to_string(a.shape()).c_str(),
                            to_string(b.shape()).c_str()),
                     "one answer for each target: is `axis` that of the classes?");
}

// Answers and targets as plain numbers.
struct Lists {
  std::vector<double> p, t;
  Lists(const Tensor& pred, const Tensor& target)
      : p(pred.to_vector<double>()), t(target.to_vector<double>()) {
    check_sizes("metric", pred, target);
  }
  double n() const { return static_cast<double>(p.size()); }
};

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}
// sum of (a - mean a)(b - mean b)
double covariance(const std::vector<double>& a, const std::vector<double>& b) {
  const double ma = mean_of(a), mb = mean_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - ma) * (b[i] - mb);
  return sum;
}
// The share of the targets' spread that the errors do not make up, as scikit-learn has it: of targets that
// are all alike, 1 where there is no error and 0 where there is one.
double explained(double error, double spread) {
  if (spread == 0 && !std::isnan(error)) return error == 0 ? 1 : 0;
  return 1 - error / spread;
}
double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  return covariance(a, b) / std::sqrt(covariance(a, a) * covariance(b, b));
}
bool all_numbers(const std::vector<double>& x) {
  return std::none_of(x.begin(), x.end(), [](double value) { return std::isnan(value); });
}
// 1 for the smallest; equal values share the mean of their ranks. NaN has none: it equals nothing.
std::vector<double> ranks(const std::vector<double>& x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return x[a] < x[b]; });
  std::vector<double> ranks(x.size());
  for (std::size_t i = 0, end; i < order.size(); i = end) {
    for (end = i; end < order.size() && x[order[end]] == x[order[i]];) ++end;
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = static_cast<double>(i + end + 1) / 2;
  }
  return ranks;
}
std::vector<double> errors(const Lists& d) {
  std::vector<double> e(d.p.size());
  for (std::size_t i = 0; i < e.size(); ++i) e[i] = d.t[i] - d.p[i];
  return e;
}

}  // namespace

Tensor Accuracy::operator()(const Tensor& pred, const Tensor& target) const {
  const Tensor answer = argmax(pred, axis);
  check_sizes("accuracy", answer, target);
  return share(flat(answer) == flat(target));
}
Tensor ErrorRate::operator()(const Tensor& pred, const Tensor& target) const {
  return 1 - Accuracy{axis}(pred, target);
}
Tensor TopKAccuracy::operator()(const Tensor& pred, const Tensor& target) const {
  const Tensor best = topk(pred, std::min(k, pred.size(axis)), axis).indices;
  return mean(to(sum(best == unsqueeze(target, axis), {axis}), kFloat32));
}
Tensor AccuracyMulti::operator()(const Tensor& pred, const Tensor& target) const {
  check_sizes(name, pred, target);
  const Tensor score = flat(sigmoid ? minitorch::sigmoid(pred) : pred);
  return share((score > thresh) == flat(to(target, kBool)));
}
Tensor ForegroundAcc::operator()(const Tensor& pred, const Tensor& target) const {
  const Tensor answer = flat(argmax(pred, axis)), truth = flat(to(target, kInt64));
  check_sizes(name, answer, truth);
  const Tensor counts = truth != bkg_idx;
  return sum(to((answer == truth) & counts, kFloat32)) / sum(to(counts, kFloat32));
}
Tensor Mse::operator()(const Tensor& pred, const Tensor& target) const {
  check_sizes(name, pred, target);
  return mse_loss(flat_numbers(pred), flat_numbers(target));
}
Tensor Mae::operator()(const Tensor& pred, const Tensor& target) const {
  check_sizes(name, pred, target);
  return l1_loss(flat_numbers(pred), flat_numbers(target));
}
Tensor Msle::operator()(const Tensor& pred, const Tensor& target) const {
  check_sizes(name, pred, target);
  return mse_loss(log(flat_numbers(pred) + 1), log(flat_numbers(target) + 1));
}

Rmse::Rmse()
    : AccumMetric("rmse", [](const Tensor& pred, const Tensor& target) {
        double sum = 0;
        const Lists d(pred, target);
        for (double e : errors(d)) sum += e * e;
        return std::sqrt(sum / d.n());
      }) {}
ExpRmspe::ExpRmspe()
    : AccumMetric("exp_rmspe", [](const Tensor& pred, const Tensor& target) {
        double sum = 0;
        const Lists d(pred, target);
        for (std::size_t i = 0; i < d.p.size(); ++i) sum += std::pow(std::expm1(d.p[i] - d.t[i]), 2);
        return std::sqrt(sum / d.n());
      }) {}
R2Score::R2Score()
    : AccumMetric("r2_score", [](const Tensor& pred, const Tensor& target) {
        double sum = 0;
        const Lists d(pred, target);
        for (double e : errors(d)) sum += e * e;
        return d.n() < 2 ? NAN : explained(sum, covariance(d.t, d.t));
      }) {}
ExplainedVariance::ExplainedVariance()
    : AccumMetric("explained_variance_score", [](const Tensor& pred, const Tensor& target) {
        const Lists d(pred, target);
        const auto e = errors(d);
        return explained(covariance(e, e), covariance(d.t, d.t));
      }) {}
PearsonCorrCoef::PearsonCorrCoef()
    : AccumMetric("pearsonr", [](const Tensor& pred, const Tensor& target) {
        const Lists d(pred, target);
        return correlation(d.p, d.t);
      }) {}
SpearmanCorrCoef::SpearmanCorrCoef()
    : AccumMetric("spearmanr", [](const Tensor& pred, const Tensor& target) {
        const Lists d(pred, target);
        return all_numbers(d.p) && all_numbers(d.t) ? correlation(ranks(d.p), ranks(d.t)) : NAN;
      }) {}

std::optional<double> Perplexity::value() const {
  const auto loss = AvgLoss::value();
  return loss ? std::optional(std::exp(*loss)) : std::nullopt;
}

void Dice::accumulate(const Learner& learn) {
  const Tensor pred = flat(argmax(learn.pred.detach(), axis_)), target = flat(to(learn.y(), kInt64));
  check_sizes("Dice", pred, target);
  inter_ += sum(pred * target).item();
  union_ += sum(pred + target).item();
}
std::optional<double> Dice::value() const {
  return union_ > 0 ? std::optional(2 * inter_ / union_) : std::nullopt;
}
std::optional<double> JaccardCoeff::value() const {
  return union_ > 0 ? std::optional(inter_ / (union_ - inter_)) : std::nullopt;
}

void DiceMulti::accumulate(const Learner& learn) {
  const auto classes = static_cast<std::size_t>(learn.pred.size(axis_));
  inter_.resize(classes);
  union_.resize(classes);
  const Tensor answer = argmax(learn.pred.detach(), axis_);
  check_sizes("DiceMulti", answer, learn.y());
  const auto p = answer.to_vector<int64_t>(), t = learn.y().to_vector<int64_t>();
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == t[i]) ++inter_[static_cast<std::size_t>(p[i])];
    for (int64_t c : {p[i], t[i]})
      if (c >= 0 && c < learn.pred.size(axis_)) ++union_[static_cast<std::size_t>(c)];
  }
}
std::optional<double> DiceMulti::value() const {
  double sum = 0, count = 0;
  for (std::size_t c = 0; c < union_.size(); ++c)
    if (union_[c] > 0) sum += score(inter_[c], union_[c]), ++count;
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

MetricPtr rmse() { return std::make_shared<Rmse>(); }
MetricPtr exp_rmspe() { return std::make_shared<ExpRmspe>(); }

MetricPtr Perplexity::fresh() const { return fresh_copy(*this); }
MetricPtr Dice::fresh() const { return fresh_copy(*this); }
MetricPtr JaccardCoeff::fresh() const { return fresh_copy(*this); }
MetricPtr DiceMulti::fresh() const { return fresh_copy(*this); }
MetricPtr JaccardCoeffMulti::fresh() const { return fresh_copy(*this); }

template MetricPtr detail::mean_of_batches(Accuracy);
template MetricPtr detail::mean_of_batches(ErrorRate);
template MetricPtr detail::mean_of_batches(AccuracyMulti);

}  // namespace fastcore
