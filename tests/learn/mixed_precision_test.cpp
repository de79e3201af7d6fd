// SPDX-License-Identifier: MIT
// MixedPrecision: the callback around Autocast and GradScaler.
#include <cmath>

#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/diagnose.h"
#include "fastcore/learn/lr_finder.h"
#include "minitorch/autograd/autocast.h"
#include "minitorch/core/random.h"
#include "minitorch/simt/control.h"
#include "tests/learn/seeded.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

Learner sgd_learner(Device device = Device::cpu()) {
  return Learner(line_data(64, 8), line_model(), {.opt_func = SGD, .device = device});
}

// The type that products have, and the gradient of the weight, at a few events.
struct Look : Callback {
  std::vector<Dtype> pred, loss;
  std::vector<double> gradients;
  std::vector<bool> finite;  // all gradients
  Look() { order = 12; }
  void after_pred(Learner&) override { pred.push_back(autocast_dtype()); }
  void after_loss(Learner&) override { loss.push_back(autocast_dtype()); }
  void before_step(Learner& learn) override {
    gradients.push_back(learn.model->parameters().front().grad().item());
    finite.push_back(true);
    for (const Tensor& p : learn.model->parameters())
      finite.back() = finite.back() && std::isfinite(p.grad().item());
  }
};

bool all_are(const std::vector<Dtype>& seen, Dtype wanted) {
  return !seen.empty() && std::all_of(seen.begin(), seen.end(), [&](Dtype d) { return d == wanted; });
}

}  // namespace

TEST_CASE("a line is learned in 16 bits, on the CPU and the simulator, with weights in float32") {
  const QuietTerminal quiet;
  for (Device device : {Device::cpu(), Device::sim()})
    for (Dtype dtype : {kFloat16, kBFloat16}) {
      INFO(to_string(device) << " " << name(dtype));
      auto exact = sgd_learner(), learn = sgd_learner(device);
      auto look = std::make_shared<Look>(), plain = std::make_shared<Look>();
      exact.fit(2, 0.1, {.cbs = plain});
      learn.fit(2, 0.1, {.cbs = {MixedPrecision({.dtype = dtype, .scaler = {.init_scale = 1024}}), look}});
      CHECK(all_are(look->pred, dtype));
      CHECK(all_are(look->loss, kFloat32));
      CHECK(autocast_dtype() == kFloat32);
      const double rounding = dtype == kFloat16 ? 2e-3 : 2e-2;
      for (std::size_t i = 0; i < 2; ++i) {
        const Tensor p = learn.model->parameters()[i].cpu(), q = exact.model->parameters()[i];
        CHECK(p.dtype() == kFloat32);
        CHECK(p.item() == Approx(q.item()).epsilon(rounding).margin(rounding));
      }
      REQUIRE(look->gradients.size() == plain->gradients.size());  // unscaled, before later callbacks look
      CHECK(look->gradients[0] == Approx(plain->gradients[0]).epsilon(rounding));
    }
}

TEST_CASE("a step whose gradients overflow is left out, and the scale halved until they do not") {
  const QuietTerminal quiet;
  auto learn = sgd_learner();
  const auto mixed =
      std::make_shared<MixedPrecision>(MixedPrecisionOptions{.scaler = {.init_scale = std::ldexp(1, 20)}});
  const auto look = std::make_shared<Look>();
  learn.fit(1, 0.1, {.cbs = {mixed, look}});
  // The gradient of the bias, about 6 at first, is summed in float16, which ends at 65504.
  CHECK(mixed->skipped_steps() > 2);
  CHECK(mixed->skipped_steps() < 8);
  CHECK(mixed->scale() == std::ldexp(1, 20 - static_cast<int>(mixed->skipped_steps())));
  // The device leaves the step out: the callbacks of all steps have been called.
  REQUIRE(look->finite.size() == 8);
  CHECK(std::count(look->finite.begin(), look->finite.end(), false) == mixed->skipped_steps());
  CHECK(!look->finite.front());
  for (const Tensor& p : learn.model->parameters()) CHECK(std::isfinite(p.item()));

  auto wide = sgd_learner();
  const auto bf16 = std::make_shared<MixedPrecision>(MixedPrecisionOptions{.dtype = kBFloat16});
  wide.fit(1, 0.1, {.cbs = bf16});
  CHECK(bf16->skipped_steps() == 0);
  CHECK(bf16->scale() == 1);
}

TEST_CASE("whether a gradient overflowed costs the host no wait") {
  const QuietTerminal quiet;
  auto waits = [](const Callbacks& cbs) {
    auto learn = sgd_learner(Device::sim());
    simt::set_lazy(true);
    const uint64_t before = simt::synchronisations();
    learn.fit(1, 0.1, {.cbs = cbs});
    simt::set_lazy(false);
    return simt::synchronisations() - before;
  };
  const uint64_t plain = waits({});
  CHECK(plain >= 8);  // for each batch's loss
  CHECK(waits(MixedPrecision({.scaler = {.init_scale = 1024}})) <= plain + 1);
}

TEST_CASE("to_fp16, to_bf16 and to_fp32 replace each other") {
  const QuietTerminal quiet;
  auto learn = sgd_learner();
  to_fp16(learn, {.init_scale = 512});
  CHECK(learn.find_cb<MixedPrecision>()->scale() == 512);
  to_bf16(learn);
  CHECK(learn.find_cb<MixedPrecision>()->scale() == 1);
  to_fp32(learn);
  CHECK(learn.find_cb<MixedPrecision>() == nullptr);
  learn.fit(1);
  CHECK_THROWS_AS(MixedPrecision({.dtype = kInt64}), DtypeError);
}

