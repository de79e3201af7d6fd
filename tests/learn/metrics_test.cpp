// SPDX-License-Identifier: MIT
// Expected values are scikit-learn's and scipy's.
#include "fastcore/learn/metrics.h"

#include <cmath>

#include "minitorch/minitorch.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;

namespace {
// Outputs whose largest are these classes.
Tensor outputs(const std::vector<int64_t>& classes) { return one_hot(tensor(classes)).to(kFloat32); }
const Tensor pred = outputs({0, 1, 2, 2, 1, 0, 1, 2}), target = tensor({0, 1, 1, 2, 2, 0, 0, 2});
const Tensor pred2 = outputs({0, 1, 1, 0, 1, 0}), target2 = tensor({0, 1, 0, 1, 1, 0});
// Several labels at once, as logits.
const Tensor multi = tensor({{1., -1., 1.}, {-1., -1., 1.}, {1., 1., -1.}, {-1., -1., 1.}});
const Tensor multi_target = tensor({{1, 0, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}});
}  // namespace

static Tensor own_metric(const Tensor& p, const Tensor& t) { return mean(p - t); }
static double zero(const Tensor&, const Tensor&) { return 0; }

TEST_CASE("metrics of a batch") {
  CHECK(accuracy(pred, target).item() == Approx(.625));
  CHECK(error_rate(pred, target).item() == Approx(.375));
  const Tensor scores = tensor({{.1, .5, .4}, {.6, .3, .1}});
  CHECK(TopKAccuracy{.k = 2}(scores, tensor({2, 2})).item() == .5);
  CHECK(top_k_accuracy(scores, tensor({2, 2})).item() == 1);  // 5 of 3 classes are all of them
  CHECK(accuracy_multi(multi, multi_target).item() == Approx(8. / 12));
  CHECK(AccuracyMulti{.thresh = 0, .sigmoid = false}(multi, multi_target).item() == Approx(8. / 12));
  CHECK(mse(tensor({1., 2.}), tensor({{2}, {4}})).item() == 2.5);
  CHECK(mae(tensor({1., 2.}), tensor({{2}, {4}})).item() == 1.5);
  CHECK(msle(tensor({0., 1.}), tensor({1., 1.})).item() == Approx(.5 * .480453));
  CHECK_THROWS_WITH(accuracy(pred, tensor({1})), "[accuracy] (8) answers for (1) targets");
}

TEST_CASE("pixels of the background do not count") {
  const Tensor logits = tensor(std::vector<double>{1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1}, {1, 3, 2, 2});
  // answers: 0 1 / 1 2
  CHECK(foreground_acc(logits, tensor(std::vector<int64_t>{0, 1, 2, 2}, {1, 2, 2})).item() == Approx(2. / 3));
  CHECK(ForegroundAcc{.bkg_idx = 2}(logits, tensor(std::vector<int64_t>{0, 1, 2, 2}, {1, 2, 2})).item() == 1);
}

TEST_CASE("scores of classes") {
  const auto score = [&](Average a) {
    const ScoreOptions o{.average = a};
    return std::vector<double>{Precision(o)(pred, target), Recall(o)(pred, target), F1Score(o)(pred, target),
                               FBeta(2, o)(pred, target), Jaccard(o)(pred, target)};
  };
  const auto check = [](const std::vector<double>& got, const std::vector<double>& expected) {
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]).epsilon(1e-9));
  };
  check(score(Average::micro), {.625, .625, .625, .625, .45454545454545453});
  check(score(Average::macro),
        {.6666666666666666, .611111111111111, .6222222222222222, .6118326118326118, .47222222222222215});
  check(score(Average::weighted), {.7083333333333333, .625, .65, .6314935064935066, .5});
  CHECK(MatthewsCorrCoef()(pred, target) == Approx(.4523809523809524));
  CHECK(CohenKappa()(pred, target) == Approx(.4418604651162791));
  CHECK(BalancedAccuracy()(pred, target) == Approx(.611111111111111));
  CHECK(HammingLoss()(pred, target) == Approx(.375));
  CHECK(F1Score()(pred2, target2) == Approx(.6666666666666666));
  CHECK(Jaccard()(pred2, target2) == Approx(.5));
  CHECK(Precision({.pos_label = 0})(pred2, target2) == Approx(2. / 3));
  CHECK_THROWS_WITH(F1Score()(pred, target), "[f1_score] there are more than two classes");
}

