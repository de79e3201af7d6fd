// SPDX-License-Identifier: MIT
#include "fastcore/learn/losses.h"

#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;

namespace {
const Tensor logits = tensor({{2., .5, -1.}, {0., 1., 0.}, {-1., .3, .7}});
const Tensor labels = tensor({0, 1, 1});
// One picture of 2 x 2 with two classes.
const Tensor mask_logits = tensor(std::vector<double>{1, -1, .5, 2, 0, 1, .5, -1}, {1, 2, 2, 2});
const Tensor mask = tensor(std::vector<int64_t>{0, 1, 1, 0}, {1, 2, 2});
}  // namespace

TEST_CASE("cross entropy of class numbers, flattened") {
  const LossFunc loss = CrossEntropyLossFlat{};
  CHECK(loss(logits, labels).item() == Approx(0.6032).margin(5e-5));
  CHECK_VALUES(loss.each(logits, {labels}), ({3}), 1e-4, .2413, .5514, 1.0168);
  CHECK_VALUES(loss.decodes(loss.activation(logits)), ({3}), 0, 0, 1, 2);
  CHECK(loss.activation(logits).sum().item() == Approx(3));
  CHECK(loss.y_int());
  CHECK(loss.name() == "FlattenedLoss of CrossEntropyLoss()");
}

TEST_CASE("cross entropy takes targets as bytes, and as a column") {
  CHECK(CrossEntropyLossFlat{}(logits, labels.to(kUint8).unsqueeze(1)).item() ==
        CrossEntropyLossFlat{}(logits, labels).item());
}

TEST_CASE("cross entropy of masks has its classes along axis 1") {
  const LossFunc loss = CrossEntropyLossFlat{.axis = 1};
  CHECK(loss(mask_logits, mask).item() == Approx(0.2955).margin(5e-5));
  CHECK_VALUES(loss.each(mask_logits, {mask}), ({1}), 1e-4, .2955);
  CHECK(loss.decodes(mask_logits).shape() == Shape{1, 2, 2});
}

TEST_CASE("label smoothing, focal and Dice loss") {
  CHECK(LabelSmoothingCrossEntropy{}(logits, labels).item() == Approx(0.6854).margin(5e-5));
  CHECK(LabelSmoothingCrossEntropy{.eps = .1}(tensor({{2., .5, -1.}}), tensor({0})).item() ==
        Approx(.391311).margin(1e-6));
  CHECK(FocalLoss{}(logits, labels).item() == Approx(0.1748).margin(5e-5));
  CHECK(DiceLoss{}(mask_logits, mask).item() == Approx(0.4705).margin(5e-5));
  CHECK_VALUES(LossFunc(DiceLoss{}).each(mask_logits, {mask}), ({1}), 1e-3, (.2174 + .2531) / 2);
}

TEST_CASE("binary cross entropy of several labels") {
  const Tensor x = tensor({{.5, -1.}, {2., 0.}}), t = tensor({{1, 0}, {0, 1}});
  CHECK(BCEWithLogitsLossFlat{}(x, t).item() == Approx(0.9019).margin(5e-5));
  CHECK(BCEWithLogitsLossFlat{.pos_weight = tensor({2., 3.})}(x, t).item() == Approx(1.3669).margin(5e-5));
  const LossFunc loss = BCEWithLogitsLossFlat{.thresh = 0.7};
  CHECK_VALUES(loss.decodes(loss.activation(x)), ({2, 2}), 0, 0, 0, 1, 0);
  CHECK(BCELossFlat{}(sigmoid(x), t).item() == Approx(0.9019).margin(5e-5));
}

TEST_CASE("regression: a column of targets fits a row of predictions") {
  const Tensor pred = tensor({1., 2., 4.}), target = tensor({{1}, {4}, {4}});
  CHECK(MSELossFlat{}(pred, target).item() == Approx(4. / 3));
  CHECK(L1LossFlat{}(pred, target).item() == Approx(2. / 3));
  CHECK_VALUES(LossFunc(MSELossFlat{}).each(pred, {target}), ({3}), 0, 0, 4, 0);
  CHECK_VALUES(LossFunc(MSELossFlat{}).decodes(pred), ({3}), 0, 1, 2, 4);
}

TEST_CASE("a loss of one's own") {
  const LossFunc loss = [](const Tensor& p, const Tensor& t) { return mean(abs(p - t)); };
  CHECK(loss(tensor({1., 2.}), tensor({2., 5.})).item() == 2);
  CHECK_VALUES(loss.each(tensor({1., 2.}), {tensor({2., 5.})}), ({2}), 0, 1, 3);
  CHECK_THROWS_WITH(loss(tensor({1., 2.}), {labels, labels}),
                    "[loss] a function of one's own takes one target, and the batch has 2");
  const LossFunc two = [](const Tensor& p, const Tensors& t) { return sum(p * t[0] + t[1]); };
  CHECK(two(tensor({1., 2.}), {tensor({2., 5.}), tensor({1., 1.})}).item() == 14);
  CHECK_FALSE(loss.y_int());
}