TEST_CASE("the scale goes into a checkpoint") {
  MixedPrecision first({.scaler = {.init_scale = 256}}), second;
  second.set_state(first.state());
  CHECK(second.scale() == 256);
}

TEST_CASE("a resumed training scales as it would have gone on: it grows and shrinks at the same steps") {
  const QuietTerminal quiet;
  const Folder folder;
  const auto make = [&] {
    Learner learn(line_data(64, 8), line_model(), {.cbs = CheckpointCallback(), .path = folder.path});
    return std::move(to_fp16(learn, {.init_scale = std::ldexp(1, 16), .growth_interval = 5}));
  };
  const auto trained = [](Learner& learn) {
    learn.fit_one_cycle(3, 1e-2);
    std::vector<double> all = learn.find_cb<MixedPrecision>()->state();
    for (const Tensor& p : learn.model->parameters()) all.push_back(p.item());
    return all;
  };
  Learner whole = make(), begun = make(), resumed = make();
  const std::vector<double> wanted = trained(whole);
  begun.add_cbs(PressAt(12, false));
  CHECK_THROWS_AS(trained(begun), Interrupted);
  set_interrupted(false);
  CHECK(begun.find_cb<MixedPrecision>()->state()[1] > 0);  // good steps
  resumed.resume("checkpoint");
  CHECK(trained(resumed) == wanted);
}

TEST_CASE("lr_find gives the loss scale back as it was") {
  const QuietTerminal quiet;
  auto learn = sgd_learner();
  to_fp16(learn, {.growth_interval = 1000});
  const auto mixed = learn.find_cb<MixedPrecision>();
  mixed->set_state({4096, 3});
  learn.lr_find({.start_lr = 1e-3, .end_lr = 1e6, .num_it = 60, .stop_div = false});
  CHECK(mixed->skipped_steps() > 0);
  CHECK(mixed->state() == std::vector<double>{4096, 3});
}

TEST_CASE("gradients of a batch that a later callback cuts short before its step are scaled as others are") {
  const QuietTerminal quiet;
  struct Fail : Callback {
    bool by_error;
    int64_t left = 1;
    explicit Fail(bool error) : by_error(error) { order = 20; }
    void before_step(Learner&) override {
      if (left-- <= 0) return;
      if (by_error) throw ValueError("no");
      throw CancelBatch{};
    }
  };
  const auto gradients = [](bool by_error, bool mixed, Device device) {
    auto learn = sgd_learner(device);
    if (mixed) to_fp16(learn, {.init_scale = 1024});
    const auto look = std::make_shared<Look>();
    const auto failing = std::make_shared<Fail>(by_error);
    if (by_error) CHECK_THROWS_AS(learn.fit(1, {.lr = .01, .cbs = failing}), ValueError);
    learn.fit(1, {.lr = .01, .cbs = {look, failing}});
    return look->gradients;
  };
  for (auto [device, by_error] :
       {std::pair(Device::cpu(), false), {Device::cpu(), true}, {Device::sim(), false}}) {
    INFO(to_string(device) << ", by an error: " << by_error);
    const std::vector<double> wanted = gradients(by_error, false, device),
                              got = gradients(by_error, true, device);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      CHECK(got[i] == Approx(wanted[i]).epsilon(4e-3).margin(4e-3));
  }
}

TEST_CASE("an error in the middle of a batch leaves no half precision behind") {
  const QuietTerminal quiet;
  struct Fail : Callback {
    void after_pred(Learner&) override {
      CHECK(autocast_dtype() == kFloat16);
      throw ValueError("no");
    }
  };
  auto learn = sgd_learner();
  to_fp16(learn);
  CHECK_THROWS_AS(learn.fit(1, {.cbs = Fail{}}), ValueError);
  CHECK(autocast_dtype() == kFloat32);
  {
    const Scope failing = learn.added_cbs(Fail{});
    CHECK_THROWS_AS(learn.validate(), ValueError);
  }
  CHECK(autocast_dtype() == kFloat32);
  learn.fit(1);
  CHECK(autocast_dtype() == kFloat32);
}

TEST_CASE("a loss that overflows in 16 bits is traced in 16 bits, and the advice is bfloat16") {
  const QuietTerminal quiet;
  const auto error_of = [](Learner& (*precision)(Learner&)) {
    const auto net = nn::Sequential(nn::Linear(1, 1), nn::ReLU(), nn::Linear(1, 1));
    for (const Tensor& p : net->parameters()) p.detach().fill_(300);
    const auto loader = tensor_loader(full({4, 1}, 300), ones({4, 1}), {.bs = 2});
    Learner learn(DataLoaders({loader, loader}), net, {.opt_func = SGD});
    precision(learn);
    try {
      learn.fit(1, 1e-12);
    } catch (const TrainingError& error) { return std::string(error.what()) + " | " + error.hint(); }
    return std::string("fine");
  };
  CHECK_THAT(error_of([](Learner& learn) -> Learner& { return to_fp16(learn); }),
             Catch::Contains("the first layer to put out inf is 0 Linear | to_bf16(learn): float16 holds"));
  CHECK(error_of(to_bf16) == "fine");
}
