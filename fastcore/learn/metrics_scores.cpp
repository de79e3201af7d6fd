// SPDX-License-Identifier: MIT
// Scores of classes, as scikit-learn defines them: from how often each class was right, predicted and there.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fastcore/learn/metrics.h"
#include "minitorch/core/errors.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using namespace minitorch;

namespace {

struct Count {
  double right = 0, predicted = 0, actual = 0;
};
using Score = double (*)(const Count&, double beta);

double over(double a, double b) { return b == 0 ? 0 : a / b; }
double precision(const Count& c, double) { return over(c.right, c.predicted); }
double recall(const Count& c, double) { return over(c.right, c.actual); }
double f_beta(const Count& c, double beta) {
  return over((1 + beta * beta) * c.right, beta * beta * c.actual + c.predicted);
}
double jaccard(const Count& c, double) { return over(c.right, c.predicted + c.actual - c.right); }

void check_counts(std::size_t answers, std::size_t targets) {
  if (answers != targets)
    throw ShapeError(format("[metric] %zu answers for %zu targets", answers, targets),
                     "one answer for each target: is `axis` that of the classes?");
}
/// Counts for every class that was predicted or there.
std::map<int64_t, Count> tally(const Tensor& pred, const Tensor& target) {
  const auto p = pred.to_vector<int64_t>(), t = target.to_vector<int64_t>();
  check_counts(p.size(), t.size());
  std::map<int64_t, Count> counts;
  for (std::size_t i = 0; i < p.size(); ++i) {
    ++counts[p[i]].predicted;
    ++counts[t[i]].actual;
    if (p[i] == t[i]) ++counts[p[i]].right;
  }
  return counts;
}
/// The same for several labels at once: a count for each label, or for each item.
std::map<int64_t, Count> tally_multi(const Tensor& pred, const Tensor& target, bool by_item) {
  const auto p = pred.to_vector<int64_t>(), t = target.to_vector<int64_t>();
  if (p.size() != t.size())
    throw ShapeError(
        "[metric] answers " + to_string(pred.shape()) + " for targets " + to_string(target.shape()),
        "a yes or no for each label of each item, in both: (n, labels)");
  const auto labels = static_cast<std::size_t>(pred.size(-1));
  std::map<int64_t, Count> counts;
  for (std::size_t i = 0; i < p.size(); ++i) {
    Count& c = counts[static_cast<int64_t>(by_item ? i / labels : i % labels)];
    c.predicted += p[i] != 0;
    c.actual += t[i] != 0;
    c.right += p[i] != 0 && t[i] != 0;
  }
  return counts;
}

double averaged(const std::map<int64_t, Count>& counts, Average average, Score score, double beta) {
  Count all;
  double sum = 0, weights = 0;
  for (const auto& [key, c] : counts) {
    all = {all.right + c.right, all.predicted + c.predicted, all.actual + c.actual};
    const double weight = average == Average::weighted ? c.actual : 1;
    sum += weight * score(c, beta);
    weights += weight;
  }
  return average == Average::micro ? score(all, beta) : over(sum, weights);
}

[[noreturn]] void refuse_average(const char* name, const char* average, const char* means, const char* hint) {
  throw ValueError(format("[%s] Average::%s is %s", name, average, means), hint);
}
[[noreturn]] void refuse_samples(const char* name) {
  refuse_average(name, "samples", "a mean over items of several labels each, and here an item has one class",
                 "{.average = Average::macro}; for several labels the metric whose name ends in Multi");
}
[[noreturn]] void refuse_binary(const char* name, const char* here) {
  refuse_average(name, "binary", here, "say how they become one number: {.average = Average::macro}");
}

AccumMetric class_score(const char* name, Score score, const ScoreOptions& o, double beta = 1) {
  if (o.average == Average::samples) refuse_samples(name);
  auto f = [name, score, o, beta](const Tensor& pred, const Tensor& target) {
    const auto counts = tally(pred, target);
    if (o.average != Average::binary) return averaged(counts, o.average, score, beta);
    if (counts.size() > 2 || (!counts.empty() && counts.rbegin()->first > 1 && o.pos_label < 2))
      throw ValueError(format("[%s] there are more than two classes", name),
                       "say how their scores become one: {.average = Average::macro}");
    const auto found = counts.find(o.pos_label);
    return found == counts.end() ? 0.0 : score(found->second, beta);
  };
  return AccumMetric(name, f, {.argmax = true, .axis = o.axis});
}

AccumMetric multi_score(const char* name, Score score, const MultiOptions& o, double beta = 1) {
  if (o.average == Average::binary)
    refuse_binary(name, "the score of one class, and here are several labels");
  auto f = [score, o, beta](const Tensor& pred, const Tensor& target) {
    return averaged(tally_multi(pred, target, o.average == Average::samples), o.average, score, beta);
  };
  using enum AccumOptions::Activation;
  return AccumMetric(name, f,
                     {.activation = o.sigmoid ? sigmoid : none, .thresh = o.thresh, .flatten = false});
}

// Sums that the coefficients below are made of, over classes: right answers, all, and products of counts.
struct Sums {
  double right = 0, n = 0, pt = 0, pp = 0, tt = 0;
  Sums(const Tensor& pred, const Tensor& target) {
    for (const auto& [key, c] : tally(pred, target)) {
      right += c.right;
      n += c.actual;
      pt += c.predicted * c.actual;
      pp += c.predicted * c.predicted;
      tt += c.actual * c.actual;
    }
  }
};
double matthews(const Tensor& pred, const Tensor& target) {
  const Sums s(pred, target);
  return over(s.right * s.n - s.pt, std::sqrt((s.n * s.n - s.pp) * (s.n * s.n - s.tt)));
}
double kappa(const Tensor& pred, const Tensor& target) {
  const Sums s(pred, target);
  const double expected = s.pt / (s.n * s.n);
  return (s.right / s.n - expected) / (1 - expected);
}
double balanced(const Tensor& pred, const Tensor& target) {
  double sum = 0, classes = 0;
  for (const auto& [key, c] : tally(pred, target))
    if (c.actual > 0) sum += c.right / c.actual, ++classes;
  return sum / classes;
}
double hamming(const Tensor& pred, const Tensor& target) {
  const auto p = pred.to_vector<int64_t>(), t = target.to_vector<int64_t>();
  check_counts(p.size(), t.size());
  double wrong = 0;
  for (std::size_t i = 0; i < p.size(); ++i) wrong += p[i] != t[i];
  return wrong / static_cast<double>(p.size());
}

// The share of (positive, negative) pairs in the right order; equal scores count half.
double area(const std::vector<double>& scores, const std::vector<bool>& positive) {
  std::map<double, Count> by_score;  // right: positives, predicted: all
  double yes = 0, pairs = 0, below = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) return NAN;  // it stands in no order
    Count& c = by_score[scores[i]];
    c.right += positive[i];
    ++c.predicted;
    yes += positive[i];
  }
  for (const auto& [score, c] : by_score) {
    const double no = c.predicted - c.right;
    pairs += c.right * (below + no / 2);
    below += no;
  }
  return pairs / (yes * (static_cast<double>(scores.size()) - yes));
}