TEST_CASE("scores of several labels at once") {
  const auto check = [&](Average a, const std::vector<double>& expected) {
    const MultiOptions o{.average = a};
    CHECK(PrecisionMulti(o)(multi, multi_target) == Approx(expected[0]));
    CHECK(RecallMulti(o)(multi, multi_target) == Approx(expected[1]));
    CHECK(F1ScoreMulti(o)(multi, multi_target) == Approx(expected[2]));
    CHECK(FBetaMulti(2, o)(multi, multi_target) == Approx(expected[3]));
    CHECK(JaccardMulti(o)(multi, multi_target) == Approx(expected[4]));
  };
  check(Average::micro, {.6666666666666666, .6666666666666666, .6666666666666666, .6666666666666666, .5});
  check(Average::macro,
        {.5555555555555555, .5555555555555555, .5333333333333333, .5411255411255411, .4444444444444444});
  check(Average::weighted,
        {.7222222222222222, .6666666666666666, .6666666666666666, .6601731601731601, .5555555555555555});
  check(Average::samples, {.75, .75, .6666666666666666, .6944444444444444, .5});
  CHECK(HammingLossMulti()(multi, multi_target) == Approx(1. / 3));
}

TEST_CASE("averages that make no sense are refused") {
  for (const auto& make :
       {+[](const ScoreOptions& o) { Precision{o}; }, +[](const ScoreOptions& o) { Recall{o}; },
        +[](const ScoreOptions& o) { F1Score{o}; }, +[](const ScoreOptions& o) { FBeta(2, o); },
        +[](const ScoreOptions& o) { Jaccard{o}; }}) {
    CHECK_THROWS_AS(make({.average = Average::samples}), ValueError);
    CHECK_NOTHROW(make({.average = Average::weighted}));
  }
  for (const auto& make :
       {+[](const MultiOptions& o) { PrecisionMulti{o}; }, +[](const MultiOptions& o) { RecallMulti{o}; },
        +[](const MultiOptions& o) { F1ScoreMulti{o}; }, +[](const MultiOptions& o) { FBetaMulti(2, o); },
        +[](const MultiOptions& o) { JaccardMulti{o}; }}) {
    CHECK_THROWS_AS(make({.average = Average::binary}), ValueError);
    CHECK_NOTHROW(make({.average = Average::samples}));
  }
  CHECK_THROWS_AS(RocAuc(-1, Average::samples), ValueError);
  CHECK_THROWS_AS(RocAuc(-1, Average::binary), ValueError);
  CHECK_THROWS_AS(RocAucMulti(true, Average::binary), ValueError);
  CHECK_THROWS_WITH(
      F1Score({.average = Average::samples}),
      "[f1_score] Average::samples is a mean over items of several labels each, and here an item "
      "has one class");
  CHECK_THROWS_WITH(F1ScoreMulti({.average = Average::binary}),
                    "[f1_score] Average::binary is the score of one class, and here are several labels");
}

TEST_CASE("overlap of masks and perplexity, over the whole pass") {
  Learner learn(fastcore::testing::line_data(), fastcore::testing::line_model());
  // Logits (1, classes, 1, 4) that say these classes.
  const auto saying = [](const std::vector<int64_t>& said, int64_t classes) {
    const Tensor logits = zeros({1, classes, 1, 4});
    for (std::size_t i = 0; i < 4; ++i) logits.data<float>()[said[i] * 4 + static_cast<int64_t>(i)] = 1;
    return logits;
  };
  const auto value_of = [&](Metric& metric, int64_t classes) {
    metric.reset();
    const std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>> batches{
        {{1, 1, 0, 0}, {1, 0, 0, 0}}, {{1, 0, 1, 1}, {1, 1, 1, 0}}};
    for (const auto& [said, truth] : batches) {
      learn.pred = saying(said, classes);
      learn.yb = {tensor(truth, {1, 1, 4})};
      metric.accumulate(learn);
    }
    return metric.value().value();
  };
  // Class 1: 3 in both, 5 said and 4 there. Class 0: 2 in both, 3 said and 4 there.
  Dice dice;
  JaccardCoeff jaccard;
  DiceMulti dice_multi;
  JaccardCoeffMulti jaccard_multi;
  CHECK(value_of(dice, 2) == Approx(2. * 3 / 9));
  CHECK(value_of(jaccard, 2) == Approx(3. / (9 - 3)));
  for (int64_t classes : {2, 3}) {  // a class that is nowhere does not count
    CHECK(value_of(dice_multi, classes) == Approx((2. * 3 / 9 + 2. * 2 / 7) / 2));
    CHECK(value_of(jaccard_multi, classes) == Approx((3. / 6 + 2. / 5) / 2));
  }

  Perplexity perplexity;
  perplexity.reset();
  for (const auto& [loss, n] : {std::pair(1., 4), std::pair(2., 2)}) {
    learn.loss = tensor(loss);
    learn.yb = {zeros({n})};
    perplexity.accumulate(learn);
  }
  CHECK(perplexity.value().value() == Approx(std::exp(8. / 6)));
  CHECK(perplexity.name() == "perplexity");
}

