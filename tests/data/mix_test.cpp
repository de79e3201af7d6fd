// SPDX-License-Identifier: MIT
// MixUpBatch and CutMixBatch beside PyTorch 2.15: the same seed gives the same shares, partners and boxes.
#include "fastcore/data/mix.h"

#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using minitorch::Tensor, minitorch::tensor;

TEST_CASE("Beta draws are PyTorch's") {
  minitorch::manual_seed(0);
  const double expected[] = {.0054567, .3224544, .5421354, .1721514, .8509561};
  const auto drawn = sample_beta(.4, .4, 5);
  for (int i = 0; i < 5; ++i) CHECK(drawn[i] == Approx(expected[i]).margin(1e-6));
  CHECK_VALUES(minitorch::rand({1}), ({1}), 1e-6, .7262365);  // as many outputs taken
  minitorch::manual_seed(42);
  CHECK(sample_beta(1, 1, 1)[0] == Approx(.5578954).margin(1e-6));
  CHECK_THROWS_WITH(sample_beta(0, 1, 1), "[sample_beta] Beta(0, 1): both numbers must be above 0");
}

TEST_CASE("Beta has its mean and deviation") {
  minitorch::manual_seed(1);
  double sum = 0, squares = 0;
  const int n = 20000;
  for (double x : sample_beta(2, 5, n)) sum += x, squares += x * x;
  CHECK(sum / n == Approx(2. / 7).margin(.004));                             // a / (a + b)
  CHECK(squares / n - sum / n * sum / n == Approx(10. / 392).margin(.001));  // ab / ((a + b)^2 (a + b + 1))
}

TEST_CASE("mixup blends each item with its partner") {
  minitorch::manual_seed(7);
  const MixUpBatch mix = MixUpBatch::draw(4, .4);
  CHECK_VALUES(mix.lam, ({4}), 1e-6, .9781090, .8962013, .5231748, .9844235);
  CHECK_VALUES(mix.partner, ({4}), 0, 0, 2, 3, 1);
  const Tensor x = reshape(minitorch::arange(8), {4, 2}).to(minitorch::kFloat32);
  CHECK_VALUES(mix(x), ({4, 2}), 1e-6, 0, 1, 2.2075973, 3.2075973, 4.9536505, 5.9536505, 5.9376941,
               6.9376941);
  CHECK_VALUES(mix.mixed_loss(tensor({1., 1., 1., 1.}), tensor({2., 2., 2., 2.})), ({4}), 1e-6, 1.9781090,
               1.8962013, 1.5231748, 1.9844235);
  CHECK_THROWS_WITH(mix(minitorch::zeros({3, 2})), "[MixUpBatch] a batch of shape (3, 2) and 4 partners");
}

TEST_CASE("cutmix takes a box from the partner and counts what is left") {
  minitorch::manual_seed(9);
  const CutMixBatch mix = CutMixBatch::draw(3, {8, 6}, 1);
  CHECK_VALUES(mix.partner, ({3}), 0, 1, 2, 0);
  CHECK(mix.box == Region{0, 2, 2, 6});
  CHECK(mix.lam == .75);
  const Tensor x = minitorch::arange(3).to(minitorch::kFloat32).reshape({3, 1, 1, 1}).expand({3, 2, 8, 6});
  const Tensor mixed = mix(x);
  CHECK(mixed.sum().item() == x.sum().item());  // every item gives and takes a box of 12 pixels
  CHECK_VALUES(mixed.select(0, 2).select(0, 1).select(0, 2), ({6}), 0, 0, 0, 2, 2, 2, 2);
  CHECK_VALUES(mixed.select(0, 2).select(0, 1).select(0, 1), ({6}), 0, 2, 2, 2, 2, 2, 2);
  CHECK_VALUES(mix.mixed_loss(tensor({1., 1., 1.}), tensor({2., 2., 2.})), ({3}), 1e-6, 1.75, 1.75, 1.75);
  CHECK_THROWS_WITH(
      mix(minitorch::zeros({3, 2, 4, 4})),
      "[CutMixBatch] a batch of shape (3, 2, 4, 4): expected pictures (n, c, h, w) that hold the box");
}

TEST_CASE("a cutmix box stays inside the picture") {
  CHECK(CutMixBatch::box_about(0, 0, 1, {10, 20}) == Region{0, 0, 10, 5});
  CHECK(CutMixBatch::box_about(19, 9, .5, {10, 20}) == Region{14, 7, 6, 3});
  CHECK(CutMixBatch::box_about(7, 3, 0, {10, 20}) == Region{7, 3, 0, 0});
}