// Each column of scores against its own yes or no; or each row, or all scores together.
template <class Positive>
double areas(const Tensor& scores, Average average, Positive is_positive) {
  const auto all = scores.to_vector<double>();
  const auto columns = static_cast<std::size_t>(scores.size(-1)), rows = all.size() / columns;
  std::vector<bool> yes(all.size());
  for (std::size_t at = 0; at < all.size(); ++at) yes[at] = is_positive(at / columns, at % columns);
  if (average == Average::micro) return area(all, yes);
  const bool by_item = average == Average::samples;
  const std::size_t parts = by_item ? rows : columns, length = by_item ? columns : rows;
  double sum = 0, weights = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<double> some(length);
    std::vector<bool> positive(length);
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t at = by_item ? part * columns + i : i * columns + part;
      some[i] = all[at];
      positive[i] = yes[at];
    }
    const auto count = static_cast<double>(std::count(positive.begin(), positive.end(), true));
    const double weight = average == Average::weighted ? count : 1;
    if (weight > 0) sum += weight * area(some, positive);  // a class that does not occur has no area
    weights += weight;
  }
  return average == Average::weighted ? over(sum, weights) : sum / weights;
}

AccumOptions answers(int64_t axis) { return {.argmax = true, .axis = axis}; }

}  // namespace