TEST_CASE("areas under the curve") {
  const Tensor two = tensor({{1., 0.}, {0., 1.}, {.2, .4}, {.5, .1}, {.6, .6}});
  CHECK(RocAucBinary()(two, tensor({0, 1, 0, 0, 1})) == Approx(.8333333333333334));
  const Tensor three = tensor(
      {{2., 1., 0.}, {0., 1., .5}, {.1, .2, .9}, {1.5, 1.3, 1.}, {0., 2., 1.}, {.3, 1.2, .1}, {.4, .7, .6}});
  CHECK(RocAuc()(three, tensor({0, 1, 1, 2, 1, 0, 0})) == Approx(.6666666666666666));
  CHECK(RocAuc(-1, Average::weighted)(three, tensor({0, 1, 1, 2, 1, 0, 0})) == Approx(.7142857142857143));
  CHECK(RocAuc(-1, Average::micro)(three, tensor({0, 1, 1, 2, 1, 0, 0})) == Approx(66. / 98));
  CHECK(RocAucMulti()(tensor({{1.}, {2.}, {2.}, {0.}}), tensor({{0}, {1}, {0}, {0}})) == Approx(2.5 / 3));
  const auto several = [](Average average) { return RocAucMulti(true, average)(multi, multi_target); };
  CHECK(several(Average::macro) == Approx((2.5 / 3 + 1. / 3 + 3. / 4) / 3));
  CHECK(several(Average::weighted) == Approx((3 * 2.5 / 3 + 1. / 3 + 2 * 3. / 4) / 6));
  CHECK(several(Average::micro) == Approx(24. / 36));
  CHECK(several(Average::samples) == Approx(.75));
}

TEST_CASE("a score that reaches the threshold says yes") {
  const Tensor scores = tensor({{.5, .25}, {.75, .5}}), truth = tensor({{1, 0}, {1, 1}});
  CHECK(F1ScoreMulti({.thresh = .5, .sigmoid = false})(scores, truth) == 1);
  CHECK(HammingLossMulti({.thresh = .5, .sigmoid = false})(scores, truth) == 0);
}

TEST_CASE("a label that no item has counts for nothing where labels count by how often they occur") {
  const Tensor scores = tensor({{.1, .9, .4}, {.6, .3, .1}, {.8, .2, .7}, {.35, .5, .6}});
  const Tensor there = tensor({{0, 1, 0}, {1, 1, 0}, {0, 0, 0}, {1, 0, 0}}), none = zeros({4, 3});
  const auto area = [&](const Tensor& targets) {
    return RocAucMulti(false, Average::weighted)(scores, targets);
  };
  CHECK(area(there) == Approx(.625));
  CHECK(area(none) == 0);
  CHECK(std::isnan(RocAucMulti(false)(scores, there)));
  CHECK(std::isnan(area(ones({4, 3}))));
}

TEST_CASE("regression over the whole pass") {
  const Tensor p = tensor({1., 2., 3., 4., 5.5}), t = tensor({1.2, 1.9, 3.5, 3.6, 6.});
  CHECK(R2Score()(p, t) == Approx(.9484461225675284));
  CHECK(ExplainedVariance()(p, t) == Approx(.955562009875109));
  CHECK(PearsonCorrCoef()(p, t) == Approx(.9782296705063208));
  CHECK(SpearmanCorrCoef()(tensor({1., 2., 2., 4., 3.}), tensor({2., 1., 3., 5., 4.})) ==
        Approx(.8207826816681234));
  CHECK(Rmse()(p, t) == Approx(.37682887362833545));
  CHECK(ExpRmspe()(p, t) == Approx(.3450933898500022));
}

