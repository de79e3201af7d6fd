// SPDX-License-Identifier: MIT
// Metrics to choose from. Those with a small letter are functions of a batch, and so can be called:
// accuracy(pred, target). The others look at all predictions of a pass together.
//
//     {.metrics = {accuracy, F1Score({.average = Average::macro})}}
//     {.metrics = AccuracyMulti{.thresh = 0.2}}        // partial(accuracy_multi, thresh=0.2)
#pragma once
#include "fastcore/learn/metric.h"

namespace fastcore {

// --- of a batch ---

/// Share of items whose largest output is the target's.
struct Accuracy {
  int64_t axis = -1;
  static constexpr const char* name = "accuracy";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// 1 - accuracy.
struct ErrorRate {
  int64_t axis = -1;
  static constexpr const char* name = "error_rate";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// Share of items whose target is among the k largest outputs.
struct TopKAccuracy {
  int64_t k = 5, axis = -1;
  static constexpr const char* name = "top_k_accuracy";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// Share of labels for which whether the output exceeds `thresh` is the target; with `sigmoid` of it.
struct AccuracyMulti {
  double thresh = 0.5;
  bool sigmoid = true;
  static constexpr const char* name = "accuracy_multi";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// Accuracy over the pixels that are not background. Outputs (n, c, h, w), targets (n, h, w).
struct ForegroundAcc {
  int64_t bkg_idx = 0, axis = 1;
  static constexpr const char* name = "foreground_acc";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// Mean squared error.
struct Mse {
  static constexpr const char* name = "mse";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// Mean absolute error.
struct Mae {
  static constexpr const char* name = "mae";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
/// Mean squared difference of log(1 + x).
struct Msle {
  static constexpr const char* name = "msle";
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
};
inline constexpr Accuracy accuracy;
inline constexpr ErrorRate error_rate;
inline constexpr TopKAccuracy top_k_accuracy;
inline constexpr AccuracyMulti accuracy_multi;
inline constexpr ForegroundAcc foreground_acc;
inline constexpr Mse mse;
inline constexpr Mae mae;
inline constexpr Msle msle;
#if !defined(DOXYGEN)
// Compiled once, in metrics.cpp.
extern template MetricPtr detail::mean_of_batches(Accuracy);
extern template MetricPtr detail::mean_of_batches(ErrorRate);
extern template MetricPtr detail::mean_of_batches(AccuracyMulti);
#endif

// --- of a whole pass: regression ---

/// The root of the mean squared error.
struct Rmse : AccumMetric {
  Rmse();
};
/// The root of the mean squared relative error of e^x.
struct ExpRmspe : AccumMetric {
  ExpRmspe();
};
MetricPtr rmse();
MetricPtr exp_rmspe();
/// 1 - squared error / squared distance of the targets from their mean. Of targets that are all alike 1 where
/// every prediction is right, else 0, as in scikit-learn; of a single one NaN.
struct R2Score : AccumMetric {
  R2Score();
};
/// The same with the errors' distance from their own mean: a constant error does not count.
struct ExplainedVariance : AccumMetric {
  ExplainedVariance();
};
/// How close to a line predictions and targets lie. NaN where one of both does not vary, or holds a NaN.
struct PearsonCorrCoef : AccumMetric {
  PearsonCorrCoef();
};
/// The same of their ranks.
struct SpearmanCorrCoef : AccumMetric {
  SpearmanCorrCoef();
};

// --- of a whole pass: classes ---

/// How the scores of several classes become one: that of class `pos_label` alone; from the counts of all
/// classes together; the mean over classes; the mean weighted by how often a class occurs; or, for several
/// labels at once, the mean over items. A metric throws ValueError for `samples` where an item has one class,
/// and for `binary` where it has several labels.
enum class Average { binary, micro, macro, weighted, samples };

struct ScoreOptions {
  Average average = Average::binary;
  int64_t pos_label = 1;
  int64_t axis = -1;
};
struct Precision : AccumMetric {
  explicit Precision(ScoreOptions options = {});
};
struct Recall : AccumMetric {
  explicit Recall(ScoreOptions options = {});
};
struct F1Score : AccumMetric {
  explicit F1Score(ScoreOptions options = {});
};
struct FBeta : AccumMetric {
  explicit FBeta(double beta, ScoreOptions options = {});
};
struct Jaccard : AccumMetric {
  explicit Jaccard(ScoreOptions options = {});
};
struct MatthewsCorrCoef : AccumMetric {
  explicit MatthewsCorrCoef(int64_t axis = -1);
};
struct CohenKappa : AccumMetric {
  explicit CohenKappa(int64_t axis = -1);
};
struct BalancedAccuracy : AccumMetric {
  explicit BalancedAccuracy(int64_t axis = -1);
};
struct HammingLoss : AccumMetric {
  explicit HammingLoss(int64_t axis = -1);
};

// --- of a whole pass: several labels at once. Outputs and targets (n, labels) ---

struct MultiOptions {
  double thresh = 0.5;
  bool sigmoid = true;
  Average average = Average::macro;
};
struct PrecisionMulti : AccumMetric {
  explicit PrecisionMulti(MultiOptions options = {});
};
struct RecallMulti : AccumMetric {
  explicit RecallMulti(MultiOptions options = {});
};
struct F1ScoreMulti : AccumMetric {
  explicit F1ScoreMulti(MultiOptions options = {});
};
struct FBetaMulti : AccumMetric {
  explicit FBetaMulti(double beta, MultiOptions options = {});
};
struct JaccardMulti : AccumMetric {
  explicit JaccardMulti(MultiOptions options = {});
};
struct HammingLossMulti : AccumMetric {
  explicit HammingLossMulti(MultiOptions options = {});
};
struct MatthewsCorrCoefMulti : AccumMetric {
  explicit MatthewsCorrCoefMulti(MultiOptions options = {});
};

// --- of a whole pass: probabilities ---

/// Area under the curve of true against false positives, each class against the rest, averaged: `macro`,
/// `weighted`, or `micro`, all classes together. NaN where a score is NaN, or a class has no item or all.
struct RocAuc : AccumMetric {
  explicit RocAuc(int64_t axis = -1, Average average = Average::macro);
};
/// The same for two classes, by the probability of the last.
struct RocAucBinary : AccumMetric {
  explicit RocAucBinary(int64_t axis = -1);
};
/// The same for several labels at once.
struct RocAucMulti : AccumMetric {
  explicit RocAucMulti(bool sigmoid = true, Average average = Average::macro);
};

/// e^(mean loss).
class Perplexity : public AvgLoss {
 public:
  std::string name() const override { return "perplexity"; }
  std::optional<double> value() const override;
  MetricPtr fresh() const override;
};

// --- masks: outputs (n, c, h, w), targets (n, h, w); counted over the whole pass ---

/// 2 overlap / (sum of both), of two classes.
class Dice : public Metric {
 public:
  explicit Dice(int64_t axis = 1) : axis_(axis) {}
  std::string name() const override { return "dice"; }
  void reset() override { inter_ = union_ = 0; }
  void accumulate(const Learner& learn) override;
  std::optional<double> value() const override;
  MetricPtr fresh() const override;

