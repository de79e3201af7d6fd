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

namespace {

// A loss of one's own for classes.
struct Surprise {
  Tensor operator()(const Tensor& pred, const Tensor& target) const { return cross_entropy(pred, target); }
};
struct SurpriseOfClasses : Surprise {
  static constexpr bool y_int = true;
};

}  // namespace

TEST_CASE("numbers of classes are not mixed: a loss of one's own has to say what whole numbers are") {
  const QuietTerminal quiet;
  const auto trained = [](const LossFunc& loss, const Tensor& y, const Callbacks& mix) {
    set_seed(1);
    const auto loader = tensor_loader(ones({8, 4, 2, 2}), y, {.bs = 8});
    const auto net = nn::Sequential(nn::Flatten(), nn::Linear(16, y.dims() == 1 ? 2 : 1));
    Learner learn(DataLoaders({loader, loader}), net, {.loss_func = loss});
    learn.fit(1, {.cbs = mix});
    return learn.recorder->losses.at(0);
  };
  const Tensor classes = tensor({0, 1, 0, 1, 0, 1, 0, 1}), column = classes.reshape({8, 1});
  const char* whole =
      "the targets are whole numbers (int64), and the loss does not say whether they are numbers";
  CHECK_THROWS_WITH(trained(Surprise{}, classes, MixUp()),
                    Catch::Contains("[MixUp] ") && Catch::Contains(whole));
  CHECK_THROWS_WITH(trained(Surprise{}, classes, CutMix()),
                    Catch::Contains("[CutMix] the targets are whole"));
  const auto compares = [](const Tensor& p, const Tensor& t) { return where(t == 1, 1 - p, p).mean(); };
  CHECK_THROWS_AS(trained(compares, column, MixUp()), ValueError);
  CHECK(trained(SurpriseOfClasses{}, classes, MixUp()) ==
        Approx(trained(CrossEntropyLossFlat{}, classes, MixUp())));
  // Of the library's losses of numbers, whole ones are numbers.
  CHECK(trained(MSELossFlat{}, column, MixUp()) ==
        Approx(trained(MSELossFlat{}, column.to(kFloat32), MixUp())));
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

namespace {

// How the items of a batch were mixed: the share of each that is its own, and where the rest comes from.
struct Shares {
  std::vector<double> own;
  std::vector<int64_t> partner;
};

// Read from inputs that tell: item i of 8 was made of nothing but i. Of MixUp's, row i of a unit matrix.
Shares shares_of_rows(const Tensor& x) {
  const auto rows = x.to_vector<double>();
  Shares shares;
  for (int64_t i = 0; i < 8; ++i) {
    shares.own.push_back(rows[static_cast<std::size_t>(i * 9)]);
    shares.partner.push_back(i);
    for (int64_t j = 0; j < 8; ++j)
      if (j != i && rows[static_cast<std::size_t>(i * 8 + j)] > 0) shares.partner.back() = j;
  }
  return shares;
}
// Of CutMix's, pictures whose pixels all are i.
Shares shares_of_pixels(const Tensor& x) {
  const auto pixels = x.to_vector<double>();
  const std::size_t each = pixels.size() / 8;
  Shares shares;
  for (int64_t i = 0; i < 8; ++i) {
    double own = 0;
    shares.partner.push_back(i);
    for (std::size_t p = 0; p < each; ++p) {
      const double pixel = pixels[static_cast<std::size_t>(i) * each + p];
      if (pixel == static_cast<double>(i)) ++own;
      else shares.partner.back() = static_cast<int64_t>(pixel);
    }
    shares.own.push_back(own / static_cast<double>(each));
  }
  return shares;
}

// The mean over items of: their share of the loss for their own class, the rest of that for their partner's.
double mixture_of_losses(const CollectDataCallback::Item& batch, const Shares& shares) {
  const CrossEntropyLossFlat each{.reduction = Reduction::none};
  const auto y = batch.y[0].to_vector<int64_t>();
  std::vector<int64_t> other;
  for (int64_t partner : shares.partner) other.push_back(y[static_cast<std::size_t>(partner)]);
  const auto own = each(batch.pred, batch.y[0]).to_vector<double>(),
             partners = each(batch.pred, tensor(other)).to_vector<double>();
  double sum = 0;
  for (std::size_t i = 0; i < 8; ++i) sum += shares.own[i] * own[i] + (1 - shares.own[i]) * partners[i];
  return sum / 8;
}

// Five epochs of one batch: the batches of training.
std::vector<CollectDataCallback::Item> trained_on(const Tensor& x, const Tensor& y, const Callbacks& mix) {
  const auto loader = tensor_loader(x, y, {.bs = 8});
  const int64_t outputs = y.dims() == 1 ? 3 : 1;
  Learner learn(DataLoaders({loader, loader}),
                nn::Sequential(nn::Flatten(), nn::Linear(x.numel() / 8, outputs)));
  auto data = std::make_shared<CollectDataCallback>();
  Callbacks cbs = mix;
  cbs.append(data);
  learn.fit(5, {.cbs = cbs});
  std::vector<CollectDataCallback::Item> batches;
  for (std::size_t i = 0; i < data->data.size(); i += 2) batches.push_back(data->data[i]);
  return batches;
}

}  // namespace

TEST_CASE("the loss of a mixture is the mixture of the losses, in the shares of the inputs") {
  const QuietTerminal quiet;
  set_seed(1);
  const Tensor y = tensor({0, 1, 2, 0, 1, 2, 0, 1});
  const auto check = [&](const std::vector<CollectDataCallback::Item>& batches,
                         Shares (*shares_of)(const Tensor&)) {
    REQUIRE(batches.size() == 5);
    int told_apart = 0;
    for (const auto& batch : batches) {
      const Shares shares = shares_of(batch.x[0]);
      Shares swapped = shares;
      for (double& own : swapped.own) own = 1 - own;
      const double expected = mixture_of_losses(batch, shares);
      CHECK(batch.loss.item() == Approx(expected).epsilon(1e-4));
      told_apart += mixture_of_losses(batch, swapped) != Approx(expected).epsilon(1e-2);
    }
    CHECK(told_apart > 0);  // or else nothing was mixed
  };
  check(trained_on(eye(8), y, MixUp()), shares_of_rows);
  const Tensor pictures = arange(8).to(kFloat32).reshape({8, 1, 1, 1}).expand({8, 1, 8, 8}).contiguous();
  check(trained_on(pictures, y, CutMix()), shares_of_pixels);
}

TEST_CASE("an item of MixUp is its own by half or more; targets that are numbers are mixed in its shares") {
  const QuietTerminal quiet;
  set_seed(1);
  const Tensor y = tensor({{1.}, {2.}, {3.}, {4.}, {5.}, {6.}, {7.}, {8.}});
  int mixed = 0;
  for (const auto& batch : trained_on(eye(8), y, MixUp())) {
    const Shares shares = shares_of_rows(batch.x[0]);
    const auto targets = batch.y[0].to_vector<double>(), pred = batch.pred.to_vector<double>();
    double squares = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const double own = shares.own[i];
      CHECK(own >= .5);
      CHECK(targets[i] == Approx(own * (static_cast<double>(i) + 1) +
                                 (1 - own) * (static_cast<double>(shares.partner[i]) + 1)));
      mixed += own < .99;
      squares += (pred[i] - targets[i]) * (pred[i] - targets[i]);
    }
    CHECK(batch.loss.item() == Approx(squares / 8).epsilon(1e-4));
  }
  CHECK(mixed > 0);
}