// As scikit-learn and scipy say.
TEST_CASE("targets that are all alike, a single one, and numbers that are none") {
  const Tensor one = tensor({1., 1.}), off = tensor({2., 2.}), apart = tensor({1., 2.});
  CHECK(R2Score()(one, one) == 1);
  CHECK(R2Score()(off, one) == 0);
  CHECK(ExplainedVariance()(one, one) == 1);
  CHECK(ExplainedVariance()(off, one) == 1);  // a constant error
  CHECK(ExplainedVariance()(apart, one) == 0);
  CHECK(std::isnan(R2Score()(tensor({1.}), tensor({1.}))));
  const double none = NAN;
  const Tensor broken = tensor({1., none, 3.}), fine = tensor({1., 3., 2.});
  CHECK(std::isnan(R2Score()(broken, tensor({1., 1., 1.}))));
  CHECK(std::isnan(R2Score()(broken, fine)));
  CHECK(std::isnan(ExplainedVariance()(broken, fine)));
  CHECK(std::isnan(PearsonCorrCoef()(broken, fine)));
  CHECK(std::isnan(SpearmanCorrCoef()(broken, fine)));
  CHECK(std::isnan(SpearmanCorrCoef()(fine, broken)));

  for (int at : {0, 1}) {  // wherever it stands
    Tensor scores = tensor({{0., 1.}, {0., 2.}, {0., -3.}, {0., 2.}});
    scores.select(0, at).fill_(NAN);
    CHECK(std::isnan(RocAucBinary()(scores, tensor({1, 0, 0, 1}))));
    CHECK(std::isnan(RocAuc()(scores, tensor({1, 0, 0, 1}))));
    CHECK(std::isnan(RocAuc(-1, Average::micro)(scores, tensor({1, 0, 0, 1}))));
    CHECK(std::isnan(RocAucMulti()(scores, tensor({{1, 0}, {0, 1}, {1, 0}, {0, 1}}))));
  }
}

TEST_CASE("answers and targets that differ in number are refused") {
  const char* refused = "[metric] 3 answers for 2 targets";
  const Tensor scores = tensor({{0., 1.}, {0., 2.}, {0., 3.}}), two = tensor({0, 1});
  CHECK_THROWS_WITH(HammingLoss()(scores, two), refused);
  CHECK_THROWS_WITH(RocAuc()(scores, two), refused);
  CHECK_THROWS_WITH(RocAucBinary()(scores, two), refused);
  CHECK_THROWS_WITH(RocAucMulti()(tensor({{0.}, {1.}, {2.}}), two), refused);
}

TEST_CASE("a mean over batches keeps the precision of what the function returns") {
  BatchMean numbers, tensors;
  for (const double right : {4., 1., 2.}) {
    numbers.add({right / 3, false}, 7);
    tensors.add(BatchMean::figure(tensor(right / 7)), 7);
  }
  CHECK(*numbers.value() ==
        (4. / 3 * 7 + 1. / 3 * 7 + 2. / 3 * 7) / 21);  // as fastai's total, a float of Python
  CHECK(*tensors.value() == 1.f / 3);
  CHECK_FALSE(BatchMean().value());
  CHECK_FALSE(BatchMean::figure(tensor(16777217)).in_32_bits);  // whole numbers have 64 of them
}

TEST_CASE("metrics are named after their functions") {
  std::vector<std::string> names;
  const Metrics metrics = {
      accuracy, TopKAccuracy{.k = 3},          metric<own_metric>, metric<zero>, F1Score(),
      rmse,     AvgMetric("mine", own_metric), Perplexity()};
  for (const auto& m : metrics.list()) names.push_back(m->name());
  CHECK(names == std::vector<std::string>{"accuracy", "top_k_accuracy", "own_metric", "zero", "f1_score",
                                          "rmse", "mine", "perplexity"});
  CHECK(Metrics(error_rate).list().size() == 1);
  CHECK(metric<own_metric>(tensor({3.}), tensor({1.})).item() == 2);
}