 protected:
  int64_t axis_;
  double inter_ = 0, union_ = 0;
};
/// overlap / (sum of both - overlap), of two classes.
class JaccardCoeff : public Dice {
 public:
  using Dice::Dice;
  std::string name() const override { return "jaccard_coeff"; }
  std::optional<double> value() const override;
  MetricPtr fresh() const override;
};
/// The mean of Dice over the classes that occur.
class DiceMulti : public Metric {
 public:
  explicit DiceMulti(int64_t axis = 1) : axis_(axis) {}
  std::string name() const override { return "dice_multi"; }
  void reset() override { inter_.clear(), union_.clear(); }
  void accumulate(const Learner& learn) override;
  std::optional<double> value() const override;
  MetricPtr fresh() const override;

 protected:
  virtual double score(double inter, double both) const { return 2 * inter / both; }
  int64_t axis_;
  std::vector<double> inter_, union_;
};
/// The mean of JaccardCoeff over the classes that occur.
class JaccardCoeffMulti : public DiceMulti {
 public:
  using DiceMulti::DiceMulti;
  std::string name() const override { return "jaccard_coeff_multi"; }
  MetricPtr fresh() const override;

 private:
  double score(double inter, double both) const override { return inter / (both - inter); }
};

}  // namespace fastcore
