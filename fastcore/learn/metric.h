// SPDX-License-Identifier: MIT
// Metric: a number for the table of training, found from the batches of a pass. What to choose from is in
// metrics.h; a function of one's own becomes a metric by its name:
//
//     Learner(dls, model, {.metrics = {accuracy, metric<my_metric>}});
#pragma once
#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace fastcore {

using minitorch::Tensor;
class Learner;

/// A figure of the predictions on the validation set: a column of the table.
class Metric {
 public:
  virtual ~Metric() = default;
  /// The name of the column.
  virtual std::string name() const = 0;
  /// A pass begins.
  virtual void reset() = 0;
  /// Looks at learn.pred, learn.yb, learn.loss of the batch at hand.
  virtual void accumulate(const Learner& learn) = 0;
  /// What the batches since reset() come to; nothing when there was none.
  virtual std::optional<double> value() const = 0;
  /// Another of the same kind that has seen nothing: what a pass in the middle of another one counts with. Of
  /// a metric that has none, the outer pass starts counting again.
  virtual std::shared_ptr<Metric> fresh() const { return nullptr; }
};
using MetricPtr = std::shared_ptr<Metric>;

/// What fresh() returns, from a metric that can be copied; nothing for a class derived from M, which copies
/// itself.
template <class M>
MetricPtr fresh_copy(const M& metric) {
  if (typeid(metric) != typeid(M)) return nullptr;
  auto copy = std::make_shared<M>(metric);
  copy->reset();
  return copy;
}

/// Of one batch: (predictions, targets) -> a number.
using BatchFunction = std::function<double(const Tensor& pred, const Tensor& target)>;

/// A mean over batches, weighted by their sizes. What a tensor of 32 bits holds is multiplied and added in 32
/// bits: 4 of 7 come back from (4 / 7) * 7 as 4, and passes with as many right answers as one another have
/// equal figures, whichever batches these were in. In 64 bits the product keeps the error of the quotient.
class BatchMean {
 public:
  struct Figure {
    double value;
    bool in_32_bits;
  };
  /// The number in a tensor of one element.
  static Figure figure(const Tensor& one);

  void reset() { *this = {}; }
  void add(Figure figure, int64_t n);
  /// Nothing where there was no batch.
  std::optional<double> value() const;

 private:
  double total_ = 0;
  int64_t count_ = 0;
  bool in_32_bits_ = true;
};

/// The mean of a function over the batches, weighted by their sizes.
class AvgMetric : public Metric {
 public:
  template <class F>
  AvgMetric(std::string name, F f)
      : name_(std::move(name)), f_([f](const Tensor& p, const Tensor& t) {
          if constexpr (requires { f(p, t).item(); }) return BatchMean::figure(f(p, t));
          else return BatchMean::Figure{static_cast<double>(f(p, t)), false};
        }) {}
  std::string name() const override { return name_; }
  void reset() override { mean_.reset(); }
  void accumulate(const Learner& learn) override;
  std::optional<double> value() const override { return mean_.value(); }
  MetricPtr fresh() const override;

 private:
  std::string name_;
  std::function<BatchMean::Figure(const Tensor& pred, const Tensor& target)> f_;
  BatchMean mean_;
};

/// The mean loss of a pass.
class AvgLoss : public Metric {
 public:
  std::string name() const override { return "loss"; }
  void reset() override { mean_.reset(); }
  void accumulate(const Learner& learn) override;
  std::optional<double> value() const override { return mean_.value(); }
  MetricPtr fresh() const override;

 private:
  BatchMean mean_;
};

/// The running mean of the training loss: val = beta val + (1 - beta) loss, corrected for its start at 0.
class AvgSmoothLoss : public Metric {
 public:
  explicit AvgSmoothLoss(double beta = 0.98) : beta_(beta) {}
  std::string name() const override { return "loss"; }
  void reset() override { val_ = 0, count_ = 0; }
  void accumulate(const Learner& learn) override;
  void add(double loss);
  std::optional<double> value() const override;
  int64_t count() const { return count_; }
  /// The mean before correction, for checkpoints.
  double state() const { return val_; }
  void set_state(double val, int64_t count) { val_ = val, count_ = count; }

