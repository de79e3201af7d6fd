// SPDX-License-Identifier: MIT
#include "fastcore/learn/mixup.h"

#include "fastcore/learn/callbacks.h"
#include "minitorch/core/random.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

TEST_CASE("MixUp and CutMix train on mixtures, and leave the loss as it was") {
  const QuietTerminal quiet;
  set_seed(1);
  const Tensor x = randn({8, 1, 4, 4}), y = tensor({0, 1, 0, 1, 0, 1, 0, 1});
  const DataLoaders dls({tensor_loader(x, y, {.bs = 8}), tensor_loader(x, y, {.bs = 8})});
  const auto net = nn::Sequential(nn::Flatten(), nn::Linear(16, 2));
  Learner learn(dls, net);
  const auto seen = [&](const Callbacks& mix) {
    auto data = std::make_shared<CollectDataCallback>();
    Callbacks cbs = mix;
    cbs.append(data);
    learn.fit(1, {.cbs = cbs});
    CHECK(learn.loss_func.name() == "FlattenedLoss of CrossEntropyLoss()");
    CHECK_TENSOR(data->data[1].x[0], x, 0);  // validation is not mixed
    CHECK_TENSOR(data->data[0].y[0], y, 0);
    const double plain = cross_entropy(data->data[0].pred, y).item();
    CHECK(data->data[0].loss.item() != plain);
    return data->data[0].x[0];
  };
  CHECK(minitorch::testing::difference(seen(MixUp()), x, 1e-3) != "");
  const Tensor cut = seen(CutMix());
  const int64_t kept = sum((cut == x).to(kInt64)).item();
  CHECK(kept > 0);  // outside of the box
  CHECK(kept < cut.numel());

  const Tensor numbers = tensor({{1.}, {2.}, {3.}, {4.}, {5.}, {6.}, {7.}, {8.}});
  const auto loader = tensor_loader(x.reshape({8, 16}), numbers, {.bs = 8});
  Learner regression(DataLoaders({loader, loader}), nn::Linear(16, 1));
  auto data = std::make_shared<CollectDataCallback>();
  regression.fit(1, {.cbs = {MixUp(), data}});
  CHECK(minitorch::testing::difference(data->data[0].y[0], numbers, 1e-3) !=
        "");  // targets are mixed themselves
}

TEST_CASE("MixUp sums where the loss does, and a pass of validation in its midst knows nothing of it") {
  struct Curious : Callback {
    double asked = 0;
    Curious() { run_valid = false; }
    void after_batch(Learner& learn) override { asked = learn.validate()[0]; }
  };
  const QuietTerminal quiet;
  set_seed(1);
  const Tensor x = randn({8, 4}), y = tensor({0, 1, 0, 1, 0, 1, 0, 1});
  const DataLoaders dls({tensor_loader(x, y, {.bs = 8}), tensor_loader(x, y, {.bs = 5})});
  const auto trained = [&](const LossFunc& loss, const CallbackPtr& also) {
    manual_seed(2);
    Learner learn(dls, nn::Sequential(nn::Linear(4, 2)), {.loss_func = loss, .lr = 0});
    learn.fit(1, {.cbs = {MixUp(), also}});
    return learn.recorder->losses.at(0);
  };
  auto curious = std::make_shared<Curious>();
  const double mean = trained(CrossEntropyLossFlat{}, curious);
  const double sum = trained(CrossEntropyLossFlat{.reduction = Reduction::sum}, std::make_shared<Curious>());
  CHECK(sum == Approx(8 * mean));
  Learner plain(dls, nn::Sequential(nn::Linear(4, 2)), {.loss_func = CrossEntropyLossFlat{}});
  manual_seed(2);
  plain.model = nn::Sequential(nn::Linear(4, 2));
  CHECK(curious->asked == Approx(plain.validate()[0]));
}

TEST_CASE("an error in the middle of a pass leaves the loss as it was") {
  struct Fail : Callback {
    void after_loss(Learner& learn) override {
      CHECK(learn.loss_func.name() != "FlattenedLoss of CrossEntropyLoss()");
      throw ValueError("no");
    }
  };
  const QuietTerminal quiet;
  const auto loader = tensor_loader(randn({8, 4}), randint(0, 2, {8}), {.bs = 8});
  Learner learn(DataLoaders({loader, loader}), nn::Linear(4, 2), {.loss_func = CrossEntropyLossFlat{}});
  CHECK_THROWS_AS(learn.fit(1, {.cbs = {MixUp(), Fail{}}}), ValueError);
  CHECK(learn.loss_func.name() == "FlattenedLoss of CrossEntropyLoss()");
}
