// SPDX-License-Identifier: MIT
#include "fastcore/learn/metric.h"

#include <cmath>

#include "fastcore/learn/learner.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/ops/unary/unary.h"

namespace fastcore {
using namespace minitorch;

namespace {

Tensor mean_of(const Tensor& loss) { return loss.numel() == 1 ? loss : mean(loss); }

}  // namespace

BatchMean::Figure BatchMean::figure(const Tensor& one) { return {one.item(), is_floating(one.dtype())}; }

void BatchMean::add(Figure figure, int64_t n) {
  in_32_bits_ = in_32_bits_ && figure.in_32_bits;
  if (in_32_bits_)
    total_ = static_cast<float>(total_) + static_cast<float>(figure.value) * static_cast<float>(n);
  else total_ += figure.value * static_cast<double>(n);
  count_ += n;
}

std::optional<double> BatchMean::value() const {
  if (count_ == 0) return {};
  if (in_32_bits_) return static_cast<float>(total_) / static_cast<float>(count_);
  return total_ / static_cast<double>(count_);
}

void AvgMetric::accumulate(const Learner& learn) {
  const NoGrad no_grad;
  mean_.add(f_(learn.pred.detach(), learn.y()), learn.y().size(0));
}

void AvgLoss::accumulate(const Learner& learn) {
  mean_.add(BatchMean::figure(mean_of(learn.loss)), learn.y().size(0));
}

void AvgSmoothLoss::accumulate(const Learner& learn) { add(mean_of(learn.loss).item()); }
void AvgSmoothLoss::add(double loss) {
  ++count_;
  val_ = beta_ * val_ + (1 - beta_) * loss;
}
std::optional<double> AvgSmoothLoss::value() const {
  if (count_ == 0) return {};
  return val_ / (1 - std::pow(beta_, static_cast<double>(count_)));
}

AccumMetric::AccumMetric(std::string name, BatchFunction f, AccumOptions options)
    : name_(std::move(name)), f_(std::move(f)), options_(options) {}

void AccumMetric::reset() {
  preds_.clear();
  targets_.clear();
}

Tensor AccumMetric::prepared(const Tensor& outputs) const {
  using enum AccumOptions::Activation;
  Tensor pred = outputs;
  if (options_.activation == sigmoid) pred = minitorch::sigmoid(pred);
  else if (options_.activation != none) pred = minitorch::softmax(pred, options_.axis);
  if (options_.activation == binary_softmax) pred = select(pred, options_.axis, -1);
  if (options_.argmax) pred = argmax(pred, options_.axis);
  if (options_.thresh) pred = pred >= *options_.thresh;
  return options_.flatten ? reshape(pred, {-1}) : pred;
}

void AccumMetric::accumulate(const Learner& learn) {
  preds_.push_back(prepared(learn.pred.detach()));
  targets_.push_back(options_.flatten ? reshape(learn.y(), {-1}) : learn.y());
}

std::optional<double> AccumMetric::value() const {
  if (preds_.empty()) return {};
  return f_(cat(preds_), cat(targets_));
}

double AccumMetric::operator()(const Tensor& pred, const Tensor& target) const {
  return f_(prepared(pred), options_.flatten ? reshape(target, {-1}) : target);
}

MetricPtr AvgMetric::fresh() const { return fresh_copy(*this); }
MetricPtr AvgLoss::fresh() const { return fresh_copy(*this); }
MetricPtr AccumMetric::fresh() const { return fresh_copy(*this); }

Metrics::Metrics(const Metrics&) = default;
Metrics::Metrics(Metrics&&) noexcept = default;
Metrics& Metrics::operator=(const Metrics&) = default;
Metrics& Metrics::operator=(Metrics&&) noexcept = default;
Metrics::~Metrics() = default;
Metrics::Metrics(MetricPtr metric) : list_{std::move(metric)} {}
Metrics::Metrics(std::initializer_list<Metrics> several) {
  for (const Metrics& one : several) list_.insert(list_.end(), one.list_.begin(), one.list_.end());
}

}  // namespace fastcore