 private:
  double beta_, val_ = 0;
  int64_t count_ = 0;
};

/// What becomes of a batch's outputs before an AccumMetric keeps them.
struct AccumOptions {
  enum class Activation { none, softmax, sigmoid, binary_softmax } activation = Activation::none;
  bool argmax = false;                ///< keep the place of the largest
  int64_t axis = -1;                  ///< of softmax and argmax
  std::optional<double> thresh = {};  ///< keep whether they reach this
  bool flatten = true;                ///< one row of predictions, one of targets
};

/// A function of all predictions and targets of a pass, computed once at its end.
class AccumMetric : public Metric {
 public:
  AccumMetric(std::string name, BatchFunction f, AccumOptions options = {});
  std::string name() const override { return name_; }
  void reset() override;
  void accumulate(const Learner& learn) override;
  std::optional<double> value() const override;
  MetricPtr fresh() const override;
  /// The metric of predictions that are there already, as fastai's metrics can be called.
  double operator()(const Tensor& pred, const Tensor& target) const;

 private:
  Tensor prepared(const Tensor& pred) const;

  std::string name_;
  BatchFunction f_;
  AccumOptions options_;
  std::vector<Tensor> preds_, targets_;
};

/// A function with a name.
template <class F>
struct NamedFunction {
  std::string_view name;
  F f;
  auto operator()(const Tensor& pred, const Tensor& target) const { return f(pred, target); }
};

namespace detail {
/// "accuracy" of "... [with auto f = accuracy]", as compilers write it.
constexpr std::string_view last_name(std::string_view text) {
  const auto end = text.find_last_not_of("]; ");
  std::size_t stop = text.find(';');
  if (stop == std::string_view::npos || stop > end + 1) stop = end + 1;
  std::size_t start = stop;
  auto in_name = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  while (start > 0 && in_name(text[start - 1])) --start;
  return text.substr(start, stop - start);
}
template <auto f>
constexpr std::string_view function_name() {
  return last_name(__PRETTY_FUNCTION__);
}
template <class F>
MetricPtr mean_of_batches(F f) {
  return std::make_shared<AvgMetric>(std::string(f.name), f);
}
}  // namespace detail

/// metric<my_metric>: a function Tensor or double (pred, target) together with its name.
template <auto f>
inline constexpr NamedFunction<decltype(f)> metric{detail::function_name<f>(), f};

/// Metrics to be given to a Learner: one, or a list in braces.
class Metrics {
 public:
  Metrics() = default;
  // Compiled once, in metric.cpp.
  Metrics(const Metrics&);
  Metrics(Metrics&&) noexcept;
  Metrics& operator=(const Metrics&);
  Metrics& operator=(Metrics&&) noexcept;
  ~Metrics();
  Metrics(MetricPtr metric);
  template <std::derived_from<Metric> M>
  Metrics(M metric) : Metrics(MetricPtr(std::make_shared<M>(std::move(metric)))) {}
  template <std::derived_from<Metric> M>
  Metrics(std::shared_ptr<M> metric) : Metrics(MetricPtr(std::move(metric))) {}
  /// An object with a name that is called as a function: accuracy, metric<my_metric>.
  template <class F>
  requires requires(const F& f, const Tensor& t) {
    std::string(f.name);
    f(t, t);
  }
  Metrics(F f) : Metrics(detail::mean_of_batches(f)) {}
  /// A function that makes one: rmse.
  Metrics(MetricPtr (*make)()) : Metrics(make()) {}
  Metrics(std::initializer_list<Metrics> several);
  const std::vector<MetricPtr>& list() const { return list_; }

 private:
  std::vector<MetricPtr> list_;
};

}  // namespace fastcore