Precision::Precision(ScoreOptions o) : AccumMetric(class_score("precision_score", precision, o)) {}
Recall::Recall(ScoreOptions o) : AccumMetric(class_score("recall_score", recall, o)) {}
F1Score::F1Score(ScoreOptions o) : AccumMetric(class_score("f1_score", f_beta, o)) {}
FBeta::FBeta(double beta, ScoreOptions o) : AccumMetric(class_score("fbeta_score", f_beta, o, beta)) {}
Jaccard::Jaccard(ScoreOptions o) : AccumMetric(class_score("jaccard_score", jaccard, o)) {}
MatthewsCorrCoef::MatthewsCorrCoef(int64_t axis)
    : AccumMetric("matthews_corrcoef", matthews, answers(axis)) {}
CohenKappa::CohenKappa(int64_t axis) : AccumMetric("cohen_kappa_score", kappa, answers(axis)) {}
BalancedAccuracy::BalancedAccuracy(int64_t axis)
    : AccumMetric("balanced_accuracy_score", balanced, answers(axis)) {}
HammingLoss::HammingLoss(int64_t axis) : AccumMetric("hamming_loss", hamming, answers(axis)) {}

PrecisionMulti::PrecisionMulti(MultiOptions o) : AccumMetric(multi_score("precision_score", precision, o)) {}
RecallMulti::RecallMulti(MultiOptions o) : AccumMetric(multi_score("recall_score", recall, o)) {}
F1ScoreMulti::F1ScoreMulti(MultiOptions o) : AccumMetric(multi_score("f1_score", f_beta, o)) {}
FBetaMulti::FBetaMulti(double beta, MultiOptions o)
    : AccumMetric(multi_score("fbeta_score", f_beta, o, beta)) {}
JaccardMulti::JaccardMulti(MultiOptions o) : AccumMetric(multi_score("jaccard_score", jaccard, o)) {}
static AccumOptions yes_or_no(const MultiOptions& o) {
  using enum AccumOptions::Activation;
  return {.activation = o.sigmoid ? sigmoid : none, .thresh = o.thresh};
}
HammingLossMulti::HammingLossMulti(MultiOptions o) : AccumMetric("hamming_loss", hamming, yes_or_no(o)) {}
MatthewsCorrCoefMulti::MatthewsCorrCoefMulti(MultiOptions o)
    : AccumMetric("matthews_corrcoef", matthews, yes_or_no(o)) {}

RocAuc::RocAuc(int64_t axis, Average average)
    : AccumMetric("roc_auc_score",
                  [average](const Tensor& pred, const Tensor& target) {
                    const auto t = target.to_vector<int64_t>();
                    check_counts(static_cast<std::size_t>(pred.numel() / pred.size(-1)), t.size());
                    return areas(pred, average, [&](std::size_t i, std::size_t c) {
                      return t[i] == static_cast<int64_t>(c);
                    });
                  },
                  {.activation = AccumOptions::Activation::softmax, .axis = axis, .flatten = false}) {
  if (average == Average::samples) refuse_samples("roc_auc_score");
  if (average == Average::binary)
    refuse_binary("roc_auc_score", "that of one class, which is RocAucBinary, and here each class has one");
}
RocAucBinary::RocAucBinary(int64_t axis)
    : AccumMetric("roc_auc_score",
                  [](const Tensor& pred, const Tensor& target) {
                    const auto t = target.to_vector<int64_t>();
                    check_counts(static_cast<std::size_t>(pred.numel()), t.size());
                    return areas(reshape(pred, {-1, 1}), Average::macro,
                                 [&](std::size_t i, std::size_t) { return t[i] != 0; });
                  },
                  {.activation = AccumOptions::Activation::binary_softmax, .axis = axis}) {}
RocAucMulti::RocAucMulti(bool sigmoid, Average average)
    : AccumMetric("roc_auc_score",
                  [average](const Tensor& pred, const Tensor& target) {
                    const auto t = target.to_vector<int64_t>();
                    const auto labels = static_cast<std::size_t>(pred.size(-1));
                    check_counts(static_cast<std::size_t>(pred.numel()), t.size());
                    return areas(pred, average,
                                 [&](std::size_t i, std::size_t c) { return t[i * labels + c] != 0; });
                  },
                  {.activation = sigmoid ? AccumOptions::Activation::sigmoid : AccumOptions::Activation::none,
                   .flatten = false}) {
  if (average == Average::binary)
    refuse_binary("roc_auc_score", "that of one class, and here are several labels");
}

}  // namespace fastcore
